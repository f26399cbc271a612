using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.S3;
using Amazon.SQS;
using BulkQA.Emulators;

namespace BulkQA.Cluster.Tests;

/// <summary>A task that runs: a process with an address of its own, as ECS would start it.</summary>
internal sealed record RehearsedTask(ChildProcess Child, string Address, DeclaredContainer Container, Dictionary<string, string> Environment, string Program) : IAsyncDisposable
{
    public string Url => $"http://{Address}:8080";

    /// <summary>What the container's health check says.</summary>
    public async Task<bool> IsHealthyAsync()
    {
        // The image's path stands for the program that was built.
        var words = Container.HealthCheck.Select(word => word.StartsWith("/app/", StringComparison.Ordinal) ? Program : word).ToList();
        await using var check = ChildProcess.Start(words[0], words.Skip(1), Environment);
        await check.Process.WaitForExitAsync();
        return check.Process.ExitCode == 0;
    }

    /// <summary>SIGTERM, and SIGKILL once the declared time is up, as ECS stops a task. Null where it had to be killed.</summary>
    public async Task<int?> StopAsync()
    {
        try
        {
            return await Child.TerminateAsync(Container.StopTimeout);
        }
        catch (TimeoutException)
        {
            await Child.KillAsync();
            return null;
        }
    }

    public ValueTask DisposeAsync() => Child.DisposeAsync();
}

/// <summary>
/// The cluster as its template declares it: environment, secrets, health checks, stop timeouts, tables. What differs from
/// an account: each task has a loopback address in the place of a machine, Redis speaks no TLS, AWS is the emulators.
/// </summary>
internal sealed class RehearsedCluster : IAsyncDisposable
{
    /// <summary>Each is half a dozen processes.</summary>
    public const string OneAtATime = "rehearsals";

    private const string RedisPassword = "redis-password-of-the-rehearsal";

    /// <summary>Of all clusters: each task has an address of its own on this machine.</summary>
    private static int _tasks;

    private readonly string _name = $"r{Guid.NewGuid():N}"[..20];
    private readonly AwsEmulators _aws;
    private readonly ChildProcess _redis;
    private readonly DeployTemplate _template;
    private readonly Dictionary<string, string> _resources;
    private readonly List<IAsyncDisposable> _started = [];
    private readonly string _apiKey = $"bqa_{Guid.NewGuid():N}";

    private RehearsedCluster(
        AwsEmulators aws, DeployTemplate template, ChildProcess redis, string redisEndpoint, EcsAgent agent, LoadBalancer balancer)
    {
        (_aws, _template, _redis, Agent, Balancer) = (aws, template, redis, agent, balancer);
        Http = new HttpClient { BaseAddress = new Uri(balancer.Url), Timeout = TimeSpan.FromMinutes(3) };
        Http.DefaultRequestHeaders.Authorization = new("Bearer", _apiKey);
        _resources = new()
        {
            ["StorageFacts"] = $"{_name}-facts",
            ["StorageLabelTable"] = $"{_name}-labels",
            ["StorageState"] = $"{_name}-state",
            ["StorageObjects"] = _name,
            ["RedisGroup"] = redisEndpoint.Split(':')[0],
            ["FunctionsGroundTruth"] = "arn:aws:iam::123456789012:role/ground-truth",
            ["FunctionsPreLabeling"] = "arn:aws:lambda:eu-central-1:123456789012:function:pre",
            ["FunctionsPostLabeling"] = "arn:aws:lambda:eu-central-1:123456789012:function:post",
        };
        RedisPort = redisEndpoint.Split(':')[1];
    }

    public EcsAgent Agent { get; }

    public LoadBalancer Balancer { get; }

    /// <summary>Through the load balancer, as an operator.</summary>
    public HttpClient Http { get; }

    public AmazonSQSClient Sqs { get; } = new();

    public string QueueUrl => _resources["StorageVotes"];

    public string DeadLetterUrl => _resources["StorageDeadLetters"];

    /// <summary>How many tasks the services start with.</summary>
    public int DesiredSilos => _template.Properties("AWS::ApplicationAutoScaling::ScalableTarget", "SilosService").GetProperty("MinCapacity").GetInt32();

    public int DesiredApis => _template.Properties("AWS::ApplicationAutoScaling::ScalableTarget", "ApiService").GetProperty("MinCapacity").GetInt32();

    /// <summary>What the load balancer grants requests under way.</summary>
    public TimeSpan Drain => TimeSpan.FromSeconds(int.Parse(
        _template.Properties("AWS::ElasticLoadBalancingV2::TargetGroup", "ApiTargets").GetProperty("TargetGroupAttributes").EnumerateArray()
            .Single(attribute => attribute.GetProperty("Key").GetString() == "deregistration_delay.timeout_seconds").GetProperty("Value").GetString()!,
        System.Globalization.CultureInfo.InvariantCulture));

    private string RedisPort { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<RehearsedCluster> StartAsync(AwsEmulators aws)
    {
        // Before anything runs: where it is missing, nothing is left running.
        var template = DeployTemplate.Read();
        var (redis, endpoint) = await Emulator.StartRedisAsync(RedisPassword);
        var cluster = new RehearsedCluster(aws, template, redis, endpoint, await EcsAgent.StartAsync(), await LoadBalancer.StartAsync());
        using (var s3 = new AmazonS3Client(new AmazonS3Config { ForcePathStyle = true })) await s3.PutBucketAsync(cluster._name, Cancellation);
        cluster._resources["StorageDeadLetters"] = (await cluster.Sqs.CreateQueueAsync($"{cluster._name}-dead", Cancellation)).QueueUrl;
        cluster._resources["StorageVotes"] = (await cluster.Sqs.CreateQueueAsync($"{cluster._name}-votes", Cancellation)).QueueUrl;
        await cluster.CreateTablesAsync();
        return cluster;
    }

    public Task<RehearsedTask> StartSiloAsync() => StartAsync("SilosSiloDefinition", "SiloProgram", "BulkQA silo is ready: ");

    /// <summary>An API task, with the load balancer once it is healthy.</summary>
    public async Task<RehearsedTask> StartApiAsync()
    {
        var task = await StartAsync("ApiDefinition", "ApiProgram", "BulkQA is ready: ");
        using var http = new HttpClient();
        await Wait.UntilAsync(
            async () => (await http.GetAsync($"{task.Url}/health/ready", Cancellation)).IsSuccessStatusCode, TimeSpan.FromMinutes(1), () => $"the API is not ready:\n{task.Child.Output}");
        Balancer.Register(task.Url);
        return task;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Balancer.DisposeAsync();
        foreach (var started in Enumerable.Reverse(_started)) await started.DisposeAsync();
        await Agent.DisposeAsync();
        await _redis.DisposeAsync();
        Sqs.Dispose();
    }

    private async Task<RehearsedTask> StartAsync(string definition, string program, string ready)
    {
        var address = $"127.0.9.{Interlocked.Increment(ref _tasks)}";
        var container = _template.Container(definition, Resolve);
        var environment = new Dictionary<string, string>(container.Environment);
        foreach (var secret in container.Secrets) environment[secret] = Secret(secret);
        foreach (var (name, value) in Agent.Variables(address)) environment[name] = value;
        foreach (var (name, value) in _aws.Environment) environment[name] = value;
        environment["BulkQA__S3__PathStyle"] = "true";
        // One machine stands for many: each task listens on its own address only.
        environment["ASPNETCORE_URLS"] = environment["ASPNETCORE_URLS"].Replace("*", address, StringComparison.Ordinal);
        environment["BulkQA__Cluster__Redis"] = environment["BulkQA__Cluster__Redis"].Replace(":6379,ssl=true", $":{RedisPort},ssl=false", StringComparison.Ordinal);
        environment["BulkQA__Cluster__ClusterId"] = _name;
        var path = TestCluster.Metadata(program);
        var (child, _) = await ChildProcess.StartAsync(
            "dotnet", [path], line => line.StartsWith(ready, StringComparison.Ordinal) ? line : null, environment);
        var task = new RehearsedTask(child, address, container, environment, path);
        _started.Add(task);
        await Wait.UntilAsync(task.IsHealthyAsync, TimeSpan.FromMinutes(1), () => $"the health check does not pass:\n{child.Output}");
        return task;
    }

    private string Resolve(string id, string? attribute) => _resources.Single(resource => id.StartsWith(resource.Key, StringComparison.Ordinal)).Value;

    private string Secret(string name) => name switch
    {
        "BulkQA__Cluster__RedisPassword" => RedisPassword,
        "BulkQA__Operator__Key" => "operator-key-of-the-rehearsal",
        "BulkQA__Access__KeyRingSecret" => new string('A', 44),
        "BulkQA__Access__KeysJson" => JsonSerializer.Serialize(new[]
        {
            new { name = "rehearsal", role = "operator", hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(_apiKey))) },
        }),
        _ => throw new InvalidOperationException($"the template declares a secret {name} that the rehearsal does not know"),
    };

    private async Task CreateTablesAsync()
    {
        using var dynamo = new AmazonDynamoDBClient();
        foreach (var id in (string[])["StorageFacts", "StorageLabelTable", "StorageState"])
        {
            var table = _template.Properties("AWS::DynamoDB::GlobalTable", id);
            await dynamo.CreateTableAsync(new CreateTableRequest
            {
                TableName = _resources[id],
                BillingMode = table.GetProperty("BillingMode").GetString(),
                KeySchema = Keys(table),
                AttributeDefinitions = [.. table.GetProperty("AttributeDefinitions").EnumerateArray().Select(attribute =>
                    new AttributeDefinition(attribute.GetProperty("AttributeName").GetString(), attribute.GetProperty("AttributeType").GetString()))],
                GlobalSecondaryIndexes = !table.TryGetProperty("GlobalSecondaryIndexes", out var indexes) ? null : [.. indexes.EnumerateArray().Select(index => new GlobalSecondaryIndex
                {
                    IndexName = index.GetProperty("IndexName").GetString(),
                    KeySchema = Keys(index),
                    Projection = new Projection { ProjectionType = index.GetProperty("Projection").GetProperty("ProjectionType").GetString() },
                })],
            }, Cancellation);
        }
    }

    private static List<KeySchemaElement> Keys(JsonElement schema) => [.. schema.GetProperty("KeySchema").EnumerateArray().Select(key =>
        new KeySchemaElement(key.GetProperty("AttributeName").GetString(), key.GetProperty("KeyType").GetString()))];
}
