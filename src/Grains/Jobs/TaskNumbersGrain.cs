using BulkQA.Core;
using BulkQA.Storage;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <inheritdoc cref="ITaskNumbersGrain"/>
[Reentrant]
public sealed class TaskNumbersGrain([PersistentState("numbers")] IPersistentState<TaskNumbersRecord> record, IFactStore facts) : Grain, ITaskNumbersGrain
{
    private readonly Gate _changes = new();

    private Incarnation _incarnation;

    private DurableState<TaskNumbersRecord> State => field ??= new(record, DeactivateOnIdle);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _incarnation = Incarnation.Parse(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public async Task<TaskBlock?> ReserveAsync(Label label, int partition, int count)
    {
        using var turn = await _changes.EnterAloneAsync();
        // As in IJobClassesGrain.AddAsync: what is reserved here is seen by the sweep.
        if (State.Value.IsRetired || await GrainFactory.GetGrain<IJobGrain>(_incarnation.Job.Key).GetAsync(_incarnation) is null) return null;
        var block = new TaskBlock(new TaskNumber(State.Value.Next), count, label, partition);
        // The numbers first: a block that nobody can find has no tasks, while one that is handed out twice would have two owners.
        await State.SaveAsync(State.Value with { Next = checked(State.Value.Next + count) });
        await facts.WriteBlockAsync(_incarnation, block);
        return block;
    }

    public Task<int> CountAsync() => Task.FromResult(State.Value.Next);

    public async Task RetireAsync()
    {
        using var turn = await _changes.EnterAloneAsync();
        // Where nothing is stored nothing was reserved, or it is forgotten: nothing will be, since the job is gone, and what was stored now would stay.
        if (record.RecordExists && !State.Value.IsRetired) await State.SaveAsync(State.Value with { IsRetired = true });
    }

    public async Task ForgetAsync()
    {
        using var turn = await _changes.EnterAloneAsync();
        await State.ClearAsync();
        DeactivateOnIdle();
    }
}

/// <summary>How far the task numbers of one life of a job went.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.TaskNumbersRecord")]
public sealed record TaskNumbersRecord
{
    /// <summary>The number the next task gets.</summary>
    [Id(0)]
    public int Next { get; init; }

    /// <summary>The job is deleted.</summary>
    [Id(1)]
    public bool IsRetired { get; init; }
}
