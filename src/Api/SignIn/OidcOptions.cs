using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>The identity provider that people sign in with. Bound from <c>BulkQA:SignIn:Oidc</c>.</summary>
public sealed class OidcOptions
{
    public const string Section = $"{SignInRegistration.Section}:Oidc";

    private static readonly string[] _defaultScopes = ["openid", "profile", "email"];

    /// <summary>The base address of the issuer, below which its discovery document is. None (the default): nobody signs in this way.</summary>
    public string? Authority { get; set; }

    /// <summary>As what BulkQA is registered with the issuer.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>The client's secret; none for a public client. PKCE protects the code either way.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>
    /// What is asked for besides <c>openid</c>; default <c>profile email</c>. Also as one text with spaces between.
    /// </summary>
    public IList<string> Scopes { get; } = [];

    /// <summary>The claim that names groups. Default <c>groups</c>; Cognito's is <c>cognito:groups</c>.</summary>
    public string GroupsClaim { get; set; } = "groups";

    /// <summary>The claim that pages show as name. Default <c>name</c>.</summary>
    public string NameClaim { get; set; } = "name";

    /// <summary>Default <c>email</c>; left out where <c>email_verified</c> is false.</summary>
    public string EmailClaim { get; set; } = "email";

    /// <summary>Whether claims are asked for at the issuer's userinfo endpoint, too. Default true; not needed where ID tokens hold them.</summary>
    public bool UserInfo { get; set; } = true;

    /// <summary>
    /// The role that members of a group have: <c>viewer</c>, <c>adjudicator</c>, <c>worker</c>, <c>operator</c> or <c>lead</c>.
    /// Groups are compared to the letter; others give nothing.
    /// </summary>
    public IDictionary<string, string> RolesByGroup { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The team that members of a group are in.</summary>
    public IDictionary<string, string> TeamsByGroup { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What is asked for in fact.</summary>
    public IEnumerable<string> AllScopes => Scopes.Count == 0 ? _defaultScopes : Scopes.Prepend("openid").Distinct(StringComparer.Ordinal);

    public static bool IsEnabled(IConfiguration configuration) => !string.IsNullOrEmpty(configuration[$"{Section}:{nameof(Authority)}"]);

    internal static void ReadTexts(OidcOptions options, IConfiguration configuration)
    {
        foreach (var scope in (configuration[$"{Section}:{nameof(Scopes)}"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)) options.Scopes.Add(scope);
    }
}

internal sealed class OidcOptionsValidator : IValidateOptions<OidcOptions>
{
    private static readonly string[] _roles = [Role.Viewer, Role.Adjudicator, Role.Worker, Role.Operator, "lead"];

    public ValidateOptionsResult Validate(string? name, OidcOptions options)
    {
        var check = new SettingsCheck(OidcOptions.Section);
        // Whoever can change what an issuer says on the way can sign in as anybody.
        check.Require(
            Uri.TryCreate(options.Authority, UriKind.Absolute, out var authority)
            && (authority.Scheme == Uri.UriSchemeHttps || (authority.Scheme == Uri.UriSchemeHttp && authority.IsLoopback)),
            $"Authority '{options.Authority}' is not an https address");
        check.Require(options.ClientId.Length > 0, "ClientId is empty; give what BulkQA is registered as with the issuer");
        check.Require(options.ClientSecret is not "", "ClientSecret is empty; leave it out for a public client");
        foreach (var scope in options.Scopes) check.Require(scope.Length > 0 && !scope.Any(char.IsWhiteSpace), $"Scopes: '{scope}' is no scope");
        check.Require(options.GroupsClaim.Length > 0, "GroupsClaim is empty");
        check.Require(options.NameClaim.Length > 0, "NameClaim is empty");
        check.Require(options.EmailClaim.Length > 0, "EmailClaim is empty");
        foreach (var (group, role) in options.RolesByGroup)
            check.Require(_roles.Contains(role, StringComparer.Ordinal), $"RolesByGroup: '{role}' of group '{group}' is none of {string.Join(", ", _roles)}");
        foreach (var (group, team) in options.TeamsByGroup) check.Require(TeamName.TryCreate(team, out _, out var problem), $"TeamsByGroup: '{team}' of group '{group}': {problem}");
        return check.Result;
    }
}
