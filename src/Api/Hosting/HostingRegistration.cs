using BulkQA.Silo;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.FileProviders;
using Scalar.AspNetCore;

namespace BulkQA.Api;

internal static class HostingRegistration
{
    private const string DefaultUrl = "http://localhost:5080";

    /// <summary>What every endpoint relies on: guard, problem details, OpenAPI, health, metrics.</summary>
    public static void AddHosting(this WebApplicationBuilder builder)
    {
        if (builder.Configuration["urls"] is null && !ListeningAddresses.AreConfigured(builder.Configuration))
            builder.WebHost.UseUrls(DefaultUrl);
        builder.Logging.QuietenLibraries();
        // Long enough for the votes under way and the counters that partitions leave; ECS gives 120 s.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(90));
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(options => ApiJson.Configure(options.SerializerOptions));
        // Razor brings data protection along and nothing here uses it: no key files in the user's home.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<FailureHandler>();
        builder.Services.AddOpenApi("v1", options => options.AddDocumentTransformer<OpenApiTitle>());
        builder.Services.AddHealthChecks().AddCheck<StorageHealthCheck>("storage");
        builder.Services.AddHostedService<StartAnnouncement>();
        builder.AddTelemetry();
    }

    public static void UseHosting(this WebApplication app)
    {
        app.UseMiddleware<LoopbackGuard>();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(Path.Combine(AppContext.BaseDirectory, "assets")),
            RequestPath = "/assets",
        });
    }

    public static void MapHosting(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new() { Predicate = _ => false });
        app.MapHealthChecks("/health/ready");
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapOpenApi();
        app.MapScalarApiReference("/reference", options => options.WithTitle("BulkQA REST v1").DisableDefaultFonts());
    }
}
