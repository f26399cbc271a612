using System.Collections.Immutable;
using System.Globalization;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <inheritdoc cref="IReliabilityGrain"/>
internal sealed class ReliabilityGrain([PersistentState("reliability")] IPersistentState<ReliabilityRecord> record, ModelStore models, TimeProvider time)
    : Grain, IReliabilityGrain
{
    /// <summary>Models that are kept; the oldest but the adopted one makes way for the next.</summary>
    private const int MaxModels = 100;

    /// <summary>How long a model is waited for before somebody makes sure that it is being estimated.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private Incarnation _incarnation;

    private DurableState<ReliabilityRecord> State => field ??= new(record, DeactivateOnIdle);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _incarnation = Incarnation.Parse(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public Task<ModelInfo?> StartAsync(ReliabilitySettings settings) => StartAsync(settings, null);

    public Task<ModelInfo?> StartAsync(ReliabilitySettings settings, int beginsFrom) => StartAsync(settings, (int?)beginsFrom);

    private async Task<ModelInfo?> StartAsync(ReliabilitySettings settings, int? beginsFrom)
    {
        if (settings.Problems().Select(found => $"{found.Field}: {found.Problem}").ToList() is { Count: > 0 } problems) throw new BadInputException(string.Join("; ", problems));
        if (await Job.GetAsync(_incarnation) is not { } job) return null;
        if (State.Value.Models.FirstOrDefault(model => model.State == ModelState.Running) is { } running)
        {
            // Whoever asked may have ended between the two writes.
            await StartWorkAsync(running);
            return running;
        }
        if (beginsFrom is { } earlier) RequireStart(earlier, settings.Method);
        return await AddAsync(job, new ModelInfo(State.Value.Next, settings, ModelState.Running, time.GetUtcNow()) { BeginsFrom = beginsFrom });
    }

    /// <exception cref="BadInputException">No estimate by this method can begin from the model.</exception>
    private void RequireStart(int number, ReliabilityMethod method)
    {
        var problem = Find(number) switch
        {
            null => $"the job has no model {number}",
            { Result: null } => $"model {number} is not done",
            { Result.LabelsSwitched: true } => $"under model {number} workers vote the wrong way round",
            { Settings.Method: var other } when other != method => $"model {number} is of method {ReliabilityMethods.NameOf(other)}, and {ReliabilityMethods.NameOf(method)} is asked for",
            _ => null,
        };
        if (problem is not null) throw new BadInputException($"start.model: {problem}");
    }

    public async Task<ModelInfo?> StartByItselfAsync(ReliabilityMethod method, int last, long votes)
    {
        if (await Job.GetAsync(_incarnation) is not { } job) return null;
        if (State.Value.Models is [var newest, ..] && (newest.Number > last || newest.State == ModelState.Running)) return null;
        var adopted = job.Model is { } model && Find(model.Number) is { Result: not null } found && found.Settings.Method == method ? found : null;
        var settings = adopted?.Settings ?? new ReliabilitySettings { Method = method };
        return await AddAsync(job, new ModelInfo(State.Value.Next, settings, ModelState.Running, time.GetUtcNow()) { IsByItself = true, VotesBefore = votes, BeginsFrom = adopted?.Number });
    }

    public async Task<ModelInfo?> GetAsync(int number)
    {
        // Whoever asked may have ended between the two writes, or the work was given up: then somebody who waits begins it anew.
        if (Find(number) is { State: ModelState.Running } running && time.GetUtcNow() - running.AskedAt > _patience) await StartWorkAsync(running);
        return Find(number);
    }

    public async Task<ModelInfo?> KeepAsync(int number)
    {
        if (Find(number) is { } found && State.Value.Kept != number) await State.SaveAsync(State.Value with { Kept = number });
        return Find(number);
    }

    public Task<ImmutableArray<ModelInfo>> ListAsync() => Task.FromResult(State.Value.Models);

    public async Task<ModelInfo?> CancelAsync(int number)
    {
        if (Find(number) is { } model) await EndAsync(model with { State = ModelState.Cancelled });
        return Find(number);
    }

    public async Task EndAsync(ModelInfo model)
    {
        if (Find(model.Number) is not { State: ModelState.Running } running) return;
        await State.SaveAsync(State.Value with { Models = State.Value.Models.Replace(running, model with { EndedAt = time.GetUtcNow() }) });
    }

    public async Task ForgetAsync()
    {
        await State.ClearAsync();
        DeactivateOnIdle();
    }

    private IJobGrain Job => GrainFactory.GetGrain<IJobGrain>(_incarnation.Job.Key);

    private ModelInfo? Find(int number) => State.Value.Models.FirstOrDefault(model => model.Number == number);

    private Task<Operation> StartWorkAsync(ModelInfo model) => GrainFactory.GetGrain<IOperationsGrain>(_incarnation.Job.Key).StartAsync(
        OperationKind.Reliability, _incarnation, model.Number.ToString(CultureInfo.InvariantCulture));

    private async Task<ModelInfo> AddAsync(JobInfo job, ModelInfo next)
    {
        await MakeRoomAsync(job);
        await State.SaveAsync(State.Value with { Models = State.Value.Models.Insert(0, next), Next = next.Number + 1 });
        await StartWorkAsync(next);
        return next;
    }

    private async Task MakeRoomAsync(JobInfo job)
    {
        if (State.Value.Models.Length < MaxModels) return;
        var oldest = State.Value.Models.Last(model => model.Number != job.Model?.Number && model.Number != State.Value.Kept);
        // The record first: a model that is told of has its object.
        await State.SaveAsync(State.Value with { Models = State.Value.Models.Remove(oldest) });
        if (oldest.Result is { } result) await models.DeleteAsync(_incarnation, result.Name);
    }
}

/// <summary>The models of one life of a job.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.ReliabilityRecord")]
public sealed record ReliabilityRecord
{
    /// <summary>Newest first.</summary>
    [Id(0)]
    public ImmutableArray<ModelInfo> Models { get; init; } = [];

    /// <summary>The next model's number.</summary>
    [Id(1)]
    public int Next { get; init; } = 1;

    /// <summary>The number of the model that is kept whatever others come; 0 for none.</summary>
    [Id(2)]
    public int Kept { get; init; }
}
