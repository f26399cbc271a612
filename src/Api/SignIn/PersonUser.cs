using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>A person as ASP.NET Core Identity handles one: what it changes is written back by <see cref="PersonUserStore"/>.</summary>
internal sealed class PersonUser(SignInRecord record)
{
    public Person Person { get; } = record.Person;

    public PersonAccount Account { get; set; } = record.Account;

    public string Id => Person.Id.Value;

    /// <summary>What it is found by, and shown as by authenticators.</summary>
    public string UserName => Person.SignInName?.Value ?? Id;

    public bool MaySignIn => Person.State == PersonState.Active;

    /// <summary>In the order in which they were added.</summary>
    public IReadOnlyList<Passkey> Passkeys => [.. Account.Passkeys.Select(Passkey.Parse)];

    public void SetPasskeys(IEnumerable<Passkey> passkeys) => Account = Account with { Passkeys = [.. passkeys.Select(passkey => passkey.ToJson())] };
}
