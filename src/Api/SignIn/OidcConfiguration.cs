using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace BulkQA.Api;

/// <summary>How the identity provider is spoken to: the code flow with PKCE, state and nonce, which the library makes and checks.</summary>
internal sealed class OidcConfiguration(IOptions<OidcOptions> oidc, TimeProvider time) : IConfigureNamedOptions<OpenIdConnectOptions>
{
    public const string CallbackPath = "/sign-in/oidc/callback";

    private const string IssuerClaim = "iss";

    /// <summary>How far the issuer's clock and ours may be apart.</summary>
    private static readonly TimeSpan _clockSkew = TimeSpan.FromMinutes(5);

    /// <summary>How old the token of a sign-in may be besides: some issuers date theirs five minutes back.</summary>
    private static readonly TimeSpan _tokenAge = TimeSpan.FromMinutes(10);

    /// <summary>How long somebody may take at the issuer.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan _backchannelTimeout = TimeSpan.FromSeconds(10);

    public void Configure(OpenIdConnectOptions options) => Configure(OidcRegistration.Scheme, options);

    public void Configure(string? name, OpenIdConnectOptions options)
    {
        if (name != OidcRegistration.Scheme) return;
        var settings = oidc.Value;
        options.Authority = settings.Authority;
        options.ClientId = settings.ClientId;
        options.ClientSecret = settings.ClientSecret;
        // The validator lets plain http through only for loopback.
        options.RequireHttpsMetadata = settings.Authority?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) is true;
        options.SignInScheme = IdentityConstants.ExternalScheme;
        options.CallbackPath = CallbackPath;
        // Whoever had a page load it in a frame would sign people out.
        options.RemoteSignOutPath = PathString.Empty;
        options.ResponseType = OpenIdConnectResponseType.Code;
        // As a link leads here, and not as another site's form, so that cookies need not go along with such forms.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.SaveTokens = false;
        options.MapInboundClaims = false;
        options.DisableTelemetry = true;
        options.UseTokenLifetime = false;
        options.BackchannelTimeout = _backchannelTimeout;
        options.RemoteAuthenticationTimeout = options.ProtocolValidator.NonceLifetime = _patience;
        options.Scope.Clear();
        foreach (var scope in settings.AllScopes) options.Scope.Add(scope);
        options.GetClaimsFromUserInfoEndpoint = settings.UserInfo;
        options.ClaimActions.Remove(IssuerClaim);
        foreach (var claim in (string[])[settings.GroupsClaim, settings.NameClaim, settings.EmailClaim, "email_verified"]) options.ClaimActions.MapJsonKey(claim, claim);
        // An object, which the other leaves out.
        options.ClaimActions.MapCustomJson(OidcIdentity.Elsewhere, json => json.TryGetProperty(OidcIdentity.Elsewhere, out var names) ? names.GetRawText() : null);
        options.TokenValidationParameters.ClockSkew = _clockSkew;
        // Not whatever the discovery document says: that could be another's.
        options.TokenValidationParameters.IssuerValidator = (issuer, _, _) => issuer.TrimEnd('/') == settings.Authority?.TrimEnd('/')
            ? issuer : throw new SecurityTokenInvalidIssuerException($"the issuer is {issuer}, and Authority {settings.Authority}");
        options.TokenValidationParameters.ValidAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];
        (options.CorrelationCookie, options.NonceCookie) = (Cookie("bulkqa.correlation."), Cookie("bulkqa.nonce."));
        options.Events = new OpenIdConnectEvents
        {
            OnTokenValidated = CheckClock,
            OnTicketReceived = TakeWhatCountsAsync,
            OnAccessDenied = context => OidcFailures.AnswerAsync(context, failure: null),
            OnRemoteFailure = context => OidcFailures.AnswerAsync(context, context.Failure),
        };
    }

    private static CookieBuilder Cookie(string name)
    {
        var cookie = SessionCookies.New(name);
        cookie.Expiration = _patience;
        return cookie;
    }

    /// <summary>The token was made for this sign-in, seconds ago: what its time differs by is the clocks' difference.</summary>
    private Task CheckClock(TokenValidatedContext context)
    {
        var (issued, now) = (new DateTimeOffset(context.SecurityToken.IssuedAt, TimeSpan.Zero), time.GetUtcNow());
        if (issued - now > _clockSkew || now - issued > _clockSkew + _tokenAge)
            context.Fail(new ClockSkewException(string.Create(CultureInfo.InvariantCulture, $"the issuer's clock says {issued:O}, ours {now:O}")));
        return Task.CompletedTask;
    }

    private Task TakeWhatCountsAsync(TicketReceivedContext context)
    {
        var issuer = context.Principal!.FindFirst(IssuerClaim)?.Value;
        if (OidcIdentity.Read(context.Principal, issuer ?? "", oidc.Value, out var problem) is { } identity && issuer is not null)
        {
            context.Principal = OidcIdentity.ToPrincipal(identity);
            // Nothing of the way here goes into the cookie.
            context.Properties = new AuthenticationProperties { RedirectUri = context.ReturnUri };
            return Task.CompletedTask;
        }
        context.HandleResponse();
        return SignInNotice.WriteAsync(context.HttpContext, StatusCodes.Status403Forbidden, "You can't sign in", problem ?? OidcIdentity.Unknown);
    }
}

/// <summary>The issuer's clock and ours are too far apart.</summary>
internal sealed class ClockSkewException(string message) : Exception(message);
