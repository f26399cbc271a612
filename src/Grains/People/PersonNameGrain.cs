using BulkQA.Core;

namespace BulkQA.Grains;

/// <inheritdoc cref="IPersonNameGrain"/>
internal sealed class PersonNameGrain([PersistentState("name")] IPersistentState<PersonNameRecord> record, TimeProvider time) : Grain, IPersonNameGrain
{
    /// <summary>For how long a name stays with a person that has not stored yet that it has it. Longer than any call takes.</summary>
    private static readonly TimeSpan _storing = TimeSpan.FromMinutes(5);

    private DurableState<PersonNameRecord> State => field ??= new(record, DeactivateOnIdle);

    public async Task<PersonId> ClaimAsync(PersonId person)
    {
        if (State.Value.Holder is { } holder)
        {
            if (holder == person && await HoldsAsync(holder)) return holder;
            // One that never came to be, or has lost the name, without saying so.
            if (holder != person && (time.GetUtcNow() - State.Value.ClaimedAt < _storing || await HoldsAsync(holder))) return holder;
        }
        await State.SaveAsync(new PersonNameRecord { Holder = person, ClaimedAt = time.GetUtcNow() });
        return person;
    }

    public async Task ReleaseAsync(PersonId person)
    {
        if (State.Value.Holder != person) return;
        await State.ClearAsync();
        DeactivateOnIdle();
    }

    public Task<PersonId?> FindAsync() => Task.FromResult(State.Value.Holder);

    private async Task<bool> HoldsAsync(PersonId holder) =>
        await GrainFactory.GetGrain<IPersonGrain>(holder.Value).GetAccountAsync() is { } record && PersonGrain.NamesOf(record.Person, record.Account).Contains(this.GetPrimaryKeyString());
}

/// <summary>Who has a name.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.PersonNameRecord")]
public sealed record PersonNameRecord
{
    [Id(0)] public PersonId? Holder { get; init; }

    [Id(1)] public DateTimeOffset ClaimedAt { get; init; }
}
