using System.Globalization;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>Why a job gives somebody no further batch now.</summary>
/// <param name="Reason">The setting that says so: <c>maxTasksPerWorker</c>, <c>maxTasksPerDay</c>, <c>portion</c> or <c>minExperience</c>.</param>
/// <param name="Detail">For the worker.</param>
/// <param name="Answered">Batches that the worker has answered: of the job, of it today, of it in this sitting, or of any jobs.</param>
/// <param name="Limit">How many the job allows, or asks for.</param>
/// <param name="Until">When it ends by itself; null where it does not.</param>
public sealed record WorkRefusalResponse(string Reason, string Detail, int Answered, int Limit, DateTimeOffset? Until);

/// <summary>Jobs whose assignment gives a worker no further batch, in words and in headers.</summary>
internal static class WorkRefusals
{
    private const string PerWorker = "maxTasksPerWorker";
    private const string PerDay = "maxTasksPerDay";
    private const string Portion = "portion";

    /// <summary>Null where the job gives the worker batches, as far as its assignment goes.</summary>
    public static async Task<WorkRefusalResponse?> FindRefusalAsync(this IGrainFactory grains, JobInfo job, WorkerId worker) =>
        job is { State: JobState.Open, Settings.Assignment.MayRefuse: true } && await grains.GetDispatch(job).FindRefusalAsync(worker) is { } refusal ? Of(job.Name, refusal) : null;

    /// <summary>The same as <see cref="WorkRefusalResponse.Detail"/> in the language of the page.</summary>
    public static string Say(IStringLocalizer<Words> words, string job, WorkRefusalResponse refusal)
    {
        var (answered, until) = (Batches(refusal.Answered), refusal.Until is { } end ? Times.Minute(end, words) : "");
        return refusal.Reason switch
        {
            PerWorker => words["You have answered {0} of job '{1}', and one worker answers {2} at most. Thank you!", answered, job, refusal.Limit],
            PerDay => words["You have answered {0} of job '{1}' today, which is all of a day. It goes on: {2}.", answered, job, until],
            Portion => words["You have answered {0} of job '{1}' in a row: time for a pause. It goes on: {2}.", answered, job, until],
            _ => words["Job '{0}' is for those who have answered {1} before. You have answered {2}.", job, Batches(refusal.Limit), refusal.Answered],
        };

        string Batches(int count) => count == 1 ? words["1 batch"] : words["{0} batches", count];
    }

    /// <summary>What a caller is answered who asked for a batch: 429 where it ends by itself, and says when; 403 otherwise.</summary>
    public static ProblemHttpResult ToProblem(this WorkRefusalResponse refusal, HttpResponse response, DateTimeOffset now)
    {
        if (refusal.Until is { } until) RetryAfter(response, until, now);
        return TypedResults.Problem(
            refusal.Detail, statusCode: refusal.Until is null ? StatusCodes.Status403Forbidden : StatusCodes.Status429TooManyRequests, title: refusal.Until is null ? "Forbidden" : "Too many requests",
            extensions: new Dictionary<string, object?> { ["reason"] = refusal.Reason, ["answered"] = refusal.Answered, ["limit"] = refusal.Limit, ["until"] = refusal.Until });
    }

    /// <summary>Says in how many seconds it is worth asking again.</summary>
    public static void RetryAfter(HttpResponse response, DateTimeOffset until, DateTimeOffset now) =>
        response.Headers.RetryAfter = Math.Max(1, Math.Ceiling((until - now).TotalSeconds)).ToString("F0", CultureInfo.InvariantCulture);

    private static WorkRefusalResponse Of(JobName job, WorkRefusal refusal)
    {
        var (reason, detail) = refusal.Reason switch
        {
            WorkRefusalReason.PerWorker => (PerWorker, $"You have answered {Batches(refusal.Answered)} of job '{job}', and one worker answers {refusal.Limit} at most. Thank you!"),
            WorkRefusalReason.PerDay => (PerDay, $"You have answered {Batches(refusal.Answered)} of job '{job}' today, which is all of a day. It goes on {At(refusal.Until)}."),
            WorkRefusalReason.Portion => (Portion, $"You have answered {Batches(refusal.Answered)} of job '{job}' in a row: time for a pause. It goes on {At(refusal.Until)}."),
            _ => ("minExperience", $"Job '{job}' is for those who have answered {Batches(refusal.Limit)} before; you have answered {refusal.Answered}, and {refusal.Limit - refusal.Answered} more {(refusal.Limit - refusal.Answered == 1 ? "is" : "are")} missing."),
        };
        return new(reason, detail, refusal.Answered, refusal.Limit, refusal.Until);
    }

    private static string Batches(int count) => count == 1 ? "1 batch" : string.Create(CultureInfo.InvariantCulture, $"{count} batches");

    private static string At(DateTimeOffset? until) => until is { } at ? at.UtcDateTime.ToString("'on' d MMMM 'at' HH:mm 'UTC'", CultureInfo.InvariantCulture) : "later";
}
