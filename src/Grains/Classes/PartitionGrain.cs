using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Serialization;

namespace BulkQA.Grains;

/// <inheritdoc cref="IPartitionGrain"/>
[Reentrant]
public sealed partial class PartitionGrain(
    IFactStore facts,
    ILabelTable labels,
    Serializer serializer,
    RebuildSlots slots,
    HandoverBudget handovers,
    LocalViews views,
    JobRules rules,
    NotedWorkers noted,
    LinkedWorkers linked,
    IOptions<GrainsOptions> options,
    TimeProvider time,
    GrainsMetrics metrics,
    ILogger<PartitionGrain> log) : Grain, IPartitionGrain, IGrainMigrationParticipant
{
    private const string HandoverKey = "fold";

    private readonly Gate _gate = new();

    private PartitionAddress _address;
    private PartitionHeadRecord _head = null!;
    private Task<PartitionView?>? _building;
    private PartitionSummary? _summary;
    private ViewHandover? _handedOver;
    private bool _ended;
    private IGrainTimer? _delayedAudit;

    private PartitionView? View
    {
        get;
        set
        {
            field = value;
            // A call that outlives the activation must not show what nobody keeps up to date any more.
            if (_ended) return;
            views.Show(_address, value?.Fold);
            if (value is not null) NoteLater(value.Fold);
        }
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _address = PartitionAddress.Parse(this.GetPrimaryKeyString());
        _head = new PartitionHeadRecord(facts, serializer, _address);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _ended = true;
        views.Show(_address, null);
        // Calls that outlived the runtime's patience may still be writing facts; and so may a process that crashed before us,
        // until the audit that it calls for.
        if (View is not { } view || HasUnconfirmed || IsListingDue || !_gate.IsEmpty || _delayedAudit is not null) return;
        try
        {
            if (!await _head.TryReplaceAsync(view.Epoch, PartitionSummary.Of(view, time.GetUtcNow()))) return;
            View = null;
            var ends = reason.ReasonCode is DeactivationReasonCode.ShuttingDown or DeactivationReasonCode.Migrating;
            if (!ends || !handovers.TryTake(view.Fold.Images)) return;
            _handedOver = ViewHandover.Of(view, _head.Head.Epoch);
            MigrateOnIdle();
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            // The summary is only left to spare the next activation a rebuild.
            LogNothingLeft(e, _address.Key);
        }
    }

    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        if (_handedOver is not null) dehydrationContext.TryAddValue(HandoverKey, _handedOver);
    }

    public void OnRehydrate(IRehydrationContext rehydrationContext) => rehydrationContext.TryGetValue(HandoverKey, out _handedOver);

    public async Task<ClassTally?> GetTallyAsync()
    {
        if (View is { } warm) return warm.Fold.Tally();
        if (_summary is { } known) return known.Tally;
        using var pass = await _gate.EnterAsync();
        if (await LeftSummaryAsync() is { CountsUnseen: true, CountsFinal: true, Tally.Done.IsDefault: false } summary) return (_summary = summary).Tally;
        return (await ViewAsync())?.Fold.Tally();
    }

    public async Task<ClassTally?> GetTallyAsync(int rulesRevision)
    {
        await CatchUpAsync(rulesRevision);
        return await GetTallyAsync();
    }

    public async Task<CountedImages?> GetHistogramAsync(bool isFinal)
    {
        if (View is { } warm) return new(warm.Fold.CountFine(isFinal));
        if (_summary?.HistogramOf(isFinal) is { } known) return new(known);
        using var pass = await _gate.EnterAsync();
        if (await LeftSummaryAsync() is { CountsUnseen: true, CountsFinal: true, Tally.Done.IsDefault: false } summary && summary.HistogramOf(isFinal) is { } left)
        {
            _summary = summary;
            return new(left);
        }
        return await ViewAsync() is { } view ? new(view.Fold.CountFine(isFinal)) : null;
    }

    public async Task<CountedImages?> GetHistogramAsync(ModelVersion version, bool isFinal)
    {
        using var pass = await _gate.EnterAsync();
        return await ViewAsync() is { } view ? new(view.Fold.CountFine(version, isFinal)) : null;
    }

    public async Task<CountedReviews?> BreakDownAsync(DateOnly first, DateOnly last)
    {
        if (View is { } warm) return new(warm.Fold.BreakDown().Between(first, last));
        if (_summary?.Breakdown is { } known) return new(known.Between(first, last));
        using var pass = await _gate.EnterAsync();
        if (await LeftSummaryAsync() is { CountsUnseen: true, CountsFinal: true, Breakdown: { } left } summary)
        {
            _summary = summary;
            return new(left.Between(first, last));
        }
        return await ViewAsync() is { } view ? new(view.Fold.BreakDown().Between(first, last)) : null;
    }

    public async Task<KnownWorkers> GetWorkersAsync()
    {
        if (View is { } warm) return PartitionSummary.WorkersOf(warm.Fold, IPartitionGrain.MaxWorkersTold);
        using var pass = await _gate.EnterAsync();
        if (View is null) await _head.LoadAsync();
        return View is { } view ? PartitionSummary.WorkersOf(view.Fold, IPartitionGrain.MaxWorkersTold)
            : _head.Head.Epoch == 0 ? KnownWorkers.None
            : _head.Summary?.Workers ?? KnownWorkers.None with { AreAll = false };
    }

    public async Task<ImmutableArray<TaskStatus>> GetTasksAsync(ImmutableArray<TaskNumber> tasks)
    {
        using var pass = await _gate.EnterAsync();
        return await ViewAsync() is { Fold: var fold }
            ? [.. tasks.Where(fold.Knows).Select(task => new TaskStatus(task, fold.ImagesOf(task), fold.IsDone(task), fold.WorkersOf(task), !fold.IsSampled(task)))]
            : [];
    }

    public async Task RetireAsync()
    {
        using var pass = await _gate.EnterAloneAsync();
        await _head.RaiseAsync(retired: true);
        Forget();
        DeactivateOnIdle();
    }

    public async Task ForgetAsync()
    {
        using var pass = await _gate.EnterAloneAsync();
        await facts.DeleteHeadAsync(_address);
        Forget();
        DeactivateOnIdle();
    }

    private void Forget() => (View, _summary, _handedOver) = (null, null, null);

    /// <summary>Before anything is acknowledged: no other activation has taken over since this view was built.</summary>
    private async Task EnsureCurrentAsync(PartitionView view) => EnsureCurrent(view, await _head.IsCurrentAsync(view.Epoch) ? view.Epoch : 0);

    private void EnsureCurrent(PartitionView view, long epoch)
    {
        if (epoch == view.Epoch) return;
        DeactivateOnIdle();
        throw new StorageException($"another activation of {_address.Key} has taken over; try again");
    }

    private IJobGrain Job() => GrainFactory.GetGrain<IJobGrain>(_address.Class.Incarnation.Job.Key);

    [LoggerMessage(LogLevel.Information, "Partition {Partition} leaves no summary; the next activation folds its facts anew")]
    private partial void LogNothingLeft(Exception exception, string partition);

    [LoggerMessage(LogLevel.Warning, "Facts of partition {Partition} whose write ended without an answer could not be settled yet: {Count}")]
    private partial void LogStillUnconfirmed(Exception exception, string partition, int count);

    [LoggerMessage(LogLevel.Warning, "The audit of partition {Partition} that follows a crash failed; next try after {Pause}")]
    private partial void LogNotAudited(Exception exception, string partition, TimeSpan pause);

    [LoggerMessage(LogLevel.Warning, "That {Count} workers answered in partition {Partition} could not be noted yet; next try after {Pause}")]
    private partial void LogNotNoted(Exception exception, string partition, int count, TimeSpan pause);

    [LoggerMessage(LogLevel.Error, "The audit of partition {Partition} found and repaired {Differences} differences, first {First}")]
    private partial void LogDifferences(string partition, long differences, string first);

    [LoggerMessage(LogLevel.Warning, "Rows of {Count} tasks of partition {Partition} could not be written to the label table yet")]
    private partial void LogNotListed(Exception exception, string partition, int count);
}
