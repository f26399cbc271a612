using System.Collections.Immutable;
using System.Text.Json;
using BulkQA.Core;
using BulkQA.Corpora;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>One worker's answer to one image.</summary>
public sealed record VoteRequest
{
    public string? ImageUrl { get; init; }

    public string? Label { get; init; }

    public string? WorkerId { get; init; }

    /// <summary>Whether the label fits; null, with a reason, where the worker did not vote.</summary>
    public bool? Confirmed { get; init; }

    /// <summary>Why there is no vote: <c>notSeen</c> (the picture could not be shown) or <c>cantTell</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>When the worker submitted it; a vote without a time gives way to any with one.</summary>
    public DateTimeOffset? SubmittedAt { get; init; }
}

/// <summary>
/// Takes votes in as they come, a thousand at a time to their classes; a worker's votes on the images of a task become one
/// submission. A vote that can't be taken is rejected with its index and reason, and the rest counts.
/// </summary>
internal sealed class VoteIntake(JobInfo job, IJobClassesGrain classes, AnswerRouter router, TimeProvider time)
{
    private const int ChunkVotes = 1_000;

    private readonly List<Indexed> _pending = [];
    private readonly List<RejectedVote> _rejected = [];
    private HashSet<Label> _classes = [];
    private long _next;
    private long _accepted;
    private long _rejectedCount;

    /// <exception cref="JobGoneException">The job was deleted meanwhile.</exception>
    public async Task AddAsync(JsonRecord record)
    {
        var index = _next++;
        using var document = record.Document;
        if (document is null) Reject(index, record.Problem!);
        else if (Read(document.RootElement, out var problem) is { } vote) _pending.Add(vote with { Index = index });
        else Reject(index, problem);
        if (_pending.Count >= ChunkVotes) await SendAsync();
    }

    public async Task<VotesSummary> FinishAsync()
    {
        await SendAsync();
        _rejected.Sort((left, right) => left.Index.CompareTo(right.Index));
        return new VotesSummary(_accepted, _rejectedCount, _rejected);
    }

    private Indexed? Read(JsonElement json, out string problem)
    {
        VoteRequest? request;
        try
        {
            request = json.Deserialize<VoteRequest>(ApiJson.Options);
        }
        catch (JsonException e)
        {
            problem = $"not a vote: {e.Message}";
            return null;
        }
        catch (InvalidOperationException)
        {
            problem = "a text of the vote is not valid Unicode";
            return null;
        }
        if (request is null) problem = "the vote is null";
        else if (!ImageUrl.TryCreate(request.ImageUrl is { } given ? S3Address.Normalize(given, job.Settings.PictureHosts) : null, out var url, out var invalid)) problem = $"imageUrl: {invalid}";
        else if (!Label.TryCreate(request.Label, out var label, out invalid)) problem = $"label: {invalid}";
        else if (!WorkerId.TryCreate(request.WorkerId, out var worker, out invalid)) problem = $"workerId: {invalid}";
        else if (KindOf(request, out invalid) is not { } kind) problem = invalid;
        else
        {
            var at = request.SubmittedAt is { } submitted ? SubmissionTime.From(submitted) : SubmissionTime.None;
            problem = $"submittedAt: {at.AheadProblem(time.GetUtcNow())}";
            return at.IsTooFarAhead(time.GetUtcNow()) ? null : new Indexed(0, label, url, new ImageAnswer(worker, kind, at));
        }
        return null;
    }

    private static AnswerKind? KindOf(VoteRequest request, out string problem)
    {
        problem = (request.Confirmed, request.Reason) switch
        {
            (not null, not null) => "reason: only where confirmed is null",
            (null, null) => "confirmed: missing; give true or false, or null with a reason",
            (null, not ("notSeen" or "cantTell")) => "reason: neither notSeen nor cantTell",
            _ => "",
        };
        return problem.Length > 0 ? null
            : request.Confirmed is { } confirmed ? confirmed ? AnswerKind.Confirm : AnswerKind.Disconfirm
            : AnswerKinds.OfName(request.Reason);
    }

    private async Task SendAsync()
    {
        if (_pending.Count == 0) return;
        var groups = _pending.GroupBy(vote => vote.Label).ToList();
        if (!groups.TrueForAll(group => _classes.Contains(group.Key)))
            _classes = [.. await classes.ListAsync() ?? throw new JobGoneException(job.Name)];
        foreach (var (votes, outcomes) in await Task.WhenAll(groups.Select(SendAsync))) Settle(votes, outcomes);
        _pending.Clear();
    }

    /// <summary>Sends one class's votes. The outcomes are one a vote, in order.</summary>
    private async Task<(List<Indexed> Votes, ImmutableArray<SubmissionOutcome> Outcomes)> SendAsync(IGrouping<Label, Indexed> group)
    {
        var votes = group.ToList();
        if (!_classes.Contains(group.Key)) return (votes, [.. votes.Select(_ => SubmissionOutcome.UnknownTask)]);
        var outcomes = await router.SubmitAsync(
            new ClassAddress(job.Incarnation, group.Key), votes.ConvertAll(vote => new UrlAnswer(vote.Url, vote.Answer)), AnswerSource.Rest);
        return (votes, outcomes ?? throw new JobGoneException(job.Name));
    }

    private void Settle(List<Indexed> votes, ImmutableArray<SubmissionOutcome> outcomes)
    {
        foreach (var (vote, outcome) in votes.Zip(outcomes))
        {
            if (outcome == SubmissionOutcome.Accepted) _accepted++;
            else Reject(vote.Index, outcome switch
            {
                SubmissionOutcome.TooManyWorkers => $"the image has the votes of {AnswerSet.MaxWorkers} workers, which is the most",
                SubmissionOutcome.Decided => "the image is gold, and the worker's qualification is decided",
                SubmissionOutcome.TooManySubmissions => $"the worker has answered the image's task {Submission.MaxPerWorker} times, which is the most",
                _ => $"the image was never imported with the label '{vote.Label}'",
            });
        }
    }

    private void Reject(long index, string reason)
    {
        _rejectedCount++;
        if (_rejected.Count < VotesSummary.MaxListed) _rejected.Add(new RejectedVote(index, reason));
    }

    private readonly record struct Indexed(long Index, Label Label, ImageUrl Url, ImageAnswer Answer);
}
