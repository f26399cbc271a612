using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>Whether what is reviewed of a job is a random sample of it, as all that is said of the rest supposes.</summary>
internal static class RandomOrder
{
    /// <summary>What has to hold for intervals and bounds of these classes to keep their level, in words; null where nothing has to.</summary>
    public static string? ConditionOf(JobTallies tallies) =>
        tallies.Job.Settings.Order is { Seed: null } order && tallies.Classes.Any(entry => entry.Value.All is { Reviewed: > 0 } all && all.Reviewed < all.Total)
            ? $"tasks of this job are handed out in the order {order}, not at random: of classes reviewed in part, intervals and bounds hold only as far as what is reviewed is as good as drawn at random"
            : null;

    /// <summary>The refusal of what would pool buckets of which different parts are reviewed.</summary>
    public static ProblemHttpResult Uneven(JobInfo job, string what, string instead) => Problem.Conflict(
        $"Job '{job.Name}' {WhyUneven(job)}: of its buckets different parts are reviewed. {what} would take images of several buckets together as if they were reviewed alike; {instead}.");

    private static string WhyUneven(JobInfo job) => job.Settings.Sample is not null ? "is sampled" : "has, or had, a target for each class and bucket";
}
