using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;

namespace BulkQA.Grains;

internal static class AlarmsRegistration
{
    /// <summary>Calls after a first one that failed, before an event is left for later.</summary>
    private const int Retries = 2;

    /// <summary>What watching jobs takes, and telling their webhooks.</summary>
    public static IServiceCollection AddAlarms(this IServiceCollection services)
    {
        services.AddOptions<AlarmOptions>().BindConfiguration(AlarmOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AlarmOptions>, AlarmOptionsValidator>();
        services.AddSingleton<AlarmsMetrics>();
        services.AddSingleton<AlarmWebhook>();
        services.AddSingleton<IOperationWork, WatchWork>();
        services.AddHttpClient(AlarmWebhook.ClientName, client =>
            {
                client.Timeout = Timeout.InfiniteTimeSpan;
                client.DefaultRequestHeaders.UserAgent.ParseAdd("BulkQA");
            })
            .ConfigurePrimaryHttpMessageHandler(provider => Handler(provider.GetRequiredService<IOptions<AlarmOptions>>().Value))
            // Its lines would hold URLs, in which many services put a secret.
            .RemoveAllLoggers()
            .AddResilienceHandler(AlarmWebhook.ClientName, (pipeline, context) =>
            {
                var options = context.ServiceProvider.GetRequiredService<IOptions<AlarmOptions>>().Value;
                pipeline.AddRetry(new HttpRetryStrategyOptions
                {
                    MaxRetryAttempts = Retries,
                    Delay = options.WebhookRetryDelay,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    // Whoever asks for more time gets it: by the tries after these, which hold nobody up.
                    ShouldRetryAfterHeader = false,
                });
                pipeline.AddTimeout(options.WebhookTimeout);
            });
        return services;
    }

    private static SocketsHttpHandler Handler(AlarmOptions options) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        // A proxy would be connected to in the webhook's place, and go wherever it likes.
        UseProxy = false,
        ConnectCallback = (context, cancellation) => AlarmWebhook.ConnectAsync(options, context.DnsEndPoint, cancellation),
        // Names are looked up anew now and then.
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        MaxResponseHeadersLength = 16,
        MaxResponseDrainSize = 0,
    };
}
