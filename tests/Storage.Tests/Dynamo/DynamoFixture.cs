using BulkQA.Emulators;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;

[assembly: AssemblyFixture(typeof(AwsEmulators))]

namespace BulkQA.Storage.Tests;

/// <summary>Tables of its own for one test class.</summary>
public sealed class DynamoFixture(AwsEmulators aws) : IAsyncLifetime
{
    private static readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSerializer().BuildServiceProvider();

    private readonly string _suffix = Guid.NewGuid().ToString("N");

    public FaultProxy Proxy => aws.DynamoDb;

    public DynamoConnection Connection { get; private set; } = null!;

    public IOptions<DynamoOptions> Options => Microsoft.Extensions.Options.Options.Create(new DynamoOptions
    {
        LabelTable = $"labels-{_suffix}",
        StateTable = $"state-{_suffix}",
        MaxRetries = 3,
        AttemptTimeout = TimeSpan.FromSeconds(2),
    });

    public DynamoLabelTable Labels => new(Connection, Options, NullLogger<DynamoLabelTable>.Instance);

    public DynamoGrainStorage GrainStorage => new(
        Connection, _services.GetRequiredService<Serializer>(), Options,
        Microsoft.Extensions.Options.Options.Create(new ClusterOptions { ServiceId = "tests" }));

    public async ValueTask InitializeAsync()
    {
        Connection = new DynamoConnection(Options, new StorageMetrics(_services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()));
        await new DynamoTables(Connection, Options).CreateAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        Connection.Dispose();
        return ValueTask.CompletedTask;
    }
}
