using System.Globalization;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>Why a job gives somebody no further batch now.</summary>
/// <param name="Reason">The setting that says so: <c>maxTasksPerWorker</c>, <c>maxTasksPerDay</c>, <c>portion</c> or <c>minExperience</c>; or <c>unanswered</c>: too many batches were let go.</param>
/// <param name="Detail">For the worker.</param>
/// <param name="Answered">Batches that the worker has answered: of the job, of it today, of it in this sitting, or of any jobs. With <c>unanswered</c> those that it has let go today.</param>
/// <param name="Limit">How many the job allows, or asks for.</param>
/// <param name="Until">When it ends by itself; null where it does not.</param>
public sealed record WorkRefusalResponse(string Reason, string Detail, int Answered, int Limit, DateTimeOffset? Until)
{
    internal static WorkRefusalResponse Of(JobName job, WorkRefusal refusal) => new(WorkRefusals.NameOf(refusal.Reason), WorkRefusals.Say(EnglishWords.Instance, job.Value, refusal), refusal.Answered, refusal.Limit, refusal.Until);
}

/// <summary>Jobs whose assignment gives a worker no further batch, in words and in headers.</summary>
internal static class WorkRefusals
{
    /// <summary>Null where the job gives the worker batches, as far as its assignment goes.</summary>
    public static async Task<WorkRefusal?> FindRefusalAsync(this IGrainFactory grains, JobInfo job, WorkerId worker) =>
        job is { State: JobState.Open, Settings.Assignment.MayRefuse: true } ? await grains.GetDispatch(job).FindRefusalAsync(worker) : null;

    public static string NameOf(WorkRefusalReason reason) => reason switch
    {
        WorkRefusalReason.PerWorker => "maxTasksPerWorker",
        WorkRefusalReason.PerDay => "maxTasksPerDay",
        WorkRefusalReason.Portion => "portion",
        WorkRefusalReason.LetGo => "unanswered",
        _ => "minExperience",
    };

    /// <summary>For the worker, in a language.</summary>
    public static string Say(IStringLocalizer<Words> words, string job, WorkRefusal refusal)
    {
        var (answered, missing) = (Batches(refusal.Answered), refusal.Limit - refusal.Answered);
        string until = refusal.Until is { } at ? Times.On(at, words) : words["later"];
        return refusal.Reason switch
        {
            WorkRefusalReason.PerWorker => words["You have answered {0} of job '{1}', and one worker answers {2} at most. Thank you!", answered, job, refusal.Limit],
            WorkRefusalReason.PerDay => words["You have answered {0} of job '{1}' today, which is all of a day. It goes on {2}.", answered, job, until],
            WorkRefusalReason.Portion => words["You have answered {0} of job '{1}' in a row: time for a pause. It goes on {2}.", answered, job, until],
            WorkRefusalReason.LetGo => words["You have taken {0} of job '{1}' today without answering them, and get no more of them. It goes on {2}.", answered, job, until],
            _ when missing == 1 => words["Job '{0}' is for those who have answered {1} before; you have answered {2}, and 1 more is missing.", job, Batches(refusal.Limit), refusal.Answered],
            _ => words["Job '{0}' is for those who have answered {1} before; you have answered {2}, and {3} more are missing.", job, Batches(refusal.Limit), refusal.Answered, missing],
        };

        string Batches(int count) => count == 1 ? words["1 batch"] : words["{0} batches", count];
    }

    /// <summary>What a caller is answered who asked for a batch: 429 where it ends by itself, and says when; 403 otherwise.</summary>
    public static ProblemHttpResult ToProblem(this WorkRefusal refusal, JobName job, HttpResponse response, DateTimeOffset now) =>
        ToProblem(refusal, Say(EnglishWords.Instance, job.Value, refusal), response, now);

    /// <summary>The same of a caller who sent an answer: to a batch that is not kept for the worker, where there is no room for it.</summary>
    public static ProblemHttpResult ToProblemOfAnswer(this WorkRefusal refusal, JobName job, TaskNumber task, HttpResponse response, DateTimeOffset now) => ToProblem(
        refusal,
        refusal.Reason == WorkRefusalReason.Experience ? Say(EnglishWords.Instance, job.Value, refusal)
            : $"Batch {task} is not kept for you, and what you have answered or hold is all that job '{job}' gives one worker {refusal.Reason switch
            {
                WorkRefusalReason.PerDay => "on a day",
                WorkRefusalReason.Portion => "in a row",
                _ => "at all",
            }}: {refusal.Limit}.{(refusal.Until is { } until ? $" It goes on {Times.On(until, EnglishWords.Instance)}." : "")}",
        response, now);

    /// <summary>Says in how many seconds it is worth asking again.</summary>
    public static void RetryAfter(HttpResponse response, DateTimeOffset until, DateTimeOffset now) =>
        response.Headers.RetryAfter = Math.Max(1, Math.Ceiling((until - now).TotalSeconds)).ToString("F0", CultureInfo.InvariantCulture);

    private static ProblemHttpResult ToProblem(WorkRefusal refusal, string detail, HttpResponse response, DateTimeOffset now)
    {
        if (refusal.Until is { } until) RetryAfter(response, until, now);
        return TypedResults.Problem(
            detail, statusCode: refusal.Until is null ? StatusCodes.Status403Forbidden : StatusCodes.Status429TooManyRequests, title: refusal.Until is null ? "Forbidden" : "Too many requests",
            extensions: new Dictionary<string, object?> { ["reason"] = NameOf(refusal.Reason), ["answered"] = refusal.Answered, ["limit"] = refusal.Limit, ["until"] = refusal.Until });
    }
}
