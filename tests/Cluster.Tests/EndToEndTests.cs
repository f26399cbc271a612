using System.Globalization;
using System.Text;

namespace BulkQA.Cluster.Tests;

public sealed class EndToEndTests(SharedApi aws)
{
    private const int Images = 245;
    private const int Votes = 3 * Images;

    /// <summary>Of 45, 68, 53, 77 and 2 images, 25 at most in each.</summary>
    private const int Tasks = 2 + 3 + 3 + 4 + 1;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GroundTruthJob_ThroughLambdasQueueAndTwoSilos_GivesTheGoldenTable()
    {
        await using var cluster = await TestCluster.StartAsync(aws, silos: 2);
        var job = await ImportAsync(cluster);
        var (facts, units) = (await cluster.CountAsync("bulkqa_fact_writes"), await cluster.CountAsync("bulkqa_dynamo_write_units"));
        await new LabelingJob(cluster, job).AnswerAllAsync(cluster.QueueUrl);
        await cluster.WaitUntilEmptyAsync(TimeSpan.FromMinutes(2));
        await GoldenTable.AssertAsync(cluster.Http, job);
        Assert.Equal(0, await cluster.CountMessagesAsync(cluster.DeadLetterUrl));
        (facts, units) = (await cluster.CountAsync("bulkqa_fact_writes") - facts, await cluster.CountAsync("bulkqa_dynamo_write_units") - units);
        TestContext.Current.SendDiagnosticMessage($"{Votes} votes of three workers on {Images} images: {facts} facts, {units} write units in all, their label rows among them, {units / Votes:F3} a vote; +1 per vote takes {Votes} writes and units, 1.000 a vote");
        // A redelivery finds its answers present and writes nothing.
        Assert.Equal(3 * Tasks, facts);
        // One unit a submission, one a row once the task has all its answers, two a task to note that, and two for each of three workers in either silo.
        Assert.InRange(units, 3 * Tasks, (5 * Tasks) + (Images * 1.1) + (2 * 3 * 2));
    }

    [Fact]
    public async Task Messages_RepeatedAndShuffledWhileASiloIsKilledAndAnotherJoins_GiveTheGoldenTable()
    {
        await using var cluster = await TestCluster.StartAsync(aws, silos: 2);
        var (job, messages) = await AnswerAsideAsync(cluster);
        var random = new Random(20261124);
        var deliveries = messages.SelectMany(body => Enumerable.Repeat(body, random.Next(2, 5))).OrderBy(_ => random.Next()).ToList();
        foreach (var (number, body) in deliveries.Index())
        {
            await cluster.Sqs.SendMessageAsync(cluster.QueueUrl, body, Cancellation);
            if (number == deliveries.Count / 3) await cluster.Silos[0].Child.KillAsync();
            if (number == deliveries.Count / 2) await cluster.AddSiloAsync();
        }
        await cluster.WaitUntilEmptyAsync(TimeSpan.FromMinutes(4));
        await GoldenTable.AssertAsync(cluster.Http, job);
        Assert.Equal(0, await cluster.CountMessagesAsync(cluster.DeadLetterUrl));
    }

    [Fact]
    public async Task Silos_ReplacedOneByOneUnderLoad_EndInTimeAndGiveTheGoldenTable()
    {
        await using var cluster = await TestCluster.StartAsync(aws, silos: 2);
        var (job, bodies) = await AnswerAsideAsync(cluster);
        using var replaced = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            // Every message at least once, and on and on for as long as silos come and go.
            for (var number = 0; number < bodies.Count || !replaced.IsCancellationRequested; number++)
                await cluster.Sqs.SendMessageAsync(cluster.QueueUrl, bodies[number % bodies.Count], Cancellation);
        }, Cancellation);
        foreach (var old in cluster.Silos.ToList())
        {
            await cluster.AddSiloAsync();
            Assert.Equal(0, await old.Child.TerminateAsync(TimeSpan.FromSeconds(120)));
        }
        await replaced.CancelAsync();
        await load;
        await cluster.WaitUntilEmptyAsync(TimeSpan.FromMinutes(4));
        await GoldenTable.AssertAsync(cluster.Http, job);
        Assert.Equal(0, await cluster.CountMessagesAsync(cluster.DeadLetterUrl));
    }

    /// <summary>A job with all its messages taken out of a queue that nobody consumes, to be delivered as a test likes.</summary>
    private static async Task<(string Job, List<string> Messages)> AnswerAsideAsync(TestCluster cluster)
    {
        var job = await ImportAsync(cluster);
        var staging = await cluster.CreateQueueAsync("staging");
        var labeling = new LabelingJob(cluster, job);
        await labeling.AnswerAllAsync(staging);
        return (job, await labeling.TakeAllAsync(staging));
    }

    private static async Task<string> ImportAsync(TestCluster cluster)
    {
        var job = await cluster.Http.CreateJobAsync(new { minConfidence = 80 });
        var csv = new StringBuilder("confidence,s3_image_url,label\n");
        foreach (var image in Golden.Images()) csv.Append(CultureInfo.InvariantCulture, $"{image.Confidence},{image.Url},{image.Label}\n");
        var summary = await cluster.Http.ImportAsync(job, csv.ToString());
        Assert.Equal((Images, 0), (summary.Int("accepted"), summary.Int("rejectedCount")));
        return job;
    }
}
