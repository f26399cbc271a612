using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.Extensions.Options;
using Orleans.Runtime.Hosting;

namespace BulkQA.Silo;

public static class EmbeddedRegistration
{
    /// <summary>
    /// A silo in this process, its state in SQLite and a folder below <c>BulkQA:DataDirectory</c>. Talks to nobody: the
    /// cluster is this process alone.
    /// </summary>
    public static IHostApplicationBuilder AddEmbeddedSilo(this IHostApplicationBuilder builder)
    {
        builder.Services.AddEmbeddedStorage();
        builder.Services.AddGrains();
        builder.Services.AddReadiness().AddCheck<MembershipHealthCheck>("membership");
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort: FreePort.Take(), gatewayPort: 0, serviceId: "bulkqa", clusterId: "embedded");
            silo.AddBulkQaDefaults();
        });
        return builder;
    }

    /// <summary>Facts, the label table, grain storage and objects of the embedded way to run.</summary>
    public static IServiceCollection AddEmbeddedStorage(this IServiceCollection services)
    {
        services.AddOptions<EmbeddedOptions>().BindConfiguration("BulkQA")
            .Validate(embedded => embedded.DataDirectory.Length > 0, "BulkQA:DataDirectory is empty; give a folder that can be written")
            .ValidateOnStart();
        services.AddOptions<ObjectOptions>();
        services.AddOptions<SqliteOptions>().BindConfiguration("BulkQA:Sqlite")
            .Configure<IOptions<EmbeddedOptions>>((sqlite, embedded) =>
                sqlite.Path = Path.Combine(Directory.CreateDirectory(embedded.Value.DataDirectory).FullName, "bulkqa.db"))
            .Validate(sqlite => sqlite.MaxQueuedWrites >= 1, "BulkQA:Sqlite:MaxQueuedWrites must be 1 or more")
            .Validate(sqlite => sqlite.MaxWritesPerCommit >= 1, "BulkQA:Sqlite:MaxWritesPerCommit must be 1 or more")
            .Validate(sqlite => sqlite.Readers >= 1, "BulkQA:Sqlite:Readers must be 1 or more")
            .Validate(sqlite => sqlite.CacheBytes >= 0, "BulkQA:Sqlite:CacheBytes must be zero or more")
            .ValidateOnStart();
        services.AddSingleton<SqliteDatabase>();
        services.AddSingleton<IFactStore, SqliteFactStore>();
        services.AddSingleton<ILabelTable, SqliteLabelTable>();
        services.AddSingleton<IChangeLog, SqliteChangeLog>();
        services.AddSingleton<IListings, SqliteListings>();
        services.AddSingleton<IObjectStore>(provider =>
            new FolderObjectStore(Path.Combine(provider.GetRequiredService<IOptions<EmbeddedOptions>>().Value.DataDirectory, "objects")));
        services.AddSingleton<JobObjects>();
        services.AddSingleton(provider => new StorageStart(cancellation =>
        {
            _ = provider.GetRequiredService<SqliteDatabase>();
            return Task.CompletedTask;
        }));
        services.AddSingleton(provider => new StoragePing(provider.GetRequiredService<SqliteDatabase>().PingAsync));
        services.AddGrainStorage("Default", (provider, _) => ActivatorUtilities.CreateInstance<SqliteGrainStorage>(provider));
        return services;
    }
}
