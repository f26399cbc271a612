using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <param name="SubmittedAt">Null where none was given.</param>
public sealed record VoteResponse(string WorkerId, bool Confirmed, DateTimeOffset? SubmittedAt);

/// <param name="Verdict">By the job's present policy.</param>
/// <param name="Version">1 as it was imported, one more with every answer.</param>
/// <param name="AnonymousVotes">Counts that the corpus brought from another system; no verdict is decided by them.</param>
/// <param name="NotSeen">Workers to whom the picture could not be shown.</param>
/// <param name="CantTell">Workers who saw it and could not tell.</param>
public sealed record ImageResponse(
    string ImageUrl, string Label, double? Confidence, int Confirms, int Disconfirms, Verdict Verdict, int Version,
    IReadOnlyList<VoteResponse> Votes, AnonymousVotes? AnonymousVotes, int NotSeen, int CantTell)
{
    internal static ImageResponse Of(AnsweredImage image, Label label, JobInfo job)
    {
        var answers = image.Answers;
        return new ImageResponse(
            image.Image.Url.Value, label.Value, image.Image.Confidence?.Value, answers.Confirms, answers.Disconfirms,
            answers.Decide(job.Settings.Policy), image.Version,
            [.. answers.Answers.Where(answer => answer.IsVote).Select(vote =>
                new VoteResponse(vote.Worker.Value, vote.Kind == AnswerKind.Confirm, vote.At.ToDateTimeOffset()))],
            image.Image.Anonymous, answers.NotSeen, answers.CantTell);
    }
}

/// <summary>An image with the job it is of.</summary>
public sealed record JobImageResponse(string Job, ImageResponse Image);
