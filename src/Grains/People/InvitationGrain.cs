using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <inheritdoc cref="IInvitationGrain"/>
internal sealed class InvitationGrain([PersistentState("invitation")] IPersistentState<InvitationRecord> record, IListings listings, TimeProvider time) : Grain, IInvitationGrain
{
    private DurableState<InvitationRecord> State => field ??= new(record, DeactivateOnIdle);

    public Task<Invitation?> GetAsync() => Task.FromResult(State.Value.Invitation);

    public async Task<Invitation> CreateAsync(Invitation invitation)
    {
        if (State.Value.Invitation is { } known) return known;
        await Task.WhenAll(PeopleListings.EntriesOf(invitation).Select(entry => listings.AddAsync(entry.Listing, entry.Key)));
        await SaveAsync(invitation);
        return invitation;
    }

    public async Task<Invitation?> UseAsync(PersonId person)
    {
        if (State.Value.Invitation is not { } invitation) return null;
        if (invitation.Uses.Any(use => use.Person == person)) return invitation;
        var now = time.GetUtcNow();
        if (!invitation.IsOpen(now)) return null;
        var used = invitation with { Uses = invitation.Uses.Add(new InvitationUse(person, now)) };
        await SaveAsync(used);
        return used;
    }

    public async Task ReturnAsync(PersonId person)
    {
        if (State.Value.Invitation is { } invitation && invitation.Uses.FirstOrDefault(use => use.Person == person) is { } use)
            await SaveAsync(invitation with { Uses = invitation.Uses.Remove(use) });
    }

    public async Task<bool> RevokeAsync()
    {
        if (State.Value.Invitation is not { } invitation) return false;
        if (!invitation.IsRevoked) await SaveAsync(invitation with { IsRevoked = true });
        return true;
    }

    public async Task<bool> DeleteEndedAsync(DateTimeOffset by)
    {
        if (State.Value.Invitation is { } invitation)
        {
            if (invitation.EndsAt > by) return false;
            // Before what says which they are goes; the listing of all goes last, so that it is found again until all is done.
            await Task.WhenAll(PeopleListings.EntriesOf(invitation).Where(entry => entry.Listing != PeopleListings.Invitations).Select(entry => listings.RemoveAsync(entry.Listing, entry.Key)));
            await State.ClearAsync();
        }
        DeactivateOnIdle();
        return true;
    }

    private Task SaveAsync(Invitation invitation) => State.SaveAsync(new InvitationRecord { Invitation = invitation });
}

/// <summary>What an invitation's grain stores.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.InvitationRecord")]
public sealed record InvitationRecord
{
    [Id(0)] public Invitation? Invitation { get; init; }
}
