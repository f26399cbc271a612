using System.Collections.Immutable;
using BulkQA.Core;
using Orleans.CodeGeneration;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <summary>
/// What one worker has been given of one life of a job that limits it, and for which team it answers there, keyed by <see cref="Keys.Of"/>. Calls are carried out one after the other, so that a
/// worker with two windows gets no more than with one. What was answered it learns from the facts.
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

    /// <summary>Why the worker, who holds a task, would get no other one once that is answered; null where it would, as far as the limits go.</summary>
    /// <param name="limits">Of the job now.</param>
    /// <param name="held">The task that it holds.</param>
    [Alias("FindRefusalAfter"), SafeToRepeat]
    Task<WorkRefusal?> FindRefusalAfterAsync(JobAssignment limits, TaskNumber held);

    /// <summary>
    /// Why an answer of the worker is not to be taken: the task is not kept for it, and what the limits give is used up by what it has answered, holds, or is about to answer.
    /// Null where it is to be taken, and may then be sent to the partition. That it comes is durable on return, so that nothing is given instead; a correction is let in
    /// always.
    /// </summary>
    /// <param name="limits">Of the job now.</param>
    /// <param name="answered">How many tasks of the job the worker has answered at least.</param>
    /// <param name="task">The task that is answered.</param>
    /// <param name="partition">The key of the partition that it is of; of a follow-up the one of its images.</param>
    /// <exception cref="Exception">A transient one: too many answers of the worker are under way at once, or the store has trouble. Try again.</exception>
    [Alias("LetIn"), SafeToRepeat]
    Task<WorkRefusal?> LetInAsync(JobAssignment limits, int answered, TaskNumber task, string partition);

    /// <summary>Those of the job's teams that the worker may answer for, the one that is tried first first; empty where it is in none, and takes what there is.</summary>
    /// <param name="limits">Of the job now.</param>
    [Alias("FindTeams"), SafeToRepeat, AlwaysInterleave]
    Task<ImmutableArray<TeamName>> FindTeamsAsync(JobAssignment limits);

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
