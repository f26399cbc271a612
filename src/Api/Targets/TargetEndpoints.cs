using System.Globalization;
using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>What a job has to show, and which of its classes have shown it.</summary>
internal static class TargetEndpoints
{
    private const int MaxPage = 1_000;

    public static void MapTargets(this IEndpointRouteBuilder app)
    {
        var job = app.MapGroup("/v1/jobs/{job}").WithTags("Results").WithProblems();
        job.MapGet("/target", GetAsync).For(Role.Viewer).WithSummary("The error ratio that the job's classes have to keep, and how far that is decided; 404 where there is none");
        job.MapPut("/target", PutAsync).Records("setTarget").WithSummary("Gives the job a target, for a job in random order; another one than before begins anew, the same again changes nothing");
        job.MapDelete("/target", DeleteAsync).Records("removeTarget").WithSummary("Takes the target away: nothing is decided any more, and all tasks are handed out");
        job.MapGet("/decisions", DecisionsAsync).For(Role.Viewer).WithSummary("How each class, or each bucket of each class, stands to the target, by the votes as they are");
    }

    private static async Task<Results<Ok<TargetResponse>, ProblemHttpResult>> GetAsync(string job, IGrainFactory grains) =>
        await grains.FindJobAsync(job) is { } info ? await AnswerAsync(info, grains) : Problem.NoJob(job);

    private static async Task<Results<Ok<TargetResponse>, ProblemHttpResult>> PutAsync(string job, TargetRequest request, ClaimsPrincipal caller, IGrainFactory grains)
    {
        var problems = new List<(string Field, string Problem)>();
        if (request.Read(problems) is not { } target) return Problem.Fields(problems);
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (JobTarget.RefusalOf(info.Settings, target.Per) is { } refusal) return Problem.Conflict($"Job '{info.Name}' can't have a target: {refusal}.");
        return await grains.GetJob(info).SetTargetAsync(info.Incarnation, target, caller.Who()) is { } changed ? await AnswerAsync(changed, grains) : Problem.Deleted(info.Name);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string job, ClaimsPrincipal caller, IGrainFactory grains)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        // Again changes nothing.
        if (info.Target is null) return TypedResults.NoContent();
        if (await grains.GetJob(info).SetTargetAsync(info.Incarnation, target: null, caller.Who()) is null) return Problem.Deleted(info.Name);
        // So that what was decided is put away at once, whether or not somebody looks by itself.
        await grains.GetTarget(info).LookAsync();
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<DecisionsResponse>, ProblemHttpResult>> DecisionsAsync(string job, IGrainFactory grains, int limit = 100, string? cursor = null)
    {
        if (limit is < 1 or > MaxPage) return Problem.Invalid($"limit: {limit} is not from 1 to {MaxPage}");
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        TargetMember? after = null;
        if (cursor is not null && (after = Read(cursor, info)) is null) return Problem.Invalid("cursor: not one of this job's");
        if (await grains.GetTarget(info).ListAsync(after, limit) is not { Setting.Target: { } target } page) return NoTarget(info);
        return TypedResults.Ok(new DecisionsResponse(
            page.Setting.Revision, [.. page.Items.Select(item => DecisionResponse.Of(item, target, page.Progress.Members, info.Settings.BucketEdges))],
            page.IsLast ? null : Write(page.Items[^1].Member, info)));
    }

    private static async Task<Results<Ok<TargetResponse>, ProblemHttpResult>> AnswerAsync(JobInfo job, IGrainFactory grains)
    {
        if (job.Target is not { Target: { } target } setting) return NoTarget(job);
        return await grains.GetTarget(job).LookAsync() is { } progress
            ? TypedResults.Ok(TargetResponse.Of(setting, target, progress, await grains.GetJob(job).GetTargetChangesAsync(job.Incarnation))) : Problem.Deleted(job.Name);
    }

    private static ProblemHttpResult NoTarget(JobInfo job) => Problem.NotFound(
        $"Job '{job.Name}' has no target. PUT one to /v1/jobs/{job.Name}/target, such as {{\"maxIncorrectPerCorrect\":0.1,\"level\":0.95,\"per\":\"class\"}}.");

    private static TargetMember? Read(string cursor, JobInfo job) =>
        Cursor.Read(cursor, job.Incarnation.Value, 2) is [var text, var bucket] && Label.TryCreate(text, out var label, out _) && (bucket.Length == 0 || int.TryParse(bucket, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            ? new TargetMember(label, bucket.Length == 0 ? null : int.Parse(bucket, CultureInfo.InvariantCulture)) : null;

    private static string Write(TargetMember member, JobInfo job) => Cursor.Write(job.Incarnation.Value, member.Label.Value, member.Bucket?.ToString(CultureInfo.InvariantCulture) ?? "");
}
