using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

internal static class JobLookup
{
    /// <summary>The job of that name; null where there is none, or where no job can have it.</summary>
    public static async Task<JobInfo?> FindJobAsync(this IGrainFactory grains, string name) =>
        grains.FindJobGrain(name) is { } job ? await job.GetAsync() : null;

    /// <summary>The job with the counters of all its classes; null as for <see cref="FindJobAsync"/>.</summary>
    public static async Task<JobTallies?> FindTalliesAsync(this IGrainFactory grains, string name) =>
        await grains.FindJobAsync(name) is { } job ? await grains.FindTalliesAsync(job) : null;

    /// <summary>A job with the counters of the given classes, or of all; null where it is deleted.</summary>
    public static async Task<JobTallies?> FindTalliesAsync(this IGrainFactory grains, JobInfo job, ImmutableArray<Label>? labels = null) =>
        await grains.GetClasses(job).GetTalliesAsync(labels) is { } classes ? new JobTallies(job, classes) : null;

    /// <summary>The grain of that name; null where no job can have it.</summary>
    public static IJobGrain? FindJobGrain(this IGrainFactory grains, string name) =>
        JobName.TryCreate(name, out var job, out _) ? grains.GetGrain<IJobGrain>(job.Key) : null;

    public static IJobClassesGrain GetClasses(this IGrainFactory grains, JobInfo job) => grains.GetGrain<IJobClassesGrain>(job.Incarnation.Value);

    public static IDispatchGrain GetDispatch(this IGrainFactory grains, JobInfo job) => grains.GetGrain<IDispatchGrain>(job.Incarnation.Value);

    public static IReliabilityGrain GetReliability(this IGrainFactory grains, JobInfo job) => grains.GetGrain<IReliabilityGrain>(job.Incarnation.Value);

    public static IJobGrain GetJob(this IGrainFactory grains, JobInfo job) => grains.GetGrain<IJobGrain>(job.Name.Key);
}
