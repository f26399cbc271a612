namespace BulkQA.Emulators;

/// <summary>
/// SQS, S3 and DynamoDB behind proxies, for a test assembly as a whole: the SDK's own environment variables of this
/// process point at them.
/// </summary>
public class AwsEmulators : Xunit.IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _started = [];

    public FaultProxy DynamoDb { get; private set; } = null!;

    /// <summary>SQS and S3.</summary>
    public FaultProxy Queues { get; private set; } = null!;

    /// <summary>What processes need in their environment to talk to the emulators.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["AWS_REGION"] = "us-east-1",
        ["AWS_ACCESS_KEY_ID"] = "test",
        ["AWS_SECRET_ACCESS_KEY"] = "test",
        ["AWS_ENDPOINT_URL_DYNAMODB"] = DynamoDb.Url,
        ["AWS_ENDPOINT_URL_SQS"] = Queues.Url,
        ["AWS_ENDPOINT_URL_S3"] = Queues.Url,
        ["AWS_ENDPOINT_URL_STS"] = Queues.Url,
    };

    public virtual async ValueTask InitializeAsync()
    {
        DynamoDb = await ProxyAsync(await Emulator.StartDynamoAsync());
        Queues = await ProxyAsync(await Emulator.StartAsync("fauxqs"));
        foreach (var (name, value) in Environment) System.Environment.SetEnvironmentVariable(name, value);
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var started in Enumerable.Reverse(_started)) await started.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private async Task<FaultProxy> ProxyAsync((ChildProcess Child, string Url) emulator)
    {
        _started.Add(emulator.Child);
        var proxy = await FaultProxy.StartAsync(emulator.Url);
        _started.Add(proxy);
        return proxy;
    }
}
