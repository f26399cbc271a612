using BulkQA.Core;
using Orleans.CodeGeneration;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <summary>
/// What one worker has been given of one life of a job that limits it, and for which team it answers there, keyed by <see cref="Keys.Of"/>. Calls are carried out one after the other, so that a
/// worker with two windows gets no more than with one. What was answered it learns from the facts: whoever answers pays nothing for it.
/// </summary>
[Alias("BulkQA.IWorkerQuotaGrain"), Version(1)]
public interface IWorkerQuotaGrain : IGrainWithStringKey
{
    /// <summary>
    /// The task that the worker holds, or another one where the limits allow it, by <see cref="IDispatchGrain.LeaseAnyAsync"/>; null where they do not, or there is
    /// none. That it was given, and for which team it is to be answered, is durable on return.
    /// </summary>
    /// <param name="limits">Of the job now.</param>
    /// <param name="answered">How many tasks of the job the worker has answered at least, whether or not they were given under limits.</param>
    [Alias("Lease"), SafeToRepeat]
    Task<TaskLease?> LeaseAsync(JobAssignment limits, int answered);

    /// <summary>Why the worker would get no other task now; null where it would, as far as the limits go. A task that it holds it keeps.</summary>
    /// <inheritdoc cref="LeaseAsync" path="/param"/>
    [Alias("FindRefusal"), SafeToRepeat]
    Task<WorkRefusal?> FindRefusalAsync(JobAssignment limits, int answered);

    /// <summary>For which teams the worker answers and answered, as far as that is durable.</summary>
    [Alias("GetTeams"), SafeToRepeat, AlwaysInterleave]
    Task<WorkerTeams> GetTeamsAsync();

    /// <summary>Deletes all that is stored: the job is deleted, or the worker erased. Idempotent.</summary>
    [Alias("Forget"), SafeToRepeat]
    Task ForgetAsync();

    static class Keys
    {
        public static string Of(Incarnation job, WorkerId worker) => $"{job.Value}/{worker.Value}";

        public static (Incarnation Job, WorkerId Worker) Parse(string key)
        {
            var parts = key.Split('/', 2);
            return (Incarnation.Parse(parts[0]), WorkerId.Create(parts[1]));
        }
    }
}
