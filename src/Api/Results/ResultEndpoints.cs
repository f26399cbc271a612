using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BulkQA.Api;

internal static class ResultEndpoints
{
    public const double DefaultRatio = 0.1;

    public static void MapResults(this IEndpointRouteBuilder app)
    {
        var job = app.MapGroup("/v1/jobs/{job}").WithTags("Results").WithProblems().For(Role.Viewer);
        job.MapGet("/classes", ClassesAsync).WithSummary("The class table: what each class and confidence bucket is worth");
        job.MapGet("/thresholds", ThresholdsAsync).WithSummary("From which confidence up each class can be trusted");
    }

    private static async Task<Results<Ok<ClassTable>, ProblemHttpResult>> ClassesAsync(
        string job, IGrainFactory grains, [FromQuery] string[] label, string? emptyAs = null, string? basis = null)
    {
        if (emptyAs is not (null or "zero")) return Problem.Invalid($"emptyAs: '{emptyAs}' is not zero");
        if (!TryReadBasis(basis, out var isFinal)) return UnknownBasis(basis!);
        return await TalliesAsync(grains, job, label, isFinal) is { } tallies
            ? TypedResults.Ok(ClassTable.Build(
                tallies.Job.Name.Value, tallies.Job.Settings.BucketEdges, tallies.Classes, emptyAsZero: emptyAs == "zero"))
            : Problem.NoJob(job);
    }

    private static async Task<Results<Ok<ClassThreshold[]>, ProblemHttpResult>> ThresholdsAsync(
        string job, IGrainFactory grains, [FromQuery] string[] label, double maxIncorrectPerCorrect = DefaultRatio, string? basis = null)
    {
        if (!IsRatio(maxIncorrectPerCorrect)) return NoRatio(maxIncorrectPerCorrect);
        if (!TryReadBasis(basis, out var isFinal)) return UnknownBasis(basis!);
        return await TalliesAsync(grains, job, label, isFinal) is { } tallies
            ? TypedResults.Ok(Thresholds(tallies, maxIncorrectPerCorrect))
            : Problem.NoJob(job);
    }

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

    /// <summary>The same with the counters by what is final.</summary>
    public static JobTallies AsFinal(this JobTallies tallies) =>
        tallies with { Classes = [.. tallies.Classes.Select(entry => KeyValuePair.Create(entry.Key, entry.Value.AsFinal()))] };

    private static async Task<JobTallies?> TalliesAsync(IGrainFactory grains, string job, string[] labels, bool isFinal)
    {
        if (await grains.FindJobAsync(job) is not { } info) return null;
        // A label that can't be one names no class; the table is empty then, not of everything.
        ImmutableArray<Label>? wanted = labels.Length == 0 ? null
            : [.. labels.Select(text => Label.TryCreate(text, out var label, out _) ? label : (Label?)null).OfType<Label>()];
        return await grains.FindTalliesAsync(info, wanted) is { } tallies ? isFinal ? tallies.AsFinal() : tallies : null;
    }
}
