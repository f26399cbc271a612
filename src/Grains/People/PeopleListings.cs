using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>
/// By which listings people, teams, invitations and a team's jobs are found. A listing may name what is no longer so: whoever reads it asks the
/// grain.
/// </summary>
public static class PeopleListings
{
    /// <summary>All people by name.</summary>
    public const string People = "people";

    /// <summary>Who is an operator of the whole deployment.</summary>
    public const string Operators = "operators";

    /// <summary>Who has worker ids of other paths.</summary>
    public const string Linked = "linked";

    /// <summary>All teams by name.</summary>
    public const string Teams = "teams";

    /// <summary>All invitations, the latest first.</summary>
    public const string Invitations = "invitations";

    private const int IdLength = 34;

    /// <summary>In characters, each of up to three bytes: with the id it fits a key (<see cref="IListings.MaxBytes"/>).</summary>
    private const int MaxFoldedLength = 200;

    public static string PeopleOf(TeamName team) => $"team/{team.Key}/people";

    public static string InvitationsOf(TeamName team) => $"team/{team.Key}/invitations";

    public static string JobsOf(TeamName team) => $"team/{team.Key}/jobs";

    /// <summary>By name, and among those of one name by id.</summary>
    public static string KeyOf(Person person) => $"{Folded(person.Name)}/{person.Id}";

    public static PersonId PersonOf(string key) => PersonId.Parse(key[^IdLength..]);

    /// <summary>By time, the latest first.</summary>
    public static string KeyOf(Invitation invitation) => $"{DateTimeOffset.MaxValue.UtcTicks - invitation.CreatedAt.UtcTicks:D19}/{invitation.Id}";

    /// <summary>Every invitation that was made at that time or earlier comes after this key of <see cref="Invitations"/>, and no later one.</summary>
    public static string BeforeInvitationsOf(DateTimeOffset time) => $"{DateTimeOffset.MaxValue.UtcTicks - time.UtcTicks:D19}";

    public static string InvitationOf(string key) => key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>As names are ordered and looked for.</summary>
    public static string Folded(string name)
    {
        var folded = name.Normalize(System.Text.NormalizationForm.FormKC).ToLowerInvariant();
        // A single character may stand for many.
        if (folded.Length <= MaxFoldedLength) return folded;
        return folded[..(char.IsHighSurrogate(folded[MaxFoldedLength - 1]) ? MaxFoldedLength - 1 : MaxFoldedLength)];
    }

    /// <summary>Where a person is listed; nowhere once erased.</summary>
    public static IEnumerable<(string Listing, string Key)> EntriesOf(Person? person) => person is null or { State: PersonState.Erased } ? []
        : Grant.TeamsOf(person.Grants).Select(PeopleOf).Prepend(People)
            .Concat(person.Grants.Any(grant => grant.IsForEverything) ? [Operators] : []).Concat(person.WorkerIds.IsEmpty ? [] : [Linked]).Select(listing => (listing, KeyOf(person)));

    /// <summary>Where an invitation is listed.</summary>
    public static IEnumerable<(string Listing, string Key)> EntriesOf(Invitation invitation) =>
        Grant.TeamsOf(invitation.Grants).Select(InvitationsOf).Prepend(Invitations).Select(listing => (listing, KeyOf(invitation)));
}
