using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>Makes invitations, and finds them by their links.</summary>
internal sealed class Invitations(IGrainFactory grains, Operators operators, TimeProvider time)
{
    /// <summary>Who made the first operator's.</summary>
    public const string ByThisMachine = "this machine, for the first operator";

    /// <summary>Where links lead to. Their secret follows behind <c>#</c>, which browsers don't send: no log of a balancer, trace or referrer has it.</summary>
    public const string Path = "/invitation";

    /// <returns>The invitation, and the path and secret of its link.</returns>
    public async Task<(Invitation Invitation, string Link)> CreateAsync(ImmutableArray<Grant> given, SignInRecord? target, int uses, TimeSpan lifetime, string by, string? note)
    {
        var (token, now) = (Invitation.NewToken(), time.GetUtcNow());
        var invitation = new Invitation(Invitation.IdOf(token), given, target?.Person.Id, uses, now + lifetime, by, now) { Note = note, Revision = target?.Person.Revision, Stamp = target is null ? null : StampOf(target.Account) };
        return (await Grain(invitation.Id).CreateAsync(invitation), $"{Path}#{token}");
    }

    /// <summary>The secret of a link, or of the part of one that somebody has pasted.</summary>
    public static string TokenOf(string? given) => (given ?? "").Trim().Split('#', '/')[^1];

    public IInvitationGrain Grain(string id) => grains.GetGrain<IInvitationGrain>(id);

    /// <summary>The invitation of a link that may be taken now; null for any other.</summary>
    public async Task<Invitation?> FindOpenAsync(string token) =>
        await Grain(Invitation.IdOf(token)).GetAsync() is { } invitation && invitation.IsOpen(time.GetUtcNow()) && await StandsAsync(invitation) ? invitation : null;

    /// <summary>Counts a use of the invitation and does what it is for. Where that comes to nothing, such as by a change at the same time, the link is as good as before.</summary>
    /// <param name="invitation">Which is taken.</param>
    /// <param name="person">By whom.</param>
    /// <param name="take">What it is for; whether it was done.</param>
    /// <returns>Whether it was taken.</returns>
    public async Task<bool> TakeAsync(Invitation invitation, PersonId person, Func<Task<bool>> take)
    {
        var grain = Grain(invitation.Id);
        if (await grain.UseAsync(person) is null) return false;
        if (await take()) return true;
        await grain.ReturnAsync(person);
        return false;
    }

    /// <summary>
    /// Whether it could still be made: by a person who may sign in and give all that, for teams that are there, and for a password of a person who has
    /// not changed since, nor its password; and the first operator's while there is none. Keys and tokens are no longer asked what they may.
    /// </summary>
    private async Task<bool> StandsAsync(Invitation invitation)
    {
        var record = invitation.For is { } person ? await grains.GetGrain<IPersonGrain>(person.Value).GetAccountAsync() : null;
        if (invitation.For is not null && (record is not { Person.State: PersonState.Active } || record.Person.Revision != invitation.Revision || !IsOf(invitation, record.Account))) return false;
        var target = record?.Person;
        foreach (var team in Grant.TeamsOf(invitation.Grants))
            if (await grains.GetGrain<ITeamGrain>(team.Key).GetAsync() is null) return false;
        if (invitation.CreatedBy == ByThisMachine) return !await operators.AreThereAnyAsync(CancellationToken.None);
        if (!PersonId.TryParse(invitation.CreatedBy, out var by)) return true;
        return await grains.GetGrain<IPersonGrain>(by.Value).GetAsync() is { State: PersonState.Active } maker
            && new Leading(maker.Grants) is var leading && invitation.Grants.All(leading.MayGive) && (target is null || leading.Owns(target));
    }

    /// <summary>Whether what the person signs in by is still what it was when the invitation was made: somebody else may have taken it since it was found.</summary>
    public static bool IsOf(Invitation invitation, PersonAccount account) => StampOf(account) == invitation.Stamp;

    private static string StampOf(PersonAccount account) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(account.SecurityStamp)));
}
