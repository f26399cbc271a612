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

    /// <summary>The reviewed images of each class.</summary>
    public async Task<(Dictionary<Label, BucketTally>? Found, ProblemHttpResult? Missing)> ReadAsync(
        IGrainFactory grains, JobInfo job, string[]? labels, ClaimsPrincipal caller, CancellationToken cancellation)
    {
        if (Job is { } name)
        {
            if (!caller.MayUse(name.Key) || await grains.FindJobAsync(name.Value) is not { } other) return (null, Problem.NoJob(name.Value));
            job = other;
            if (job.Settings.Sample is not null) return (null, TimelineEndpoints.Sampled(job));
        }
        if (Version is { } version && await ResultEndpoints.MissesAsync(grains, job, version) is { } missing) return (null, missing);
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
