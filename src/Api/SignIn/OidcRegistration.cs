using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

internal static class OidcRegistration
{
    /// <summary>The name of the scheme that leads to the identity provider.</summary>
    public const string Scheme = "oidc";

    /// <summary>How long the way from the provider to the page after may take.</summary>
    private static readonly TimeSpan _onTheWay = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Sign-in by an identity provider, where one is configured. The session itself is that of <see cref="IExternalSignIn"/>.
    /// </summary>
    public static void AddOidc(this IHostApplicationBuilder builder)
    {
        if (!OidcOptions.IsEnabled(builder.Configuration)) return;
        var services = builder.Services;
        services.AddOptions<OidcOptions>().BindConfiguration(OidcOptions.Section).Configure<IConfiguration>(OidcOptions.ReadTexts).ValidateOnStart();
        services.AddSingleton<IValidateOptions<OidcOptions>, OidcOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IConfigureOptions<OpenIdConnectOptions>, OidcConfiguration>();
        services.AddSingleton<OidcProbe>();
        new AuthenticationBuilder(services)
            .AddCookie(IdentityConstants.ExternalScheme, cookie =>
            {
                SessionCookies.Harden(cookie, "bulkqa.external");
                cookie.ExpireTimeSpan = _onTheWay;
                cookie.SlidingExpiration = false;
            })
            .AddOpenIdConnect(Scheme, null, _ => { });
    }
}
