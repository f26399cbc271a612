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
        job.MapGet("/classes", ClassesAsync).WithSummary("The class table: what each class and confidence bucket is worth")
            .WithDescription("`format=csv` (or `Accept: text/csv`) has a row for each class and columns for each bucket, as in `80-85 correctPercent`; `lower` and `upper` with intervals.");
        job.MapGet("/thresholds", ThresholdsAsync).WithSummary("From which confidence up each class can be trusted");
        job.MapGet("/calibration", CalibrationAsync).WithSummary("How well confidences say how often labels are right, per class and overall, and maps that put them right");
    }

    private static async Task<Results<Ok<ClassTable>, PushStreamHttpResult, ProblemHttpResult>> ClassesAsync(
        string job, IGrainFactory grains, HttpRequest request, [AsParameters] ClassesQuery query, CancellationToken cancellation)
    {
        var isCsv = query.Format == "csv" || (query.Format is null && AsksForCsv(request));
        if (query.Problems(isCsv) is { Count: > 0 } problems) return Problem.Fields(problems);
        var (found, missing) = await TalliesAsync(grains, job, query.Labels, query.IsFinal, query.ModelVersion, cancellation);
        if (found is not { } tallies) return missing!;
        var info = tallies.Job;
        if (query.Expected == true && info.Model is null) return Problem.Conflict($"Job '{info.Name}' has no reliability model by whose posteriors to expect anything. Estimate one and adopt it, or leave expected out.");
        var certainty = query.CertaintyBy(info.Settings);
        var all = ClassTable.Build(info.Name.Value, info.Settings.BucketEdges, tallies.Classes, emptyAsZero: query.EmptyAs == "zero", certainty, info.HasUnevenBuckets) with { Condition = certainty is null ? null : RandomOrder.ConditionOf(tallies) };
        var boundTo = $"{info.Incarnation} classes by {query.Order.Name} {query.Basis} {query.ModelVersion}";
        if (query.Order.Page(all, query.PageSize, query.Cursor, boundTo) is not { } table) return Problem.Invalid("cursor: not one of this list");
        if (query.Expected == true)
        {
            if (table.Classes.Length > MaxClassesAtOnce)
                return Problem.Fields([("expected", $"{table.Classes.Length} classes, more than {MaxClassesAtOnce} at once: name those wanted, or give a limit of {MaxClassesAtOnce} at most")]);
            if (await ExpectAsync(grains, info, table, query.IsFinal, certainty?.Level ?? Certainty.DefaultLevel, cancellation) is not { } rows)
                return await grains.GetJob(info).GetAsync(info.Incarnation) is null ? Problem.Deleted(info.Name)
                    : Problem.Conflict($"Job '{info.Name}' is changing its reliability model; ask again in a moment.");
            table = table with { Classes = rows };
        }
        return isCsv
            ? TypedResults.Stream(body => ClassCsv.WriteAsync(table, certainty is not null, query.Expected == true, body), "text/csv; charset=utf-8", $"{info.Name}.classes.csv")
            : TypedResults.Ok(table);
    }

    /// <summary>Whether CSV is asked for, and JSON is not.</summary>
    private static bool AsksForCsv(HttpRequest request) =>
        request.GetTypedHeaders().Accept is { } accepted && accepted.Any(type => type.MediaType == "text/csv") && !accepted.Any(type => type.MediaType == "application/json");

    /// <summary>The rows with what is expected of them; null where the job is deleted, or a class has not heard of its model yet.</summary>
    private static async Task<ImmutableArray<ClassRow>?> ExpectAsync(IGrainFactory grains, JobInfo job, ClassTable table, bool isFinal, double level, CancellationToken cancellation)
    {
        var rows = new List<ClassRow>(table.Classes.Length);
        foreach (var chunk in table.Classes.Chunk(JobLookup.HistogramsAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            var sums = await Task.WhenAll(chunk.Select(row => grains.GetGrain<IClassGrain>(new ClassAddress(job.Incarnation, Label.Create(row.Label!)).Key).SumPosteriorsAsync(isFinal)));
            if (sums.Any(sum => sum is null)) return null;
            rows.AddRange(chunk.Zip(sums, (row, sum) => row.With(ExpectedCorrect.Of(sum!, level))));
        }
        return [.. rows];
    }

    private static async Task<Results<Ok<ClassThreshold[]>, ProblemHttpResult>> ThresholdsAsync(string job, IGrainFactory grains, [AsParameters] ThresholdsQuery query, CancellationToken cancellation)
    {
        if (query.Problems() is { Count: > 0 } problems) return Problem.Fields(problems);
        var (found, missing) = await TalliesAsync(grains, job, query.Labels, query.IsFinal, query.ModelVersion, cancellation);
        if (found is not { } tallies) return missing!;
        query = query.By(tallies.Job.Settings);
        if (query.Chosen is not { } method) return TypedResults.Ok(Thresholds(tallies, query.Ratio));
        if (method is ThresholdMethod.Walk or ThresholdMethod.BoundedWalk) return TypedResults.Ok(ThresholdAnswers.ByBuckets(tallies, method, query));
        if (tallies.Job.HasUnevenBuckets) return RandomOrder.Uneven(tallies.Job, "A threshold at any confidence", "method=walk and boundedWalk go by buckets");
        if (query.Curve == true && TooMany("curve", query.Labels, tallies.Classes.Length) is { } refused) return refused;
        return await ThresholdAnswers.ByConfidenceAsync(grains, tallies, method, query, cancellation) is { } answers ? TypedResults.Ok(answers) : Problem.Deleted(tallies.Job.Name);
    }

    private static async Task<Results<Ok<CalibrationResponse>, ProblemHttpResult>> CalibrationAsync(
        string job, IGrainFactory grains, [FromQuery, Description("One class; repeatable. All classes without it, where there are 200 at most")] string[]? label, string? basis,
        [Description("Only images of this version of the model; classes without any are left out")] string? modelVersion, CancellationToken cancellation)
    {
        var problems = new List<(string, string)>();
        CheckBasis(basis, problems);
        CheckVersion(modelVersion, problems);
        if (problems.Count > 0) return Problem.Fields(problems);
        var isFinal = basis == "final";
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        var version = modelVersion is null ? (ModelVersion?)null : ModelVersion.Create(modelVersion);
        if (version is { } wanted && await MissesAsync(grains, info, wanted) is { } missing) return missing;
        if (await grains.FindLabelsAsync(info, ReadLabels(label)) is not { } labels) return Problem.NoJob(job);
        if (TooMany("label", label, labels.Length) is { } refused) return refused;
        if (info.HasUnevenBuckets) return RandomOrder.Uneven(info, "Calibration", "the table has the percentage of each bucket");
        var classes = new List<ClassCalibrationResponse>(labels.Length);
        var sum = FineHistogram.Empty;
        foreach (var chunk in labels.Chunk(JobLookup.HistogramsAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            if (await grains.FindHistogramsAsync(info, chunk, isFinal, version) is not { } histograms) return Problem.Deleted(info.Name);
            classes.AddRange(chunk.Zip(histograms).Where(counted => version is null || counted.Second.All.Images > 0).Select(counted => ClassCalibrationResponse.Of(counted.First.Value, Calibration.Of(counted.Second))));
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
        if (level is { } given && Certainty.ProblemOf(given) is { } problem) problems.Add(("level", problem));
    }

    /// <summary>The same with the counters by what is final.</summary>
    public static JobTallies AsFinal(this JobTallies tallies) =>
        tallies with { Classes = [.. tallies.Classes.Select(entry => KeyValuePair.Create(entry.Key, entry.Value.AsFinal()))] };

    /// <summary>Null for all. A label that can't be one names no class; the answer is empty then, not of everything.</summary>
    public static ImmutableArray<Label>? ReadLabels(string[]? labels) => labels is null or [] ? null
        : [.. labels.Select(text => Label.TryCreate(text, out var label, out _) ? label : (Label?)null).OfType<Label>()];

    public static void CheckVersion(string? version, List<(string, string)> problems)
    {
        if (version is not null && !ModelVersion.TryCreate(version, out _, out var problem)) problems.Add(("modelVersion", problem));
    }

    /// <summary>That no image of a job is of a model version, and which there are; null where some may be.</summary>
    public static async Task<ProblemHttpResult?> MissesAsync(IGrainFactory grains, JobInfo job, ModelVersion version)
    {
        if (await grains.GetClasses(job).ListVersionsAsync() is not { } versions) return Problem.Deleted(job.Name);
        return versions.BinarySearch(version) >= 0 ? null
            : Problem.NotFound($"No image of job '{job.Name}' is of model version '{version}'. {(versions.IsEmpty ? "Its corpus says none." : $"There are {string.Join(", ", versions.Take(20).Select(known => $"'{known}'"))}{(versions.Length > 20 ? " and others" : "")}.")}");
    }

    private static async Task<(JobTallies? Found, ProblemHttpResult? Missing)> TalliesAsync(
        IGrainFactory grains, string job, string[]? labels, bool isFinal, string? version, CancellationToken cancellation)
    {
        if (await grains.FindJobAsync(job) is not { } info) return (null, Problem.NoJob(job));
        if (version is not null && await MissesAsync(grains, info, ModelVersion.Create(version)) is { } missing) return (null, missing);
        var wanted = ReadLabels(labels);
        var tallies = version is null ? await grains.FindTalliesAsync(info, wanted) : await grains.FindTalliesAsync(info, wanted, ModelVersion.Create(version), cancellation);
        return tallies is null ? (null, Problem.NoJob(job)) : (isFinal ? tallies.AsFinal() : tallies, null);
    }
}
