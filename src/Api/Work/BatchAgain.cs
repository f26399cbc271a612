using System.Globalization;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>
/// The batch that a worker has just sent, to be answered anew: who sees a moment later what was wrong takes it back. The new answer is one like any
/// other, and the latest counts.
/// </summary>
internal static class BatchAgain
{
    /// <summary>How long after it was answered a batch is shown again. The page offers it for a shorter while, so that whoever asks in the last moment still gets it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <returns>Null where none is asked for, it is not this worker's, it was answered too long ago, or the worker was told how it did on its gold.</returns>
    public static async Task<TaskLease?> FindAsync(JobInfo job, string? asked, WorkerId worker, TaskListing tasks, TimeProvider time)
    {
        if (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
        var now = time.GetUtcNow();
        return await tasks.LookAtHoldAsync(job, new TaskNumber(number), worker) is { State: HoldState.Answered, At: { } at } && now - at <= Patience
            // What the worker was told of gold would be what the new answer says.
            && !await ToldGold.IsAnyAsync(job, new TaskNumber(number), worker, tasks)
            ? new TaskLease(new TaskNumber(number), now, 0, 0) : null;
    }
}
