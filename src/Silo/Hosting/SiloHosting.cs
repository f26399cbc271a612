using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Orleans.Dashboard;

namespace BulkQA.Silo;

/// <summary>What a silo shows over HTTP: its health to everyone, dashboard and metrics to who has the operator's key.</summary>
internal static class SiloHosting
{
    private const string DefaultUrl = "http://*:8080";
    private const int MinKeyLength = 16;

    public static void AddSiloHosting(this WebApplicationBuilder builder)
    {
        if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null) builder.WebHost.UseUrls(DefaultUrl);
        builder.Logging.QuietenLibraries();
        if (!builder.Environment.IsDevelopment()) builder.Logging.ClearProviders().AddJsonConsole();
        // ECS gives 120 s between SIGTERM and SIGKILL: receiving ends, messages are finished, counters left, in that order.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(110));
        builder.Services.AddOptions<OperatorOptions>().BindConfiguration(OperatorOptions.Section)
            .Validate(options => options.Key is null || options.Key.Length >= MinKeyLength, $"{OperatorOptions.Section}:Key is shorter than {MinKeyLength} characters")
            .ValidateOnStart();
        builder.AddTelemetry();
        if (!HasKey(builder.Configuration)) return;
        builder.Services.AddAuthentication(OperatorKeyHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, OperatorKeyHandler>(OperatorKeyHandler.SchemeName, null);
        builder.Services.AddAuthorization();
        builder.UseOrleans(silo => silo.AddDashboard());
    }

    public static void MapSiloHosting(this WebApplication app)
    {
        app.MapLiveness();
        app.MapReadiness();
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            foreach (var address in app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
                Console.WriteLine($"BulkQA silo is ready: {address}");
        });
        if (!HasKey(app.Configuration)) return;
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapPrometheusScrapingEndpoint("/metrics").RequireAuthorization();
        app.MapOrleansDashboard("/dashboard").RequireAuthorization();
    }

    private static bool HasKey(IConfiguration configuration) => configuration[$"{OperatorOptions.Section}:Key"] is { Length: > 0 };
}
