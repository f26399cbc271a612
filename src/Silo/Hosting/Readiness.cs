using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BulkQA.Silo;

/// <summary>
/// What load balancers and people ask a process. Ready says of this process alone that it can do its work: no other has a
/// part in the answer, so that one that is slow takes none but itself out of service.
/// </summary>
public static class Readiness
{
    /// <summary>Ready means: the store answers this process.</summary>
    internal static IHealthChecksBuilder AddReadiness(this IServiceCollection services)
    {
        services.AddSingleton<StorageHealthCheck>();
        services.AddSingleton<IHealthCheckPublisher, ReadinessMetrics>();
        services.Configure<HealthCheckPublisherOptions>(options => (options.Delay, options.Period) = (TimeSpan.Zero, TimeSpan.FromSeconds(20)));
        return services.AddHealthChecks().AddCheck<StorageHealthCheck>("storage");
    }

    /// <summary><c>/health/live</c>: the process answers, whatever else is the matter.</summary>
    public static IEndpointConventionBuilder MapLiveness(this IEndpointRouteBuilder app) =>
        app.MapHealthChecks("/health/live", new() { Predicate = _ => false });

    /// <summary><c>/health/ready</c>: 200, or 503 with the names of what is not well; the reasons are in the log.</summary>
    public static IEndpointConventionBuilder MapReadiness(this IEndpointRouteBuilder app) =>
        app.MapHealthChecks("/health/ready", new() { ResponseWriter = WriteAsync });

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain";
        var unwell = report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy).Select(entry => $"\n{entry.Key}: {entry.Value.Status}");
        return context.Response.WriteAsync($"{report.Status}{string.Concat(unwell)}", context.RequestAborted);
    }
}
