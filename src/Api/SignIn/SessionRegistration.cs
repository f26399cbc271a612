using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

internal static class SessionRegistration
{
    /// <summary>The name of the limit of tries to sign in.</summary>
    public const string Attempts = "sign-in";

    /// <summary>Sessions of people, and what they sign in by.</summary>
    public static void AddSessions(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<SignInOptions>().BindConfiguration(SignInOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SignInOptions>, SignInOptionsValidator>();
        services.AddSingleton<Operators>().AddSingleton<Invitations>();
        services.AddScoped<PasswordCheck>();
        services.AddSingleton<CommonPasswords>();
        services.AddScoped<SessionStart>();
        services.AddScoped<PasskeySignIn>().AddScoped<LinkPasskeys>().AddScoped<NewPeople>().AddScoped<OwnProof>();
        services.AddIdentityCore<PersonUser>(identity =>
            {
                // Names are checked where people are made.
                identity.User.AllowedUserNameCharacters = "";
                // Length is what makes a password hard to guess; rules about its characters make it hard to remember.
                identity.Password = new PasswordOptions { RequiredLength = PasswordRule.MinLength, RequireDigit = false, RequireLowercase = false, RequireNonAlphanumeric = false, RequireUppercase = false, RequiredUniqueChars = PasswordRule.MinDistinct };
            })
            .AddUserStore<PersonUserStore>().AddPasswordValidator<PasswordRule>().AddErrorDescriber<WordedErrors>().AddClaimsPrincipalFactory<PersonPrincipal>().AddSignInManager();
        services.Replace(ServiceDescriptor.Scoped<ILookupNormalizer, NoNormalizer>());
        services.Replace(ServiceDescriptor.Scoped<ISecurityStampValidator, SessionCheck>());
        services.AddOptions<IdentityPasskeyOptions>().Configure<IOptions<SignInOptions>>((passkeys, options) =>
        {
            passkeys.ServerDomain = options.Value.PasskeyDomain;
            passkeys.AuthenticatorTimeout = PasskeySignIn.Patience;
            passkeys.UserVerificationRequirement = "required";
            // Kept with the name, so that nobody types it.
            passkeys.ResidentKeyRequirement = "required";
        });
        services.AddOptions<SecurityStampValidatorOptions>().Configure<IOptions<SignInOptions>>((stamps, options) => stamps.ValidationInterval = options.Value.CheckInterval);
        services.AddAuthentication().AddCookie(IdentityConstants.ApplicationScheme)
            // What a passkey is asked with, until it answers; and what Identity signs out of, whether or not anybody is ever in.
            .AddCookie(IdentityConstants.TwoFactorUserIdScheme, cookie =>
            {
                SessionCookies.Harden(cookie, "bulkqa.passkey");
                cookie.ExpireTimeSpan = PasskeySignIn.Patience;
                cookie.SlidingExpiration = false;
            })
            // The same for whoever follows a link, and has no session yet.
            .AddCookie(LinkPasskeys.Scheme, cookie =>
            {
                SessionCookies.Harden(cookie, "bulkqa.link-passkey");
                cookie.ExpireTimeSpan = PasskeySignIn.Patience;
                cookie.SlidingExpiration = false;
            })
            .AddCookie(IdentityConstants.TwoFactorRememberMeScheme, cookie => SessionCookies.Harden(cookie, "bulkqa.remembered"));
        services.AddOptions<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme).Configure<IOptions<SignInOptions>>((cookie, options) => Configure(cookie, options.Value));
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<SignInOptions>>((limits, options) => limits.AddPolicy(Attempts, context => RateLimitPartition.GetFixedWindowLimiter(
            RateLimits.PlaceOf(context.Connection.RemoteIpAddress),
            _ => new FixedWindowRateLimiterOptions { PermitLimit = options.Value.AttemptsPerMinute, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 })));
        services.AddScoped<IExternalSignIn, PeopleByProvider>();
        if (SignInRegistration.HasPasswords(builder.Configuration)) services.AddHostedService<FirstOperator>();
    }

    private static void Configure(CookieAuthenticationOptions options, SignInOptions signIn)
    {
        SessionCookies.Harden(options, "bulkqa.session");
        options.ExpireTimeSpan = signIn.IdleTimeout;
        options.SlidingExpiration = true;
        options.LoginPath = SignInPages.Path;
        options.ReturnUrlParameter = "returnUrl";
        options.Events.OnValidatePrincipal = async context =>
        {
            if (SessionTicket.IsOver(context.Properties, signIn, context.HttpContext.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()))
            {
                context.RejectPrincipal();
                await context.HttpContext.SignOutAsync(IdentityConstants.ApplicationScheme);
                return;
            }
            await SecurityStampValidator.ValidatePrincipalAsync(context);
        };
        // The cookie alone would be forgotten by this browser, and not by whoever has copied it.
        options.Events.OnSigningOut = async context =>
        {
            if (SessionTicket.Of(context.HttpContext) is var (person, session))
                await PeopleEndpoints.Person(context.HttpContext.RequestServices.GetRequiredService<IGrainFactory>(), person).EndSessionAsync(session);
        };
        options.Events.OnRedirectToLogin = context =>
        {
            if (IsPage(context.Request)) context.Response.Redirect(context.RedirectUri);
            else context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        };
        options.Events.OnRedirectToAccessDenied = context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        };
    }

    /// <summary>Whether a person sees the answer, and not a program.</summary>
    private static bool IsPage(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && !request.Path.StartsWithSegments("/v1") && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
