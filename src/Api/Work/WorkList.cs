using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>A job that somebody may answer.</summary>
/// <param name="Progress">How far the worker is in it; null where the job can't tell just now.</param>
/// <param name="Refusal">Why the job's assignment gives the worker no further batch; null where it does.</param>
internal sealed record WorkItem(JobInfo Job, WorkerProgress? Progress, WorkRefusalResponse? Refusal);

/// <summary>Which jobs somebody may answer, and which comes next.</summary>
internal sealed partial class WorkList(IGrainFactory grains, IListings listings, ILogger<WorkList> log)
{
    /// <summary>Jobs that are looked at for one worker: of those that are found, the ones of the highest priority and the nearest deadline.</summary>
    public const int MaxJobs = 50;

    /// <summary>Names, in their order, among which they are found: of each of a worker's teams, or of the deployment for whoever may answer everywhere.</summary>
    private const int MaxNames = 1_000;

    /// <summary>Open jobs that the caller may answer as this worker: by priority, deadline and name.</summary>
    public async Task<IReadOnlyList<WorkItem>> OfAsync(ClaimsPrincipal caller, WorkerId worker, CancellationToken cancellation)
    {
        var jobs = await FindAsync(caller, cancellation);
        var progress = await Task.WhenAll(jobs.Select(job => TryAsync<WorkerProgress>(async () => await grains.GetDispatch(job).GetProgressAsync(worker))));
        return [.. jobs.Zip(progress, await FindRefusalsAsync(jobs, worker)).Select(entry => new WorkItem(entry.First, entry.Second, entry.Third))];
    }

    /// <summary>
    /// A task of one of these jobs for the worker: each job comes up as often as its priority says while all have tasks, so that none starves. Where none
    /// has any, the time from which one may have; null for no such time.
    /// </summary>
    public async Task<((JobInfo Job, TaskLease Lease)? Found, DateTimeOffset? Until)> LeaseNextAsync(ClaimsPrincipal caller, WorkerId worker, CancellationToken cancellation)
    {
        var jobs = await FindAsync(caller, cancellation);
        foreach (var index in WeightedOrder.Draw([.. jobs.Select(job => job.Settings.Assignment.Priority)], Random.Shared))
            if (await TryAsync(() => grains.GetDispatch(jobs[index]).LeaseAsync(worker)) is { } lease) return ((jobs[index], lease), null);
        return (null, (await FindRefusalsAsync(jobs, worker)).Min(refusal => refusal?.Until));
    }

    private Task<WorkRefusalResponse?[]> FindRefusalsAsync(IReadOnlyList<JobInfo> jobs, WorkerId worker) =>
        Task.WhenAll(jobs.Select(job => TryAsync(() => grains.FindRefusalAsync(job, worker))));

    /// <summary>Null also where a job can't say just now, such as while its silo is replaced: that is no reason to keep the others from the worker.</summary>
    private async Task<T?> TryAsync<T>(Func<Task<T?>> ask) where T : class
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            LogLeftOut(e);
            return null;
        }
    }

    private async Task<IReadOnlyList<JobInfo>> FindAsync(ClaimsPrincipal caller, CancellationToken cancellation)
    {
        var names = await NamesAsync(caller, cancellation);
        var found = new List<JobInfo>();
        foreach (var some in names.Chunk(MaxJobs))
            found.AddRange((await Task.WhenAll(some.Select(grains.FindJobAsync))).OfType<JobInfo>().Where(job => job.State == JobState.Open && MayAnswer(caller, job)));
        return [.. found.OrderByDescending(job => job.Settings.Assignment.Priority).ThenBy(job => job.Settings.Assignment.Deadline ?? DateTimeOffset.MaxValue)
            .ThenBy(job => job.Name.Key, StringComparer.Ordinal).Take(MaxJobs)];
    }

    private async Task<IReadOnlyCollection<string>> NamesAsync(ClaimsPrincipal caller, CancellationToken cancellation)
    {
        var grants = caller.Grants().Where(MayAnswer).ToList();
        if (caller.Person() is null || grants.Exists(grant => grant.IsGlobal))
            return [.. (await grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).ListAsync(null, MaxNames)).Where(key => caller.Person() is not null || caller.MayUse(key))];
        return await listings.ReadJobsAsync(grants, MaxNames, cancellation);
    }

    private static bool MayAnswer(ClaimsPrincipal caller, JobInfo job) => caller.Person() is null || caller.Grants().Where(MayAnswer).Any(grant => grant.HoldsIn(job.Name, job.Settings.Assignment.Teams));

    private static bool MayAnswer(Grant grant) => grant.Role is PersonRole.Worker or PersonRole.Lead or PersonRole.Operator;

    [LoggerMessage(LogLevel.Warning, "A job is left out of a worker's list: it can't say how far it is")]
    private partial void LogLeftOut(Exception exception);
}
