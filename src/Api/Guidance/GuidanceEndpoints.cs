using System.ComponentModel;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>How workers tell whether a picture is of a class: texts and example pictures, by label.</summary>
internal static class GuidanceEndpoints
{
    private const int MaxPage = 200;

    /// <summary>Classes that one page asks before it ends, short if need be.</summary>
    private const int MaxAsked = 2_000;

    public static void MapGuidance(this IEndpointRouteBuilder app)
    {
        var guidance = app.MapGroup("/v1/jobs/{job}/guidance").WithTags("Worker page").WithProblems();
        guidance.MapGet("/", ListAsync).For(Role.Anyone).WithSummary("How workers tell whether a picture is of a class: texts and example pictures, of the classes that have any, by label");
        guidance.MapPut("/", PutAsync).Records("setGuidance").WithSummary("Says how workers tell whether a picture is of a class, all of it anew; the same again changes nothing");
        guidance.MapDelete("/", DeleteAsync).Records("removeGuidance").WithSummary("Takes a class's text and example pictures away");
    }

    private static async Task<Results<Ok<Page<GuidanceResponse>>, ProblemHttpResult>> ListAsync(
        string job, IGrainFactory grains, CancellationToken cancellation, [Description("Of this class alone: one item, or none")] string? label = null, int limit = 100, string? cursor = null)
    {
        if (Problem.OfLimit(limit, MaxPage) is { } beyond) return beyond;
        if (OptionalLabel.Read(label, out var only) is { } invalid) return invalid;
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        var boundTo = $"{info.Incarnation} guidance";
        Label? after = null;
        if (cursor is not null)
        {
            if (Cursor.Read(cursor, boundTo, 1) is not [var text] || !Label.TryCreate(text, out var last, out _)) return Problem.Invalid("cursor: not one of this listing");
            after = last;
        }
        if (await grains.FindLabelsAsync(info, only is { } one ? [one] : null) is not { } labels) return Problem.Deleted(info.Name);
        var items = new List<GuidanceResponse>();
        foreach (var some in labels.Where(known => after is not { } before || known.CompareTo(before) > 0).Take(MaxAsked).Chunk(MaxPage))
        {
            cancellation.ThrowIfCancellationRequested();
            var found = await Task.WhenAll(some.Select(known => grains.GetClass(info, known).GetGuidanceAsync()));
            foreach (var (known, guidance) in some.Zip(found))
            {
                if (guidance is not null) items.Add(GuidanceResponse.Of(known, guidance));
                after = known;
                if (items.Count == limit) return TypedResults.Ok(new Page<GuidanceResponse>(items, known.Equals(labels[^1]) ? null : Cursor.Write(boundTo, known.Value)));
            }
        }
        return TypedResults.Ok(new Page<GuidanceResponse>(items, labels.IsEmpty || after is null || after.Value.Equals(labels[^1]) ? null : Cursor.Write(boundTo, after.Value.Value)));
    }

    private static async Task<Results<Ok<GuidanceResponse>, ProblemHttpResult>> PutAsync(string job, string label, GuidanceRequest request, IGrainFactory grains, PictureAccess pictures)
    {
        var (info, known, missing) = await FindAsync(job, label, grains);
        if (missing is not null) return missing;
        var problems = new List<(string Field, string Problem)>();
        var guidance = request.Read(info!, pictures, problems);
        if (problems.Count > 0) return Problem.Fields(problems);
        return await grains.GetClass(info!, known).SetGuidanceAsync(guidance) ? TypedResults.Ok(GuidanceResponse.Of(known, guidance)) : Problem.Deleted(info!.Name);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string job, string label, IGrainFactory grains)
    {
        var (info, known, missing) = await FindAsync(job, label, grains);
        if (missing is not null) return missing;
        return await grains.GetClass(info!, known).SetGuidanceAsync(null) ? TypedResults.NoContent() : Problem.Deleted(info!.Name);
    }

    /// <summary>The job and one of its classes: of any other nothing is kept, since nobody would sweep it.</summary>
    private static async Task<(JobInfo? Job, Label Label, ProblemHttpResult? Missing)> FindAsync(string job, string label, IGrainFactory grains)
    {
        if (!Label.TryCreate(label, out var known, out var problem)) return (null, default, Problem.Invalid($"label: {problem}"));
        if (await grains.FindJobAsync(job) is not { } info) return (null, default, Problem.NoJob(job));
        return await grains.FindLabelsAsync(info, [known]) switch
        {
            null => (null, default, Problem.Deleted(info.Name)),
            [] => (null, default, Problem.NotFound($"Job '{info.Name}' has no class '{known}'.")),
            _ => (info, known, null),
        };
    }
}
