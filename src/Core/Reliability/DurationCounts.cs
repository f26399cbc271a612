using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>
/// How often something took how long, in steps of ten percent from a tenth of a second up: sums of parts add up to those of the whole,
/// and a median is within five percent. At most <see cref="Steps"/> numbers.
/// </summary>
public readonly record struct DurationCounts
{
    public const int Steps = 160;

    private const double Shortest = 0.1;

    private static readonly double _logStep = Math.Log(1.1);

    private DurationCounts(ImmutableArray<int> counts) => Counts = counts;

    /// <summary>By step, up to the last that has any; empty for nothing.</summary>
    public ImmutableArray<int> Counts { get => field.IsDefault ? [] : field; }

    /// <param name="counts">As <see cref="Counts"/> gave them.</param>
    public static DurationCounts Of(ImmutableArray<int> counts) => new(counts);

    /// <summary>The step of so many seconds; what is shorter than the shortest or longer than the longest (four days) is counted there.</summary>
    public static int StepOf(double seconds) => (int)Math.Clamp(Math.Round(Math.Log(seconds / Shortest) / _logStep), 0, Steps - 1);

    /// <summary>Of counts by step, which may end in steps that have none.</summary>
    public static DurationCounts OfSteps(ReadOnlySpan<int> bySteps)
    {
        var length = bySteps.Length;
        while (length > 0 && bySteps[length - 1] == 0) length--;
        return new([.. bySteps[..length]]);
    }

    /// <summary>The middle one; null where there is none.</summary>
    public TimeSpan? Median
    {
        get
        {
            var left = (Counts.Sum(count => (long)count) + 1) / 2;
            if (left == 0) return null;
            var step = 0;
            for (; (left -= Counts[step]) > 0; step++) { }
            return TimeSpan.FromSeconds(Shortest * Math.Exp(step * _logStep));
        }
    }

    public bool Equals(DurationCounts other) => Counts.AsSpan().SequenceEqual(other.Counts.AsSpan());

    public override int GetHashCode() => Counts.Length;

    public static DurationCounts operator +(DurationCounts left, DurationCounts right)
    {
        var (longer, shorter) = left.Counts.Length >= right.Counts.Length ? (left.Counts, right.Counts) : (right.Counts, left.Counts);
        return shorter.IsEmpty ? new(longer) : new([.. longer.Select((count, step) => count + (step < shorter.Length ? shorter[step] : 0))]);
    }

    public static DurationCounts Add(DurationCounts left, DurationCounts right) => left + right;
}
