using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>Deletes invitations a while after nobody can take them any more (<see cref="Invitation.KeptAfterEnd"/>). Idempotent; any number of processes may.</summary>
public sealed class EndedInvitations(IGrainFactory grains, IListings listings, TimeProvider time)
{
    /// <summary>Invitations that are looked at together.</summary>
    private const int LookedAtAtOnce = 100;

    /// <summary>Looks at all that were made so long ago that they may be over for long enough: as many as are made in <see cref="Invitation.MaxLifetime"/>, mostly.</summary>
    /// <returns>How many were deleted.</returns>
    public async Task<int> DeleteAsync(CancellationToken cancellation)
    {
        var (by, deleted) = (time.GetUtcNow() - Invitation.KeptAfterEnd, 0);
        for (var after = PeopleListings.BeforeInvitationsOf(by); ;)
        {
            var keys = await listings.ReadAsync(PeopleListings.Invitations, "", after, cancellation).Take(LookedAtAtOnce).ToListAsync(cancellation);
            var gone = await Task.WhenAll(keys.Select(key => grains.GetGrain<IInvitationGrain>(PeopleListings.InvitationOf(key)).DeleteEndedAsync(by)));
            foreach (var (key, _) in keys.Zip(gone).Where(entry => entry.Second))
            {
                await listings.RemoveAsync(PeopleListings.Invitations, key, cancellation);
                deleted++;
            }
            if (keys.Count < LookedAtAtOnce) return deleted;
            after = keys[^1];
        }
    }
}
