using BulkQA.Silo;
using Microsoft.Extensions.FileProviders;
using Scalar.AspNetCore;

namespace BulkQA.Api;

internal static class HostingRegistration
{
    private const string DefaultUrl = "http://localhost:5080";
    private const long MaxBodyBytes = 1024 * 1024;

    /// <summary>What every endpoint relies on: problem details, OpenAPI, health, metrics.</summary>
    public static void AddHosting(this WebApplicationBuilder builder)
    {
        if (builder.Configuration["urls"] is null && !ListeningAddresses.AreConfigured(builder.Configuration))
            builder.WebHost.UseUrls(DefaultUrl);
        builder.Logging.QuietenLibraries();
        // Where a machine collects the lines it gets them by field; on a laptop a person reads them.
        if (Backend.IsCluster(builder.Configuration) && !builder.Environment.IsDevelopment()) builder.Logging.ClearProviders().AddJsonConsole();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // Streaming endpoints lift it for themselves.
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            // Longer than a load balancer keeps one that nobody uses (five minutes in deploy/): otherwise it would send a request where the connection is just being ended.
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(6);
        });
        // Long enough for the votes under way and the counters that partitions leave; ECS gives 120 s.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(90));
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(options => ApiJson.Configure(options.SerializerOptions));
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<FailureHandler>();
        builder.Services.AddOpenApi("v1", options => options.AddDocumentTransformer<OpenApiTitle>().AddOperationTransformer<RecordedOperations>());
        builder.Services.AddHostedService<StartAnnouncement>();
        builder.AddTelemetry();
    }

    public static void UseHosting(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseMiddleware<BrowserGuard>();
    }

    public static void MapHosting(this WebApplication app)
    {
        // Without a rate: a load balancer that is told "too many" takes the process for dead.
        app.MapLiveness().AllowAnonymous().DisableRateLimiting();
        app.MapReadiness().AllowAnonymous().DisableRateLimiting();
        app.MapPrometheusScrapingEndpoint("/metrics").For(Role.Operator);
        app.MapOpenApi().For(Role.Anyone);
        app.MapScalarApiReference("/reference", options => options.WithTitle("BulkQA REST v1").DisableDefaultFonts()).For(Role.Anyone);
        app.MapAssets();
    }

    /// <summary>As endpoints, and not before them, so that they ask for authentication like everything else.</summary>
    private static void MapAssets(this WebApplication app)
    {
        var files = ((IEndpointRouteBuilder)app).CreateApplicationBuilder();
        files.Use(next => context =>
        {
            // Static files are left alone where an endpoint was found, which here is this one.
            context.SetEndpoint(null);
            return next(context);
        });
        files.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(Path.Combine(AppContext.BaseDirectory, "assets")),
            RequestPath = "/assets",
        });
        var assets = app.MapGet("/assets/{**path}", files.Build());
        // Whoever is about to sign in sees styles, too.
        if (SignInRegistration.IsEnabled(app.Configuration)) assets.AllowAnonymous();
        else assets.For(Role.Anyone);
    }
}
