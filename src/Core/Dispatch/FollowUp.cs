using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>A task gathered from images of a partition that are in doubt. Its images keep their place, and their answers, in the tasks that they are of.</summary>
/// <param name="Task">Its own number.</param>
/// <param name="Images">In the order of its boxes.</param>
public sealed record FollowUp(TaskNumber Task, ImmutableArray<ImageSpot> Images);

/// <summary>A follow-up kept for a worker until <paramref name="ExpiresAt"/>, and until <paramref name="EndsAt"/> at most where it is renewed.</summary>
public sealed record FollowUpLease(FollowUp FollowUp, WorkerId Worker, DateTimeOffset ExpiresAt, DateTimeOffset EndsAt);
