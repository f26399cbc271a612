using System.Globalization;

namespace BulkQA.Core;

/// <summary>
/// One partition of a class: a run of its tasks, some 300,000 images. Its key is the hash key of its facts and the key of
/// its grain.
/// </summary>
/// <param name="Number">From 0, in the order in which the class opened them; or <see cref="GoldNumber"/>, or that of <see cref="FollowUps"/>.</param>
public readonly record struct PartitionAddress(ClassAddress Class, int Number)
{
    /// <summary>
    /// The partition that holds a class's gold images: tasks of nothing else, which qualify workers, and from which images are mixed into
    /// other tasks. It is no part of the class's tables, and a class does not count it among its partitions.
    /// </summary>
    public const int GoldNumber = int.MaxValue;

    /// <summary>What the number of a partition's follow-ups is greater by.</summary>
    private const int FollowUpsFrom = 1 << 30;

    public bool IsGold => Number == GoldNumber;

    /// <summary>
    /// Whether it holds the follow-ups of another partition and nothing else: tasks whose images have their places, and their answers, there. It has no grain, and
    /// nobody counts it among a class's partitions.
    /// </summary>
    public bool IsFollowUps => Number is >= FollowUpsFrom and < GoldNumber;

    /// <summary>Where this partition's follow-ups are stored.</summary>
    public PartitionAddress FollowUps => this with { Number = FollowUpsFrom + Number };

    /// <summary>The partition that owns the answers: this one, unless it holds the follow-ups of another.</summary>
    public PartitionAddress Home => IsFollowUps ? this with { Number = Number - FollowUpsFrom } : this;

    /// <summary>The gold of a class.</summary>
    public static PartitionAddress GoldOf(ClassAddress address) => new(address, GoldNumber);

    /// <summary><c>{class key}#{number}</c>. No class key holds a <c>#</c>.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Class.Key}#{Number}");

    /// <exception cref="BadInputException"><paramref name="key"/> is not a partition's key.</exception>
    public static PartitionAddress Parse(string key)
    {
        var hash = key.LastIndexOf('#');
        return hash >= 0 && int.TryParse(key.AsSpan(hash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new PartitionAddress(ClassAddress.Parse(key[..hash]), number)
            : throw new BadInputException($"'{key}' does not end in '#' and the number of a partition");
    }
}
