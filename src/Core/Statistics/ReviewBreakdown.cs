using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>The images of one model version.</summary>
/// <param name="Buckets">One per bucket of the job's edges, in their order.</param>
/// <param name="Final">The same by what is final.</param>
public sealed record VersionTally(ModelVersion Version, ImmutableArray<BucketTally> Buckets, ImmutableArray<BucketTally> Final)
{
    public static VersionTally operator +(VersionTally left, VersionTally right) => new(
        left.Version, [.. left.Buckets.Zip(right.Buckets, BucketTally.Add)], [.. left.Final.Zip(right.Final, BucketTally.Add)]);

    public static VersionTally Add(VersionTally left, VersionTally right) => left + right;

    public bool Equals(VersionTally? other) => other is not null && Version == other.Version
        && Buckets.AsSpan().SequenceEqual(other.Buckets.AsSpan()) && Final.AsSpan().SequenceEqual(other.Final.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Version, Buckets.Length);
}

/// <summary>The images that were reviewed on one day: whose verdict by votes has its last vote there, of those that stand and count.</summary>
/// <param name="Day">UTC; the first of all days for votes of which no time is known.</param>
/// <param name="Version">Of which model version they are; null for none.</param>
/// <param name="Counts">Reviewed images alone: its total is their number.</param>
public readonly record struct DayTally(DateOnly Day, ModelVersion? Version, BucketTally Counts);

/// <summary>The images of a class, or of a part of one, by model version and by the day of their review. What parts come to adds up.</summary>
public sealed class ReviewBreakdown : IEquatable<ReviewBreakdown>
{
    /// <summary>The day of what nobody gave a time for.</summary>
    public static readonly DateOnly Undated = DateOnly.MinValue;

    public static readonly ReviewBreakdown Empty = new([], []);

    public ReviewBreakdown(ImmutableArray<VersionTally> versions, ImmutableArray<DayTally> days) => (Versions, Days) = (versions, days);

    /// <summary>Ordered by version; images without one are in none.</summary>
    public ImmutableArray<VersionTally> Versions { get; }

    /// <summary>Ordered by day and version, none first; each with images.</summary>
    public ImmutableArray<DayTally> Days { get; }

    /// <summary>The counters of one version as those of a class; all zero where no image is of it. Tasks and votes are not counted by version.</summary>
    public ClassTally TallyOf(ModelVersion version, BucketEdges edges)
    {
        var empty = ClassTally.Empty(edges);
        return Versions.FirstOrDefault(tally => tally.Version == version) is { } found ? empty with { Buckets = found.Buckets, Final = found.Final } : empty;
    }

    /// <summary>The days from one to another, both included.</summary>
    public IEnumerable<DayTally> DatedBetween(DateOnly from, DateOnly to) => Days.Where(day => day.Day >= from && day.Day <= to);

    /// <summary>The counts of the days from one to another, both included, ascending: of one version, or of all.</summary>
    public IReadOnlyList<KeyValuePair<DateOnly, BucketTally>> ByDay(DateOnly from, DateOnly to, ModelVersion? version) => ByDay([this], from, to, version);

    /// <summary>The same of many together.</summary>
    public static IReadOnlyList<KeyValuePair<DateOnly, BucketTally>> ByDay(IEnumerable<ReviewBreakdown> breakdowns, DateOnly from, DateOnly to, ModelVersion? version) =>
    [
        .. breakdowns.SelectMany(breakdown => breakdown.DatedBetween(from, to)).Where(day => version is null || day.Version == version)
            .GroupBy(day => day.Day, day => day.Counts).Select(day => KeyValuePair.Create(day.Key, day.Aggregate(BucketTally.Add))).OrderBy(day => day.Key),
    ];

    /// <summary>The same with only the days from one to another, both included, and what is undated.</summary>
    public ReviewBreakdown Between(DateOnly from, DateOnly to) => new(Versions, [.. Days.Where(day => day.Day == Undated || (day.Day >= from && day.Day <= to))]);

    public static ReviewBreakdown Sum(IEnumerable<ReviewBreakdown> parts)
    {
        var versions = new SortedDictionary<ModelVersion, VersionTally>();
        var days = new SortedDictionary<(DateOnly, string), DayTally>(Comparer<(DateOnly Day, string Version)>.Create((left, right) =>
            left.Day != right.Day ? left.Day.CompareTo(right.Day) : string.CompareOrdinal(left.Version, right.Version)));
        foreach (var part in parts)
        {
            foreach (var tally in part.Versions) versions[tally.Version] = versions.TryGetValue(tally.Version, out var sum) ? sum + tally : tally;
            foreach (var day in part.Days)
            {
                var key = (day.Day, day.Version?.Value ?? "");
                days[key] = days.TryGetValue(key, out var sum) ? sum with { Counts = sum.Counts + day.Counts } : day;
            }
        }
        return new([.. versions.Values], [.. days.Values.Where(day => day.Counts.Total > 0)]);
    }

    /// <summary>Some ten bytes a day and version, to travel and to be stored.</summary>
    public byte[] Pack()
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write7BitEncodedInt(Versions.Length);
        foreach (var tally in Versions)
        {
            writer.Write(tally.Version.Value);
            writer.Write7BitEncodedInt(tally.Buckets.Length);
            foreach (var bucket in tally.Buckets) Write(writer, bucket);
            foreach (var bucket in tally.Final) Write(writer, bucket);
        }
        var names = Days.Select(day => day.Version).OfType<ModelVersion>().Distinct().ToList();
        writer.Write7BitEncodedInt(names.Count);
        foreach (var name in names) writer.Write(name.Value);
        writer.Write7BitEncodedInt(Days.Length);
        foreach (var day in Days)
        {
            writer.Write7BitEncodedInt(day.Day.DayNumber);
            writer.Write7BitEncodedInt(day.Version is { } version ? names.IndexOf(version) + 1 : 0);
            Write(writer, day.Counts);
        }
        return buffer.ToArray();
    }

    /// <summary>What was packed.</summary>
    public static ReviewBreakdown Unpack(byte[] packed)
    {
        using var reader = new BinaryReader(new MemoryStream(packed));
        var versions = new VersionTally[reader.Read7BitEncodedInt()];
        foreach (ref var tally in versions.AsSpan())
        {
            var name = ModelVersion.Create(reader.ReadString());
            var buckets = reader.Read7BitEncodedInt();
            tally = new(name, Read(reader, buckets), Read(reader, buckets));
        }
        var names = new ModelVersion?[reader.Read7BitEncodedInt() + 1];
        foreach (ref var name in names.AsSpan(1)) name = ModelVersion.Create(reader.ReadString());
        var days = new DayTally[reader.Read7BitEncodedInt()];
        foreach (ref var day in days.AsSpan()) day = new(DateOnly.FromDayNumber(reader.Read7BitEncodedInt()), names[reader.Read7BitEncodedInt()], Read(reader));
        return new([.. versions], [.. days]);
    }

    public bool Equals(ReviewBreakdown? other) => other is not null && Versions.AsSpan().SequenceEqual(other.Versions.AsSpan()) && Days.AsSpan().SequenceEqual(other.Days.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as ReviewBreakdown);

    public override int GetHashCode() => HashCode.Combine(Versions.Length, Days.Length);

    private static void Write(BinaryWriter writer, BucketTally counts)
    {
        writer.Write7BitEncodedInt64(counts.Total);
        writer.Write7BitEncodedInt64(counts.Confirmed);
        writer.Write7BitEncodedInt64(counts.Disconfirmed);
        writer.Write7BitEncodedInt64(counts.Split);
    }

    private static BucketTally Read(BinaryReader reader) =>
        new(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());

    private static ImmutableArray<BucketTally> Read(BinaryReader reader, int count)
    {
        var buckets = new BucketTally[count];
        foreach (ref var bucket in buckets.AsSpan()) bucket = Read(reader);
        return [.. buckets];
    }
}
