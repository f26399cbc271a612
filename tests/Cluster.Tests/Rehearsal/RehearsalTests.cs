using System.Collections.Concurrent;
using System.Text.Json;
using Amazon.SQS.Model;

namespace BulkQA.Cluster.Tests;

/// <summary>A deployment, as far as it goes without an account: what <c>deploy/</c> declares is what these processes are started by.</summary>
[Collection(RehearsedCluster.OneAtATime)]
public sealed class RehearsalTests(SharedApi aws)
{
    private const int Images = 300;
    private const int TaskSize = 25;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RollingDeployment_OfSilosAndApiUnderLoad_LosesNoVoteAndDropsNoRequest()
    {
        await using var cluster = await RehearsedCluster.StartAsync(aws);
        var silos = new Queue<RehearsedTask>();
        for (var count = 0; count < cluster.DesiredSilos; count++) silos.Enqueue(await cluster.StartSiloAsync());
        var apis = new Queue<RehearsedTask>();
        for (var count = 0; count < cluster.DesiredApis; count++) apis.Enqueue(await cluster.StartApiAsync());
        var job = await ImportAsync(cluster);

        await using (var load = new Load(cluster, job))
        {
            for (var count = 0; count < cluster.DesiredSilos; count++)
            {
                silos.Enqueue(await cluster.StartSiloAsync());
                Assert.Equal(0, await silos.Dequeue().StopAsync());
            }
            for (var count = 0; count < cluster.DesiredApis; count++)
            {
                apis.Enqueue(await cluster.StartApiAsync());
                var old = apis.Dequeue();
                await cluster.Balancer.DeregisterAsync(old.Url, cluster.Drain);
                Assert.Equal(0, await old.StopAsync());
            }
            await load.EndAsync();
            TestContext.Current.SendDiagnosticMessage($"{load.Messages} messages and {load.Requests} requests during the roll, longest request {load.Longest.TotalMilliseconds:F0} ms");
            Assert.True(load.Failures.IsEmpty, string.Join('\n', load.Failures));
        }
        await AssertEveryVoteOnceAsync(cluster, job);
        // While one silo drained, others asked not to be ended, for longer than ECS lets it drain; and took that back.
        Assert.Contains(cluster.Agent.Protections, protection => protection is { Enabled: true, Minutes: 3 });
        Assert.True(silos.Peek().Container.StopTimeout < TimeSpan.FromMinutes(3));
        await Wait.UntilAsync(
            () => Task.FromResult(cluster.Agent.Protections.GroupBy(protection => protection.Address).Where(task => silos.Any(silo => silo.Address == task.Key)).All(task => !task.Last().Enabled)),
            TimeSpan.FromSeconds(60), () => "a silo is still protected");
    }

    [Fact]
    public async Task SiloThatHangs_IsKilledWhenItsTimeIsUp_AndEveryVoteCountsOnce()
    {
        await using var cluster = await RehearsedCluster.StartAsync(aws);
        var hanging = await cluster.StartSiloAsync();
        await cluster.StartSiloAsync();
        await cluster.StartApiAsync();
        var job = await ImportAsync(cluster);
        await SendAllAsync(cluster, job, "ann");
        await hanging.Child.SignalAsync("STOP");
        await SendAllAsync(cluster, job, "bob");
        Assert.Null(await hanging.StopAsync());
        await cluster.StartSiloAsync();
        await SendAllAsync(cluster, job, "load");
        await AssertEveryVoteOnceAsync(cluster, job);
    }

    private static async Task<string> ImportAsync(RehearsedCluster cluster)
    {
        var job = await cluster.Http.CreateJobAsync();
        var summary = await cluster.Http.ImportAsync(job, "s3_image_url,label,confidence\n" + string.Concat(Enumerable.Range(0, Images).Select(number => $"s3://b/{number}.jpg,Dog,90\n")));
        Assert.Equal(Images, summary.Int("accepted"));
        return job;
    }

    private static async Task SendAllAsync(RehearsedCluster cluster, string job, string worker)
    {
        for (var first = 0; first < Images; first += TaskSize) await SendAsync(cluster, job, worker, first);
    }

    private static Task<SendMessageResponse> SendAsync(RehearsedCluster cluster, string job, string worker, int first) => cluster.Sqs.SendMessageAsync(
        new SendMessageRequest(cluster.QueueUrl, ClusterApiTests.Message(job, first, TaskSize, worker)), Cancellation);

    /// <summary>Two workers' votes by the queue and one's by REST, or three's by the queue: three a picture.</summary>
    private static async Task AssertEveryVoteOnceAsync(RehearsedCluster cluster, string job)
    {
        await Wait.UntilAsync(async () => await cluster.Sqs.CountMessagesAsync(cluster.QueueUrl) == 0, TimeSpan.FromMinutes(6), () => "the queue is not empty");
        Assert.Equal(3 * Images, (await cluster.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
        var audit = await (await cluster.Http.PostAsync($"/v1/jobs/{job}/audit", null, Cancellation)).JsonAsync();
        Assert.Equal((Images, 0), (audit.Int("images"), audit.Int("differences")));
        Assert.Equal(0, await cluster.Sqs.CountMessagesAsync(cluster.DeadLetterUrl));
    }

    /// <summary>Votes by the queue and by REST, and reads, over and over until ended.</summary>
    private sealed class Load : IAsyncDisposable
    {
        private readonly RehearsedCluster _cluster;
        private readonly string _job;
        private readonly CancellationTokenSource _end = new();
        private readonly Task[] _loops;
        private int _messages;
        private int _requests;
        private long _longestTicks;

        public Load(RehearsedCluster cluster, string job)
        {
            (_cluster, _job) = (cluster, job);
            _loops =
            [
                Repeat(round => MessageAsync("ann", round)), Repeat(round => MessageAsync("bob", round)),
                Repeat(VoteAsync), Repeat(_ => ReadAsync($"/v1/jobs/{_job}/classes")), Repeat(round => ReadAsync($"/v1/jobs/{_job}/images?limit=50&label=Dog")),
            ];
        }

        public ConcurrentQueue<string> Failures { get; } = [];

        public int Messages => _messages;

        public int Requests => _requests;

        public TimeSpan Longest => TimeSpan.FromTicks(_longestTicks);

        /// <summary>Once each picture was voted on at least once.</summary>
        public async Task EndAsync()
        {
            await _end.CancelAsync();
            await Task.WhenAll(_loops);
        }

        public async ValueTask DisposeAsync()
        {
            await EndAsync();
            _end.Dispose();
        }

        private Task Repeat(Func<int, Task> work) => Task.Run(async () =>
        {
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            for (var round = 0; round < Images / TaskSize || !_end.IsCancellationRequested; round++)
            {
                await work(round);
                await pace.WaitForNextTickAsync();
            }
        });

        private async Task MessageAsync(string worker, int round)
        {
            await SendAsync(_cluster, _job, worker, round * TaskSize % Images);
            Interlocked.Increment(ref _messages);
        }

        private Task VoteAsync(int round)
        {
            var votes = Enumerable.Range(round * TaskSize % Images, TaskSize).Select(number => JsonSerializer.Serialize(new { imageUrl = $"s3://b/{number}.jpg", label = "Dog", workerId = "load", confirmed = true }));
            return TimeAsync(() => _cluster.Http.PostAsync($"/v1/jobs/{_job}/votes", HttpExtensions.Text(string.Join('\n', votes), "application/x-ndjson"), Cancellation));
        }

        private Task ReadAsync(string path) => TimeAsync(() => _cluster.Http.GetAsync(path, Cancellation));

        private async Task TimeAsync(Func<Task<HttpResponseMessage>> request)
        {
            var began = TimeProvider.System.GetTimestamp();
            using var response = await request();
            var ticks = TimeProvider.System.GetElapsedTime(began).Ticks;
            Interlocked.Increment(ref _requests);
            if (ticks > _longestTicks) _longestTicks = ticks;
            if (!response.IsSuccessStatusCode)
                Failures.Enqueue($"{TimeProvider.System.GetUtcNow():T} {response.RequestMessage!.RequestUri!.PathAndQuery}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Cancellation)}");
        }
    }
}
