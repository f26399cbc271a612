using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>One of two sets of images that are compared: those of a model version, those that were reviewed on some days, or those of another job.</summary>
internal sealed record ComparedSide(ModelVersion? Version, DateOnly From, DateOnly To, JobName? Job)
{
    public const string Known = "modelVersion:v1, 2026-11-01..2026-11-07 (or one day) or job:name";

    private const string VersionPrefix = "modelVersion:";
    private const string JobPrefix = "job:";

    public static bool TryParse(string? text, [NotNullWhen(true)] out ComparedSide? side, [NotNullWhen(false)] out string? problem)
    {
        (side, problem) = (null, null);
        if (text is null) problem = $"it is missing: give {Known}";
        else if (text.StartsWith(VersionPrefix, StringComparison.Ordinal))
        {
            if (ModelVersion.TryCreate(text[VersionPrefix.Length..], out var version, out problem)) side = new(version, default, default, null);
        }
        else if (text.StartsWith(JobPrefix, StringComparison.Ordinal))
        {
            if (JobName.TryCreate(text[JobPrefix.Length..], out var job, out problem)) side = new(null, default, default, job);
        }
        else
        {
            var days = text.Split("..");
            if (days.Length <= 2 && TimelineQuery.TryReadDay(days[0], out var from) && TimelineQuery.TryReadDay(days[^1], out var to) && from <= to) side = new(null, from, to, null);
            else problem = $"'{text}' is none of {Known}";
        }
        return side is not null;
    }

    /// <summary>
    /// Why this and another side of a job are no samples of their own, which a difference supposes: they may have images in common, or are the same; null where they
    /// have none. Two jobs over the same images are not known to be.
    /// </summary>
    public string? OverlapWith(ComparedSide other, JobInfo job)
    {
        var (whole, otherWhole) = (Job is { } name ? name.Key == job.Name.Key : (bool?)null, other.Job is { } otherName ? otherName.Key == job.Name.Key : (bool?)null);
        if (this == other || (Job is { } one && other.Job is { } two && one.Key == two.Key)) return "it is the same as a: give another version, other days or another job";
        if ((whole, otherWhole) is (true, null) or (null, true)) return $"the other side is a part of job '{job.Name}', which is the whole: compare two of its versions, two spans of days, or two jobs";
        if (Job is not null || other.Job is not null) return null;
        if ((Version is null) != (other.Version is null)) return "a version and days of one job have images in common: compare two versions, two spans of days, or two jobs";
        return Version is null && From <= other.To && other.From <= To ? "both sides have days in common: give spans that do not overlap" : null;
    }

    /// <summary>The reviewed images of each class.</summary>
    public async Task<(Dictionary<Label, BucketTally>? Found, ProblemHttpResult? Missing)> ReadAsync(
        IGrainFactory grains, JobInfo job, string[]? labels, ClaimsPrincipal caller, CancellationToken cancellation)
    {
        if (Job is { } name)
        {
            if (!caller.MayUse(name.Key) || await grains.FindJobAsync(name.Value) is not { } other) return (null, Problem.NoJob(name.Value));
            job = other;
            if (job.HasUnevenBuckets) return (null, TimelineEndpoints.Uneven(job));
        }
        if (Version is { } version && await ResultEndpoints.MissesAsync(grains, job, version) is { } missing) return (null, missing);
        if (Job is null && Version is null && job.Settings.MaxWorkersPerTask is not null)
            return (null, Problem.Conflict($"Job '{job.Name}' asks further workers about images in doubt (maxWorkersPerTask): their answers move those images to later days, so that its days can't be compared. Versions and jobs can."));
        if (Job is null && Version is null && job.Settings.Order.ByValue)
            return (null, Problem.Conflict($"Job '{job.Name}' hands out first what is most likely wrong (order byValue): its later days are better by that alone, and can't be compared. Versions and jobs can, once they are reviewed."));
        var wanted = ResultEndpoints.ReadLabels(labels);
        if (Job is not null || Version is not null)
        {
            var tallies = Version is { } known ? await grains.FindTalliesAsync(job, wanted, known, cancellation) : await grains.FindTalliesAsync(job, wanted);
            return tallies is null ? (null, Problem.Deleted(job.Name)) : (tallies.Classes.ToDictionary(entry => entry.Key, entry => entry.Value.All), null);
        }
        if (await grains.FindLabelsAsync(job, wanted) is not { } found || await grains.FindBreakdownsAsync(job, found, From, To, cancellation) is not { } breakdowns)
            return (null, Problem.Deleted(job.Name));
        return (found.Zip(breakdowns).ToDictionary(entry => entry.First, entry => entry.Second.DatedBetween(From, To).Aggregate(default(BucketTally), (sum, day) => sum + day.Counts)), null);
    }
}
