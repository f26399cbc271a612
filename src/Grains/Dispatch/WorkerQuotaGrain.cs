using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <inheritdoc cref="IWorkerQuotaGrain"/>
internal sealed class WorkerQuotaGrain([PersistentState("quota")] IPersistentState<WorkerQuota> record, IListings listings, TimeProvider time) : Grain, IWorkerQuotaGrain
{
    private DurableState<WorkerQuota> State => field ??= new(record, DeactivateOnIdle);

    private (Incarnation Job, WorkerId Worker) Key => IWorkerQuotaGrain.Keys.Parse(this.GetPrimaryKeyString());

    public async Task<TaskLease?> LeaseAsync(JobAssignment limits, int answered)
    {
        var now = time.GetUtcNow();
        var (quota, held) = await SettleAsync(limits, now);
        if (held is not null) return held;
        if (quota.RefusalBy(limits, answered, now) is not null) return null;
        var (found, teams) = await FindAsync(limits, quota.Teams ?? WorkerTeams.None, SubmissionTime.From(now));
        if (found is not { } lease) return null;
        // Of a silo of the release before nobody knows where it is: it counts for no limit.
        if (lease.Partition is not { } partition) return lease;
        if (!record.RecordExists && !await MayBeginAsync()) return null;
        await State.SaveAsync(quota.Give(new GivenTask(lease.Task, partition, now), answered) with { Teams = teams.Equals(WorkerTeams.None) ? null : teams });
        return lease;
    }

    public async Task<WorkRefusal?> LetInAsync(JobAssignment limits, int answered, TaskNumber task, string partition)
    {
        var now = time.GetUtcNow();
        var hold = await GrainFactory.GetGrain<IPartitionGrain>(partition).LookAtHoldAsync(task, Key.Worker);
        // What is answered counts already.
        if (hold.State == HoldState.Answered) return null;
        var (quota, held) = await SettleAsync(limits, now);
        var after = quota.LetIn(limits, answered, new GivenTask(task, partition, now), hold.State == HoldState.Held, held?.Task == task ? null : held?.Task, out var refusal);
        if (refusal is not null || ReferenceEquals(after, quota)) return refusal;
        if (after.CountUnderWay(now) > WorkerQuota.MaxUnderWay) throw new StorageException($"{WorkerQuota.MaxUnderWay} answers of one worker are under way in one job; try again once they have come");
        if (!record.RecordExists && !await MayBeginAsync()) return null;
        await State.SaveAsync(after);
        return null;
    }

    public async Task<ImmutableArray<TeamName>> FindTeamsAsync(JobAssignment limits) => [.. (await FindTeamsAsync(limits, State.Value.Teams?.Present)).OfType<TeamName>()];

    public Task<WorkerTeams> GetTeamsAsync() => Task.FromResult(State.Value.Teams ?? WorkerTeams.None);

    public async Task<WorkRefusal?> FindRefusalAsync(JobAssignment limits, int answered)
    {
        var now = time.GetUtcNow();
        var (quota, held) = await SettleAsync(limits, now);
        return held is null ? quota.RefusalBy(limits, answered, now) : null;
    }

    public async Task<WorkRefusal?> FindRefusalAfterAsync(JobAssignment limits, TaskNumber held)
    {
        var now = time.GetUtcNow();
        // What was answered beside it was told when it was given.
        return (await SettleAsync(limits, now)).Quota.RefusalAfter(held, limits, 0, now);
    }

    public async Task ForgetAsync()
    {
        await State.ClearAsync();
        // Last, so that a repetition does what a first call could not.
        await Task.WhenAll(WorkerQuotas.EntriesOf(Key.Job, Key.Worker).Select(entry => listings.RemoveAsync(entry.Listing, entry.Key)));
        DeactivateOnIdle();
    }

    /// <summary>A task, and for which teams the worker answers with it; null where there is none.</summary>
    private async Task<(TaskLease? Lease, WorkerTeams Teams)> FindAsync(JobAssignment limits, WorkerTeams teams, SubmissionTime now)
    {
        var dispatch = GrainFactory.GetGrain<IDispatchGrain>(Key.Job.Value);
        if (limits.Answers.IsEmpty) return (await dispatch.LeaseAnyAsync(Key.Worker), teams);
        foreach (var team in await FindTeamsAsync(limits, teams.Present))
        {
            if (await dispatch.LeaseForTeamAsync(Key.Worker, teams.Then(team, now), limits.AnswersOf(team)) is { } lease)
                // What the worker held already stays with its team.
                return (lease, teams.Then(lease.Team, now));
        }
        return (null, teams);
    }

    /// <summary>For whom the worker may answer, in the order in which that is tried; null stands for no team. Whoever answers for a team goes on as long as it is in it.</summary>
    private async Task<IReadOnlyList<TeamName?>> FindTeamsAsync(JobAssignment limits, TeamName? present)
    {
        var grants = PersonId.TryParse(Key.Worker.Value, out var person) ? (await GrainFactory.GetGrain<IPersonGrain>(person.Value).GetAsync())?.Grants ?? [] : [];
        var own = limits.Teams.Where(team => grants.Any(grant => grant.Team == team && grant.IsForAnswering)).Select(team => (TeamName?)team).ToList();
        return own.Count == 0 ? [null] : present is not null && own.Contains(present) ? [present] : own;
    }

    /// <summary>What is stored with what was answered since counted, and the task that the worker still holds; null for none.</summary>
    private async Task<(WorkerQuota Quota, TaskLease? Held)> SettleAsync(JobAssignment limits, DateTimeOffset now)
    {
        var (quota, held) = (State.Value, default(TaskLease));
        var found = await Task.WhenAll(quota.Given.Select(async given => (Given: given, Hold: await GrainFactory.GetGrain<IPartitionGrain>(given.Partition).LookAtHoldAsync(given.Task, Key.Worker))));
        quota = quota.Settle(found, now, limits.Portion);
        foreach (var (given, hold) in found)
            if (hold is { State: HoldState.Held, At: { } expires }) held = new TaskLease(given.Task, expires, 0, 0) { Partition = given.Partition };
        return (quota, held);
    }

    /// <summary>Lists what is about to be stored for the first time, for those who delete the job or erase the worker; false where that is done already.</summary>
    private async Task<bool> MayBeginAsync()
    {
        await Task.WhenAll(WorkerQuotas.EntriesOf(Key.Job, Key.Worker).Select(entry => listings.AddAsync(entry.Listing, entry.Key)));
        var mayBegin = await GrainFactory.GetGrain<IJobGrain>(Key.Job.Job.Key).GetAsync(Key.Job) is not null
            && !(PersonId.TryParse(Key.Worker.Value, out var person) && await GrainFactory.GetGrain<IPersonGrain>(person.Value).GetAsync() is { State: PersonState.Erased });
        if (!mayBegin) await ForgetAsync();
        return mayBegin;
    }
}

/// <summary>By which listings it is found what is stored of workers' quotas.</summary>
internal static class WorkerQuotas
{
    /// <summary>By worker, as long as anything of the job may be stored.</summary>
    private static string OfJob(Incarnation job) => $"quotas/job/{job.Value}";

    /// <summary>By job, as long as anything of the worker may be stored.</summary>
    private static string OfWorker(WorkerId worker) => $"quotas/worker/{worker.Value}";

    public static IEnumerable<(string Listing, string Key)> EntriesOf(Incarnation job, WorkerId worker) => [(OfJob(job), worker.Value), (OfWorker(worker), job.Value)];

    /// <summary>Deletes what is stored of all workers of a job.</summary>
    public static Task ForgetQuotasAsync(this IGrainFactory grains, IListings listings, Incarnation job, CancellationToken cancellation) =>
        ForgetAsync(listings.ReadAsync(OfJob(job), "", null, cancellation), worker => grains.GetGrain<IWorkerQuotaGrain>(IWorkerQuotaGrain.Keys.Of(job, WorkerId.Create(worker))));

    /// <summary>Deletes what is stored of a worker in all jobs.</summary>
    public static Task ForgetQuotasAsync(this IGrainFactory grains, IListings listings, WorkerId worker, CancellationToken cancellation) =>
        ForgetAsync(listings.ReadAsync(OfWorker(worker), "", null, cancellation), job => grains.GetGrain<IWorkerQuotaGrain>(IWorkerQuotaGrain.Keys.Of(Incarnation.Parse(job), worker)));

    private static async Task ForgetAsync(IAsyncEnumerable<string> keys, Func<string, IWorkerQuotaGrain> grain)
    {
        await foreach (var some in keys.Chunk(AtOnce)) await Task.WhenAll(some.Select(key => grain(key).ForgetAsync()));
    }

    /// <summary>Quotas that are deleted at the same time.</summary>
    private const int AtOnce = 50;
}
