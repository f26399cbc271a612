using System.Collections.Immutable;
using BulkQA.Core;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <inheritdoc cref="IClassGrain"/>
[Reentrant]
public sealed class ClassGrain([PersistentState("class")] IPersistentState<ClassRecord> record) : Grain, IClassGrain
{
    private readonly Gate _changes = new();

    private ClassAddress _address;

    private DurableState<ClassRecord> State => field ??= new(record, DeactivateOnIdle);

    private IEnumerable<IPartitionGrain> Partitions => Enumerable.Range(0, State.Value.Partitions)
        .Select(number => GrainFactory.GetGrain<IPartitionGrain>(new PartitionAddress(_address, number).Key));

    private IPartitionGrain Gold => GrainFactory.GetGrain<IPartitionGrain>(PartitionAddress.GoldOf(_address).Key);

    private IEnumerable<IPartitionGrain> PartitionsAndGold => State.Value.HasGold ? Partitions.Append(Gold) : Partitions;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _address = ClassAddress.Parse(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public Task<int> CountPartitionsAsync() => Task.FromResult(State.Value.Partitions);

    public async Task<int> OpenAsync(int partitions)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (State.Value.Partitions == partitions) await State.SaveAsync(State.Value with { Partitions = partitions + 1 });
        return State.Value.Partitions;
    }

    public Task<bool> HasGoldAsync() => Task.FromResult(State.Value.HasGold);

    public async Task<bool> OpenGoldAsync()
    {
        using var turn = await _changes.EnterAloneAsync();
        if (!State.Value.HasGold)
        {
            // Whoever deletes the job retires this only afterwards, in its turn: what is opened here is seen by the sweep.
            if (await GrainFactory.GetGrain<IJobGrain>(_address.Incarnation.Job.Key).GetAsync(_address.Incarnation) is null) return false;
            await State.SaveAsync(State.Value with { HasGold = true });
        }
        await GrainFactory.GetGrain<IDispatchGrain>(_address.Incarnation.Value).ReportAsync(new PartitionProgress(PartitionAddress.GoldOf(_address).Key, 0, 0, 0, false, []));
        return true;
    }

    public async Task<ImmutableArray<GoldCount>> CountGoldAsync()
    {
        if (!State.Value.HasGold) return [];
        var counts = (await Task.WhenAll(PartitionsAndGold.Select(partition => partition.CountGoldAsync()))).SelectMany(found => found);
        return [.. counts.GroupBy(count => count.Gold).Select(of => new GoldCount(of.Key, of.Sum(count => count.Confirms), of.Sum(count => count.Disconfirms)))];
    }

    public Task<ClassTally?> GetTallyAsync() => GetTallyAsync(0);

    public async Task<ClassTally?> GetTallyAsync(int rulesRevision)
    {
        var tallies = await Task.WhenAll(Partitions.Select(partition => partition.GetTallyAsync(rulesRevision)));
        return tallies.Any(tally => tally is null) ? null : tallies.Select(tally => tally!).Aggregate(ClassTally.Add);
    }

    public Task<CountedImages?> GetHistogramAsync(bool isFinal) => SumAsync(partition => partition.GetHistogramAsync(isFinal));

    public Task<CountedImages?> GetHistogramAsync(ModelVersion version, bool isFinal) => SumAsync(partition => partition.GetHistogramAsync(version, isFinal));

    public async Task<CountedReviews?> BreakDownAsync(DateOnly first, DateOnly last)
    {
        var parts = await Task.WhenAll(Partitions.Select(partition => partition.BreakDownAsync(first, last)));
        return parts.Any(part => part is null) ? null : parts.Length == 1 ? parts[0] : new(ReviewBreakdown.Sum(parts.Select(part => part!.Breakdown)));
    }

    public async Task<PosteriorSums?> SumPosteriorsAsync(bool isFinal)
    {
        var parts = await Task.WhenAll(Partitions.Select(partition => partition.SumPosteriorsAsync(isFinal)));
        return parts.Any(part => part is null) ? null : parts.Select(part => part!).Aggregate(PosteriorSums.Add);
    }

    public Task<ClassLease> LeaseAsync(WorkerId worker) =>
        LeaseAsync((partition, skipped) => skipped is { } buckets ? partition.LeaseAsync(worker, buckets) : partition.LeaseAsync(worker));

    public Task<ClassLease> LeaseAsync(WorkerId worker, WorkerTeams teams, int? answers) => LeaseAsync((partition, skipped) => partition.LeaseAsync(worker, teams, answers, skipped));

    private async Task<ClassLease> LeaseAsync(Func<IPartitionGrain, ImmutableArray<int>?, Task<ClassLease>> ask)
    {
        var answered = new int[State.Value.Partitions];
        var (isWanted, until) = (false, default(DateTimeOffset?));
        foreach (var (number, partition) in Partitions.Index())
        {
            var lease = await ask(partition, State.Value.Decisions?.Skipped);
            answered[number] = lease.Answered[0];
            // Of those after it nothing is known now, and -1 says so.
            if (lease.Task is not null) return lease with { Answered = [.. answered.Select((count, index) => index > number ? -1 : count)] };
            isWanted |= lease.IsWanted;
            if (lease.ExpiresAt is { } at && !(until < at)) until = at;
        }
        return new ClassLease(null, until, isWanted, [.. answered]);
    }

    public async Task<bool> IsWantedAsync(WorkerId worker, TeamName team, int answers)
    {
        foreach (var partition in Partitions.ToList())
            if (await partition.IsWantedAsync(worker, team, answers, State.Value.Decisions?.Skipped)) return true;
        return false;
    }

    public Task<ClassDecisions?> GetDecisionsAsync() => Task.FromResult(State.Value.Decisions);

    public async Task<ClassDecisions> DecideAsync(ClassDecisions decisions)
    {
        using var turn = await _changes.EnterAloneAsync();
        var merged = State.Value.Decisions?.Then(decisions) ?? decisions;
        // Under a target that is gone somebody may still be at work; and what is stored of a class of a deleted job would never go.
        if (!merged.Equals(State.Value.Decisions)
            && await GrainFactory.GetGrain<IJobGrain>(_address.Incarnation.Job.Key).GetAsync(_address.Incarnation) is { Target: { } target } && target.Revision == merged.Revision)
            await State.SaveAsync(State.Value with { Decisions = merged });
        return State.Value.Decisions ?? decisions with { All = [] };
    }

    public Task<ClassGuidance?> GetGuidanceAsync() => Task.FromResult(State.Value.Guidance);

    public async Task<bool> SetGuidanceAsync(ClassGuidance? guidance)
    {
        if (guidance?.Problems().Select(found => $"{found.Field}: {found.Problem}").ToList() is { Count: > 0 } problems) throw new BadInputException(string.Join("; ", problems));
        using var turn = await _changes.EnterAloneAsync();
        // Whoever deletes the job retires this only afterwards, in its turn: what is stored here is seen by the sweep.
        if (await GrainFactory.GetGrain<IJobGrain>(_address.Incarnation.Job.Key).GetAsync(_address.Incarnation) is null) return false;
        var next = guidance is { IsEmpty: false } ? guidance : null;
        if (next != State.Value.Guidance) await State.SaveAsync(State.Value with { Guidance = next });
        return true;
    }

    public async Task<int> CountSkippedAsync() => State.Value.Decisions is { Skipped: { IsEmpty: false } skipped }
        ? (await Task.WhenAll(Partitions.Select(partition => partition.SkipAsync(skipped)))).Sum() : 0;

    public async Task<bool> IsShuffledAsync(int seed)
    {
        var run = ShuffledRun.Empty;
        foreach (var partition in Partitions.ToList()) run = run.Then(await partition.FollowShuffleAsync(seed));
        return run.IsShuffled;
    }

    public async Task<ImmutableArray<PartitionProgress>> GetProgressAsync() =>
        [.. await Task.WhenAll(Partitions.Select(partition => partition.GetProgressAsync()))];

    public async Task<ImmutableArray<KnownWorkers>> GetWorkersAsync() =>
        [.. await Task.WhenAll(PartitionsAndGold.Select(partition => partition.GetWorkersAsync()))];

    public async Task<ImmutableArray<KeyValuePair<WorkerId, WorkerTally>>> GetWorkerTalliesAsync()
    {
        var sums = new WorkerSums();
        foreach (var found in await Task.WhenAll(PartitionsAndGold.Select(partition => partition.GetWorkerTalliesAsync()))) sums.Add(found);
        return sums.ToTallies();
    }

    public async Task<WorkerTally?> GetWorkerTallyAsync(WorkerId worker) =>
        WorkerSums.Sum(await Task.WhenAll(PartitionsAndGold.Select(partition => partition.GetWorkerTallyAsync(worker))));

    public async Task<WorkRecords> GetWorkAsync(WorkQuery query) => WorkRecords.Sum(await Task.WhenAll(PartitionsAndGold.Select(partition => partition.GetWorkAsync(query))));

    public async Task<ImmutableArray<KeyValuePair<DateOnly, AgreementCounts>>> GetAgreementAsync() =>
        [.. (await Task.WhenAll(Partitions.Select(partition => partition.GetAgreementAsync()))).SelectMany(found => found)
            .GroupBy(day => day.Key, day => day.Value).Select(day => KeyValuePair.Create(day.Key, day.Aggregate(AgreementCounts.Add))).OrderBy(day => day.Key)];

    public async Task<ImmutableArray<KeyValuePair<Label, int>>> CountRightLabelsAsync() =>
        [.. (await Task.WhenAll(Partitions.Select(partition => partition.CountRightLabelsAsync()))).SelectMany(found => found)
            .GroupBy(entry => entry.Key, entry => entry.Value).Select(group => KeyValuePair.Create(group.Key, group.Sum())).OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key)];

    public async Task ChangeRulesAsync(JobInfo job)
    {
        // A partition that is opened meanwhile reads the job's rules itself.
        await Task.WhenAll(PartitionsAndGold.Select(partition => partition.ChangeRulesAsync(job)));
    }

    public async Task<int> RetireAsync()
    {
        using var turn = await _changes.EnterAloneAsync();
        await Task.WhenAll(PartitionsAndGold.Select(partition => partition.RetireAsync()));
        return State.Value.Partitions;
    }

    public async Task ForgetAsync()
    {
        using var turn = await _changes.EnterAloneAsync();
        await Task.WhenAll(PartitionsAndGold.Select(partition => partition.ForgetAsync()));
        await State.ClearAsync();
        DeactivateOnIdle();
    }

    private async Task<CountedImages?> SumAsync(Func<IPartitionGrain, Task<CountedImages?>> count)
    {
        var parts = await Task.WhenAll(Partitions.Select(count));
        return parts.Any(part => part is null) ? null : parts.Length == 1 ? parts[0] : new(FineHistogram.Sum(parts.Select(part => part!.Histogram)));
    }
}

[GenerateSerializer, Immutable, Alias("BulkQA.ClassPartitions")]
public sealed record ClassRecord
{
    [Id(0)]
    public int Partitions { get; init; } = 1;

    /// <summary>Whether there is a partition of gold beside them.</summary>
    [Id(1)]
    public bool HasGold { get; init; }

    /// <summary>What is decided of it under the job's target; null where nothing ever was.</summary>
    [Id(4)]
    public ClassDecisions? Decisions { get; init; }

    /// <summary>How workers tell whether a picture is of it; null where nobody said.</summary>
    [Id(8)]
    public ClassGuidance? Guidance { get; init; }
}
