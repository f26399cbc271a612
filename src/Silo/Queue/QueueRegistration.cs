using Amazon.SQS;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace BulkQA.Silo;

public static class QueueRegistration
{
    /// <summary>
    /// Consumes the vote queue. Register it after the silo: hosted services stop in reverse order, and receiving must
    /// end while the grains are still there.
    /// </summary>
    public static IServiceCollection AddVoteConsumer(this IServiceCollection services)
    {
        services.AddDeadLetters();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<QueueMetrics>();
        services.AddSingleton<AnswersHandler>();
        services.AddSingleton<HeldMessages>();
        services.AddHostedService<VoteConsumer>();
        return services;
    }

    /// <summary>Only what listing and redriving dead letters takes, and telling how much waits.</summary>
    public static IServiceCollection AddDeadLetters(this IServiceCollection services)
    {
        services.AddOptions<QueueOptions>().BindConfiguration(QueueOptions.Section).ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<QueueOptions>, QueueOptionsValidator>();
        // Long polls hold a connection for 20 seconds; a call that takes longer than that is stuck.
        services.TryAddSingleton<IAmazonSQS>(_ => new AmazonSQSClient(new AmazonSQSConfig { Timeout = TimeSpan.FromSeconds(30) }));
        services.TryAddSingleton<DeadLetters>();
        services.TryAddSingleton<QueueDepths>();
        return services;
    }
}
