using System.ComponentModel;
using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BulkQA.Api;

/// <summary>The same numbers over time: by day, and between two model versions, spans of days, or jobs.</summary>
internal static class TimelineEndpoints
{
    /// <summary>Classes times days of one answer.</summary>
    private const int MaxCells = 100_000;

    public static void MapTimeline(this IEndpointRouteBuilder app)
    {
        var job = app.MapGroup("/v1/jobs/{job}").WithTags("Results").WithProblems().For(Role.Viewer);
        job.MapGet("/timeline", TimelineAsync).WithSummary("What was reviewed on which day, how much of it was right, and which classes fell below a percentage");
        job.MapGet("/compare", CompareAsync).WithSummary("How much better each class is in one of two sets of images than in the other, with an interval of the difference")
            .WithDescription($"`a` and `b` are each one of {ComparedSide.Known}. By votes. Intervals are Newcombe's (method 10), each class for itself.");
        job.MapGet("/model-versions", VersionsAsync).WithSummary("The model versions that imports into the job have named, and its images may be of");
    }

    private static async Task<Results<Ok<string[]>, ProblemHttpResult>> VersionsAsync(string job, IGrainFactory grains)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        return await grains.GetClasses(info).ListVersionsAsync() is { } versions ? TypedResults.Ok(versions.Select(version => version.Value).ToArray()) : Problem.Deleted(info.Name);
    }

    private static async Task<Results<Ok<TimelineResponse>, ProblemHttpResult>> TimelineAsync(
        string job, IGrainFactory grains, [AsParameters] TimelineQuery query, TimeProvider time, CancellationToken cancellation)
    {
        if (query.Problems() is { Count: > 0 } problems) return Problem.Fields(problems);
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (query.MinCorrectPercent is not null && JobAlarm.RefusalOf(info.Settings, info.HasUnevenBuckets) is { } refusal) return Problem.Conflict($"Classes of job '{info.Name}' can't be watched for a percentage: {refusal}.");
        var version = query.ModelVersion is null ? (ModelVersion?)null : ModelVersion.Create(query.ModelVersion);
        if (version is { } wanted && await ResultEndpoints.MissesAsync(grains, info, wanted) is { } missing) return missing;
        var (from, to) = query.Days(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        if (from > to) return Problem.Fields([("from", $"{query.From} is after today")]);
        if (await grains.FindLabelsAsync(info, ResultEndpoints.ReadLabels(query.Labels)) is not { } labels) return Problem.Deleted(info.Name);
        var days = to.DayNumber - from.DayNumber + 1;
        if ((long)labels.Length * days > MaxCells)
            return Problem.Fields([("label", $"{labels.Length} classes on {days} days are more than {MaxCells} together: name classes, as in label=Dog&label=Cat, or give from and to")]);
        if (await grains.FindBreakdownsAsync(info, labels, from, to, cancellation) is not { } breakdowns) return Problem.Deleted(info.Name);
        // What was reviewed of a day stands for no model where it is more of some buckets than of others, images in doubt come on later days, or what is likely wrong on earlier ones.
        var certainty = !info.HasUnevenBuckets && info.Settings.MaxWorkersPerTask is null && !info.Settings.Order.ByValue && (query.Level ?? info.Settings.Level) is { } level ? new Certainty(level, Scope.Model) : null;
        var classes = labels.Zip(breakdowns, (label, breakdown) =>
        {
            var counts = breakdown.ByDay(from, to, version);
            var alarm = query.MinCorrectPercent is { } least ? DeclineDetector.Find(counts, least, query.FalseAlarmDays ?? JobAlarm.DefaultFalseAlarmDays) : null;
            return new ClassTimelineResponse(label.Value, [.. counts.Select(day => DayResponse.Of(day.Key, day.Value, certainty))], alarm);
        });
        var undated = breakdowns.SelectMany(breakdown => breakdown.Days).Where(day => day.Day == ReviewBreakdown.Undated && (version is null || day.Version == version)).Sum(day => day.Counts.Total);
        return TypedResults.Ok(new TimelineResponse(
            info.Name.Value, "day", from, to, undated, [.. ReviewBreakdown.ByDay(breakdowns, from, to, version).Select(day => DayResponse.Of(day.Key, day.Value, null))], [.. classes]));
    }

    private static async Task<Results<Ok<ComparisonResponse>, ProblemHttpResult>> CompareAsync(
        string job, IGrainFactory grains, ClaimsPrincipal caller, CancellationToken cancellation,
        [Description(ComparedSide.Known)] string? a = null, [Description(ComparedSide.Known)] string? b = null,
        [FromQuery, Description("One class; repeatable. All classes without it")] string[]? label = null,
        [Description("Of the intervals, above 0 and below 1; default the job's level, or 0.95")] double? level = null)
    {
        var problems = new List<(string, string)>();
        if (!ComparedSide.TryParse(a, out var first, out var problem)) problems.Add(("a", problem));
        if (!ComparedSide.TryParse(b, out var second, out problem)) problems.Add(("b", problem));
        ResultEndpoints.CheckLevel(level, problems);
        if (problems.Count > 0) return Problem.Fields(problems);
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (info.HasUnevenBuckets) return Uneven(info);
        if (first!.OverlapWith(second!, info) is { } overlap) return Problem.Fields([("b", overlap)]);
        var (left, missing) = await first.ReadAsync(grains, info, label, caller, cancellation);
        if (left is null) return missing!;
        (var right, missing) = await second!.ReadAsync(grains, info, label, caller, cancellation);
        if (right is null) return missing!;
        var certain = level ?? info.Settings.Level ?? Certainty.DefaultLevel;
        return TypedResults.Ok(new ComparisonResponse(info.Name.Value, a!, b!, certain,
            [.. left.Keys.Union(right.Keys).Order().Select(name => (Name: name, A: left.GetValueOrDefault(name), B: right.GetValueOrDefault(name)))
                .Where(row => row.A.Total + row.B.Total > 0).Select(row => ClassComparisonResponse.Of(row.Name.Value, row.A, row.B, certain))]));
    }

    internal static ProblemHttpResult Uneven(JobInfo job) => RandomOrder.Uneven(job, "A comparison", "its table has weighted percentages of the whole");
}
