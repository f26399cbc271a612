namespace BulkQA.Core;

/// <summary>By what images are ranked; the greatest score comes first.</summary>
public enum ImageOrder : byte
{
    /// <summary>The confidence in percent; images without one last.</summary>
    Confidence,

    /// <summary>The share of pairs of votes that differ, from 0 to 1.</summary>
    Disagreement,

    /// <summary>
    /// What a decision is worth: Split first, then by how near the posterior is to one half, then what was disconfirmed by its confidence;
    /// what is decided already comes last.
    /// </summary>
    Value,
}

/// <summary>Which images of a partition are ranked, and by what.</summary>
/// <param name="Verdicts">A bit for each <see cref="Verdict"/> that may be.</param>
/// <param name="Bucket">Index of the job's edges; null: any.</param>
/// <param name="Unseen">Whether only those whose picture could not be shown to one worker at least.</param>
/// <param name="Worker">Only those that it answered; null: any.</param>
/// <param name="PosteriorFrom">Only those with a posterior of at least this; null: any, also without one.</param>
/// <param name="PosteriorTo">Only those with a posterior of at most this.</param>
/// <param name="After">Only those that come after it; null: from the first.</param>
/// <param name="Limit">At most that many, from 1.</param>
public sealed record ImageSelection(
    ImageOrder Order, int Verdicts, int? Bucket, bool Unseen, WorkerId? Worker, double? PosteriorFrom, double? PosteriorTo, RankedImage? After, int Limit)
{
    /// <summary>Whether an image's votes that count are as selected: verdict, posterior and what was not seen. Bucket and worker are not looked at.</summary>
    public bool Fits(VoteCounts counts, VerdictRules rules) =>
        (!Unseen || counts.NotSeen > 0)
        && ((Verdicts >> (int)rules.Decide(counts)) & 1) == 1
        && ((PosteriorFrom is null && PosteriorTo is null)
            || (rules.PosteriorOf(counts) is { } posterior && posterior >= (PosteriorFrom ?? 0) && posterior <= (PosteriorTo ?? 1)));
}

/// <summary>An image and its rank: those of a greater score come first, and of the same score those of lesser numbers.</summary>
public readonly record struct RankedImage(double Score, TaskNumber Task, int Index) : IComparable<RankedImage>
{
    public int CompareTo(RankedImage other) =>
        Score != other.Score ? other.Score.CompareTo(Score) : Task != other.Task ? Task.CompareTo(other.Task) : Index.CompareTo(other.Index);

    public static bool operator <(RankedImage left, RankedImage right) => left.CompareTo(right) < 0;

    public static bool operator >(RankedImage left, RankedImage right) => left.CompareTo(right) > 0;

    public static bool operator <=(RankedImage left, RankedImage right) => left.CompareTo(right) <= 0;

    public static bool operator >=(RankedImage left, RankedImage right) => left.CompareTo(right) >= 0;
}
