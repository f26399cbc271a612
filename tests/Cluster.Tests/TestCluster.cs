using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using Amazon.S3;
using Amazon.SQS;
using BulkQA.Emulators;

namespace BulkQA.Cluster.Tests;

/// <summary>Silos and an API as processes, with a Redis, tables, a bucket and queues of their own.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private const string OperatorKey = "operator-key-of-the-tests";

    private readonly string _name = $"t{Guid.NewGuid():N}"[..20];
    private readonly AwsEmulators _aws;
    private readonly TemporaryFolder _redisFolder;
    private readonly string _redisEndpoint;
    private readonly List<IAsyncDisposable> _started = [];
    private ChildProcess _redis;
    private string _apiUrl = "http://127.0.0.1:0";
    private IReadOnlyDictionary<string, string>? _apiSettings;
    private string? _build;

    private TestCluster(AwsEmulators aws, ChildProcess redis, string redisEndpoint, TemporaryFolder redisFolder)
    {
        (_aws, _redis, _redisEndpoint, _redisFolder) = (aws, redis, redisEndpoint, redisFolder);
        S3 = new AmazonS3Client(new AmazonS3Config { ForcePathStyle = true });
        Sqs = new AmazonSQSClient();
    }

    public AmazonS3Client S3 { get; }

    public AmazonSQSClient Sqs { get; }

    public string Bucket => _name;

    public string QueueUrl { get; private set; } = "";

    public string DeadLetterUrl { get; private set; } = "";

    public HttpClient Http { get; private set; } = null!;

    public ChildProcess Api { get; private set; } = null!;

    /// <summary>Another list with every silo that comes or goes.</summary>
    public IReadOnlyList<Silo> Silos { get; private set; } = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="aws">What they keep their data in.</param>
    /// <param name="silos">How many.</param>
    /// <param name="apiSettings">More of the API's settings.</param>
    /// <param name="build">The folder of another release's sources, built; null: this one's.</param>
    public static async Task<TestCluster> StartAsync(
        AwsEmulators aws, int silos, IReadOnlyDictionary<string, string>? apiSettings = null, string? build = null)
    {
        var folder = new TemporaryFolder();
        var (redis, endpoint) = await Emulator.StartRedisAsync(folder: folder.Path);
        var cluster = new TestCluster(aws, redis, endpoint, folder) { _apiSettings = apiSettings, _build = build };
        try
        {
            await cluster.S3.PutBucketAsync(cluster.Bucket, Cancellation);
            cluster.DeadLetterUrl = await cluster.CreateQueueAsync("dead");
            cluster.QueueUrl = await cluster.CreateQueueAsync("votes");
            for (var i = 0; i < silos; i++) await cluster.AddSiloAsync();
            await cluster.StartApiAsync();
            cluster.Http = new HttpClient { BaseAddress = new Uri(cluster._apiUrl), Timeout = TimeSpan.FromMinutes(3) };
            return cluster;
        }
        catch
        {
            // Nobody else could end what was started before something failed.
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async Task<string> CreateQueueAsync(string suffix) => (await Sqs.CreateQueueAsync($"{_name}-{suffix}", Cancellation)).QueueUrl;

    public async Task<Silo> AddSiloAsync()
    {
        var environment = Settings();
        environment["BulkQA__Cluster__SiloPort"] = $"{FreePort.Take()}";
        environment["BulkQA__Cluster__GatewayPort"] = $"{FreePort.Take()}";
        environment["BulkQA__Cluster__AdvertisedAddress"] = "127.0.0.1";
        environment["BulkQA__Cluster__ProbeTimeout"] = "00:00:01";
        environment["BulkQA__Dynamo__CreateTables"] = "true";
        environment["BulkQA__Queue__ReceiveWait"] = "00:00:01";
        environment["BulkQA__Queue__VisibilityTimeout"] = "00:00:20";
        environment["BulkQA__Operator__Key"] = OperatorKey;
        environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        var (child, url) = await ChildProcess.StartAsync("dotnet", [Program("Silo")], Announced("BulkQA silo is ready: ", 4), environment);
        var silo = new Silo(child, new HttpClient { BaseAddress = new Uri(url) });
        silo.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"operator:{OperatorKey}")));
        lock (_started)
        {
            _started.Add(silo);
            Silos = [.. Silos, silo];
        }
        return silo;
    }

    /// <summary>No longer one of <see cref="Silos"/>.</summary>
    public void Remove(Silo silo)
    {
        lock (_started) Silos = [.. Silos.Where(other => other != silo)];
    }

    /// <summary>kill -9, and another under the same address.</summary>
    public async Task RestartApiAsync()
    {
        await Api.KillAsync();
        await StartApiAsync();
    }

    /// <summary>From now on processes are of this release.</summary>
    public void Upgrade() => _build = null;

    /// <summary>kill -9, and another that finds what was stored.</summary>
    public async Task RestartRedisAsync()
    {
        await _redis.DisposeAsync();
        (_redis, _) = await Emulator.StartRedisAsync(folder: _redisFolder.Path, port: int.Parse(_redisEndpoint.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The sum of a counter over the living silos.</summary>
    public async Task<double> CountAsync(string metric)
    {
        var sum = 0.0;
        foreach (var silo in Silos.Where(silo => !silo.Child.Process.HasExited))
        {
            var lines = (await silo.Http.GetStringAsync("/metrics", Cancellation)).Split('\n');
            sum += lines.Where(line => line.StartsWith(metric + "_total", StringComparison.Ordinal))
                .Sum(line => double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
        }
        return sum;
    }

    /// <summary>Messages in a queue, seen and unseen.</summary>
    public Task<int> CountMessagesAsync(string queueUrl) => Sqs.CountMessagesAsync(queueUrl);

    public async Task WaitUntilEmptyAsync(TimeSpan limit) => await WaitAsync(async () => await CountMessagesAsync(QueueUrl) == 0, limit, "the queue is not empty");

    public Task WaitAsync(Func<Task<bool>> condition, TimeSpan limit, string otherwise) => Wait.UntilAsync(
        condition, limit, () => $"{otherwise}; output of the last silo:\n{(Silos.Count > 0 ? Silos[^1].Child.Output : "")}\nof the API:\n{Api.Output}");

    /// <summary>What a function needs in its environment.</summary>
    public Dictionary<string, string> FunctionSettings(string queueUrl) => new(_aws.Environment)
    {
        ["BULKQA_S3_PATH_STYLE"] = "true",
        ["BULKQA_QUEUE_URL"] = queueUrl,
    };

    /// <summary>What silos and API have in common.</summary>
    public Dictionary<string, string> Settings() => new(_aws.Environment)
    {
        ["DOTNET_ENVIRONMENT"] = "Development",
        ["BulkQA__Cluster__Redis"] = _redisEndpoint,
        ["BulkQA__Cluster__ClusterId"] = _name,
        ["BulkQA__Dynamo__FactTable"] = $"{_name}-facts",
        ["BulkQA__Dynamo__LabelTable"] = $"{_name}-labels",
        ["BulkQA__Dynamo__StateTable"] = $"{_name}-state",
        ["BulkQA__S3__PathStyle"] = "true",
        ["BulkQA__Objects__Bucket"] = Bucket,
        ["BulkQA__Queue__Url"] = QueueUrl,
        ["BulkQA__Queue__DeadLetterUrl"] = DeadLetterUrl,
    };

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        foreach (var started in Enumerable.Reverse(_started)) await started.DisposeAsync();
        await _redis.DisposeAsync();
        _redisFolder.Dispose();
        S3.Dispose();
        Sqs.Dispose();
    }

    private async Task StartApiAsync()
    {
        var environment = Settings();
        environment["BulkQA__Mode"] = "Cluster";
        foreach (var (name, value) in _apiSettings ?? new Dictionary<string, string>()) environment[name] = value;
        (Api, _apiUrl) = await ChildProcess.StartAsync("dotnet", [Program("Api"), "--urls", _apiUrl], Announced("BulkQA is ready: ", 3), environment);
        lock (_started) _started.Add(Api);
    }

    private string Program(string name) =>
        _build is null ? Metadata($"{name}Program") : Path.Combine(_build, "src", name, "bin", "Release", "net10.0", $"BulkQA.{name}.dll");

    private static Func<string, string?> Announced(string prefix, int word) =>
        line => line.StartsWith(prefix, StringComparison.Ordinal) ? line.Split(' ')[word] : null;

    public static string Metadata(string key) =>
        typeof(TestCluster).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}

public sealed record Silo(ChildProcess Child, HttpClient Http) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Child.DisposeAsync();
    }
}
