using System.Text.Json.Serialization;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <param name="SubmittedAt">Null where none was given.</param>
/// <param name="SetAside">Whether the vote does not count; absent where it does.</param>
public sealed record VoteResponse(
    string WorkerId, bool Confirmed, DateTimeOffset? SubmittedAt, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool SetAside = false);

/// <summary>What somebody with the say decided about an image, apart from votes.</summary>
/// <param name="Verdict">Confirmed or Disconfirmed.</param>
/// <param name="RightLabel">What the image shows instead; null where nobody said.</param>
/// <param name="Note">Why; null where nobody said.</param>
/// <param name="By">Who decided.</param>
public sealed record AdjudicationResponse(Verdict Verdict, string? RightLabel, string? Note, string By, DateTimeOffset? At)
{
    internal static AdjudicationResponse? Of(Adjudication? standing) => standing is { Verdict: { } verdict }
        ? new AdjudicationResponse(verdict, standing.RightLabel?.Value, standing.Note, standing.By, standing.At.ToDateTimeOffset()) : null;
}

/// <param name="Confirms">Votes to confirm that count.</param>
/// <param name="Disconfirms">Votes to disconfirm that count.</param>
/// <param name="Verdict">By the votes that count, under the job's present policy.</param>
/// <param name="Version">1 as it was imported, one more with every answer.</param>
/// <param name="AnonymousVotes">Counts that the corpus brought from another system; no verdict is decided by them.</param>
/// <param name="NotSeen">Workers to whom the picture could not be shown.</param>
/// <param name="CantTell">Workers who saw it and could not tell.</param>
/// <param name="Final">The adjudication's verdict where there is one, otherwise that of the votes.</param>
/// <param name="Adjudication">Null where there is none.</param>
/// <param name="Posterior">Probability that the label is right under the job's reliability model, from 0 to 1; null without one.</param>
/// <param name="Gold">
/// <c>right</c> or <c>wrong</c>, where that is known of the label because the image is gold; absent otherwise. Its votes are then those
/// of batches of nothing but gold, and by URL; <c>GET …/gold</c> has all.
/// </param>
/// <param name="ModelVersion">Of the model that gave the label; absent where the corpus said none.</param>
/// <param name="Weight">
/// In exports of jobs whose buckets are reviewed unlike: for how many images of its class and bucket it stands, 0 where it is not reviewed; absent otherwise.
/// </param>
public sealed record ImageResponse(
    string ImageUrl, string Label, double? Confidence, int Confirms, int Disconfirms, Verdict Verdict, int Version,
    IReadOnlyList<VoteResponse> Votes, AnonymousVotes? AnonymousVotes, int NotSeen, int CantTell, Verdict Final, AdjudicationResponse? Adjudication, double? Posterior,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Gold = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ModelVersion = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Weight = null)
{
    internal static ImageResponse Of(AnsweredImage image, Label label, VerdictRules rules)
    {
        var answers = image.Answers;
        var counts = rules.Count(answers);
        var verdict = rules.Decide(counts);
        return new ImageResponse(
            image.Image.Url.Value, label.Value, image.Image.Confidence?.Value, counts.Confirms, counts.Disconfirms, verdict, image.Version,
            [.. answers.Answers.Where(answer => answer.IsVote).Select(vote =>
                new VoteResponse(vote.Worker.Value, vote.Kind == AnswerKind.Confirm, vote.At.ToDateTimeOffset(), rules.IsSetAside(vote.Worker)))],
            image.Image.Anonymous, answers.NotSeen, answers.CantTell, image.Adjudication?.Verdict ?? verdict, AdjudicationResponse.Of(image.Adjudication), rules.PosteriorOf(counts),
            GoldName.Of(image.Image.Gold?.IsRight), image.Image.Version?.Value);
    }
}

/// <summary>An image with the job it is of.</summary>
public sealed record JobImageResponse(string Job, ImageResponse Image);
