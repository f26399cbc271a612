namespace BulkQA.Grains;

/// <summary>Between the looks of an operation that goes on for as long as its job wants it.</summary>
internal static class OperationRest
{
    /// <summary>Rests, or returns before that where the job was changed or deleted meanwhile.</summary>
    /// <param name="grains">Where the operation is.</param>
    /// <param name="operation">Which.</param>
    /// <param name="pause">How long.</param>
    /// <param name="interval">How often to ask whether there was a change; above zero.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Whether there was a change: the job is looked at anew.</returns>
    public static async Task<bool> RestAsync(this IGrainFactory grains, Operation operation, TimeSpan pause, TimeSpan interval, TimeProvider time, CancellationToken cancellation)
    {
        for (var rested = TimeSpan.Zero; rested < pause; rested += interval)
        {
            await Task.Delay(interval, time, cancellation);
            // Asks the grain that this runs on: no other is kept awake by it.
            if (await grains.GetGrain<IOperationsGrain>(operation.Incarnation.Job.Key).IsOutdatedAsync(operation.Id, operation.Runs)) return true;
        }
        return false;
    }
}
