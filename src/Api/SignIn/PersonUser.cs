using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>A person as ASP.NET Core Identity handles one: what it changes is written back by <see cref="PersonUserStore"/>.</summary>
internal sealed class PersonUser(SignInRecord record)
{
    public Person Person { get; } = record.Person;

    public PersonAccount Account { get; set; } = record.Account;

    /// <returns>Null where it was ended, or never began.</returns>
    public PersonSession? Session(string id) => record.Sessions.FirstOrDefault(session => session.Id == id);

    public IReadOnlyList<PersonSession> Sessions => record.Sessions;

    public string Id => Person.Id.Value;

    /// <summary>What it is found by, and shown as by authenticators.</summary>
    public string UserName => Person.SignInName?.Value ?? Id;

    public bool MaySignIn => Person.State == PersonState.Active;

    /// <summary>In the order in which they were added.</summary>
    public IReadOnlyList<Passkey> Passkeys => [.. Account.Passkeys.Select(Passkey.Parse)];

    public bool HasPassword => Account.PasswordHash is not null;

    /// <summary>Whether the person signs in by what it has set here. Whoever comes by an identity provider does not, and may set nothing: it would go round the provider's rules.</summary>
    public bool HasWayIn => HasPassword || Account.Passkeys.Length > 0;

    /// <summary>Takes away all that the person signs in by.</summary>
    public void Reset() => Account = Account with { PasswordHash = null, Passkeys = [] };

    public void SetPasskeys(IEnumerable<Passkey> passkeys) => Account = Account with { Passkeys = [.. passkeys.Select(passkey => passkey.ToJson())] };
}
