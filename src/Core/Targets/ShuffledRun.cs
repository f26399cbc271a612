namespace BulkQA.Core;

/// <summary>
/// Whether images, in the order in which they are in tasks, are in the random order of a seed: by ascending <see cref="ShuffleKey"/>. That is so
/// where they came by one import, be it that it was cut off and sent again, and not where a later one brought more: its images are shuffled among
/// themselves, so that the first tasks hold none of them.
/// </summary>
/// <param name="First">The first image's key; null where there is none.</param>
/// <param name="Last">The last image's key; null where there is none.</param>
public readonly record struct ShuffledRun(ulong? First, ulong? Last, bool IsShuffled)
{
    public static readonly ShuffledRun Empty = new(null, null, IsShuffled: true);

    /// <summary>This with one image more.</summary>
    public ShuffledRun Then(ulong key) => new(First ?? key, key, IsShuffled && !(Last >= key));

    /// <summary>This with the images of another run after it.</summary>
    public ShuffledRun Then(ShuffledRun next) => new(First ?? next.First, next.Last ?? Last, IsShuffled && next.IsShuffled && !(Last >= next.First));
}
