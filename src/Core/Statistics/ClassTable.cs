using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace BulkQA.Core;

/// <summary>The class table of a job: what each class and confidence bucket is worth.</summary>
/// <param name="Buckets">
/// The intervals, unless no image has a confidence; after them underflow, overflow and unknown, each only where it holds images.
/// </param>
/// <param name="Classes">Ordered by label, ordinally; every row's buckets line up with <paramref name="Buckets"/>.</param>
public sealed record ClassTable(
    string Job,
    ImmutableArray<BucketBounds> Buckets,
    ImmutableArray<ClassRow> Classes,
    ClassRow Totals,
    ClassAverage ClassAverage)
{
    /// <summary>Where the classes go on that a page has no room for; null and absent at the end. Totals and average are of all of them on every page.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NextCursor { get; init; }

    /// <summary>Of the intervals; null and absent where none were asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Level { get; init; }

    /// <summary>What the intervals are about, <c>corpus</c> or <c>model</c>; absent without.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Scope { get; init; }

    /// <summary>What has to hold for the intervals to keep their level; absent where nothing has to, or none were asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Condition { get; init; }

    /// <summary>
    /// Builds the table. <paramref name="emptyAsZero"/> counts a bucket in which nothing is reviewed as 0 % in the class
    /// average, as published tables do; otherwise it is left out. With <paramref name="certainty"/> every percentage has its interval, but
    /// for the totals where classes are reviewed in part: their percentage is of the reviewed images, in which classes weigh by how much of them
    /// was reviewed, and no interval of pooled counts is about the corpus. Of a job that is <paramref name="isSampled"/> the same holds for each class and its
    /// buckets. What is about the corpus then is <see cref="ClassRow.Weighted"/>.
    /// </summary>
    public static ClassTable Build(
        string job, BucketEdges edges, IEnumerable<KeyValuePair<Label, ClassTally>> classes, bool emptyAsZero, Certainty? certainty = null, bool isSampled = false)
    {
        var ordered = classes.OrderBy(entry => entry.Key).ToList();
        var sum = ordered.Aggregate(ClassTally.Empty(edges), (total, entry) => total + entry.Value);
        // A corpus that people labelled has no confidences at all: intervals that can't ever hold an image would only be in the way.
        var anyConfidence = sum.All.Total == 0 || sum.Buckets[^1].Total < sum.All.Total;
        int[] shown = [.. Enumerable.Range(0, edges.BucketCount)
            .Where(bucket => (bucket < edges.IntervalCount && anyConfidence) || sum.Buckets[bucket].Total > 0)];
        var rows = ordered.Select(entry => Row(entry.Key.Value, entry.Value, edges, shown, certainty, isSampled)).ToImmutableArray();
        var averages = shown.Select((bucket, column) =>
        {
            var (from, to, kind) = Bounds(edges, bucket);
            var cells = rows.Select(row => row.Buckets[column]).ToList();
            var (lower, upper) = MeanLimits(ordered.Zip(cells, (entry, cell) => (entry.Value.Buckets[bucket], cell.Lower, cell.Upper)), emptyAsZero, certainty);
            return new BucketAverage(from, to, kind, Mean(cells.Select(cell => cell.CorrectPercent), emptyAsZero), lower, upper);
        });
        var (meanLower, meanUpper) = MeanLimits(ordered.Zip(rows, (entry, row) => (entry.Value.All, row.Lower, row.Upper)), emptyAsZero, isSampled ? null : certainty);
        var isWhole = ordered.Count(entry => entry.Value.All.Total > 0) <= 1 || sum.All.Reviewed == sum.All.Total;
        return new ClassTable(
            job,
            [.. shown.Select(bucket => Bounds(edges, bucket))],
            rows,
            Row(null, sum, edges, shown, isWhole ? certainty : null, isSampled) with
            {
                Weighted = certainty is { Scope: Core.Scope.Corpus, Level: var level }
                    ? WeightedPercent.Of(isSampled ? ordered.SelectMany(entry => entry.Value.Buckets) : ordered.Select(entry => entry.Value.All), level) : null,
            },
            new ClassAverage(Mean(rows.Select(row => row.CorrectPercent), emptyAsZero), meanLower, meanUpper, [.. averages]))
        {
            Level = certainty?.Level,
            Scope = certainty is null ? null : Certainty.NameOf(certainty.Scope),
        };
    }

    private static double? Mean(IEnumerable<double?> percents, bool emptyAsZero)
    {
        var known = emptyAsZero ? percents.Select(percent => percent ?? 0).ToList() : percents.Where(percent => percent is not null).Select(percent => percent!.Value).ToList();
        return known.Count == 0 ? null : known.Average();
    }

    /// <summary>Of the same classes as the mean; one that counts as zero is taken for certain.</summary>
    private static (double? Lower, double? Upper) MeanLimits(
        IEnumerable<(BucketTally Counts, double? Lower, double? Upper)> classes, bool emptyAsZero, Certainty? certainty)
    {
        if (certainty is null) return (null, null);
        var (known, empty) = (new List<(ReviewCounts, Interval)>(), 0);
        foreach (var (counts, lower, upper) in classes)
        {
            if (counts.Reviewed > 0) known.Add((ReviewCounts.Of(counts), new Interval(lower!.Value / 100, upper!.Value / 100)));
            else if (emptyAsZero) empty++;
        }
        if (known.Count + empty == 0) return (0, 100);
        var mean = MeanInterval.Of(known, empty, certainty);
        return (100 * mean.Lower, 100 * mean.Upper);
    }

    private static ClassRow Row(string? label, ClassTally tally, BucketEdges edges, int[] shown, Certainty? certainty, bool isSampled)
    {
        var all = tally.All;
        var (rowLower, rowUpper) = isSampled ? (null, null) : Limits(all);
        return new ClassRow(
            label, all.Total, all.Reviewed, all.Confirmed, all.Disconfirmed, all.Split, all.CorrectPercent, rowLower, rowUpper,
            [.. shown.Select(index =>
            {
                var (from, to, kind) = Bounds(edges, index);
                var bucket = tally.Buckets[index];
                var (lower, upper) = Limits(bucket);
                return new BucketCell(from, to, kind, bucket.Total, bucket.Reviewed, bucket.Incorrect, bucket.CorrectPercent, lower, upper);
            })])
        {
            SmallSample = certainty is null ? null : Core.SmallSample.WarningOf(all, certainty.Scope),
            Weighted = isSampled && certainty is { Scope: Core.Scope.Corpus, Level: var level } ? WeightedPercent.Of(tally.Buckets, level) : null,
        };

        (double? Lower, double? Upper) Limits(BucketTally counts) => certainty?.PercentOf(counts) is { } interval ? (interval.Lower, interval.Upper) : (null, null);
    }

    private static BucketBounds Bounds(BucketEdges edges, int bucket)
    {
        var (from, to) = edges.BoundsOf(bucket);
        var kind = edges.KindOf(bucket);
        return new BucketBounds(from, to, kind == BucketKind.Interval ? null : edges.NameOf(bucket));
    }
}

/// <param name="From">Null for images without a confidence.</param>
/// <param name="To">Not included, but for the last interval.</param>
/// <param name="Kind"><c>underflow</c>, <c>overflow</c> or <c>unknown</c>; absent for an interval.</param>
public sealed record BucketBounds(
    double? From, double? To, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Kind);

/// <param name="Label">Absent in the totals.</param>
/// <param name="Total">Images of the class.</param>
/// <param name="Reviewed">Those with a verdict.</param>
/// <param name="CorrectPercent">Confirmed of reviewed, at full precision; null when nothing is reviewed.</param>
/// <param name="Lower">
/// Lower end of its interval in percent, where one was asked for. Totals have one only where everything is reviewed or one class has images.
/// </param>
/// <param name="Upper">Upper end.</param>
public sealed record ClassRow(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Label,
    long Total, long Reviewed, long Confirmed, long Disconfirmed, long Split, double? CorrectPercent,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Lower, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Upper,
    ImmutableArray<BucketCell> Buckets)
{
    /// <summary>
    /// How right all its images are, where different parts of it are reviewed unlike: the classes of a table, and of a sampled job the buckets of each. Absent
    /// unless an interval about the corpus was asked for.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WeightedPercent? Weighted { get; init; }

    /// <summary>That the percentage is of few images, and how few; absent where it is not, or no interval was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SmallSample { get; init; }

    /// <summary>How many images are right in the mean, by the posteriors of the adopted reliability model; absent unless asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ExpectedCorrect { get; init; }

    /// <summary>How many images are right at least; with <see cref="ExpectedUpper"/> two-sided at the level asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ExpectedLower { get; init; }

    /// <summary>How many images are right at most.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ExpectedUpper { get; init; }

    /// <summary>With what is expected of its images.</summary>
    public ClassRow With(ExpectedCorrect expected) => this with { ExpectedCorrect = expected.Mean, ExpectedLower = expected.Lower, ExpectedUpper = expected.Upper };
}

/// <param name="Incorrect">Disconfirmed or Split.</param>
public sealed record BucketCell(
    double? From, double? To, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Kind,
    long Total, long Reviewed, long Incorrect, double? CorrectPercent,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Lower, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Upper);

/// <summary>The mean of the classes' percent correct, overall and by bucket; every class counts alike, whatever its size.</summary>
/// <param name="Lower">As in a row; approximate (<see cref="MeanInterval"/>).</param>
/// <param name="Upper">Its upper end.</param>
public sealed record ClassAverage(
    double? CorrectPercent, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Lower, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Upper,
    ImmutableArray<BucketAverage> Buckets);

public sealed record BucketAverage(
    double? From, double? To, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Kind,
    double? CorrectPercent, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Lower, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Upper);
