using BulkQA.Web;
using Microsoft.AspNetCore.Authentication;

namespace BulkQA.Api;

internal static class ConsoleHosting
{
    /// <summary>Where the console is.</summary>
    public const string Path = "/console";

    /// <summary>The console, and what takes its requests to REST.</summary>
    public static void AddConsole(this WebApplicationBuilder builder)
    {
        // Its styles and scripts are found where they were built, also when nothing was published.
        builder.WebHost.UseStaticWebAssets();
        var services = builder.Services;
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddConsoleComponents();
        services.AddSingleton<Pipeline>().AddSingleton<IStartupFilter>(provider => provider.GetRequiredService<Pipeline>());
        services.AddScoped<CircuitCaller>();
        services.AddScoped(provider =>
        {
            var caller = provider.GetRequiredService<CircuitCaller>();
            var handler = new PipelineHandler(provider.GetRequiredService<Pipeline>(), provider.GetRequiredService<IHttpContextFactory>(), caller);
            return new RestClient(new HttpClient(handler) { BaseAddress = PipelineHandler.Here, Timeout = Timeout.InfiniteTimeSpan }, caller);
        });
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, CircuitCallerHandler>(CircuitCallerHandler.SchemeName, null);
    }

    public static void MapConsole(this WebApplication app)
    {
        app.UseCircuitTickets();
        app.UseAntiforgery();
        // What every visitor of every deployment gets: nothing in it is anybody's.
        app.MapStaticAssets().AllowAnonymous();
        // Who may frame it is said with the rest of the content security policy.
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = null).For(Role.Anyone);
    }
}
