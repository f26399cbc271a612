namespace BulkQA.Grains;

/// <summary>How operations of one kind are carried out. Runs on the scheduler of the job's <see cref="OperationsGrain"/>.</summary>
internal interface IOperationWork
{
    OperationKind Kind { get; }

    /// <summary>
    /// Carries the operation out, from where it says that it is. A crash may have it repeat what was done since the last
    /// report, so every step is idempotent. What fails and passes is thrown, and the work is called again later.
    /// </summary>
    /// <param name="operation">As it was stored last.</param>
    /// <param name="report">Called with the operation as it is now, after each unit.</param>
    /// <param name="cancellation">The activation ends: another one goes on.</param>
    /// <returns>The operation with the state it has now: one that is still running is called again.</returns>
    Task<Operation> RunAsync(Operation operation, Func<Operation, Task> report, CancellationToken cancellation);
}
