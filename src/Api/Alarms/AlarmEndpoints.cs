using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>Which classes fell below what the job watches them for.</summary>
internal static class AlarmEndpoints
{
    public static void MapAlarms(this IEndpointRouteBuilder app) => app.MapGroup("/v1/jobs/{job}").WithTags("Results").WithProblems().For(Role.Viewer)
        .MapGet("/alarms", AlarmsAsync).WithSummary("Classes that fell below the job's alarm, and those that did and have recovered")
        .WithDescription("Looks first, where the job has an alarm and is open. `timeline?minCorrectPercent=` tells the same of any percentage, and keeps nothing.");

    private static async Task<Results<Ok<AlarmsResponse>, ProblemHttpResult>> AlarmsAsync(string job, IGrainFactory grains)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        var alarms = grains.GetAlarms(info);
        if (await alarms.LookAsync() is not { } progress) return Problem.Deleted(info.Name);
        return TypedResults.Ok(new AlarmsResponse(
            info.Name.Value, AlarmSettings.Of(info.Settings.Alarm), progress.Standing, progress.Waiting, progress.Untold, [.. (await alarms.ListAsync()).Select(AlarmResponse.Of)]));
    }
}
