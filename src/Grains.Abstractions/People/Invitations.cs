using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using BulkQA.Core;
using Orleans.CodeGeneration;

namespace BulkQA.Grains;

/// <summary>That somebody took an invitation.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.InvitationUse")]
public sealed record InvitationUse([property: Id(0)] PersonId Person, [property: Id(1)] DateTimeOffset At);

/// <summary>What makes whoever has its link somebody here.</summary>
/// <param name="Id">Of the invitation, which says nothing about its link.</param>
/// <param name="Grants">What whoever takes it may do.</param>
/// <param name="For">Whom alone it is for, to set a new password; null for whoever has the link.</param>
/// <param name="MaxUses">How many may take it, from 1 to <see cref="MaxUsesLimit"/>.</param>
/// <param name="ExpiresAt">From when on nobody may take it.</param>
/// <param name="CreatedBy">Who made it.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.Invitation")]
public sealed record Invitation(
    [property: Id(0)] string Id, [property: Id(1)] ImmutableArray<Grant> Grants, [property: Id(2)] PersonId? For, [property: Id(3)] int MaxUses,
    [property: Id(4)] DateTimeOffset ExpiresAt, [property: Id(5)] string CreatedBy, [property: Id(6)] DateTimeOffset CreatedAt)
{
    public const int MaxUsesLimit = 1_000;

    /// <summary>For how long an invitation may be taken at most.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(90);

    [Id(7)]
    public ImmutableArray<InvitationUse> Uses { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    [Id(8)]
    public bool IsRevoked { get; init; }

    /// <summary>What it is for, in the words of whoever made it.</summary>
    [Id(9)]
    public string? Note { get; init; }

    /// <summary>Of whom it is for, when it was made: what changes that person ends it. Null where it is for nobody in particular.</summary>
    [Id(10)]
    public int? Revision { get; init; }

    /// <summary>Of whom it is for, when it was made: the hash of the security stamp, which a new password changes. Null where it is for nobody in particular.</summary>
    [Id(11)]
    public string? Stamp { get; init; }

    /// <summary>For how long it is kept after <see cref="EndsAt"/>.</summary>
    public static readonly TimeSpan KeptAfterEnd = TimeSpan.FromDays(7);

    /// <summary>From when on nobody may take it, as far as is known now: when the last who may has taken it, and otherwise when its time is over, also where it is revoked before.</summary>
    public DateTimeOffset EndsAt => Uses.Length >= MaxUses && Uses.Max(use => use.At) is var last && last < ExpiresAt ? last : ExpiresAt;

    /// <summary>Whether somebody may take it now.</summary>
    public bool IsOpen(DateTimeOffset now) => !IsRevoked && now < ExpiresAt && Uses.Length < MaxUses;

    /// <summary>A new link's secret: 256 random bits.</summary>
    public static string NewToken() => System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>The id of the invitation whose link has this secret. Hashed, so that what is stored opens nothing.</summary>
    public static string IdOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))[..32];
}

/// <summary>One invitation, by its id.</summary>
[Alias("BulkQA.IInvitationGrain"), Version(1)]
public interface IInvitationGrain : IGrainWithStringKey
{
    /// <returns>Null where there is none.</returns>
    [Alias("Get"), SafeToRepeat]
    Task<Invitation?> GetAsync();

    /// <summary>Stores it. Where it is stored already, nothing is done.</summary>
    [Alias("Create"), SafeToRepeat]
    Task<Invitation> CreateAsync(Invitation invitation);

    /// <summary>Counts that a person takes it, once however often it is called. Durable on return.</summary>
    /// <returns>Null where the person may not: it is over, revoked, used up, or never was.</returns>
    [Alias("Use"), SafeToRepeat]
    Task<Invitation?> UseAsync(PersonId person);

    /// <summary>Takes back that a person took it, whom it did not make somebody. Idempotent.</summary>
    [Alias("Return"), SafeToRepeat]
    Task ReturnAsync(PersonId person);

    /// <summary>Has nobody take it any more. Idempotent.</summary>
    /// <returns>False where there is none.</returns>
    [Alias("Revoke"), SafeToRepeat]
    Task<bool> RevokeAsync();

    /// <summary>Deletes what is stored where it ended (<see cref="Invitation.EndsAt"/>) by that time, and takes it out of its teams' listings; the listing of all is left to the caller.</summary>
    /// <returns>Whether there is none any more.</returns>
    [Alias("DeleteEnded"), SafeToRepeat]
    Task<bool> DeleteEndedAsync(DateTimeOffset by);
}
