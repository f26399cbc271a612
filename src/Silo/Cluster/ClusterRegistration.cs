using System.Net;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;
using StackExchange.Redis;

namespace BulkQA.Silo;

public static class ClusterRegistration
{
    /// <summary>A silo among others: membership in Redis, facts and grain state in DynamoDB, objects in S3, answers from SQS.</summary>
    public static IHostApplicationBuilder AddClusterSilo(this IHostApplicationBuilder builder)
    {
        builder.Services.AddClusterSettings();
        builder.Services.AddClusterStorage();
        builder.Services.AddGrainStorage("Default", (provider, _) => ActivatorUtilities.CreateInstance<DynamoGrainStorage>(provider));
        builder.Services.AddGrains();
        // Before the settings are bound, so that those win.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<GrainsOptions>>(
            new ConfigureOptions<GrainsOptions>(options => options.DefaultLabelTable = LabelTableMode.OnDone)));
        builder.Services.AddOptions<AlarmOptions>()
            .Validate(alarms => !alarms.AllowLoopback, $"{AlarmOptions.Section}:AllowLoopback is on; in a cluster what a silo reaches on its own machine is not a job's to call");
        builder.UseOrleans(silo =>
        {
            silo.UseRedisClustering(_ => { });
            silo.AddActivityPropagation();
            silo.AddBulkQaDefaults();
            silo.Services.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = LostCalls.SiloAttemptTimeout);
            silo.AddOutgoingGrainCallFilter(new LostCalls(TimeProvider.System));
            silo.Services.AddOptions<EndpointOptions>().Configure<IOptions<ClusterSettings>>(Listen);
            silo.Services.AddOptions<ClusterMembershipOptions>().Configure<IOptions<ClusterSettings>>(Watch);
        });
        builder.Services.AddReadiness().AddCheck<MembershipHealthCheck>("membership");
        builder.Services.AddHostedService<DrainProtection>();
        if (builder.Configuration[$"{QueueOptions.Section}:Url"] is { Length: > 0 }) builder.Services.AddVoteConsumer();
        return builder;
    }

    /// <summary>A client of the silos, which reads facts and objects where they do.</summary>
    public static IHostApplicationBuilder AddClusterClient(this IHostApplicationBuilder builder)
    {
        builder.Services.AddClusterSettings();
        builder.Services.AddClusterStorage();
        builder.Services.TryAddSingleton<AnswerRouter>();
        builder.Services.TryAddSingleton<LinkedWorkers>();
        builder.Services.TryAddSingleton<TaskListing>();
        builder.Services.TryAddSingleton<ManifestExport>();
        builder.Services.AddSingleton<GatewayHealthCheck>();
        builder.Services.AddReadiness().AddCheck<GatewayHealthCheck>("silos");
        builder.UseOrleansClient(client =>
        {
            client.Services.AddSingleton<IClusterConnectionStatusObserver>(provider => provider.GetRequiredService<GatewayHealthCheck>());
            client.UseRedisClustering(_ => { });
            client.AddActivityPropagation();
            client.Services.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = LostCalls.ClientAttemptTimeout);
            client.AddOutgoingGrainCallFilter(new LostCalls(TimeProvider.System));
            // Silos may come later than the API: wait for them, saying so by not being ready.
            client.UseConnectionRetryFilter(async (_, cancellation) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellation);
                return true;
            });
        });
        if (builder.Configuration[$"{QueueOptions.Section}:Url"] is { Length: > 0 }) builder.Services.AddDeadLetters();
        return builder;
    }

    /// <summary>Facts, the label table and the object store of the cluster.</summary>
    public static IServiceCollection AddClusterStorage(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<DynamoOptions>().BindConfiguration("BulkQA:Dynamo").ValidateOnStart();
        services.AddSingleton<IValidateOptions<DynamoOptions>, DynamoOptionsValidator>();
        services.AddOptions<S3Options>().BindConfiguration("BulkQA:S3");
        services.AddOptions<ObjectOptions>().BindConfiguration("BulkQA:Objects")
            .Validate(objects => objects.Bucket.Length > 0, "BulkQA:Objects:Bucket is empty; give the bucket that BulkQA keeps its objects in")
            .ValidateOnStart();
        services.AddSingleton<StorageMetrics>();
        services.AddSingleton<DynamoConnection>();
        services.AddSingleton<DynamoTables>();
        services.AddSingleton<IFactStore, DynamoFactStore>();
        services.AddSingleton<ILabelTable, DynamoLabelTable>();
        services.AddSingleton<IChangeLog, DynamoChangeLog>();
        services.AddSingleton<IListings, DynamoListings>();
        services.AddSingleton<IObjectStore, S3ObjectStore>();
        services.AddSingleton<JobObjects>();
        services.AddSingleton(provider => new StorageStart(async cancellation =>
        {
            var tables = provider.GetRequiredService<DynamoTables>();
            if (provider.GetRequiredService<IOptions<DynamoOptions>>().Value.CreateTables) await tables.CreateAsync(cancellation);
            await tables.CheckAsync(cancellation);
        }));
        services.AddSingleton(provider => new StoragePing(provider.GetRequiredService<DynamoTables>().PingAsync));
        return services;
    }

    private static void AddClusterSettings(this IServiceCollection services)
    {
        services.AddOptions<ClusterSettings>().BindConfiguration(ClusterSettings.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ClusterSettings>, ClusterSettingsValidator>();
        services.AddOptions<ClusterOptions>().Configure<IOptions<ClusterSettings>>((orleans, ours) =>
            (orleans.ClusterId, orleans.ServiceId) = (ours.Value.ClusterId, ours.Value.ServiceId));
        services.AddOptions<RedisClusteringOptions>().Configure<IOptions<ClusterSettings>>((redis, ours) =>
        {
            redis.ConfigurationOptions = ConfigurationOptions.Parse(ours.Value.Redis);
            if (!string.IsNullOrEmpty(ours.Value.RedisPassword)) redis.ConfigurationOptions.Password = ours.Value.RedisPassword;
            // A Redis that restarts is waited for.
            redis.ConfigurationOptions.AbortOnConnectFail = false;
        });
    }

    private static void Watch(ClusterMembershipOptions orleans, IOptions<ClusterSettings> settings)
    {
        orleans.ProbeTimeout = settings.Value.ProbeTimeout;
        // Two of three silos lost at once have too few left to declare them dead; new ones join when three of these are
        // missing, and they would be 30 s apart.
        orleans.IAmAliveTablePublishTimeout = settings.Value.ProbeTimeout;
    }

    private static void Listen(EndpointOptions endpoints, IOptions<ClusterSettings> settings)
    {
        var address = settings.Value.AdvertisedAddress is { } given
            ? IPAddress.Parse(given) : EcsMetadata.ReadAddress(Environment.GetEnvironmentVariable(EcsMetadata.UriVariable));
        endpoints.AdvertisedIPAddress = address;
        endpoints.SiloPort = settings.Value.SiloPort;
        endpoints.GatewayPort = settings.Value.GatewayPort;
        var listen = IPAddress.IsLoopback(address) ? address : IPAddress.Any;
        endpoints.SiloListeningEndpoint = new IPEndPoint(listen, settings.Value.SiloPort);
        endpoints.GatewayListeningEndpoint = new IPEndPoint(listen, settings.Value.GatewayPort);
    }
}
