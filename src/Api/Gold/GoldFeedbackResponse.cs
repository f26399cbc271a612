using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>How a worker did on the gold of a batch that it has just answered.</summary>
/// <param name="Checks">Gold images that the worker was shown.</param>
/// <param name="Right">How many of them it answered as is known; "can't tell" is not right.</param>
/// <param name="Images">Each of them.</param>
public sealed record GoldFeedbackResponse(int Checks, int Right, IReadOnlyList<GoldCheckResponse> Images)
{
    /// <summary>Null where the job tells its workers nothing, or the worker saw no gold in the batch.</summary>
    /// <param name="job">Whose batch.</param>
    /// <param name="task">The batch.</param>
    /// <param name="answers">One an image; taken and durable.</param>
    internal static GoldFeedbackResponse? Of(JobInfo job, LabeledTask task, IReadOnlyList<AnswerKind> answers)
    {
        if (!job.Settings.Work.GoldFeedback) return null;
        GoldCheckResponse[] checks = [.. task.Images.Index().Where(image => image.Item.Gold is not null && answers[image.Index] != AnswerKind.NotSeen)
            .Select(image => new GoldCheckResponse(Answers.BoxName(task.Label.Value, image.Index), GoldName.Of(image.Item.Gold!.Value.IsRight)!, image.Item.Gold.Value.IsHit(answers[image.Index])))];
        return checks.Length == 0 ? null : new(checks.Length, checks.Count(check => check.Hit), checks);
    }
}

/// <summary>One gold image of a batch that was answered.</summary>
/// <param name="Box">The name that its answer came under.</param>
/// <param name="Gold"><c>right</c> or <c>wrong</c>: what is known of its label.</param>
/// <param name="Hit">Whether the answer says so, too.</param>
public sealed record GoldCheckResponse(string Box, string Gold, bool Hit);
