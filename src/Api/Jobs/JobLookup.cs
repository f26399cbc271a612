using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

internal static class JobLookup
{
    /// <summary>The job of that name; null where there is none, or where no job can have it.</summary>
    public static async Task<JobInfo?> FindJobAsync(this IGrainFactory grains, string name) =>
        JobName.TryCreate(name, out var job, out _) ? await grains.GetGrain<IJobGrain>(job.Key).GetAsync() : null;

    public static IJobGrain GetJob(this IGrainFactory grains, JobInfo job) => grains.GetGrain<IJobGrain>(job.Name.Key);
}
