using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <param name="SubmittedAt">Null where none was given.</param>
public sealed record VoteResponse(string WorkerId, bool Confirmed, DateTimeOffset? SubmittedAt);

/// <param name="Verdict">By the job's present policy.</param>
/// <param name="AnonymousVotes">Counts that the corpus brought from another system; no verdict is decided by them.</param>
public sealed record ImageResponse(
    string ImageUrl, string Label, double? Confidence, int Confirms, int Disconfirms, Verdict Verdict, int Version,
    IReadOnlyList<VoteResponse> Votes, AnonymousVotes? AnonymousVotes)
{
    internal static ImageResponse Of(LabelRow row, JobInfo job) => new(
        row.Address.Url.Value, row.Address.Class.Label.Value, row.Confidence?.Value, row.Votes.Confirms, row.Votes.Disconfirms,
        VerdictOf(row, job), row.Version,
        [.. row.Votes.Votes.Select(vote => new VoteResponse(vote.Worker.Value, vote.Confirmed, vote.At.ToDateTimeOffset()))], row.Anonymous);

    /// <summary>A row written under an older policy still carries that one's verdict.</summary>
    internal static Verdict VerdictOf(LabelRow row, JobInfo job) =>
        job.Settings.Policy.Decide(row.Votes.Confirms, row.Votes.Disconfirms);
}

/// <summary>An image with the job it is of.</summary>
public sealed record JobImageResponse(string Job, ImageResponse Image);
