using BulkQA.Grains;
using BulkQA.Storage;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace BulkQA.Silo;

public static class Telemetry
{
    /// <summary>
    /// Metrics for whoever scrapes <c>/metrics</c>. Where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector, metrics
    /// and traces are pushed there.
    /// </summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(
                GrainsMetrics.MeterName, StorageMetrics.MeterName, QueueMetrics.Name, ReadinessMetrics.MeterName, "Microsoft.Orleans",
                "Microsoft.AspNetCore.Hosting", "System.Net.Http", "System.Runtime")
            .AddPrometheusExporter());
        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is not { Length: > 0 }) return;
        telemetry.WithTracing(traces => traces.AddSource(
            QueueMetrics.Name, "Microsoft.Orleans.Application", "Microsoft.Orleans.Runtime", "Microsoft.AspNetCore")).UseOtlpExporter();
    }

    /// <summary>Libraries that tell of every step are asked for their warnings only.</summary>
    public static void QuietenLibraries(this ILoggingBuilder logging)
    {
        foreach (var chatty in (string[])["Orleans", "Microsoft.Orleans", "Microsoft.AspNetCore", "Microsoft.Hosting.Lifetime", "Polly"])
            logging.AddFilter(chatty, LogLevel.Warning);
        // It warns of its own first check, by hours, on a machine that has just started.
        logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
    }
}
