using System.Globalization;
using Amazon.SQS.Model;

namespace BulkQA.Cluster.Tests;

/// <summary>
/// A producer faster than two silos leaves a backlog, while callers go on reading and voting by REST; then it stops.
/// <c>BULKQA_OVERLOAD_VOTES</c> says how many votes it sends (60,000).
/// </summary>
public sealed class OverloadTests(SharedApi aws)
{
    private const int TaskSize = 25;
    private const int WorkersPerMessage = 3;

    /// <summary>Messages a task gets, each of other workers.</summary>
    private const int Rounds = 4;

    private const int Producers = 8;
    private const long MaxSiloBytes = 1L << 30;

    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Backlog_ProducerFasterThanSilos_BoundsMemoryKeepsAnsweringAndIsWorkedOff()
    {
        var votes = int.TryParse(Environment.GetEnvironmentVariable("BULKQA_OVERLOAD_VOTES"), CultureInfo.InvariantCulture, out var given) ? given : 60_000;
        var messages = votes / (TaskSize * WorkersPerMessage);
        var tasks = Math.Max(1, messages / Rounds);
        await using var cluster = await TestCluster.StartAsync(aws, silos: 2);
        var job = await cluster.Http.CreateJobAsync(new { batchSize = TaskSize });
        await cluster.Http.ImportAsync(job, "s3_image_url,label,confidence\n" + string.Concat(Enumerable.Range(0, tasks * TaskSize).Select(number => $"s3://b/{number}.jpg,Dog,90\n")));

        await using var callers = new Callers(cluster.Http, job);
        var began = TimeProvider.System.GetTimestamp();
        var producing = ProduceAsync(cluster, job, messages, tasks);
        var (backlog, bytes, reported) = (0, 0L, 0);
        using var timer = new PeriodicTimer(_look);
        for (var left = 1; left > 0 || !producing.IsCompletedSuccessfully; left = await cluster.CountMessagesAsync(cluster.QueueUrl))
        {
            await timer.WaitForNextTickAsync(Cancellation);
            if (producing.IsFaulted) await producing;
            backlog = Math.Max(backlog, left);
            bytes = Math.Max(bytes, cluster.Silos.Max(silo => Bytes(silo)));
            if (++reported % 30 == 0) TestContext.Current.SendDiagnosticMessage($"{reported} s: {left} messages left, silos have {string.Join(" and ", cluster.Silos.Select(silo => $"{Bytes(silo) >> 20} MB"))}, {callers}");
        }
        var (sent, drained) = (await producing, TimeProvider.System.GetElapsedTime(began));
        await callers.EndAsync();
        var postponed = await cluster.CountAsync("bulkqa_queue_postponed_messages");
        TestContext.Current.SendDiagnosticMessage(
            $"{messages * TaskSize * WorkersPerMessage} votes sent in {sent.TotalSeconds:F0} s, worked off after {drained.TotalSeconds:F0} s, backlog up to {backlog} messages, {postponed} of them postponed; "
            + $"a silo had at most {bytes >> 20} MB; {callers}");
        Assert.True(callers.Failures.IsEmpty, string.Join('\n', callers.Failures));
        Assert.Equal(0, postponed);
        Assert.InRange(bytes, 1, MaxSiloBytes);
        Assert.Equal((messages * TaskSize * WorkersPerMessage) + callers.Votes, (await cluster.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
        var audit = await (await cluster.Http.PostAsync($"/v1/jobs/{job}/audit", null, Cancellation)).JsonAsync();
        Assert.Equal((tasks * TaskSize, 0), (audit.Int("images"), audit.Int("differences")));
        Assert.Equal(0, await cluster.CountMessagesAsync(cluster.DeadLetterUrl));
    }

    /// <summary>As fast as the queue takes them; returns how long that took.</summary>
    private static async Task<TimeSpan> ProduceAsync(TestCluster cluster, string job, int messages, int tasks)
    {
        var began = TimeProvider.System.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(0, messages).Chunk(10), new ParallelOptions { MaxDegreeOfParallelism = Producers, CancellationToken = Cancellation }, async (chunk, cancellation) =>
        {
            var entries = chunk.Select(number => new SendMessageBatchRequestEntry($"{number}", ClusterApiTests.Message(job, number % tasks * TaskSize, TaskSize, [.. Workers(number / tasks)])));
            var response = await cluster.Sqs.SendMessageBatchAsync(cluster.QueueUrl, [.. entries], cancellation);
            Assert.Empty(response.Failed ?? []);
        });
        return TimeProvider.System.GetElapsedTime(began);

        static IEnumerable<string> Workers(int round) => Enumerable.Range(round * WorkersPerMessage, WorkersPerMessage).Select(number => $"q{number}");
    }

    private static long Bytes(Silo silo)
    {
        silo.Child.Process.Refresh();
        return silo.Child.Process.WorkingSet64;
    }
}
