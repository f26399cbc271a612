using System.Collections.Immutable;
using BulkQA.Core;
using Orleans.CodeGeneration;

namespace BulkQA.Grains;

/// <summary>
/// One job name, keyed by <see cref="JobName.Key"/>: the settings, policy and state of its present life, and what remains of
/// deleted ones. A life is an <see cref="Incarnation"/>; most calls say which one they mean. What else a life has, has
/// grains of its own: <see cref="IJobClassesGrain"/>, <see cref="ITaskNumbersGrain"/>, <see cref="IDispatchGrain"/> and
/// <see cref="IOperationsGrain"/>.
/// </summary>
[Alias("BulkQA.IJobGrain"), Version(2)]
public interface IJobGrain : IGrainWithStringKey
{
    /// <summary>Creates the job, or compares the one that exists with what is given. Durable on return; idempotent.</summary>
    /// <returns>Null where the deployment has <see cref="JobLimits.MaxJobs"/> jobs.</returns>
    /// <exception cref="BadInputException">The settings can't be.</exception>
    [Alias("Create"), SafeToRepeat]
    Task<JobCreation?> CreateAsync(JobName name, JobDraft draft);

    /// <summary>The present life; null where there is none.</summary>
    [Alias("Get"), SafeToRepeat]
    Task<JobInfo?> GetAsync();

    /// <summary>The present life if it is this one; null otherwise.</summary>
    [Alias("GetIncarnation"), SafeToRepeat]
    Task<JobInfo?> GetAsync(Incarnation incarnation);

    /// <summary>
    /// The present life as it is stored, if it is this one; null otherwise. For whoever keeps what it reads: after a silo was lost,
    /// an activation that the directory forgot may still answer <see cref="GetAsync(Incarnation)"/> with what was true before.
    /// </summary>
    [Alias("Read"), SafeToRepeat]
    Task<JobInfo?> ReadAsync(Incarnation incarnation);

    /// <summary>
    /// Changes policy, state or model. When this returns, the class tables are right under the new
    /// policy; the label table follows, by an <see cref="OperationKind.RewriteVerdicts"/>. Where it fails on the way, calling
    /// again goes on, and so does the operation. A change with an id (<see cref="JobChanges.Change"/>) is made once.
    /// </summary>
    /// <exception cref="BadInputException">The job can't have the policy, or the model.</exception>
    [Alias("ChangeAll"), SafeToRepeat, ResponseTimeout(LongCalls.PolicyTimeout)]
    Task<JobInfo?> ChangeAsync(JobChanges changes);

    /// <summary>The same, as releases before there were models ask for it.</summary>
    [Alias("Change"), SafeToRepeat, ResponseTimeout(LongCalls.PolicyTimeout)]
    Task<JobInfo?> ChangeAsync(VerdictPolicy? policy, JobState? state);

    /// <summary>
    /// Adopts a model that the job has had estimated by itself, if it is newer than all that there were when somebody last chose a model or left
    /// the weighted policy. Once for each. Nothing happens where the policy is not weighted, the job no longer estimates by itself, or the model can't be adopted.
    /// </summary>
    /// <returns>Null where the incarnation is gone.</returns>
    [Alias("AdoptReestimated"), SafeToRepeat, ResponseTimeout(LongCalls.PolicyTimeout)]
    Task<JobInfo?> AdoptReestimatedAsync(Incarnation incarnation, int model);

    /// <summary>
    /// Sets a worker's votes aside, or has them count again. When this returns, the class tables are right; the label table follows
    /// as after a change of policy. A worker who is set aside keeps the first reason. Idempotent.
    /// </summary>
    /// <param name="incarnation">Which life of the job.</param>
    /// <param name="worker">Whose votes.</param>
    /// <param name="setAside">Why and by whom; null has them count again.</param>
    /// <returns>Null where the incarnation is gone.</returns>
    /// <exception cref="BadInputException">The job has <see cref="JobLimits.MaxSetAside"/> such workers.</exception>
    [Alias("SetAside"), SafeToRepeat, ResponseTimeout(LongCalls.PolicyTimeout)]
    Task<JobInfo?> SetAsideAsync(Incarnation incarnation, WorkerId worker, SetAsideWorker? setAside);

    /// <summary>
    /// Sets a worker's votes aside, or has them count again, as <see cref="SetAsideAsync"/> does, and keeps who decided it, when and why. One that
    /// was decided before, by the same person at the same time, changes nothing: a late repetition does not undo what came after it.
    /// </summary>
    /// <param name="incarnation">Which life of the job.</param>
    /// <param name="decision">What is decided; its number does not matter.</param>
    /// <param name="after">
    /// The number of the last decision about the worker that whoever decides knows of, 0 for none: the decision is refused where that is another.
    /// Null for any; then it is refused where its time is before that of the last one.
    /// </param>
    /// <returns>Null where the incarnation is gone.</returns>
    /// <exception cref="BadInputException">The job has <see cref="JobLimits.MaxSetAside"/> such workers.</exception>
    [Alias("Decide"), SafeToRepeat, ResponseTimeout(LongCalls.PolicyTimeout)]
    Task<DecidedWorker?> DecideAsync(Incarnation incarnation, WorkerDecision decision, int? after);

    /// <summary>
    /// Decides about a worker's qualification (<see cref="WorkerDecision.Qualification"/>), in the order of the job's decisions and as safe to repeat as
    /// <see cref="DecideAsync"/>. Verdicts don't change by it. Durable on return.
    /// </summary>
    /// <inheritdoc cref="DecideAsync" path="/param"/>
    /// <inheritdoc cref="DecideAsync" path="/returns"/>
    /// <exception cref="BadInputException">The job asks for no qualification, or has <see cref="JobLimits.MaxRulings"/> such workers.</exception>
    [Alias("Rule"), SafeToRepeat]
    Task<DecidedWorker?> RuleAsync(Incarnation incarnation, WorkerDecision decision, int? after);

    /// <summary>
    /// The last decisions about workers, <see cref="JobLimits.MaxDecisions"/> at most, and among them always those by which somebody is set aside now; in their order;
    /// none where the incarnation is gone.
    /// </summary>
    [Alias("GetDecisions"), SafeToRepeat]
    Task<ImmutableArray<WorkerDecision>> GetDecisionsAsync(Incarnation incarnation);

    /// <summary>
    /// Gives the job a target, another one, or none any more, and has somebody look from now on what can be decided. The same again changes nothing.
    /// Durable on return.
    /// </summary>
    /// <param name="incarnation">Which life of the job.</param>
    /// <param name="target">Null takes it away.</param>
    /// <param name="by">Who changes it.</param>
    /// <returns>Null where the incarnation is gone.</returns>
    /// <exception cref="BadInputException">Something is wrong with the target, or the job's tasks are not in random order.</exception>
    [Alias("SetTarget"), SafeToRepeat]
    Task<JobInfo?> SetTargetAsync(Incarnation incarnation, JobTarget? target, string by);

    /// <summary>The last changes of the target, <see cref="JobLimits.MaxTargetChanges"/> at most, in their order; none where the incarnation is gone.</summary>
    [Alias("GetTargetChanges"), SafeToRepeat]
    Task<ImmutableArray<TargetSetting>> GetTargetChangesAsync(Incarnation incarnation);

    /// <summary>Takes over what is known of the job's labeling job; nothing happens where the incarnation is gone. Idempotent.</summary>
    [Alias("MirrorLabeling"), SafeToRepeat]
    Task MirrorLabelingAsync(Incarnation incarnation, LabelingJob labeling);

    /// <summary>
    /// A worker could be shown none of a batch's pictures: whoever looks at the job is told. The last report stands, and one
    /// that comes within <see cref="JobLimits.UnshownPause"/> of it is left out. Nothing happens where the incarnation is gone.
    /// </summary>
    [Alias("ReportUnshown"), SafeToRepeat]
    Task ReportUnshownAsync(Incarnation incarnation, TaskNumber task, WorkerId worker);

    /// <summary>Somebody has been shown pictures of a batch: it is no longer reported as one that can't be. Idempotent.</summary>
    [Alias("WithdrawUnshown"), SafeToRepeat]
    Task WithdrawUnshownAsync(Incarnation incarnation, TaskNumber task);

    /// <summary>Has every class decide by the job's present rules, unless all have been told; null where the incarnation is gone.</summary>
    [Alias("TellPolicy"), SafeToRepeat, ResponseTimeout(LongCalls.PolicyTimeout)]
    Task<JobInfo?> TellRulesAsync(Incarnation incarnation);

    /// <summary>Whatever follows the rules has been written for this revision of them.</summary>
    /// <returns>False where the job has a later one by now, for which it is still to be done.</returns>
    [Alias("VerdictsRewritten"), SafeToRepeat]
    Task<bool> VerdictsRewrittenAsync(Incarnation incarnation, int revision);

    /// <summary>
    /// Deletes a life of the job: its name is free at once, its answers are refused, and facts, rows and objects go in the
    /// background, by an <see cref="OperationKind.Delete"/>.
    /// </summary>
    /// <returns>False where there is no such life; true too where it was deleted before.</returns>
    [Alias("DeleteIncarnation"), SafeToRepeat]
    Task<bool> DeleteAsync(Incarnation incarnation);

    /// <summary>What a deleted life has left; null where it lives, or everything of it was forgotten long ago.</summary>
    [Alias("GetTombstone"), SafeToRepeat]
    Task<Tombstone?> GetTombstoneAsync(Incarnation incarnation);

    /// <summary>A sweep of a deleted life has ended.</summary>
    /// <param name="incarnation">Which.</param>
    /// <param name="again">Whether that was the second and last.</param>
    [Alias("Swept"), SafeToRepeat]
    Task SweptAsync(Incarnation incarnation, bool again);

    /// <summary>Sees to it that somebody goes on with deletions and changes of policy that have not ended.</summary>
    [Alias("Resume"), SafeToRepeat]
    Task ResumeAsync();
}

public static class JobLimits
{
    /// <summary>Classes of a job at most; the list of them must fit a DynamoDB item.</summary>
    public const int MaxClasses = 10_000;

    /// <summary>Workers of a job whose votes are set aside, at most; every call that reads the job carries them, and they fit an item of DynamoDB with it.</summary>
    public const int MaxSetAside = 200;

    /// <summary>Decisions about workers that a job remembers; with the workers who are set aside, they fit an item of DynamoDB.</summary>
    public const int MaxDecisions = 300;

    /// <summary>Changes of its target that a job remembers.</summary>
    public const int MaxTargetChanges = 50;

    /// <summary>Workers of a job about whose qualification an operator has decided, at most: as with <see cref="MaxSetAside"/>.</summary>
    public const int MaxRulings = 100;

    /// <summary>Jobs of a deployment at most.</summary>
    public const int MaxJobs = 5_000;

    /// <summary>For how long one report of a batch that can't be shown stands for all: where a store fails, every worker has one.</summary>
    public static readonly TimeSpan UnshownPause = TimeSpan.FromMinutes(1);
}
