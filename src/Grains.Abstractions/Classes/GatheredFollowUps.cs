using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>A page of follow-ups that were gathered of a partition.</summary>
/// <param name="Tasks">Their numbers; none where the job is deleted, or asks no further workers.</param>
/// <param name="Next">Where the next page goes on; null where this one is the last.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.GatheredFollowUps")]
public sealed record GatheredFollowUps([property: Id(0)] ImmutableArray<TaskNumber> Tasks, [property: Id(1)] string? Next);
