using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

internal static class JobLookup
{
    /// <summary>The job of that name; null where there is none, or where no job can have it.</summary>
    public static async Task<JobInfo?> FindJobAsync(this IGrainFactory grains, string name) =>
        grains.FindJobGrain(name) is { } job ? await job.GetAsync() : null;

    /// <summary>The keys of all jobs by name, read as they are asked for; those of jobs that are gone may be among them.</summary>
    public static async IAsyncEnumerable<string> ListJobsAsync(this IGrainFactory grains, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (string? after = null; ;)
        {
            cancellation.ThrowIfCancellationRequested();
            var keys = await grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).ListAsync(after, JobsListedAtOnce);
            foreach (var key in keys) yield return key;
            if (keys.Length < JobsListedAtOnce) yield break;
            after = keys[^1];
        }
    }

    private const int JobsListedAtOnce = 500;

    /// <summary>The job with the counters of all its classes; null as for <see cref="FindJobAsync"/>.</summary>
    public static async Task<JobTallies?> FindTalliesAsync(this IGrainFactory grains, string name) =>
        await grains.FindJobAsync(name) is { } job ? await grains.FindTalliesAsync(job) : null;

    /// <summary>The job as it is answered, its target looked at; its counters are those given.</summary>
    public static async Task<JobResponse> AnswerAsync(this IGrainFactory grains, JobTallies job) => JobResponse.Of(job) with
    {
        TasksSkipped = job.Job.Target?.Target is null ? 0 : (await grains.GetTarget(job.Job).LookAsync())?.TasksSkipped ?? 0,
        Alarms = job.Job.Settings.Alarm is null ? 0 : await grains.GetAlarms(job.Job).CountAsync(),
    };

    /// <summary>A job with the counters of the given classes, or of all; null where it is deleted.</summary>
    public static async Task<JobTallies?> FindTalliesAsync(this IGrainFactory grains, JobInfo job, ImmutableArray<Label>? labels = null) =>
        await grains.GetClasses(job).GetTalliesAsync(labels) is { } classes ? new JobTallies(job, classes) : null;

    /// <summary>Classes whose images are counted by confidence at the same time: that many histograms are held.</summary>
    public const int HistogramsAtOnce = 50;

    /// <summary>The job's classes, or those of the given ones that it has, ordered; null where it is deleted.</summary>
    public static async Task<ImmutableArray<Label>?> FindLabelsAsync(this IGrainFactory grains, JobInfo job, ImmutableArray<Label>? wanted) =>
        await grains.GetClasses(job).ListAsync() is { } known ? wanted is { } some ? [.. some.Distinct().Order().Where(label => known.BinarySearch(label) >= 0)] : known : null;

    /// <summary>The images of each of the job's classes by confidence, in the order given: of one model version, or all. Null where it is deleted.</summary>
    public static async Task<IReadOnlyList<FineHistogram>?> FindHistogramsAsync(this IGrainFactory grains, JobInfo job, IEnumerable<Label> labels, bool isFinal, ModelVersion? version = null)
    {
        var found = await Task.WhenAll(labels.Select(label => grains.GetGrain<IClassGrain>(new ClassAddress(job.Incarnation, label).Key))
            .Select(grain => version is { } wanted ? grain.GetHistogramAsync(wanted, isFinal) : grain.GetHistogramAsync(isFinal)));
        return found.Any(counted => counted is null) ? null : [.. found.Select(counted => counted!.Histogram)];
    }

    /// <summary>The images of each of the job's classes by model version, and those reviewed by day, in the order given; null where it is deleted.</summary>
    public static async Task<IReadOnlyList<ReviewBreakdown>?> FindBreakdownsAsync(
        this IGrainFactory grains, JobInfo job, IEnumerable<Label> labels, DateOnly from, DateOnly to, CancellationToken cancellation)
    {
        var all = new List<ReviewBreakdown>();
        foreach (var chunk in labels.Chunk(HistogramsAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            var found = await Task.WhenAll(chunk.Select(label => grains.GetGrain<IClassGrain>(new ClassAddress(job.Incarnation, label).Key).BreakDownAsync(from, to)));
            if (found.Any(counted => counted is null)) return null;
            all.AddRange(found.Select(counted => counted!.Breakdown));
        }
        return all;
    }

    /// <summary>The job with the counters of those images of its classes that are of a model version; classes without any are left out. Null where it is deleted.</summary>
    public static async Task<JobTallies?> FindTalliesAsync(
        this IGrainFactory grains, JobInfo job, ImmutableArray<Label>? wanted, ModelVersion version, CancellationToken cancellation)
    {
        if (await grains.FindLabelsAsync(job, wanted) is not { } labels
            || await grains.FindBreakdownsAsync(job, labels, DateOnly.MaxValue, DateOnly.MinValue, cancellation) is not { } breakdowns) return null;
        return new JobTallies(job, [.. labels.Zip(breakdowns, (label, breakdown) => KeyValuePair.Create(label, breakdown.TallyOf(version, job.Settings.BucketEdges)))
            .Where(entry => entry.Value.All.Total > 0)]);
    }

    /// <summary>The grain of that name; null where no job can have it.</summary>
    public static IJobGrain? FindJobGrain(this IGrainFactory grains, string name) =>
        JobName.TryCreate(name, out var job, out _) ? grains.GetGrain<IJobGrain>(job.Key) : null;

    public static IJobClassesGrain GetClasses(this IGrainFactory grains, JobInfo job) => grains.GetGrain<IJobClassesGrain>(job.Incarnation.Value);

    public static IClassGrain GetClass(this IGrainFactory grains, JobInfo job, Label label) => grains.GetGrain<IClassGrain>(new ClassAddress(job.Incarnation, label).Key);

    public static IDispatchGrain GetDispatch(this IGrainFactory grains, JobInfo job) => grains.GetGrain<IDispatchGrain>(job.Incarnation.Value);

    public static IReliabilityGrain GetReliability(this IGrainFactory grains, JobInfo job) => grains.GetGrain<IReliabilityGrain>(job.Incarnation.Value);

    public static ITargetGrain GetTarget(this IGrainFactory grains, JobInfo job) => grains.GetGrain<ITargetGrain>(job.Incarnation.Value);

    public static IAlarmGrain GetAlarms(this IGrainFactory grains, JobInfo job) => grains.GetGrain<IAlarmGrain>(job.Incarnation.Value);

    public static IJobGrain GetJob(this IGrainFactory grains, JobInfo job) => grains.GetGrain<IJobGrain>(job.Name.Key);
}
