using System.Security.Claims;
using Microsoft.AspNetCore.Identity;

namespace BulkQA.Api;

/// <summary>
/// From the claims of an ID token to an <see cref="ExternalIdentity"/>, and on to the principal that carries it to the page
/// after: only what counts, because hundreds of groups would fit in no cookie.
/// </summary>
internal static class OidcIdentity
{
    /// <summary>The claim that names the claims which one has to ask for elsewhere.</summary>
    public const string Elsewhere = "_claim_names";

    /// <summary>Why nobody is signed in whom the provider does not name.</summary>
    public const string Unknown = "The identity provider does not say who you are.";

    private const int MaxSubjectLength = 255;
    private const int MaxTextLength = 320;
    private const string Issuer = "iss";
    private const string Subject = "sub";
    private const string Name = "name";
    private const string Email = "email";
    private const string RoleType = "role";
    private const string Team = "team";

    /// <summary>Who signed in by these claims.</summary>
    /// <param name="claims">Of the ID token and of the userinfo endpoint.</param>
    /// <param name="issuer">Of the ID token.</param>
    /// <param name="options">What stands in which claim.</param>
    /// <param name="problem">Why nobody did; null where somebody did.</param>
    public static ExternalIdentity? Read(ClaimsPrincipal claims, string issuer, OidcOptions options, out string? problem)
    {
        var subject = claims.FindFirstValue(Subject);
        problem = subject is { Length: > 0 and <= MaxSubjectLength } ? null : Unknown;
        // Entra names more than 200 groups only to who asks elsewhere.
        if (claims.HasClaim(claim => claim.Type is "hasgroups" || (claim.Type is Elsewhere && claim.Value.Contains(options.GroupsClaim, StringComparison.Ordinal))))
            problem = "You are in more groups than the identity provider tells us. It can be told to name only those that are assigned to BulkQA.";
        if (problem is not null) return null;
        var groups = claims.FindAll(options.GroupsClaim).Select(claim => claim.Value).ToHashSet(StringComparer.Ordinal);
        var isUnverified = claims.HasClaim(claim => claim.Type == "email_verified" && claim.Value.Equals("false", StringComparison.OrdinalIgnoreCase));
        return new ExternalIdentity(
            issuer, subject!, Text(options.NameClaim), isUnverified ? null : Text(options.EmailClaim), Of(options.RolesByGroup), Of(options.TeamsByGroup));

        string? Text(string type) => claims.FindFirstValue(type) is { Length: > 0 and <= MaxTextLength } text ? text : null;

        IReadOnlyList<string> Of(IDictionary<string, string> byGroup) =>
            [.. byGroup.Where(entry => groups.Contains(entry.Key)).Select(entry => entry.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    public static ClaimsPrincipal ToPrincipal(ExternalIdentity identity) => new(new ClaimsIdentity(
        [
            new Claim(Issuer, identity.Issuer), new Claim(Subject, identity.Subject),
            .. identity.Name is null ? [] : (Claim[])[new Claim(Name, identity.Name)],
            .. identity.Email is null ? [] : (Claim[])[new Claim(Email, identity.Email)],
            .. identity.Roles.Select(role => new Claim(RoleType, role)), .. identity.Teams.Select(team => new Claim(Team, team)),
        ], IdentityConstants.ExternalScheme));

    public static ExternalIdentity FromPrincipal(ClaimsPrincipal principal) => new(
        principal.FindFirstValue(Issuer)!, principal.FindFirstValue(Subject)!, principal.FindFirstValue(Name), principal.FindFirstValue(Email),
        [.. principal.FindAll(RoleType).Select(claim => claim.Value)], [.. principal.FindAll(Team).Select(claim => claim.Value)]);
}
