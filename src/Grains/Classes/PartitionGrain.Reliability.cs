using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <content>
/// What answers say of workers and images, and the part of a reliability estimate that is done where the votes are: they are laid by once, and
/// each of its iterations takes sums over them on the thread pool, while the grain goes on with its calls.
/// </content>
public sealed partial class PartitionGrain
{
    /// <summary>Estimates that have votes laid by at the same time; the one that asked longest ago makes way.</summary>
    private const int MaxEstimates = 2;

    /// <summary>Tasks whose answers are looked at in one go, between which other calls get their turn.</summary>
    private const int TasksLookedAtAtOnce = 500;

    /// <summary>For how long votes are kept of an estimate that asks for nothing.</summary>
    private static readonly TimeSpan _estimatePatience = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, Estimate> _estimates = [];
    private IGrainTimer? _forgetting;

    public async Task<ImmutableArray<KeyValuePair<WorkerId, WorkerTally>>> GetWorkerTalliesAsync()
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { Fold: var fold }) return [];
        var counting = await CountAsync(fold, fold.BeginTallies());
        return [.. counting.Workers.Zip(counting.ToTallies(), KeyValuePair.Create).Take(IPartitionGrain.MaxWorkersTold)];
    }

    public async Task<WorkerTally?> GetWorkerTallyAsync(WorkerId worker)
    {
        using var pass = await _gate.EnterAsync();
        // Nothing is folded for somebody who never answered here.
        if (await LeftSummaryAsync() is { Workers: { AreAll: true, Workers: var known } } && known.All(other => other.Key != worker)) return null;
        return await ViewAsync() is { Fold: var fold } && (await CountAsync(fold, fold.BeginTally(worker))).ToTallies() is [var tally] ? tally : null;
    }

    private static async Task<PartitionFold.WorkerTallies> CountAsync(PartitionFold fold, PartitionFold.WorkerTallies counting)
    {
        if (counting.Workers.IsEmpty) return counting;
        await InTurnsAsync(fold, tasks =>
        {
            foreach (var task in tasks) counting.Add(task);
        });
        return counting;
    }

    /// <summary>Looks at all tasks, some in one go, between which other calls get their turn: rules and answers may change meanwhile.</summary>
    private static async Task InTurnsAsync(PartitionFold fold, Action<TaskNumber[]> look)
    {
        foreach (var tasks in fold.Tasks.ToList().Chunk(TasksLookedAtAtOnce))
        {
            look(tasks);
            await Task.Yield();
        }
    }

    public async Task<ImmutableArray<RankedImage>> RankAsync(ImageSelection selection)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { Fold: var fold }) return [];
        IReadOnlyList<RankedImage> first = [];
        await InTurnsAsync(fold, tasks => first = [.. first.Concat(fold.Rank(selection, tasks)).Order().Take(selection.Limit)]);
        return [.. first];
    }

    public async Task<PosteriorSums?> SumPosteriorsAsync(bool isFinal)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { Fold: var fold }) return null;
        var (revision, sums) = (fold.Rules.Revision, fold.SumPosteriors(isFinal, []));
        await InTurnsAsync(fold, tasks => sums = sums is { } sum && fold.SumPosteriors(isFinal, tasks) is { } part ? sum + part : null);
        // Of two models there is no sum.
        return fold.Rules.Revision == revision ? sums : null;
    }

    public async Task<ImmutableArray<KeyValuePair<DateOnly, AgreementCounts>>> GetAgreementAsync()
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { Fold: var fold }) return [];
        var days = new SortedDictionary<DateOnly, AgreementCounts>();
        await InTurnsAsync(fold, tasks => fold.AddAgreementTo(days, tasks));
        return [.. days];
    }

    public async Task<ImmutableArray<KeyValuePair<Label, int>>> CountRightLabelsAsync()
    {
        using var pass = await _gate.EnterAsync();
        return await ViewAsync() is { Fold: var fold } ? [.. fold.CountRightLabels()] : [];
    }

    public async Task<LaidByVotes?> LayByVotesAsync(string estimate)
    {
        if (FindEstimate(estimate) is { } known) return known.LaidBy;
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { Fold: var fold }) return null;
        ImmutableArray<WorkerId> workers = [.. fold.Workers];
        var builder = new VoteBlockBuilder([.. workers.Select(worker => HoldOut.KeyOf(worker.Value))]);
        await InTurnsAsync(fold, tasks =>
        {
            foreach (var task in tasks) fold.AddVotesTo(builder, task, workers.Length);
        });
        // Somebody may have asked twice at once.
        if (FindEstimate(estimate) is { } meanwhile) return meanwhile.LaidBy;
        var votes = builder.Build();
        if (_estimates.Count >= MaxEstimates) _estimates.Remove(_estimates.MinBy(entry => entry.Value.AskedAt).Key);
        var laidBy = new LaidByVotes(workers, votes.Votes, votes.Images);
        _estimates[estimate] = new Estimate(votes, laidBy, time.GetUtcNow());
        _forgetting ??= this.RegisterGrainTimer(ForgetEstimates, new GrainTimerCreationOptions(_estimatePatience, _estimatePatience) { Interleave = true, KeepAlive = true });
        return laidBy;
    }

    public async Task<double[]?> ExpectAsync(string estimate, double[]? parameters, HeldOutVotes? without)
    {
        if (FindEstimate(estimate) is not { } known) return null;
        return await Task.Run(() =>
        {
            var votes = without is null ? known.Votes : known.Without(without);
            return (parameters is null ? votes.ExpectByMajority() : votes.Expect(ReliabilityParameters.Unpack(parameters))).Pack();
        });
    }

    public async Task<HeldOutSums?> ScoreAsync(string estimate, ScoredModels models, HeldOutVotes heldOut)
    {
        if (FindEstimate(estimate) is not { } known) return null;
        return await Task.Run(() => known.Votes.Score(
            heldOut.ToHoldOut(), new HeldOutModels(models.SharedCoin, ReliabilityParameters.Unpack(models.OneCoin), ReliabilityParameters.Unpack(models.TwoCoin))));
    }

    public Task DropVotesAsync(string estimate)
    {
        _estimates.Remove(estimate);
        ForgetEstimates();
        return Task.CompletedTask;
    }

    private Estimate? FindEstimate(string estimate)
    {
        if (!_estimates.TryGetValue(estimate, out var known)) return null;
        known.AskedAt = time.GetUtcNow();
        return known;
    }

    private Task ForgetEstimates()
    {
        foreach (var (estimate, known) in _estimates.ToList())
            if (time.GetUtcNow() - known.AskedAt > _estimatePatience) _estimates.Remove(estimate);
        if (_estimates.Count > 0) return Task.CompletedTask;
        _forgetting?.Dispose();
        _forgetting = null;
        return Task.CompletedTask;
    }

    /// <summary>Votes that are laid by.</summary>
    private sealed class Estimate(VoteBlock votes, LaidByVotes laidBy, DateTimeOffset askedAt)
    {
        private readonly Lock _choice = new();
        private (HeldOutVotes HeldOut, VoteBlock Votes)? _without;

        public VoteBlock Votes { get; } = votes;

        public LaidByVotes LaidBy { get; } = laidBy;

        public DateTimeOffset AskedAt { get; set; } = askedAt;

        /// <summary>The sampled votes without those that are held out: made once, as many iterations ask for them.</summary>
        public VoteBlock Without(HeldOutVotes heldOut)
        {
            lock (_choice)
            {
                if (_without is { } made && made.HeldOut == heldOut) return made.Votes;
                var votes = Votes.WithoutHeldOut(heldOut.ToHoldOut());
                _without = (heldOut, votes);
                return votes;
            }
        }
    }
}
