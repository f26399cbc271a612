using Microsoft.AspNetCore.Antiforgery;

namespace BulkQA.Api;

internal static class SignInRegistration
{
    public const string Section = SignInOptions.Section;

    /// <summary>Whether people sign in here, in any way.</summary>
    public static bool IsEnabled(IConfiguration configuration) => HasPasswords(configuration) || OidcOptions.IsEnabled(configuration);

    /// <summary>Whether people sign in with what they have set here, and not by an identity provider alone.</summary>
    public static bool HasPasswords(IConfiguration configuration) => configuration.GetValue<bool>($"{Section}:{nameof(SignInOptions.Enabled)}");

    /// <summary>Whether people sign in by passkeys of theirs: not where an identity provider alone says who people are.</summary>
    public static bool HasPasskeys(IConfiguration configuration) => HasPasswords(configuration);

    /// <summary>What sessions rest on, and the way in by an identity provider where one is configured.</summary>
    public static void AddSignIn(this IHostApplicationBuilder builder)
    {
        builder.AddKeyRing();
        builder.Services.AddLanguages();
        if (!IsEnabled(builder.Configuration)) return;
        builder.Services.Configure<AntiforgeryOptions>(antiforgery =>
        {
            antiforgery.Cookie = SessionCookies.New("bulkqa.antiforgery");
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            // The content security policy says more.
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        builder.AddOidc();
    }
}
