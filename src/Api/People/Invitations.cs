using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>Makes invitations, and finds them by their links.</summary>
internal sealed class Invitations(IGrainFactory grains, TimeProvider time)
{
    /// <summary>Where links lead to.</summary>
    public const string Path = "/invitation";

    /// <returns>The invitation, and the path and secret of its link.</returns>
    public async Task<(Invitation Invitation, string Link)> CreateAsync(ImmutableArray<Grant> given, PersonId? person, int uses, TimeSpan lifetime, string by, string? note)
    {
        var (token, now) = (Invitation.NewToken(), time.GetUtcNow());
        var invitation = new Invitation(Invitation.IdOf(token), given, person, uses, now + lifetime, by, now) { Note = note };
        return (await Grain(invitation.Id).CreateAsync(invitation), $"{Path}/{token}");
    }

    public IInvitationGrain Grain(string id) => grains.GetGrain<IInvitationGrain>(id);

    /// <summary>The invitation of a link that may be taken now; null for any other.</summary>
    public async Task<Invitation?> FindOpenAsync(string token) =>
        await Grain(Invitation.IdOf(token)).GetAsync() is { } invitation && invitation.IsOpen(time.GetUtcNow()) ? invitation : null;
}
