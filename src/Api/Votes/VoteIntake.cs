using System.Collections.Immutable;
using System.Text.Json;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>One worker's vote on one image.</summary>
public sealed record VoteRequest
{
    public string? ImageUrl { get; init; }

    public string? Label { get; init; }

    public string? WorkerId { get; init; }

    public bool? Confirmed { get; init; }

    /// <summary>When the worker submitted it; a vote without a time gives way to any with one.</summary>
    public DateTimeOffset? SubmittedAt { get; init; }
}

/// <summary>
/// Takes votes in as they come, a thousand at a time to their classes; each image's votes of a thousand are merged in
/// one write. A vote that can't be taken is rejected with its index and reason, and the rest counts.
/// </summary>
internal sealed class VoteIntake(JobInfo job, IJobGrain jobGrain, ClassRouter router, TimeProvider time)
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
        else if (!ImageUrl.TryCreate(request.ImageUrl, out var url, out var invalid)) problem = $"imageUrl: {invalid}";
        else if (!Label.TryCreate(request.Label, out var label, out invalid)) problem = $"label: {invalid}";
        else if (!WorkerId.TryCreate(request.WorkerId, out var worker, out invalid)) problem = $"workerId: {invalid}";
        else if (request.Confirmed is not { } confirmed) problem = "confirmed: missing; give true or false";
        else
        {
            var at = request.SubmittedAt is { } submitted ? SubmissionTime.From(submitted) : SubmissionTime.None;
            problem = $"submittedAt: {at.AheadProblem(time.GetUtcNow())}";
            return at.IsTooFarAhead(time.GetUtcNow()) ? null : new Indexed(0, label, url, new Vote(worker, confirmed, at));
        }
        return null;
    }

    private async Task SendAsync()
    {
        if (_pending.Count == 0) return;
        var classes = _pending.GroupBy(vote => vote.Label).ToList();
        if (!classes.TrueForAll(group => _classes.Contains(group.Key)))
            _classes = [.. await jobGrain.GetClassesAsync(job.Incarnation) ?? throw new JobGoneException(job.Name)];
        var sent = await Task.WhenAll(classes.Select(SendAsync));
        foreach (var (images, outcomes) in sent) Settle(images, outcomes);
        _pending.Clear();
    }

    /// <summary>Sends one class's votes. The outcomes are one an image, in order; none where the job has no such class.</summary>
    private async Task<(List<IGrouping<ImageUrl, Indexed>> Images, ImmutableArray<ImageOutcome> Outcomes)> SendAsync(
        IGrouping<Label, Indexed> votes)
    {
        var images = votes.GroupBy(vote => vote.Url).ToList();
        if (!_classes.Contains(votes.Key)) return (images, [.. images.Select(_ => new ImageOutcome(VoteOutcome.UnknownImage, []))]);
        var message = new ClassVotes(null, [.. images.Select(image =>
            new ImageVotes(image.Key, null, [.. image.Select(vote => vote.Vote)]))]);
        var outcomes = await router.VoteAsync(new ClassAddress(job.Incarnation, votes.Key), message);
        return (images, outcomes ?? throw new JobGoneException(job.Name));
    }

    private void Settle(List<IGrouping<ImageUrl, Indexed>> images, ImmutableArray<ImageOutcome> outcomes)
    {
        foreach (var (image, outcome) in images.Zip(outcomes))
        {
            foreach (var vote in image)
            {
                if (outcome.Kind == VoteOutcome.UnknownImage)
                    Reject(vote.Index, $"the image was never imported with the label '{vote.Label}'");
                else if (!outcome.Refused.IsDefaultOrEmpty && outcome.Refused.Contains(vote.Vote.Worker))
                    Reject(vote.Index, $"the image has the votes of {VoteSet.MaxWorkers} workers, which is the most");
                else
                    _accepted++;
            }
        }
    }

    private void Reject(long index, string reason)
    {
        _rejectedCount++;
        if (_rejected.Count < VotesSummary.MaxListed) _rejected.Add(new RejectedVote(index, reason));
    }

    private readonly record struct Indexed(long Index, Label Label, ImageUrl Url, Vote Vote);
}
