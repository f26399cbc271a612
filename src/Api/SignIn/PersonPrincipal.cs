using System.Security.Claims;
using BulkQA.Core;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>What a session says about its person. Made anew each <see cref="SignInOptions.CheckInterval"/>, so that grants are never older.</summary>
internal sealed class PersonPrincipal(IOptions<IdentityOptions> options) : IUserClaimsPrincipalFactory<PersonUser>
{
    /// <summary>The claim that holds the id of the person whose session it is.</summary>
    public const string PersonClaim = "bulkqa:person";

    /// <summary>The claim that holds the person's name, to greet by.</summary>
    public const string NameClaim = "bulkqa:name";

    /// <summary>The claims that hold what the person may do, as <see cref="Grant.ToString"/> writes it.</summary>
    public const string GrantClaim = "bulkqa:grant";

    /// <summary>The claim that holds the language that the person has chosen.</summary>
    public const string LanguageClaim = "bulkqa:language";

    public Task<ClaimsPrincipal> CreateAsync(PersonUser user)
    {
        // The change log and decisions keep the id: names are erased with people, and those are kept.
        var principal = Caller.Of(IdentityConstants.ApplicationScheme, user.Id, [], user.Id, [], []);
        ((ClaimsIdentity)principal.Identity!).AddClaims(
        [
            new Claim(options.Value.ClaimsIdentity.UserIdClaimType, user.Id),
            new Claim(options.Value.ClaimsIdentity.SecurityStampClaimType, user.Account.SecurityStamp),
            new Claim(PersonClaim, user.Id),
            new Claim(NameClaim, user.Person.Name),
            .. user.Person.Language is { } language ? [new Claim(LanguageClaim, language)] : (Claim[])[],
            .. user.Person.Grants.Select(grant => new Claim(GrantClaim, grant.ToString())),
        ]);
        return Task.FromResult(principal);
    }
}

internal static class PersonCaller
{
    /// <summary>The person whose session the caller has; null where it has a key or a token.</summary>
    public static PersonId? Person(this ClaimsPrincipal caller) => PersonId.TryParse(caller.FindFirstValue(PersonPrincipal.PersonClaim), out var person) ? person : null;

    public static string? PersonName(this ClaimsPrincipal caller) => caller.FindFirstValue(PersonPrincipal.NameClaim);

    public static IEnumerable<Grant> Grants(this ClaimsPrincipal caller) =>
        caller.FindAll(PersonPrincipal.GrantClaim).Select(claim => Grant.TryParse(claim.Value, out var grant) ? grant : null).OfType<Grant>();
}
