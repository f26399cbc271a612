using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <inheritdoc cref="IOperationsGrain"/>
[Reentrant]
internal sealed partial class OperationsGrain(
    [PersistentState("operations")] IPersistentState<OperationsRecord> record, IEnumerable<IOperationWork> works, IOptions<GrainsOptions> options,
    TimeProvider time, ILogger<OperationsGrain> log) : Grain, IOperationsGrain, IDisposable
{
    /// <summary>Operations that have ended and are still told of.</summary>
    private const int MaxEnded = 20;

    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);

    /// <summary>For what the API has to do; after that another request may take the place.</summary>
    private static readonly TimeSpan _longestWait = TimeSpan.FromHours(1);

    /// <summary>Intervals after which progress is written down: a crash costs no more than that much work.</summary>
    private const int SaveEvery = 5;

    /// <summary>Work that fails for so long without a step forward is given up, unless it was promised.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromHours(6);

    /// <summary>One change of the record at a time.</summary>
    private readonly Gate _changes = new();

    private readonly CancellationTokenSource _end = new();

    /// <summary>What is at work here, as it last reported.</summary>
    private readonly Dictionary<string, Operation> _running = [];

    private readonly Dictionary<string, (TimeSpan Pause, DateTimeOffset NextAt, DateTimeOffset Since)> _postponed = [];
    private IGrainTimer? _timer;

    private TimeSpan Interval => options.Value.OperationInterval;

    private DurableState<OperationsRecord> State => field ??= new(record, DeactivateOnIdle);

    private ImmutableArray<Operation> Operations => State.Value.Operations;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        EnsureWorking();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _end.CancelAsync();

    public void Dispose() => _end.Dispose();

    public async Task<Operation> StartAsync(OperationKind kind, Incarnation incarnation, string? request)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (Operations.FirstOrDefault(known => known.Kind == kind && known.Incarnation == incarnation
            && (!known.HasEnded || known is { Kind: OperationKind.Delete, State: OperationState.Done })) is { } joined
            && !await GivesWayAsync(joined, request))
        {
            if (kind is not (OperationKind.RewriteVerdicts or OperationKind.Reliability or OperationKind.Reestimate or OperationKind.Decide or OperationKind.Watch) || joined.Request == request) return Latest(joined);
            joined = joined with { Runs = joined.Runs + 1, Request = request, Done = 0, Position = null };
            await SaveAsync(joined);
            return joined;
        }
        // Before the operation is there: whoever looks after unfinished jobs must not miss it.
        await Unfinished.AddAsync(incarnation.Job);
        var number = State.Value.NextNumber;
        var operation = new Operation($"{Name(kind)}-{number}", kind, incarnation, OperationState.Running, time.GetUtcNow(), Request: request);
        await State.SaveAsync(new OperationsRecord { Operations = Kept(Operations.Insert(0, operation)), NextNumber = number + 1 });
        EnsureWorking();
        return operation;
    }

    public Task<Operation?> GetAsync(string id) => Task.FromResult(Find(id) is { } found ? Latest(found) : null);

    public Task<bool> IsOutdatedAsync(string id, int runs) => Task.FromResult(Find(id) is not { } known || known.Runs != runs
        || Operations.Any(other => other is { Kind: OperationKind.Delete, State: not OperationState.Failed } && other.Incarnation == known.Incarnation));

    public Task<ImmutableArray<Operation>> ListAsync() => Task.FromResult<ImmutableArray<Operation>>([.. Operations.Select(Latest)]);

    public async Task EndAsync(string id, string? problem)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (Find(id) is { State: OperationState.Waiting } waiting) await SaveAsync(Ended(waiting, problem));
        EnsureWorking();
    }

    public Task ResumeAsync()
    {
        EnsureWorking();
        return Task.CompletedTask;
    }

    private void EnsureWorking() => _timer ??= this.RegisterGrainTimer(
        LookAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Interval) { Interleave = true, KeepAlive = true });

    /// <summary>Starts what is not at work; ends the looking once there is nothing to look after.</summary>
    private async Task LookAsync()
    {
        var now = time.GetUtcNow();
        foreach (var operation in Operations.Where(operation => operation.State == OperationState.Running))
        {
            if (_running.ContainsKey(operation.Id) || (_postponed.TryGetValue(operation.Id, out var postponed) && now < postponed.NextAt)) continue;
            _running[operation.Id] = operation;
            _ = RunAsync(operation);
        }
        if (Operations.Any(operation => operation.State == OperationState.Running)) return;
        try
        {
            using var turn = await _changes.EnterAloneAsync();
            if (Operations.Any(operation => operation.State == OperationState.Running)) return;
            // While one waits for the API, the API has to find the job among the unfinished.
            if (!Operations.Any(operation => !operation.HasEnded)) await Unfinished.RemoveAsync(JobName.Create(this.GetPrimaryKeyString()));
            _timer?.Dispose();
            _timer = null;
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            LogLater(e, this.GetPrimaryKeyString(), Interval);
        }
    }

    /// <summary>Never throws: what becomes of the operation is written down, or it is run again.</summary>
    private async Task RunAsync(Operation operation)
    {
        try
        {
            var savedAt = time.GetTimestamp();
            var work = works.Single(work => work.Kind == operation.Kind);
            var result = await work.RunAsync(operation, ReportAsync, _end.Token);
            await FinishAsync(operation, result);
            _postponed.Remove(operation.Id);

            async Task ReportAsync(Operation progress)
            {
                _end.Token.ThrowIfCancellationRequested();
                _running[operation.Id] = progress;
                _postponed.Remove(operation.Id);
                if (time.GetElapsedTime(savedAt) < Interval * SaveEvery) return;
                savedAt = time.GetTimestamp();
                using var turn = await _changes.EnterAloneAsync();
                // One that is to run once more begins at the beginning, wherever this run is.
                if (Find(operation.Id) is { } stored && stored.Runs == operation.Runs) await SaveAsync(progress);
            }
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            // Another activation goes on.
            if (_end.IsCancellationRequested) return;
            LogLater(e, this.GetPrimaryKeyString(), Postpone(operation));
            if (!IsPromise(operation) && time.GetUtcNow() - _postponed[operation.Id].Since > _patience) await TryEndAsync(operation, e.Message);
        }
        // Our fault. What was promised is tried on, in case a release that mends it comes; the rest is given up, and says so.
        catch (Exception e)
        {
            LogFailed(e, operation.Id, this.GetPrimaryKeyString());
            if (IsPromise(operation)) Postpone(operation);
            else await TryEndAsync(operation, e.Message);
        }
        finally
        {
            _running.Remove(operation.Id);
        }
    }

    private async Task FinishAsync(Operation began, Operation result)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (Find(began.Id) is not { } stored) return;
        if (result.State != OperationState.Running && stored.Runs != began.Runs)
            result = result with { State = OperationState.Running, Done = 0, Position = null };
        else if (result.HasEnded)
            result = result with { EndedAt = time.GetUtcNow() };
        result = result with { Runs = stored.Runs, Request = stored.Request };
        if (result != stored) await SaveAsync(result);
    }

    /// <summary>Whether callers were told that it will be done: it is never given up.</summary>
    private static bool IsPromise(Operation operation) => operation.Kind is OperationKind.Delete or OperationKind.RewriteVerdicts or OperationKind.Reestimate or OperationKind.Decide or OperationKind.Watch;

    /// <returns>How long it rests: twice as long each time.</returns>
    private TimeSpan Postpone(Operation operation)
    {
        var now = time.GetUtcNow();
        var (pause, since) = _postponed.TryGetValue(operation.Id, out var last)
            ? (TimeSpan.FromTicks(Math.Min(_longestPause.Ticks, last.Pause.Ticks * 2)), last.Since) : (Interval, now);
        _postponed[operation.Id] = (pause, now + (pause * (0.5 + (Random.Shared.NextDouble() / 2))), since);
        return pause;
    }

    private async Task TryEndAsync(Operation operation, string problem)
    {
        try
        {
            using var turn = await _changes.EnterAloneAsync();
            if (Find(operation.Id) is { HasEnded: false } stored) await SaveAsync(Ended(stored, problem));
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            LogLater(e, this.GetPrimaryKeyString(), Interval);
        }
    }

    /// <summary>Whether one that has waited too long for the API was ended, to make room for another request.</summary>
    private async Task<bool> GivesWayAsync(Operation joined, string? request)
    {
        if (joined.State != OperationState.Waiting || joined.Request == request || time.GetUtcNow() - joined.StartedAt < _longestWait) return false;
        await SaveAsync(Ended(joined, "it waited too long, and another request took its place"));
        return true;
    }

    private Operation Ended(Operation operation, string? problem) => operation with
    {
        State = problem is null ? OperationState.Done : OperationState.Failed,
        Problem = problem,
        EndedAt = time.GetUtcNow(),
    };

    /// <summary>As it last reported where it is at work, and as stored otherwise; how often and for what it was asked for, as stored.</summary>
    private Operation Latest(Operation stored) => stored.State == OperationState.Running && _running.TryGetValue(stored.Id, out var progress)
        ? progress with { Runs = stored.Runs, Request = stored.Request } : stored;

    private Operation? Find(string id) => Operations.FirstOrDefault(operation => operation.Id == id);

    private Task SaveAsync(Operation operation) =>
        State.SaveAsync(State.Value with { Operations = Kept(Operations.Replace(Find(operation.Id)!, operation)) });

    private static ImmutableArray<Operation> Kept(ImmutableArray<Operation> operations)
    {
        var ended = 0;
        return [.. operations.Where(operation => !operation.HasEnded || ended++ < MaxEnded)];
    }

    private static string Name(OperationKind kind) => kind switch
    {
        OperationKind.Audit => "audit",
        OperationKind.Delete => "delete",
        OperationKind.RewriteVerdicts => "rewrite-verdicts",
        OperationKind.LabelTable => "label-table",
        OperationKind.Reliability => "reliability",
        OperationKind.Reestimate => "reestimate",
        OperationKind.Decide => "decide",
        OperationKind.Watch => "watch",
        _ => "labeling-job",
    };

    private IUnfinishedJobsGrain Unfinished => GrainFactory.GetGrain<IUnfinishedJobsGrain>(IUnfinishedJobsGrain.Key);

    [LoggerMessage(LogLevel.Warning, "Background work of job {Job} could not go on; next try after {Pause}")]
    private partial void LogLater(Exception exception, string job, TimeSpan pause);

    [LoggerMessage(LogLevel.Error, "Operation {Operation} of job {Job} failed as it should not")]
    private partial void LogFailed(Exception exception, string operation, string job);
}

/// <summary>What a job's operations store.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.OperationsRecord")]
public sealed record OperationsRecord
{
    /// <summary>Newest first.</summary>
    [Id(0)]
    public ImmutableArray<Operation> Operations { get; init; } = [];

    /// <summary>Part of the next operation's id.</summary>
    [Id(1)]
    public int NextNumber { get; init; } = 1;
}
