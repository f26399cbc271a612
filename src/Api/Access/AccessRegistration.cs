using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

internal static partial class AccessRegistration
{
    private const string KeyOrToken = "KeyOrToken";

    /// <summary>Who calls, and what they may: by key, by token, or as this machine's operator where neither is configured.</summary>
    public static void AddAccess(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section)
            .Configure<IConfiguration>(ReadTexts).PostConfigure(ReadJson).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<AccessOptions>, AccessOptionsValidator>();
        builder.Services.AddSingleton<IConfigureOptions<JwtBearerOptions>, TokenClaims>();
        builder.Services.AddAuthentication(IsEnabled(builder.Configuration) ? KeyOrToken : LocalCallerHandler.SchemeName)
            .AddPolicyScheme(KeyOrToken, null, scheme => scheme.ForwardDefaultSelector = context =>
                CircuitCallerHandler.IsConcerned(context) ? CircuitCallerHandler.SchemeName
                    : context.Request.Headers.Authorization.ToString() is not { Length: > 0 } header
                    ? SignInRegistration.IsEnabled(builder.Configuration) ? IdentityConstants.ApplicationScheme : ApiKeyHandler.SchemeName
                    : !ApiKeyHandler.IsKey(header) && context.RequestServices.GetRequiredService<IOptions<AccessOptions>>().Value.HasIssuer
                        ? JwtBearerDefaults.AuthenticationScheme : ApiKeyHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null)
            .AddScheme<AuthenticationSchemeOptions, LocalCallerHandler>(LocalCallerHandler.SchemeName, null)
            .AddJwtBearer();
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(Role.Viewer, policy => policy.RequireRole(Role.Viewer, Role.Adjudicator, Role.Operator))
            .AddPolicy(Role.Adjudicator, policy => policy.RequireRole(Role.Adjudicator, Role.Operator))
            .AddPolicy(Role.Worker, policy => policy.RequireRole(Role.Worker, Role.Operator))
            .AddPolicy(Role.Anyone, policy => policy.RequireRole(Role.Viewer, Role.Adjudicator, Role.Worker, Role.Operator, Role.Lead))
            .AddPolicy(Role.SignedIn, policy => policy.RequireAuthenticatedUser())
            .AddPolicy(Role.Lead, policy => policy.RequireRole(Role.Lead, Role.Operator))
            // What reaches over all jobs is for those who may use all.
            .AddPolicy(Role.Operator, policy => policy.RequireRole(Role.Operator).RequireAssertion(context => !context.User.IsConfined()))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireRole(Role.Operator).Build());
        builder.Services.AddRateLimiter();
        builder.Services.AddSingleton<IConfigureOptions<RateLimiterOptions>, RateLimits>();
        builder.Services.AddSingleton<IPostConfigureOptions<ForwardedHeadersOptions>, ForwardedAddresses>();
        builder.Services.AddSingleton<ImageBases>();
    }

    /// <summary>Whether callers have to say who they are.</summary>
    public static bool IsEnabled(IConfiguration configuration)
    {
        var section = configuration.GetSection(AccessOptions.Section);
        return section.GetSection("Keys").GetChildren().Any()
            || !string.IsNullOrWhiteSpace(section["KeysJson"]) || !string.IsNullOrEmpty(section["Issuer"]) || SignInRegistration.IsEnabled(configuration);
    }

    public static void UseAccess(this WebApplication app)
    {
        app.UseForwardedHeaders();
        if (!IsEnabled(app.Configuration)) app.UseMiddleware<LoopbackGuard>();
        app.UseAuthentication();
        app.KeepCircuitTickets();
        app.UseRequestLocalization();
        if (IsEnabled(app.Configuration)) app.UseRateLimiter();
        app.UseMiddleware<SessionGuard>();
        app.UseMiddleware<PersonAccess>();
        app.UseAuthorization();
        app.UseMiddleware<JobAccess>();
    }

    /// <summary>Lists that came as one text, as a container's environment has them.</summary>
    private static void ReadTexts(AccessOptions options, IConfiguration configuration)
    {
        var section = configuration.GetSection(AccessOptions.Section);
        foreach (var proxy in (section[nameof(AccessOptions.TrustedProxies)] ?? "").Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries)) options.TrustedProxies.Add(proxy);
        foreach (var prefix in SplitPrefixes(section[nameof(AccessOptions.ImagePrefixes)] ?? "")) options.ImagePrefixes.Add(prefix);
    }

    /// <summary>Only before <c>s3://</c>: keys may hold every separator, and a prefix cut short would open more than it says.</summary>
    public static IEnumerable<string> SplitPrefixes(string text) => BetweenPrefixes.Split(text.Trim()).Where(prefix => prefix.Length > 0);

    [GeneratedRegex("[,; ]+(?=s3://)")]
    private static partial Regex BetweenPrefixes { get; }

    private static void ReadJson(AccessOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.KeysJson)) return;
        try
        {
            foreach (var key in JsonSerializer.Deserialize<ApiKey[]>(options.KeysJson, ApiJson.Options) ?? []) options.Keys.Add(key);
        }
        catch (JsonException e)
        {
            // Without the text: it may hold what should not be in a log.
            throw new OptionsValidationException(nameof(AccessOptions), typeof(AccessOptions),
                [$"{AccessOptions.Section}:KeysJson is not a JSON array of keys (line {e.LineNumber}, byte {e.BytePositionInLine})"]);
        }
        options.KeysJson = null;
    }
}
