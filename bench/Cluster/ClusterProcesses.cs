using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.SQS;
using Amazon.SQS.Model;
using BulkQA.Emulators;
using BulkQA.Grains;
using BulkQA.Silo;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BulkQA.Bench;

/// <summary>Silos as processes, the emulators and the Redis they need, and a client of theirs in this process.</summary>
internal sealed class ClusterProcesses : IAsyncDisposable
{
    private const string OperatorKey = "operator-key-of-the-bench";

    private readonly List<IAsyncDisposable> _started = [];
    private readonly List<(ChildProcess Child, HttpClient Http)> _silos = [];
    private readonly Dictionary<string, string> _settings = [];
    private string _dynamoUrl = "";
    private string _queuesUrl = "";
    private IHost? _client;

    public AmazonSQSClient Sqs { get; private set; } = null!;

    public AmazonDynamoDBClient Dynamo { get; private set; } = null!;

    public string QueueUrl { get; private set; } = "";

    public int EmulatorProcess { get; private set; }

    public Corpus Corpus { get; private set; } = null!;

    /// <param name="dynamoDb">The emulator of it, one of <see cref="Emulator.DynamoDbs"/>.</param>
    public static async Task<ClusterProcesses> StartAsync(string dynamoDb)
    {
        var cluster = new ClusterProcesses();
        var (dynamo, dynamoUrl) = await Emulator.StartDynamoAsync(dynamoDb);
        var (queues, queuesUrl) = await Emulator.StartAsync("fauxqs");
        var (redis, endpoint) = await Emulator.StartRedisAsync();
        cluster._started.AddRange([dynamo, queues, redis]);
        cluster.EmulatorProcess = dynamo.Process.Id;
        (cluster._dynamoUrl, cluster._queuesUrl) = (dynamoUrl, queuesUrl);
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["AWS_REGION"] = "us-east-1",
            ["AWS_ACCESS_KEY_ID"] = "bench",
            ["AWS_SECRET_ACCESS_KEY"] = "bench",
            ["AWS_ENDPOINT_URL_DYNAMODB"] = dynamoUrl,
            ["AWS_ENDPOINT_URL_SQS"] = queuesUrl,
            ["AWS_ENDPOINT_URL_S3"] = queuesUrl,
        }) Environment.SetEnvironmentVariable(name, value);
        (cluster.Sqs, cluster.Dynamo) = (new AmazonSQSClient(), new AmazonDynamoDBClient());
        cluster.QueueUrl = await cluster.CreateQueueAsync("votes");
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["BulkQA:Cluster:Redis"] = endpoint,
            ["BulkQA:Cluster:ClusterId"] = "bench",
            ["BulkQA:Cluster:AdvertisedAddress"] = "127.0.0.1",
            ["BulkQA:Dynamo:CreateTables"] = "true",
            ["BulkQA:S3:PathStyle"] = "true",
            ["BulkQA:Objects:Bucket"] = "bench",
            ["BulkQA:Queue:Url"] = cluster.QueueUrl,
            ["BulkQA:Queue:DeadLetterUrl"] = await cluster.CreateQueueAsync("dead"),
            ["BulkQA:Queue:ReceiveWait"] = "00:00:01",
            ["BulkQA:Operator:Key"] = OperatorKey,
        }) cluster._settings[name] = value;
        return cluster;
    }

    public async Task<string> CreateQueueAsync(string name) => (await Sqs.CreateQueueAsync(name)).QueueUrl;

    public async Task AddSiloAsync()
    {
        var environment = _settings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
        environment["BulkQA__Cluster__SiloPort"] = $"{FreePort.Take()}";
        environment["BulkQA__Cluster__GatewayPort"] = $"{FreePort.Take()}";
        environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        // A silo runs for days: what its compiler does in its first minutes is not what a vote costs.
        environment["DOTNET_TieredCompilation"] = "0";
        var program = Path.Combine(AppContext.BaseDirectory, "BulkQA.Silo.dll");
        var (child, url) = await ChildProcess.StartAsync(
            "dotnet", [program], line => line.StartsWith("BulkQA silo is ready: ", StringComparison.Ordinal) ? line.Split(' ')[4] : null, environment);
        var http = new HttpClient { BaseAddress = new Uri(url) };
        http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"operator:{OperatorKey}")));
        _silos.Add((child, http));
        if (_client is null) await ConnectAsync();
    }

    public async Task<JobInfo> CreateJobAsync(string name, int images)
    {
        var job = await Corpus.CreateJobAsync(name);
        await Corpus.ImportAsync(job, "Dog", Enumerable.Range(0, images));
        return job;
    }

    public async Task SendAsync(string queueUrl, IEnumerable<byte[]> messages) => await Parallel.ForEachAsync(
        messages.Chunk(10), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (batch, _) => await Sqs.SendMessageBatchAsync(
            queueUrl, [.. batch.Select((body, index) => new SendMessageBatchRequestEntry($"{index}", System.Text.Encoding.UTF8.GetString(body)))], CancellationToken.None));

    public async Task WaitUntilEmptyAsync(string queueUrl)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var left = 1; left > 0; await timer.WaitForNextTickAsync())
        {
            var attributes = await Sqs.GetQueueAttributesAsync(queueUrl, ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]);
            left = attributes.ApproximateNumberOfMessages + attributes.ApproximateNumberOfMessagesNotVisible;
        }
    }

    /// <summary>The sum of the silos' counters of this name whose labels contain the text.</summary>
    public async Task<double> CountAsync(string metric, string label = "")
    {
        var sum = 0.0;
        foreach (var (_, http) in _silos)
            sum += (await http.GetStringAsync("/metrics")).Split('\n')
                .Where(line => line.StartsWith(metric, StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
                .Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
        return sum;
    }

    /// <summary>What the silos' writes took.</summary>
    public Task<double> CountWriteUnitsAsync() => CountAsync("bulkqa_dynamo_write_units");

    /// <summary>What the silos asked of DynamoDB.</summary>
    public Task<double> CountDynamoRequestsAsync() => CountRequestsAsync(_dynamoUrl);

    /// <summary>What the silos asked of SQS.</summary>
    public Task<double> CountQueueRequestsAsync() => CountRequestsAsync(_queuesUrl);

    public Usage SilosUsage() => _silos.Select(silo => Usage.Of(silo.Child.Process.Id)).Aggregate((sum, silo) => sum + silo);

    public async ValueTask DisposeAsync()
    {
        if (_client is not null) await _client.StopAsync();
        _client?.Dispose();
        foreach (var (child, http) in _silos)
        {
            http.Dispose();
            await child.DisposeAsync();
        }
        Sqs.Dispose();
        Dynamo.Dispose();
        foreach (var started in Enumerable.Reverse(_started)) await started.DisposeAsync();
    }

    private Task<double> CountRequestsAsync(string url) =>
        CountAsync("http_client_request_duration_seconds_count", $"server_port=\"{new Uri(url).Port}\"");

    private async Task ConnectAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(_settings!);
        builder.Logging.ClearProviders();
        builder.AddClusterClient();
        _client = builder.Build();
        await _client.StartAsync();
        Corpus = new Corpus(_client.Services.GetRequiredService<IClusterClient>());
    }
}
