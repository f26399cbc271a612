using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>How often is disconfirmed where boxes began ticked, where they began unticked, and by how much these differ.</summary>
/// <param name="Ticked">Votes that began from ticked boxes, and those of them that disconfirm.</param>
/// <param name="Unticked">The same from unticked boxes.</param>
/// <param name="Difference">
/// Share when ticked less share when unticked, in percent points, with its interval at 95 %; null where one has no votes. Over several classes it is the mean
/// of their differences, weighed by their votes: classes all of whose boxes start alike are left out of it.
/// </param>
public sealed record BoxesComparison(StartTally Ticked, StartTally Unticked, StartDifference? Difference)
{
    internal static BoxesComparison Of(StartPull pull) => new(pull.Votes.Ticked, pull.Votes.Unticked, pull.Difference);
}

public sealed record ClassBoxesComparison(string Label, BoxesComparison Boxes);

public sealed record WorkerBoxesComparison(string WorkerId, BoxesComparison Boxes);

/// <param name="Classes">Ordered by label.</param>
/// <param name="Workers">Those with votes that are compared, ordered by id.</param>
/// <param name="Complete">False where there may be more workers, whose votes are in none of the numbers: a partition tells of ten thousand at most.</param>
public sealed record BoxesReport(BoxesComparison Total, IReadOnlyList<ClassBoxesComparison> Classes, IReadOnlyList<WorkerBoxesComparison> Workers, bool Complete);

internal static class BoxesEndpoints
{
    private const int ClassesAtOnce = 100;

    public static void MapBoxes(this IEndpointRouteBuilder app) => app.MapGet("/v1/jobs/{job}/boxes", GetAsync).WithTags("Workers").WithProblems().For(Role.Viewer)
        .WithSummary("What boxes start with pulls workers to: disconfirm rates by starting state, in the job, by class and by worker");

    private static async Task<Results<Ok<BoxesReport>, ProblemHttpResult>> GetAsync(string job, IGrainFactory grains)
    {
        if (await grains.FindJobAsync(job) is not { } info || await grains.GetClasses(info).ListAsync() is not { } labels) return Problem.NoJob(job);
        var tallies = new List<KeyValuePair<Label, ImmutableArray<KeyValuePair<WorkerId, WorkerTally>>>>();
        foreach (var some in labels.Chunk(ClassesAtOnce))
        {
            var found = await Task.WhenAll(some.Select(label => grains.GetGrain<IClassGrain>(new ClassAddress(info.Incarnation, label).Key).GetWorkerTalliesAsync()));
            tallies.AddRange(some.Zip(found, KeyValuePair.Create));
        }
        var report = StartReport.Of(tallies);
        return TypedResults.Ok(new BoxesReport(
            BoxesComparison.Of(report.Total), [.. report.Classes.Select(entry => new ClassBoxesComparison(entry.Key.Value, BoxesComparison.Of(StartPull.Of([entry.Value]))))],
            [.. report.Workers.Select(entry => new WorkerBoxesComparison(entry.Key.Value, BoxesComparison.Of(entry.Value)))],
            tallies.TrueForAll(entry => entry.Value.Length < IPartitionGrain.MaxWorkersTold)));
    }
}
