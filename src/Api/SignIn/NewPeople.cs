using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>Makes people of whoever follows a link.</summary>
internal sealed class NewPeople(IGrainFactory grains, Invitations invitations, UserManager<PersonUser> users, IStringLocalizer<Words> words)
{
    public string NameTaken => words["Somebody signs in with that name already. If it is you, sign in first and follow the link again; otherwise choose another."];

    /// <returns>What is wrong with the names that somebody gives.</returns>
    public List<string> ProblemsOf(string? name, string? signInName, out SignInName typed)
    {
        var problems = new List<string>();
        if (PeopleEndpoints.ProblemOfName(name) is not null) problems.Add(words["Give your name, in at most {0} characters.", Person.MaxNameLength]);
        if (!SignInName.TryCreate(signInName, out typed, out _)) problems.Add(words["Give an e-mail address, or a name without white space, of at most {0} bytes, that is nobody's id.", SignInName.MaxBytes]);
        return problems;
    }

    public async Task<bool> IsTakenAsync(SignInName name) => await users.FindByNameAsync(name.Value) is not null;

    /// <summary>Counts a use of the invitation, makes the person, and gives it a way to sign in. Where that comes to nothing, no use is counted and nobody is made.</summary>
    /// <param name="invitation">Which is taken.</param>
    /// <param name="person">The new person, whom nobody has been yet.</param>
    /// <param name="give">Writes by what the person signs in.</param>
    public async Task<(PersonUser? User, NewPersonRefusal Refusal)> MakeAsync(Invitation invitation, LinkedPerson person, Func<PersonUser, Task<IdentityResult>> give)
    {
        // What was sent before is sent again.
        if (invitation.Uses.Any(use => use.Person == person.Id)) return (null, NewPersonRefusal.Over);
        var (link, grain) = (invitations.Grain(invitation.Id), PeopleEndpoints.Person(grains, person.Id));
        if (await link.UseAsync(person.Id) is null) return (null, NewPersonRefusal.Over);
        if ((await grain.CreateAsync(new PersonDraft(person.Name, person.SignInName, invitation.Grants))).Refusal != PersonRefusal.None)
        {
            await link.ReturnAsync(person.Id);
            return (null, NewPersonRefusal.NameTaken);
        }
        if (await users.FindByIdAsync(person.Id.Value) is { HasWayIn: false } user && (await give(user)).Succeeded) return (user, NewPersonRefusal.None);
        // Of two that were sent at once the other one has made the person, which stays. Otherwise what it was to sign in by has become another's meanwhile.
        if (await grain.GetAccountAsync() is not { } record || !new PersonUser(record).HasWayIn)
        {
            await grain.EraseAsync();
            await link.ReturnAsync(person.Id);
        }
        return (null, NewPersonRefusal.Over);
    }
}

/// <summary>Why nobody was made.</summary>
internal enum NewPersonRefusal
{
    None,

    /// <summary>The link may not be taken, or not any more.</summary>
    Over,

    /// <summary>Somebody else signs in with that name.</summary>
    NameTaken,
}
