namespace BulkQA.Grains;

public static class OperationCalls
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Looks after an operation until it is no longer <see cref="OperationState.Running"/>, or until
    /// <paramref name="patience"/> is over.
    /// </summary>
    /// <returns>The operation as last seen.</returns>
    public static async Task<Operation> WaitAsync(
        this IOperationsGrain operations, Operation operation, TimeSpan patience, TimeProvider time, CancellationToken cancellation = default)
    {
        var began = time.GetTimestamp();
        var pause = _firstPause;
        while (operation.State == OperationState.Running && time.GetElapsedTime(began) < patience)
        {
            await Task.Delay(pause, time, cancellation);
            pause = TimeSpan.FromTicks(Math.Min(_longestPause.Ticks, pause.Ticks * 2));
            operation = await operations.GetAsync(operation.Id) ?? operation;
        }
        return operation;
    }
}
