using System.Collections.Concurrent;
using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>A job that somebody may answer.</summary>
/// <param name="Progress">How far the worker is in it; null where the job can't tell just now.</param>
/// <param name="Refusal">Why the job's assignment gives the worker no further batch; null where it does.</param>
internal sealed record WorkItem(JobInfo Job, WorkerProgress? Progress, WorkRefusal? Refusal);

/// <summary>Which jobs somebody may answer, and which comes next. A worker id that is linked to a person stands for the person.</summary>
internal sealed partial class WorkList(IGrainFactory grains, TeamJobs teamJobs, LinkedWorkers linked, TimeProvider time, ILogger<WorkList> log) : IDisposable
{
    /// <summary>Jobs that are looked at for one worker: of those that are found, the ones of the highest priority and the nearest deadline.</summary>
    public const int MaxJobs = 50;

    /// <summary>Where a worker has more jobs than this, which of them are looked at is by what this process knows of them.</summary>
    public const int Many = 100;

    /// <summary>Jobs that are asked at the same time.</summary>
    private const int JobsAtOnce = 100;

    /// <summary>How old what is known of a job may be. The jobs that are shown or handed out are asked anew each time, whatever is known of them.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(10);

    /// <summary>Jobs that are remembered; beyond that, those that were not asked for lately are forgotten.</summary>
    private const int MaxKnown = 2 * JobLimits.MaxJobs;

    private readonly ConcurrentDictionary<string, (JobInfo? Job, DateTimeOffset Until)> _known = new();

    /// <summary>Held while jobs are asked what is to be remembered of them, so that many workers at once ask once.</summary>
    private readonly SemaphoreSlim _asking = new(1);

    /// <summary>The names of all jobs, as they were a while ago; none where that are few.</summary>
    private volatile AllJobs _all = new([], DateTimeOffset.MinValue);

    /// <summary>Open jobs that the caller may answer as this worker: by priority, deadline and name.</summary>
    public async Task<IReadOnlyList<WorkItem>> OfAsync(ClaimsPrincipal caller, WorkerId worker, CancellationToken cancellation)
    {
        worker = await linked.ResolveAsync(worker);
        var jobs = await FindAsync(caller, cancellation);
        var progress = await Task.WhenAll(jobs.Select(job => TryAsync<WorkerProgress>(async () => await grains.GetDispatch(job).GetProgressAsync(worker))));
        return [.. jobs.Zip(progress, await FindRefusalsAsync(jobs, worker)).Select(entry => new WorkItem(entry.First, entry.Second, entry.Third))];
    }

    /// <summary>
    /// A task of one of these jobs for the worker: each job comes up as often as its priority says while all have tasks, so that none starves. Where none
    /// has any, the time from which one may have; null for no such time.
    /// </summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="worker">Under which id it answers.</param>
    /// <param name="cancellation">Ends the search for jobs.</param>
    /// <param name="first">The job that <see cref="DrawAsync"/> has drawn, which is tried before others are drawn; null for none.</param>
    public async Task<((JobInfo Job, TaskLease Lease)? Found, DateTimeOffset? Until)> LeaseNextAsync(ClaimsPrincipal caller, WorkerId worker, CancellationToken cancellation, string? first = null)
    {
        worker = await linked.ResolveAsync(worker);
        var jobs = await FindAsync(caller, cancellation);
        var order = WeightedOrder.Draw([.. jobs.Select(job => job.Settings.Assignment.Priority)], Random.Shared);
        if (first is not null) order = [.. order.OrderByDescending(index => string.Equals(jobs[index].Name.Value, first, StringComparison.OrdinalIgnoreCase))];
        foreach (var index in order)
            if (await TryAsync(() => grains.GetDispatch(jobs[index]).LeaseAsync(worker)) is { } lease) return ((jobs[index], lease), null);
        return (null, (await FindRefusalsAsync(jobs, worker)).Min(refusal => refusal?.Until));
    }

    /// <summary>The job that is tried first when a task is asked for next; null where there is none. Nothing is handed out.</summary>
    public async Task<JobInfo?> DrawAsync(ClaimsPrincipal caller, CancellationToken cancellation)
    {
        var jobs = await FindAsync(caller, cancellation);
        return jobs.Count == 0 ? null : jobs[WeightedOrder.Draw([.. jobs.Select(job => job.Settings.Assignment.Priority)], Random.Shared).First()];
    }

    private Task<WorkRefusal?[]> FindRefusalsAsync(IReadOnlyList<JobInfo> jobs, WorkerId worker) =>
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
        if (names.Count > Many) names = [.. Choose(caller, await RememberAsync(names, cancellation)).Select(job => job.Name.Key)];
        return [.. Choose(caller, await AskAsync(names))];
    }

    /// <summary>The first of the open jobs that the caller may answer.</summary>
    private static IEnumerable<JobInfo> Choose(ClaimsPrincipal caller, IEnumerable<JobInfo> jobs) => jobs.Where(job => job.State == JobState.Open && MayAnswer(caller, job))
        .OrderByDescending(job => job.Settings.Assignment.Priority).ThenBy(job => job.Settings.Assignment.Deadline ?? DateTimeOffset.MaxValue)
        .ThenBy(job => job.Name.Key, StringComparer.Ordinal).Take(MaxJobs);

    private async Task<List<JobInfo>> AskAsync(IEnumerable<string> names)
    {
        var found = new List<JobInfo>();
        foreach (var some in names.Chunk(JobsAtOnce)) found.AddRange((await Task.WhenAll(some.Select(grains.FindJobAsync))).OfType<JobInfo>());
        return found;
    }

    /// <summary>The jobs of these names as they were within <see cref="MaxAge"/>.</summary>
    private async Task<IEnumerable<JobInfo>> RememberAsync(IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        if (FindOld().Count > 0)
        {
            await _asking.WaitAsync(cancellation);
            try
            {
                // Jobs that are gone, mostly.
                if (_known.Count > MaxKnown)
                    foreach (var (name, known) in _known)
                        if (known.Until <= time.GetUtcNow()) _known.TryRemove(name, out _);
                foreach (var some in FindOld().Chunk(JobsAtOnce))
                {
                    var until = time.GetUtcNow() + MaxAge;
                    foreach (var (name, job) in some.Zip(await Task.WhenAll(some.Select(grains.FindJobAsync)))) _known[name] = (job, until);
                }
            }
            finally
            {
                _asking.Release();
            }
        }
        return names.Select(name => _known.TryGetValue(name, out var known) ? known.Job : null).OfType<JobInfo>().ToList();

        List<string> FindOld()
        {
            var now = time.GetUtcNow();
            return [.. names.Where(name => !_known.TryGetValue(name, out var known) || known.Until <= now)];
        }
    }

    private async Task<IReadOnlyCollection<string>> NamesAsync(ClaimsPrincipal caller, CancellationToken cancellation)
    {
        var grants = caller.Grants().Where(grant => grant.IsForAnswering).ToList();
        if (caller.Person() is null || grants.Exists(grant => grant.IsGlobal))
            return [.. (await AllNamesAsync(cancellation)).Where(key => caller.Person() is not null || caller.MayUse(key))];
        return [.. (await teamJobs.OfAsync(grants, cancellation)).SelectMany(names => names).Distinct()];
    }

    private async Task<IReadOnlyList<string>> AllNamesAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (_all is { } known && now < known.Until) return known.Names;
        var names = await grains.ListJobsAsync(cancellation).ToListAsync(cancellation);
        if (names.Count > TeamJobs.Many) _all = new AllJobs(names, now + MaxAge);
        return names;
    }

    public void Dispose() => _asking.Dispose();

    private static bool MayAnswer(ClaimsPrincipal caller, JobInfo job) => caller.Person() is null || caller.Grants().Where(grant => grant.IsForAnswering).Any(grant => grant.HoldsIn(job.Name, job.Settings.Assignment.Teams));

    [LoggerMessage(LogLevel.Warning, "A job is left out of a worker's list: it can't say how far it is")]
    private partial void LogLeftOut(Exception exception);

    private sealed record AllJobs(IReadOnlyList<string> Names, DateTimeOffset Until);
}
