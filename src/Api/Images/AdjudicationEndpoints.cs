using System.ComponentModel;
using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>A decision about an image, apart from votes.</summary>
public sealed record AdjudicationRequest
{
    [Description("Confirmed or Disconfirmed")]
    public string? Verdict { get; init; }

    [Description("What the image shows instead; only with Disconfirmed")]
    public string? RightLabel { get; init; }

    [Description("Why; at most 1,000 bytes")]
    public string? Note { get; init; }

    internal (Verdict Verdict, Label? RightLabel, string? Note, IReadOnlyList<(string Field, string Problem)> Problems) Read()
    {
        var problems = new List<(string Field, string Problem)>();
        var verdict = Verdict switch { nameof(Core.Verdict.Confirmed) => Core.Verdict.Confirmed, nameof(Core.Verdict.Disconfirmed) => Core.Verdict.Disconfirmed, _ => default };
        if (verdict == default) problems.Add(("verdict", $"'{Verdict}' is neither Confirmed nor Disconfirmed"));
        Label? label = null;
        if (!string.IsNullOrWhiteSpace(RightLabel))
        {
            if (!Label.TryCreate(RightLabel, out var given, out var problem)) problems.Add(("rightLabel", problem));
            else if (verdict == Core.Verdict.Confirmed) problems.Add(("rightLabel", "the image is confirmed, so its label is the right one"));
            else label = given;
        }
        string? note = null;
        if (!string.IsNullOrWhiteSpace(Note) && !Remark.TryRead(Note, "the note", Adjudication.MaxNoteBytes, out note, out var wrong)) problems.Add(("note", wrong));
        return (verdict, label, note, problems);
    }
}

/// <summary>Which labels images were given for which others, as far as adjudications name the right label.</summary>
/// <param name="Images">Of all pairs, also those that are not listed.</param>
/// <param name="Pairs">How many pairs there are; no more than 1,000 are listed.</param>
public sealed record CorrectionsResponse(string Job, long Images, int Pairs, IReadOnlyList<CorrectionResponse> Items)
{
    internal const int MaxItems = 1_000;

    internal static CorrectionsResponse Of(JobInfo job, LabelCorrections found) => new(
        job.Name.Value, found.Images, found.Pairs, [.. found.Items.Select(item => new CorrectionResponse(item.Label.Value, item.RightLabel.Value, item.Images))]);
}

/// <param name="Label">What images are labelled.</param>
/// <param name="RightLabel">What they show.</param>
public sealed record CorrectionResponse(string Label, string RightLabel, int Images);

internal static class AdjudicationEndpoints
{
    public static void MapAdjudication(this IEndpointRouteBuilder app)
    {
        var adjudication = app.MapGroup("/v1/jobs/{job}/image/adjudication").WithTags("Images").WithProblems().For(Role.Adjudicator);
        adjudication.MapPut("/", DecideAsync).Records("adjudicateImage").WithSummary("Decides an image, whatever was voted; again with the same changes nothing, with another takes its place");
        app.MapGet("/v1/jobs/{job}/corrections", ListCorrectionsAsync).WithTags("Images").WithProblems().For(Role.Viewer)
            .WithSummary("Which labels images were given for which others, by adjudications that name the right label: pairs with the most images first, 1,000 at most");
        adjudication.MapDelete("/", WithdrawAsync).Records("withdrawAdjudication").WithSummary("Withdraws what was decided of an image: its votes count again; nothing happens where nothing was decided");
    }

    private static async Task<Results<Ok<CorrectionsResponse>, ProblemHttpResult>> ListCorrectionsAsync(string job, IGrainFactory grains) =>
        await grains.FindJobAsync(job) is { } info && await grains.GetClasses(info).GetCorrectionsAsync(CorrectionsResponse.MaxItems) is { } corrections
            ? TypedResults.Ok(CorrectionsResponse.Of(info, corrections)) : Problem.NoJob(job);

    private static async Task<Results<Ok<ImageResponse>, ProblemHttpResult>> DecideAsync(
        string job, string? url, string? label, AdjudicationRequest request, IGrainFactory grains, JobRules rules, ClaimsPrincipal caller, TimeProvider time)
    {
        var (verdict, rightLabel, note, problems) = request.Read();
        return problems.Count > 0 ? Problem.Fields(problems) : await AdjudicateAsync(job, url, label, verdict, rightLabel, note, grains, rules, caller, time);
    }

    private static Task<Results<Ok<ImageResponse>, ProblemHttpResult>> WithdrawAsync(
        string job, string? url, string? label, IGrainFactory grains, JobRules rules, ClaimsPrincipal caller, TimeProvider time) =>
        AdjudicateAsync(job, url, label, null, null, null, grains, rules, caller, time);

    private static async Task<Results<Ok<ImageResponse>, ProblemHttpResult>> AdjudicateAsync(
        string job, string? url, string? label, Verdict? verdict, Label? rightLabel, string? note,
        IGrainFactory grains, JobRules rules, ClaimsPrincipal caller, TimeProvider time)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (!ImageEndpoints.TryRead(info, url, label, out var address, out var problem)) return problem;
        if (rightLabel == address.Class.Label) return Problem.Invalid("rightLabel: it is the label that the image has");
        var image = grains.GetImage(address);
        var outcome = await image.AdjudicateAsync(caller.Who(), SubmissionTime.From(time.GetUtcNow()), verdict, rightLabel, note);
        if (outcome == AdjudicationOutcome.TooMany)
            return Problem.Conflict($"The image was adjudicated {Adjudication.MaxPerImage} times, which is the most.");
        if (outcome == AdjudicationOutcome.Gold) return Problem.Conflict("The image is gold: its answer is known, and it counts for no table.");
        return outcome == AdjudicationOutcome.Accepted && await image.GetAsync() is { } decided
            ? TypedResults.Ok(ImageResponse.Of(decided, address.Class.Label, await rules.OfAsync(info)))
            : ImageEndpoints.NoImage(info, address);
    }
}
