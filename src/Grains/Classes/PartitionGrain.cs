using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Storage;

namespace BulkQA.Grains;

/// <inheritdoc cref="IPartitionGrain"/>
[Reentrant]
public sealed partial class PartitionGrain(
    ILabelTable table,
    [FromKeyedServices("Default")] IGrainStorage storage,
    RebuildSlots slots,
    HandoverBudget handovers,
    LocalViews views,
    IOptions<GrainsOptions> options,
    TimeProvider time,
    GrainsMetrics metrics,
    ILogger<PartitionGrain> log) : Grain, IPartitionGrain, IPartitionWorkersGrain, IGrainMigrationParticipant
{
    private const string HandoverKey = "view";

    /// <summary>Images in doubt from which on rebuilding the view is cheaper than reading them one by one.</summary>
    private const int MaxInDoubt = 10_000;

    /// <summary>Workers whose ids are left; the record has to fit a DynamoDB item.</summary>
    private const int MaxLeftWorkers = 1_000;

    private readonly Gate _gate = new();
    private readonly Gate _imports = new();

    /// <summary>Images whose row may be ahead of the view, each with the number of its latest doubt.</summary>
    private readonly Dictionary<ImageUrl, long> _inDoubt = [];

    private long _doubts;
    private ClassAddress _address;
    private int _firstShard;
    private PartitionRecord _record = null!;
    private Task<PartitionView?>? _building;
    private TallyReply? _left;
    private ViewHandover? _handedOver;
    private bool _ended;
    private IGrainTimer? _repair;
    private IGrainTimer? _delayedAudit;

    private PartitionView? View
    {
        get;
        set
        {
            field = value;
            // A call that outlives the activation must not show what nobody keeps up to date any more.
            if (!_ended) views.Show(_address, _firstShard, value);
        }
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (_address, var first) = ClassAddress.ParseSharded(this.GetPrimaryKeyString());
        _firstShard = first.Number;
        _record = new PartitionRecord(storage, this.GetGrainId());
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _ended = true;
        views.Show(_address, _firstShard, null);
        // Calls that outlived the runtime's patience may still be writing rows; and so may a process that crashed before us,
        // until the audit that it calls for.
        if (View is not { } view || _inDoubt.Count > 0 || !_gate.IsEmpty || _delayedAudit is not null) return;
        try
        {
            var left = _record.State with
            {
                Left = view.Images.Tally(),
                PolicyRevision = view.Job.PolicyRevision,
                LeftWorkers = new KnownWorkers([.. view.Workers.Take(MaxLeftWorkers)], view.RemembersAllWorkers && view.Workers.Count <= MaxLeftWorkers),
            };
            await _record.ReplaceAsync(left);
            View = null;
            var ends = reason.ReasonCode is DeactivationReasonCode.ShuttingDown or DeactivationReasonCode.Migrating;
            if (!ends || !handovers.TryTake(view.Images.Count)) return;
            _handedOver = ViewHandover.Of(view, _record.ETag);
            MigrateOnIdle();
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            // The counters are only left to spare the next activation a rebuild.
            LogNothingLeft(e, this.GetPrimaryKeyString());
        }
    }

    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        if (_handedOver is not null) dehydrationContext.TryAddValue(HandoverKey, _handedOver);
    }

    public void OnRehydrate(IRehydrationContext rehydrationContext) => rehydrationContext.TryGetValue(HandoverKey, out _handedOver);

    public async Task<TallyReply?> GetTallyAsync()
    {
        if (View is { } warm) return new TallyReply(warm.Images.Tally(), warm.Partitions);
        if (_left is not null) return _left;
        using var pass = await _gate.EnterAsync();
        if (View is null && await Job().GetAsync(_address.Incarnation) is { } job)
        {
            await _record.LoadAsync();
            if (_record.State is { Left: { } left, Retired: false } state && state.PolicyRevision == job.PolicyRevision)
                return _left = new TallyReply(left, state.Partitions);
        }
        return await ViewAsync() is { } view ? new TallyReply(view.Images.Tally(), view.Partitions) : null;
    }

    public async Task<TaskLease?> LeaseAsync(WorkerId worker)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { } view) return null;
        if (view.Board.HeldBy(worker, time.GetUtcNow()) is { } held) return new TaskLease(held.Task, held.ExpiresAt, 0, 0);
        var open = view.Images.Tasks.Where(task => !task.Value.IsDone).Select(task => task.Key).Order().ToList();
        foreach (var task in open)
        {
            if (!IsWanted(task)) continue;
            // The rows have the last word on who has answered; meanwhile somebody else may have taken the task.
            if (await HasAnsweredAsync(task, worker)) view.Board.Answered(task, worker);
            else if (IsWanted(task)) return new TaskLease(task, view.Board.Lend(task, worker, time.GetUtcNow()), 0, 0);
        }
        return null;

        bool IsWanted(TaskNumber task) => view.Board.IsWanted(task, worker, view.Job.Settings.WorkersPerTask, time.GetUtcNow());
    }

    public async Task<int> CountAnsweredAsync(WorkerId worker)
    {
        using var pass = await _gate.EnterAsync();
        return (await ViewAsync())?.Board.CountAnswered(worker) ?? 0;
    }

    public async Task<KnownWorkers> GetWorkersAsync()
    {
        if (View is { } warm) return new KnownWorkers([.. warm.Workers], warm.RemembersAllWorkers);
        if (_record.State.LeftWorkers is { } known) return known;
        using var pass = await _gate.EnterAsync();
        await _record.LoadAsync();
        return _record.State.LeftWorkers ?? new KnownWorkers([], AreAll: false);
    }

    public async Task<ImmutableArray<TaskStatus>> GetTasksAsync(ImmutableArray<TaskNumber> tasks)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { } view) return [];
        return [.. tasks.Where(view.Images.Tasks.ContainsKey).Select(task =>
        {
            var progress = view.Images.Tasks[task];
            return new TaskStatus(task, progress.Images, progress.IsDone, view.Board.WorkersOf(task));
        })];
    }

    public async Task ResizeAsync(int partitions)
    {
        using var pass = await _gate.EnterAloneAsync();
        await _record.LoadAsync();
        if (_record.State.Partitions >= partitions) return;
        await _record.ChangeAsync(state => state with { Epoch = state.Epoch + 1, Partitions = partitions, Left = null, LeftWorkers = null });
        Cool();
    }

    public async Task RetireAsync()
    {
        using var pass = await _gate.EnterAloneAsync();
        await _record.LoadAsync();
        if (!_record.State.Retired)
            await _record.ChangeAsync(state => state with { Epoch = state.Epoch + 1, Retired = true, Left = null });
        Cool();
        DeactivateOnIdle();
    }

    public async Task ForgetAsync()
    {
        using var pass = await _gate.EnterAloneAsync();
        await _record.ClearAsync();
        Cool();
        DeactivateOnIdle();
    }

    /// <summary>Whether the rows say that this worker answered every image of the task.</summary>
    private async Task<bool> HasAnsweredAsync(TaskNumber task, WorkerId worker)
    {
        var content = await GrainFactory.GetGrain<ITaskGrain>(ITaskGrain.Key(_address.Incarnation, task)).GetAsync();
        if (content is null) return true;
        var rows = await table.ReadAsync([.. content.Images.Select(image => new ImageAddress(_address, image.Url))]);
        return rows.All(row => row is null || row.Task?.Number != task || row.Votes.Has(worker));
    }

    /// <summary>Before anything is acknowledged: no other activation has taken over since this view was built.</summary>
    private async Task EnsureCurrentAsync(PartitionView view)
    {
        if (await _record.IsCurrentAsync(view.Epoch)) return;
        DeactivateOnIdle();
        throw new StorageException($"another activation of {this.GetPrimaryKeyString()} has taken over; try again");
    }

    private bool OwnsAll(PartitionView view, ImageHash[] images) =>
        Array.TrueForAll(images, image => PartitionRange.FirstShard(image.Shard, view.Partitions) == _firstShard);

    /// <summary>Why there is no view.</summary>
    private async Task<Refusal> RefusalAsync()
    {
        var gone = _record.State.Retired || await Job().GetAsync(_address.Incarnation) is null;
        return gone ? Refusal.Gone : Refusal.Moved;
    }

    private IJobGrain Job() => GrainFactory.GetGrain<IJobGrain>(_address.Incarnation.Job.Key);

    private IImageGrain Image(ImageUrl url) => GrainFactory.GetGrain<IImageGrain>(new ImageAddress(_address, url).GrainKey);

    [LoggerMessage(LogLevel.Information, "Partition {Partition} leaves no counters; the next activation rebuilds them from rows")]
    private partial void LogNothingLeft(Exception exception, string partition);

    [LoggerMessage(LogLevel.Warning, "Images of partition {Partition} in doubt could not be read again yet: {Count}")]
    private partial void LogStillInDoubt(Exception exception, string partition, int count);

    [LoggerMessage(LogLevel.Warning, "The audit of partition {Partition} that follows a crash failed; next try after {Pause}")]
    private partial void LogNotAudited(Exception exception, string partition, TimeSpan pause);

    [LoggerMessage(LogLevel.Error, "The audit of partition {Partition} found and repaired {Differences} differences, first {First}")]
    private partial void LogDifferences(string partition, long differences, string first);
}
