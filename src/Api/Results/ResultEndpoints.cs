using System.Collections.Immutable;
using System.ComponentModel;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BulkQA.Api;

internal static class ResultEndpoints
{
    public const double DefaultRatio = 0.1;

    /// <summary>Classes whose curves or calibration are answered without being named.</summary>
    public const int MaxClassesAtOnce = 200;

    public static void MapResults(this IEndpointRouteBuilder app)
    {
        var job = app.MapGroup("/v1/jobs/{job}").WithTags("Results").WithProblems().For(Role.Viewer);
        job.MapGet("/classes", ClassesAsync).WithSummary("The class table: what each class and confidence bucket is worth");
        job.MapGet("/thresholds", ThresholdsAsync).WithSummary("From which confidence up each class can be trusted");
        job.MapGet("/calibration", CalibrationAsync).WithSummary("How well confidences say how often labels are right, per class and overall, and maps that put them right");
    }

    private static async Task<Results<Ok<ClassTable>, ProblemHttpResult>> ClassesAsync(string job, IGrainFactory grains, [AsParameters] ClassesQuery query)
    {
        if (query.Problems() is { Count: > 0 } problems) return Problem.Fields(problems);
        return await TalliesAsync(grains, job, query.Labels, query.IsFinal) is { } tallies
            ? TypedResults.Ok(ClassTable.Build(
                tallies.Job.Name.Value, tallies.Job.Settings.BucketEdges, tallies.Classes, emptyAsZero: query.EmptyAs == "zero", query.Certainty))
            : Problem.NoJob(job);
    }

    private static async Task<Results<Ok<ClassThreshold[]>, ProblemHttpResult>> ThresholdsAsync(string job, IGrainFactory grains, [AsParameters] ThresholdsQuery query, CancellationToken cancellation)
    {
        if (query.Problems() is { Count: > 0 } problems) return Problem.Fields(problems);
        if (await TalliesAsync(grains, job, query.Labels, query.IsFinal) is not { } tallies) return Problem.NoJob(job);
        if (query.Chosen is not { } method) return TypedResults.Ok(Thresholds(tallies, query.Ratio));
        if (method is ThresholdMethod.Walk or ThresholdMethod.BoundedWalk) return TypedResults.Ok(ThresholdAnswers.ByBuckets(tallies, method, query));
        if (query.Curve == true && TooMany("curve", query.Labels, tallies.Classes.Length) is { } refused) return refused;
        return await ThresholdAnswers.ByConfidenceAsync(grains, tallies, method, query, cancellation) is { } answers ? TypedResults.Ok(answers) : Problem.Deleted(tallies.Job.Name);
    }

    private static async Task<Results<Ok<CalibrationResponse>, ProblemHttpResult>> CalibrationAsync(
        string job, IGrainFactory grains, [FromQuery, Description("One class; repeatable. All classes without it, where there are 200 at most")] string[]? label, string? basis, CancellationToken cancellation)
    {
        if (!TryReadBasis(basis, out var isFinal)) return UnknownBasis(basis!);
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (await grains.FindLabelsAsync(info, ReadLabels(label)) is not { } labels) return Problem.NoJob(job);
        if (TooMany("label", label, labels.Length) is { } refused) return refused;
        var classes = new List<ClassCalibrationResponse>(labels.Length);
        var sum = FineHistogram.Empty;
        foreach (var chunk in labels.Chunk(JobLookup.HistogramsAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            if (await grains.FindHistogramsAsync(info, chunk, isFinal) is not { } histograms) return Problem.Deleted(info.Name);
            classes.AddRange(chunk.Zip(histograms, (name, histogram) => ClassCalibrationResponse.Of(name.Value, Calibration.Of(histogram))));
            sum = FineHistogram.Sum([sum, .. histograms]);
        }
        return TypedResults.Ok(CalibrationResponse.Of(info.Name.Value, Calibration.Of(sum), classes));
    }

    /// <summary>A refusal where an answer of all classes would be too large to make at once.</summary>
    private static ProblemHttpResult? TooMany(string field, string[]? labels, int classes) => labels is { Length: > 0 } || classes <= MaxClassesAtOnce ? null
        : Problem.Fields([(field, $"the job has {classes} classes, more than {MaxClassesAtOnce} at once: name those wanted, as in label=Dog&label=Cat")]);

    /// <summary>Whether it is a number from 0 up, and finite.</summary>
    public static bool IsRatio(double maxIncorrectPerCorrect) => maxIncorrectPerCorrect is >= 0 and <= double.MaxValue;

    public static ProblemHttpResult NoRatio(double maxIncorrectPerCorrect) =>
        Problem.Invalid($"maxIncorrectPerCorrect: {maxIncorrectPerCorrect} is not a number from 0 up");

    public static ClassThreshold[] Thresholds(JobTallies tallies, double maxIncorrectPerCorrect) =>
        [.. tallies.Classes.Select(entry =>
            ClassThreshold.Of(entry.Key, entry.Value, tallies.Job.Settings.BucketEdges, maxIncorrectPerCorrect))];

    /// <summary>Null or <c>votes</c>, or <c>final</c>: adjudications instead of votes where there are any.</summary>
    public static bool TryReadBasis(string? text, out bool isFinal)
    {
        isFinal = text is "final";
        return isFinal || text is null or "votes";
    }

    public static ProblemHttpResult UnknownBasis(string basis) => Problem.Invalid($"basis: '{basis}' is neither votes nor final");

    public static void CheckBasis(string? basis, List<(string, string)> problems)
    {
        if (!TryReadBasis(basis, out _)) problems.Add(("basis", $"'{basis}' is neither votes nor final"));
    }

    public static void CheckLevel(double? level, List<(string, string)> problems)
    {
        if (level is { } given && !(1 - given is > 0 and < 1)) problems.Add(("level", $"{given} is not above 0 and below 1, such as 0.95 for 95 %"));
    }

    /// <summary>The same with the counters by what is final.</summary>
    public static JobTallies AsFinal(this JobTallies tallies) =>
        tallies with { Classes = [.. tallies.Classes.Select(entry => KeyValuePair.Create(entry.Key, entry.Value.AsFinal()))] };

    /// <summary>Null for all. A label that can't be one names no class; the answer is empty then, not of everything.</summary>
    private static ImmutableArray<Label>? ReadLabels(string[]? labels) => labels is null or [] ? null
        : [.. labels.Select(text => Label.TryCreate(text, out var label, out _) ? label : (Label?)null).OfType<Label>()];

    private static async Task<JobTallies?> TalliesAsync(IGrainFactory grains, string job, string[]? labels, bool isFinal)
    {
        if (await grains.FindJobAsync(job) is not { } info) return null;
        return await grains.FindTalliesAsync(info, ReadLabels(labels)) is { } tallies ? isFinal ? tallies.AsFinal() : tallies : null;
    }
}
