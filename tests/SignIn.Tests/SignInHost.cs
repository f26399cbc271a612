using System.Security.Claims;
using BulkQA.Silo;
using BulkQA.Storage;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BulkQA.Api.Tests;

/// <summary>
/// As much of the API as signing in takes: its guards, key ring and endpoints, sessions in a cookie of Identity's scheme that
/// hold what the identity provider said, and a page that shows it.
/// </summary>
internal sealed class SignInHost : IAsyncDisposable
{
    /// <summary>An API key that is taken.</summary>
    public const string Key = "bqa_of-the-tests";

    private const string SessionOrKey = "SessionOrKey";

    private readonly WebApplication _app;

    private SignInHost(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    /// <param name="data">The data folder.</param>
    /// <param name="issuer">The identity provider; null: nobody signs in by one.</param>
    /// <param name="settings">Further ones.</param>
    public static async Task<SignInHost> StartAsync(string data, string? issuer, params (string Name, string? Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["BulkQA:SignIn:Enabled"] = "true" });
        if (issuer is not null)
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["BulkQA:SignIn:Oidc:Authority"] = issuer,
                ["BulkQA:SignIn:Oidc:ClientId"] = OidcServer.ClientId,
                ["BulkQA:SignIn:Oidc:ClientSecret"] = OidcServer.Secret,
                ["BulkQA:SignIn:Oidc:Scopes"] = "profile email groups",
                ["BulkQA:SignIn:Oidc:RolesByGroup:qa-leads"] = "lead",
                ["BulkQA:SignIn:Oidc:RolesByGroup:qa-dogs"] = "worker",
                ["BulkQA:SignIn:Oidc:RolesByGroup:not-theirs"] = "operator",
                ["BulkQA:SignIn:Oidc:TeamsByGroup:qa-dogs"] = "dogs",
            });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => setting.Value));
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<FailureHandler>();
        builder.Services.Configure<EmbeddedOptions>(embedded => embedded.DataDirectory = data);
        builder.Services.AddOptions<ObjectOptions>();
        builder.Services.AddSingleton<IObjectStore>(new FolderObjectStore(Path.Combine(data, "objects")));
        builder.Services.AddSingleton<IExternalSignIn, SessionOfClaims>();
        builder.Services.AddOptions<AccessOptions>().Configure(access => access.Keys.Add(new ApiKey { Name = "tests", Hash = ApiKeyHandler.HashOf(Key), Role = Role.Operator }));
        builder.Services.AddAuthentication(SessionOrKey)
            .AddPolicyScheme(SessionOrKey, null, scheme => scheme.ForwardDefaultSelector = context =>
                context.Request.Headers.Authorization.Count > 0 ? ApiKeyHandler.SchemeName : IdentityConstants.ApplicationScheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null)
            .AddCookie(IdentityConstants.ApplicationScheme, cookie => SessionCookies.Harden(cookie, "bulkqa.session"));
        builder.Services.AddAuthorization();
        builder.Services.AddRazorComponents();
        builder.AddSignIn();
        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseMiddleware<BrowserGuard>();
        app.UseAuthentication();
        app.UseMiddleware<SessionGuard>();
        app.UseAuthorization();
        app.MapGet("/me", (ClaimsPrincipal me) => string.Join(' ', me.Claims.Select(claim => $"{claim.Type}={claim.Value}"))).RequireAuthorization();
        app.MapGet("/page", () => Results.Content("<!doctype html><title>A page</title><form method=\"post\" action=\"/sign-out\"><button>Sign out</button></form>", "text/html")).RequireAuthorization();
        app.Map("/change", () => "done").RequireAuthorization();
        app.MapGet("/token", (HttpContext context, IAntiforgery antiforgery) => antiforgery.GetAndStoreTokens(context).RequestToken).RequireAuthorization();
        app.MapOidc();
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        foreach (var start in app.Services.GetServices<StorageStart>()) await start.OpenAsync(TestContext.Current.CancellationToken);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new SignInHost(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>Anybody whose name is not "Nobody's".</summary>
    private sealed class SessionOfClaims : IExternalSignIn
    {
        public async Task<bool> SignInAsync(HttpContext context, ExternalIdentity identity)
        {
            if (identity.Name == "Nobody's") return false;
            var claims = ((string, string?)[])[("issuer", identity.Issuer), ("subject", identity.Subject), ("name", identity.Name), ("email", identity.Email),
                ("roles", string.Join(',', identity.Roles)), ("teams", string.Join(',', identity.Teams))];
            await context.SignInAsync(
                IdentityConstants.ApplicationScheme,
                new ClaimsPrincipal(new ClaimsIdentity(claims.Where(claim => claim.Item2 is not null).Select(claim => new Claim(claim.Item1, claim.Item2!)), "session")),
                OidcSession.Mark(new AuthenticationProperties()));
            return true;
        }
    }
}
