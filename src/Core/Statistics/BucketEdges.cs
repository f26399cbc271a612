using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Core;

/// <summary>What a bucket holds beside the intervals between two edges.</summary>
public enum BucketKind : byte
{
    /// <summary>The interval between two edges.</summary>
    Interval,

    /// <summary>Confidences below the first edge.</summary>
    Underflow,

    /// <summary>Confidences above the last edge.</summary>
    Overflow,

    /// <summary>Images without a confidence.</summary>
    Unknown,
}

/// <summary>
/// The confidence intervals [from, to) of a job, the last one closed. Underflow, overflow and unknown follow the
/// intervals, so that every image is in exactly one bucket and every total adds up.
/// </summary>
public sealed class BucketEdges : IEquatable<BucketEdges>
{
    public const int MaxIntervals = 100;

    public static readonly BucketEdges Default = Create([80, 85, 90, 95, 100]);

    private readonly ImmutableArray<double> _edges;

    private BucketEdges(ImmutableArray<double> edges) => _edges = edges;

    /// <summary>Strictly ascending, each from 0 to 100.</summary>
    public ImmutableArray<double> Values => _edges;

    public int IntervalCount => _edges.Length - 1;

    /// <summary>The intervals and the three buckets beside them.</summary>
    public int BucketCount => IntervalCount + 3;

    /// <exception cref="BadInputException">The edges are not at least two ascending percentages.</exception>
    public static BucketEdges Create(IEnumerable<double> edges) =>
        TryCreate(edges, out var created, out var problem) ? created : throw new BadInputException(problem);

    public static bool TryCreate(
        IEnumerable<double> edges, [NotNullWhen(true)] out BucketEdges? created, [NotNullWhen(false)] out string? problem)
    {
        created = null;
        var values = edges.ToImmutableArray();
        problem = values.Length is < 2 or > MaxIntervals + 1 ? $"there must be 2 to {MaxIntervals + 1} bucket edges"
            : values.Any(value => !Percent.TryCreate(value, out _)) ? "every bucket edge must be from 0 to 100"
            : values.Zip(values.Skip(1)).Any(pair => pair.First >= pair.Second) ? "bucket edges must ascend"
            : null;
        if (problem is null) created = new BucketEdges(values);
        return problem is null;
    }

    /// <summary>The bucket of an image, from 0 to <see cref="BucketCount"/> - 1.</summary>
    public int IndexOf(Percent? confidence)
    {
        if (confidence is not { } percent) return IntervalCount + 2;
        var value = percent.Value;
        if (value < _edges[0]) return IntervalCount;
        if (value > _edges[^1]) return IntervalCount + 1;
        // Counting the edges below takes less time than a search, whose every step the processor guesses wrong half of the time.
        var index = -1;
        foreach (var edge in _edges.AsSpan()) index += value >= edge ? 1 : 0;
        return Math.Min(index, IntervalCount - 1);
    }

    public BucketKind KindOf(int bucket) => bucket < IntervalCount ? BucketKind.Interval : (BucketKind)(bucket - IntervalCount + 1);

    /// <summary>Where the bucket begins and ends; underflow begins at 0, overflow ends at 100, unknown has neither.</summary>
    public (double? From, double? To) BoundsOf(int bucket) => KindOf(bucket) switch
    {
        BucketKind.Interval => (_edges[bucket], _edges[bucket + 1]),
        BucketKind.Underflow => (0, _edges[0]),
        BucketKind.Overflow => (_edges[^1], 100),
        _ => (null, null),
    };

    /// <summary>The bucket's name in queries: <c>80-85</c>, <c>underflow</c>, <c>overflow</c> or <c>unknown</c>.</summary>
    public string NameOf(int bucket) => KindOf(bucket) switch
    {
        BucketKind.Interval => FormattableString.Invariant($"{_edges[bucket]:R}-{_edges[bucket + 1]:R}"),
        BucketKind.Underflow => "underflow",
        BucketKind.Overflow => "overflow",
        _ => "unknown",
    };

    /// <summary>The bucket of that name, or null.</summary>
    public int? Find(string name)
    {
        for (var bucket = 0; bucket < BucketCount; bucket++)
            if (NameOf(bucket) == name) return bucket;
        return null;
    }

    public bool Equals(BucketEdges? other) => other is not null && _edges.AsSpan().SequenceEqual(other._edges.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as BucketEdges);

    public override int GetHashCode() => _edges.Aggregate(0, HashCode.Combine);

    public override string ToString() => string.Join(", ", _edges);
}
