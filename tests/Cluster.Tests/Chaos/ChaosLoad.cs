using System.Collections.Concurrent;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.SQS.Model;

namespace BulkQA.Cluster.Tests;

/// <summary>
/// Votes by the queue and by REST, each sent until it is taken, and reads; with the longest time that no vote by REST and no
/// read succeeded.
/// </summary>
internal sealed class ChaosLoad : IDisposable
{
    private const int Images = 10_000;
    private const int TaskSize = 25;

    /// <summary>Enough for an hour; an image takes the votes of 256 workers.</summary>
    private const int MaxWorkers = 120;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly TestCluster _cluster;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<(int Task, string Worker), bool> _taken = [];
    private readonly HttpClient _http;
    private readonly Gap _writes = new();
    private readonly Gap _reads = new();
    private Task[] _loops = [];
    private int _failures;

    private ChaosLoad(TestCluster cluster, string job)
    {
        (_cluster, Job) = (cluster, job);
        _http = new HttpClient { BaseAddress = cluster.Http.BaseAddress, Timeout = _patience };
    }

    public string Job { get; }

    /// <summary>Votes that were acknowledged, or whose message SQS took.</summary>
    public int Expected => _taken.Count * TaskSize;

    public static async Task<ChaosLoad> StartAsync(TestCluster cluster)
    {
        var job = await cluster.Http.CreateJobAsync();
        await cluster.Http.ImportAsync(job, "s3_image_url,label,confidence\n" + string.Concat(Enumerable.Range(0, Images).Select(number => $"s3://b/{number}.jpg,Dog,90\n")));
        var load = new ChaosLoad(cluster, job);
        load._loops =
        [
            load.VoteAsync("q", TimeSpan.FromMilliseconds(250), load.SendAsync), load.VoteAsync("r", TimeSpan.FromMilliseconds(500), load.PostAsync),
            load.ReadAsync(),
        ];
        return load;
    }

    /// <summary>Until so many more votes were taken.</summary>
    public Task WaitForMoreAsync(int votes)
    {
        var enough = Expected + votes;
        return _cluster.WaitAsync(() => Task.FromResult(Expected >= enough), TimeSpan.FromMinutes(2), "no more votes are taken");
    }

    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_loops);
    }

    public void Dispose()
    {
        _http.Dispose();
        _end.Dispose();
    }

    /// <summary>Against the rows: votes that should be there and aren't, and the other way round.</summary>
    public async Task<(int Lost, int Strange)> CompareAsync()
    {
        var found = new HashSet<(int Image, string Worker)>();
        var lines = await _cluster.Http.GetStringAsync($"/v1/jobs/{Job}/export?format=ndjson", TestContext.Current.CancellationToken);
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var image = JsonDocument.Parse(line).RootElement;
            var number = int.Parse(Path.GetFileNameWithoutExtension(image.String("imageUrl")), System.Globalization.CultureInfo.InvariantCulture);
            foreach (var vote in image.Items("votes")) found.Add((number, vote.String("workerId")));
        }
        var expected = _taken.Keys.SelectMany(taken => Enumerable.Range(taken.Task * TaskSize, TaskSize).Select(image => (image, taken.Worker))).ToHashSet();
        return (expected.Except(found).Count(), found.Except(expected).Count());
    }

    public override string ToString() =>
        $"{Expected} votes, {_failures} calls failed and were repeated, longest time without a write {_writes.Longest.TotalSeconds:F1} s, without a read {_reads.Longest.TotalSeconds:F1} s";

    /// <summary>Every task by one worker after the other.</summary>
    private Task VoteAsync(string prefix, TimeSpan interval, Func<int, string, Task<bool>> send) => Task.Run(async () =>
    {
        using var pace = new PeriodicTimer(interval);
        for (var number = 0; number < MaxWorkers * Images / TaskSize && !_end.IsCancellationRequested; number++)
        {
            var (task, worker) = (number % (Images / TaskSize), $"{prefix}{number / (Images / TaskSize)}");
            while (!await send(task, worker))
            {
                Interlocked.Increment(ref _failures);
                await pace.WaitForNextTickAsync(CancellationToken.None);
            }
            _taken[(task, worker)] = true;
            await pace.WaitForNextTickAsync(CancellationToken.None);
        }
    });

    private async Task<bool> SendAsync(int task, string worker)
    {
        try
        {
            await _cluster.Sqs.SendMessageAsync(new SendMessageRequest(_cluster.QueueUrl, ClusterApiTests.Message(Job, task * TaskSize, TaskSize, worker)));
            return true;
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<bool> PostAsync(int task, string worker)
    {
        var votes = Enumerable.Range(task * TaskSize, TaskSize).Select(image => JsonSerializer.Serialize(new { imageUrl = $"s3://b/{image}.jpg", label = "Dog", workerId = worker, confirmed = true }));
        if (!await TryAsync(() => _http.PostAsync($"/v1/jobs/{Job}/votes", HttpExtensions.Text(string.Join('\n', votes), "application/x-ndjson")))) return false;
        _writes.Succeeded();
        return true;
    }

    private Task ReadAsync() => Task.Run(async () =>
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (!_end.IsCancellationRequested)
        {
            if (await TryAsync(() => _http.GetAsync($"/v1/jobs/{Job}/classes"))) _reads.Succeeded();
            await pace.WaitForNextTickAsync(CancellationToken.None);
        }
    });

    private static async Task<bool> TryAsync(Func<Task<HttpResponseMessage>> call)
    {
        try
        {
            using var response = await call();
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // The API was killed under it, or took too long: as any caller would, it asks again.
            return false;
        }
    }

    /// <summary>The longest time between two successes.</summary>
    private sealed class Gap
    {
        private long _last = TimeProvider.System.GetTimestamp();
        private long _longest;

        public TimeSpan Longest => TimeSpan.FromTicks(Interlocked.Read(ref _longest));

        public void Succeeded()
        {
            var now = TimeProvider.System.GetTimestamp();
            var gap = TimeProvider.System.GetElapsedTime(Interlocked.Exchange(ref _last, now), now).Ticks;
            if (gap > Interlocked.Read(ref _longest)) Interlocked.Exchange(ref _longest, gap);
        }
    }
}
