using System.Diagnostics.Metrics;
using BulkQA.Emulators;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;

[assembly: AssemblyFixture(typeof(AwsEmulators))]

namespace BulkQA.Storage.Tests;

/// <summary>Tables of its own for one test class.</summary>
public sealed class DynamoFixture(AwsEmulators aws) : IAsyncLifetime
{
    private static readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    private readonly string _suffix = Guid.NewGuid().ToString("N");

    public FaultProxy Proxy => aws.DynamoDb;

    public DynamoConnection Connection { get; private set; } = null!;

    public IOptions<DynamoOptions> Options => Microsoft.Extensions.Options.Options.Create(new DynamoOptions
    {
        LabelTable = $"labels-{_suffix}",
        FactTable = $"facts-{_suffix}",
        StateTable = $"state-{_suffix}",
        MaxRetries = 3,
        AttemptTimeout = TimeSpan.FromSeconds(2),
    });

    public DynamoLabelTable Labels => new(Connection, Options);

    public DynamoChangeLog Changes => new(Connection, Options);

    public DynamoListings Listings => new(Connection, Options);

    public DynamoFactStore Facts => new(Connection, Options);

    public DynamoGrainStorage GrainStorage => new(
        Connection, _services.GetRequiredService<Serializer>(), Options,
        Microsoft.Extensions.Options.Options.Create(new ClusterOptions { ServiceId = "tests" }));

    /// <summary>A connection beside the others, with counters of its own.</summary>
    public (DynamoConnection Connection, StorageMetrics Metrics) Connect(TimeSpan? attemptTimeout = null)
    {
        var options = Options;
        if (attemptTimeout is { } timeout) options.Value.AttemptTimeout = timeout;
        var metrics = new StorageMetrics(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());
        return (new DynamoConnection(options, metrics), metrics);
    }

    public async ValueTask InitializeAsync()
    {
        Connection = Connect().Connection;
        await new DynamoTables(Connection, Options).CreateAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        Connection.Dispose();
        return ValueTask.CompletedTask;
    }
}
