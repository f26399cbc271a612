using System.Collections.Concurrent;
using System.Net;

namespace BulkQA.Api.Tests;

/// <summary>Acknowledged is durable, proven on real processes.</summary>
public sealed class CrashTests
{
    private const int Images = 400;
    private const int BatchSize = 10;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_DuringAStreamOfVotes_LosesNoAcknowledgedVoteAndCountsNoneTwice()
    {
        using var folder = new TemporaryFolder();
        var acknowledged = new ConcurrentDictionary<(int Task, string Worker), bool>();
        string? job = null;
        for (var life = 0; life < 4; life++)
        {
            await using var api = await ApiProcess.StartAsync(folder.Path);
            if (job is null)
            {
                job = await api.Http.CreateJobAsync(new { batchSize = BatchSize, workersPerTask = 9 });
                await api.Http.ImportAsync(job, string.Join('\n', Enumerable.Range(0, Images).Select(number => $"{number}.jpg,L{number % 4},{80 + (number % 20)}")));
            }
            await AssertKeptAsync(api, job, acknowledged.Keys);
            var (answered, killed) = (0, false);
            var voting = Enumerable.Range(0, 8).Select(sender => Task.Run(async () =>
            {
                var random = new Random((life * 100) + sender);
                while (!killed)
                {
                    var (task, worker) = (random.Next(Images / BatchSize), $"w{random.Next(9)}");
                    if (!await TryAnswerAsync(api, job, task, worker)) continue;
                    acknowledged[(task, worker)] = true;
                    Interlocked.Increment(ref answered);
                }
            }, Cancellation)).ToList();
            // Killed in the middle of it: some are on their way whenever that is.
            await WaitForAsync(() => Volatile.Read(ref answered) >= 40);
            await api.KillAsync();
            killed = true;
            await Task.WhenAll(voting);
        }
        await using var last = await ApiProcess.StartAsync(folder.Path);
        await AssertKeptAsync(last, job!, acknowledged.Keys);
    }

    [Fact]
    public async Task Terminate_DuringAStreamOfVotes_ExitsCleanlyAndLosesNothing()
    {
        using var folder = new TemporaryFolder();
        var acknowledged = new ConcurrentDictionary<(int Task, string Worker), bool>();
        string job;
        await using (var api = await ApiProcess.StartAsync(folder.Path))
        {
            job = await api.Http.CreateJobAsync(new { batchSize = BatchSize, workersPerTask = 9 });
            await api.Http.ImportAsync(job, string.Join('\n', Enumerable.Range(0, Images).Select(number => $"{number}.jpg,L{number % 4},{80 + (number % 20)}")));
            var ended = false;
            var voting = Enumerable.Range(0, 4).Select(sender => Task.Run(async () =>
            {
                for (var task = 0; !ended; task = (task + 1) % (Images / BatchSize))
                    if (await TryAnswerAsync(api, job, task, $"w{sender}")) acknowledged[(task, $"w{sender}")] = true;
            }, Cancellation)).ToList();
            await WaitForAsync(() => acknowledged.Count >= 30);
            Assert.Equal(0, await api.TerminateAsync());
            ended = true;
            await Task.WhenAll(voting);
        }
        await using var again = await ApiProcess.StartAsync(folder.Path);
        await AssertKeptAsync(again, job, acknowledged.Keys);
    }

    [Fact]
    public async Task DiskFull_WhileVoting_Is503AndEveryVoteCountsOnceWhenThereIsRoomAgain()
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiProcess.StartAsync(folder.Path);
        var job = await api.Http.CreateJobAsync(new { batchSize = BatchSize });
        await api.Http.ImportAsync(job, string.Join('\n', Enumerable.Range(0, Images).Select(number => $"{number}.jpg,L{number % 4},{80 + (number % 20)}")));
        Assert.True(await TryAnswerAsync(api, job, 0, "a"));
        await LimitFileSizeAsync(api, "4096");
        var label = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/1")).String("label");
        var answers = Enumerable.Range(0, BatchSize).ToDictionary(index => $"{label}-{index}", _ => new { Confirmed = true });
        var refused = await Task.WhenAll(Enumerable.Range(0, 5).Select(sender => api.Http.AnswerAsync(job, 1, $"w{sender}", answers)));
        foreach (var response in refused)
        {
            Assert.Contains("Send it again", await response.ProblemAsync(503), StringComparison.Ordinal);
            Assert.NotNull(response.Headers.RetryAfter);
        }
        // Reading goes on.
        Assert.Equal(Images, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("images"));
        await LimitFileSizeAsync(api, "unlimited");
        foreach (var sender in Enumerable.Range(0, 5)) Assert.True(await TryAnswerAsync(api, job, 1, $"w{sender}"));
        await AssertKeptAsync(api, job, [(0, "a"), .. Enumerable.Range(0, 5).Select(sender => (1, $"w{sender}"))]);
        Assert.Equal(6 * BatchSize, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
    }

    private static async Task LimitFileSizeAsync(ApiProcess api, string bytes)
    {
        using var prlimit = System.Diagnostics.Process.Start("prlimit", ["--pid", $"{api.Id}", $"--fsize={bytes}:unlimited"]);
        await prlimit.WaitForExitAsync(Cancellation);
        Assert.Equal(0, prlimit.ExitCode);
    }

    private static async Task WaitForAsync(Func<bool> holds)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!holds()) await timer.WaitForNextTickAsync(timeout.Token);
    }

    private static async Task<bool> TryAnswerAsync(ApiProcess api, string job, int task, string workerId)
    {
        try
        {
            var label = (await (await api.Http.GetAsync($"/v1/jobs/{job}/tasks/{task}", Cancellation)).JsonAsync()).String("label");
            var answers = Enumerable.Range(0, BatchSize).ToDictionary(index => $"{label}-{index}", _ => new { Confirmed = true });
            var response = await api.Http.AnswerAsync(job, task, workerId, answers);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Every acknowledged answer is in the rows, no worker is twice, and the counters are a fold of the rows.</summary>
    private static async Task AssertKeptAsync(ApiProcess api, string job, IEnumerable<(int Task, string Worker)> acknowledged)
    {
        var images = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images?limit=1000")).Items()
            .ToDictionary(image => image.String("imageUrl"), image => image.Items("votes").Select(vote => vote.String("workerId")).ToList());
        Assert.Equal(Images, images.Count);
        Assert.All(images.Values, workers => Assert.Equal(workers.Distinct(), workers));
        foreach (var task in acknowledged.GroupBy(answer => answer.Task))
        {
            var content = await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/{task.Key}");
            Assert.All(content.Items("images"), image => Assert.Superset(task.Select(answer => answer.Worker).ToHashSet(), images[image.String("imageUrl")].ToHashSet()));
        }
        Assert.Equal(images.Values.Sum(workers => workers.Count), (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
        var audit = await (await api.Http.PostAsync($"/v1/jobs/{job}/audit", null, Cancellation)).JsonAsync();
        Assert.Equal((Images, 0), (audit.Int("images"), audit.Int("differences")));
    }
}
