using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>Whose work is asked for, and of which days.</summary>
/// <param name="From">The first day; null for none. With a bound, work at unknown times is left out.</param>
/// <param name="To">The last day; null for none.</param>
/// <param name="Worker">Whose alone; null for everybody's.</param>
/// <param name="After">Only of workers whose ids come after this one; null for all.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.WorkQuery")]
public sealed record WorkQuery(
    [property: Id(0)] DateOnly? From, [property: Id(1)] DateOnly? To, [property: Id(2)] WorkerId? Worker, [property: Id(3)] WorkerId? After)
{
    /// <summary>Workers that a partition tells of at once.</summary>
    public const int MaxWorkers = 200;
}

/// <summary>Records of work of some workers, whole as far as they go.</summary>
/// <param name="Records">By worker, and then by day.</param>
/// <param name="Through">The last worker they are whole of: ask for those after it. Null where they are of all.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.WorkRecords")]
public sealed record WorkRecords([property: Id(0)] ImmutableArray<WorkRecord> Records, [property: Id(1)] WorkerId? Through)
{
    public static readonly WorkRecords None = new([], null);

    /// <summary>Records of parts as those of the whole: as far as all parts go.</summary>
    public static WorkRecords Sum(IReadOnlyCollection<WorkRecords> parts)
    {
        var through = parts.Select(part => part.Through?.Value).OfType<string>().Min(StringComparer.Ordinal);
        return new(
            [.. WorkRecord.Sum(parts.SelectMany(part => part.Records).Where(record => through is null || string.CompareOrdinal(record.Worker.Value, through) <= 0))],
            through is null ? null : WorkerId.Stored(through));
    }
}
