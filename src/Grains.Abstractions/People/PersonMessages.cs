using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>How a person stands.</summary>
[GenerateSerializer, Alias("BulkQA.PersonState")]
public enum PersonState : byte
{
    /// <summary>May sign in.</summary>
    Active,

    /// <summary>May not sign in; nothing is lost.</summary>
    Suspended,

    /// <summary>Name, address and ways to sign in are deleted for good; answers stay under the id.</summary>
    Erased,
}

/// <summary>Who somebody is at an identity provider.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.ExternalLogin")]
public sealed record ExternalLogin([property: Id(0)] string Issuer, [property: Id(1)] string Subject);

/// <summary>Somebody who works here.</summary>
/// <param name="Id">For ever the same.</param>
/// <param name="Name">As others see it.</param>
/// <param name="SignInName">What the person types to sign in; null where an identity provider does that.</param>
/// <param name="State">How the person stands.</param>
/// <param name="Grants">What the person may do, and where; no two the same.</param>
/// <param name="CreatedAt">When the person was made known here.</param>
/// <param name="Revision">Of all this; each change raises it by one.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.Person")]
public sealed record Person(
    [property: Id(0)] PersonId Id, [property: Id(1)] string Name, [property: Id(2)] SignInName? SignInName, [property: Id(3)] PersonState State,
    [property: Id(4)] ImmutableArray<Grant> Grants, [property: Id(5)] DateTimeOffset CreatedAt, [property: Id(6)] int Revision)
{
    /// <summary>The greatest length of a name, in characters.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Who the person is at an identity provider; null for nobody.</summary>
    [Id(7)]
    public ExternalLogin? Login { get; init; }

    /// <summary>Those of the grants that the identity provider's groups stand for: they follow it at each sign-in.</summary>
    [Id(8)]
    public ImmutableArray<Grant> ByProvider { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>The greatest number of <see cref="WorkerIds"/>.</summary>
    public const int MaxWorkerIds = 20;

    /// <summary>Ids under which the person's answers arrive by other paths, such as its worker id in Ground Truth: no two people have one.</summary>
    [Id(9)]
    public ImmutableArray<WorkerId> WorkerIds { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>In which pages are for the person, such as <c>de</c>; null for what its browser asks for.</summary>
    [Id(12)]
    public string? Language { get; init; }
}

/// <summary>Somebody to be made known.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.PersonDraft")]
public sealed record PersonDraft(
    [property: Id(0)] string Name, [property: Id(1)] SignInName? SignInName, [property: Id(2)] ImmutableArray<Grant> Grants, [property: Id(3)] ExternalLogin? Login = null)
{
    /// <summary>Those of the grants that an identity provider's groups stand for.</summary>
    [Id(4)]
    public ImmutableArray<Grant> ByProvider { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }
}

/// <summary>What is to become different about a person; null for what stays.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.PersonChange")]
public sealed record PersonChange
{
    [Id(0)] public string? Name { get; init; }

    [Id(1)] public SignInName? SignInName { get; init; }

    [Id(2)] public bool? Suspend { get; init; }

    /// <summary>Grants that come to those there are.</summary>
    [Id(3)] public ImmutableArray<Grant> Add { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>Grants that go.</summary>
    [Id(4)] public ImmutableArray<Grant> Remove { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>The revision that the change is made from: nothing is done where another is current. Null for any.</summary>
    [Id(5)] public int? After { get; init; }

    /// <summary>All that the identity provider's groups stand for now: what they stood for before and no longer do goes. Null where it was not asked.</summary>
    [Id(6)] public ImmutableArray<Grant>? ByProvider { get; init; }

    /// <summary>A worker id that becomes the person's.</summary>
    [Id(7)] public WorkerId? Link { get; init; }

    /// <summary>A worker id that is the person's no more.</summary>
    [Id(8)] public WorkerId? Unlink { get; init; }

    /// <summary>In which pages are to be for the person; empty for what its browser asks for.</summary>
    [Id(10)] public string? Language { get; init; }
}

/// <summary>Why a person is not as asked.</summary>
[GenerateSerializer, Alias("BulkQA.PersonRefusal")]
public enum PersonRefusal : byte
{
    None,

    /// <summary>There is no such person, or it was erased.</summary>
    NoPerson,

    /// <summary>Somebody else signs in with that name, is that person at the identity provider, or has that worker id.</summary>
    NameTaken,

    /// <summary>The person would have more than <see cref="Grant.MaxPerPerson"/> grants.</summary>
    TooManyGrants,

    /// <summary>The person is not at the revision that the change is from.</summary>
    Stale,

    /// <summary>The person would have more than <see cref="Person.MaxWorkerIds"/> worker ids.</summary>
    TooManyWorkerIds,
}

/// <summary>What came of a change.</summary>
/// <param name="Person">As it is now; null for none.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.PersonReceipt")]
public sealed record PersonReceipt([property: Id(0)] Person? Person, [property: Id(1)] PersonRefusal Refusal = PersonRefusal.None);

/// <summary>By what a person signs in.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.PersonAccount")]
public sealed record PersonAccount
{
    /// <summary>Raised by each write.</summary>
    [Id(0)] public int Revision { get; init; }

    /// <summary>A salted, slow hash, as ASP.NET Core Identity writes it; null for no password.</summary>
    [Id(1)] public string? PasswordHash { get; init; }

    /// <summary>Random; sessions that began under another one are over.</summary>
    [Id(2)] public string SecurityStamp { get; init; } = "";

    /// <summary>Wrong passwords since the last right one or lockout.</summary>
    [Id(3)] public int FailedAttempts { get; init; }

    /// <summary>Until when no password is looked at.</summary>
    [Id(4)] public DateTimeOffset? LockedUntil { get; init; }

    /// <summary>The greatest number of <see cref="Passkeys"/>.</summary>
    public const int MaxPasskeys = 20;

    /// <summary>Passkeys, each as <see cref="Passkey.ToJson"/> writes it.</summary>
    [Id(5)] public ImmutableArray<string> Passkeys { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }
}

/// <summary>A person, by what it signs in, and where it is signed in.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.SignInRecord")]
public sealed record SignInRecord([property: Id(0)] Person Person, [property: Id(1)] PersonAccount Account)
{
    /// <summary>What began and was not ended, the latest first. Some may have run out since.</summary>
    [Id(2)] public ImmutableArray<PersonSession> Sessions { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }
}
