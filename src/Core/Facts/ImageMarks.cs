using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>
/// What a stored task says of its images beside what the corpus has: which are gold; or, of a follow-up, where each has its place. One text for stores, null for
/// nothing. A release before there were follow-ups refuses theirs.
/// </summary>
public static class ImageMarks
{
    private const string Spots = "again ";

    /// <exception cref="ArgumentException">Some of the images have their place in another task, and some don't.</exception>
    public static string? Write(ImmutableArray<CorpusImage> images)
    {
        var spots = images.Select(image => image.Spot).OfType<ImageSpot>().ToList();
        if (spots.Count == 0) return GoldMark.Write(GoldMark.Of(images));
        return spots.Count == images.Length ? Spots + ImageSpot.Write(spots)
            : throw new ArgumentException($"{spots.Count} of {images.Length} images have their place in another task; a follow-up has no others", nameof(images));
    }

    /// <summary>Which images are gold.</summary>
    public static ImmutableArray<GoldMark> ReadGold(string? text) => IsOfFollowUp(text) ? [] : GoldMark.Read(text);

    /// <summary>Where each image of a follow-up has its place; empty for any other task.</summary>
    public static ImmutableArray<ImageSpot> ReadSpots(string? text) => IsOfFollowUp(text) ? ImageSpot.Read(text![Spots.Length..]) : [];

    private static bool IsOfFollowUp(string? text) => text?.StartsWith(Spots, StringComparison.Ordinal) is true;
}
