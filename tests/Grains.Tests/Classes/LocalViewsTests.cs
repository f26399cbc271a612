using BulkQA.Core;
using Orleans.Core.Internal;

namespace BulkQA.Grains.Tests;

public sealed class LocalViewsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tallies_PartitionBusyAndCountedBefore_DoNotWaitForIt()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", 1);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "c"));
        Assert.Equal(1, await VotesAsync(cluster, job));
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var go = new ManualResetEventSlim();
        // Keeps the partition's own turn, so that no call gets through.
        cluster.Store.BeforeAppend = _ =>
        {
            busy.TrySetResult();
            go.Wait(Cancellation);
            return Task.CompletedTask;
        };
        var answer = cluster.SubmitAsync(address, TestCluster.Answer(0, "bob", "c"));
        await busy.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);
        var called = cluster.TallyAsync(address);
        Assert.Equal(1, await VotesAsync(cluster, job).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation));
        Assert.False(called.IsCompleted);
        go.Set();
        await answer;
        await called;
        Assert.Equal(2, await VotesAsync(cluster, job));
    }

    /// <summary>Of an activation that nobody finds any more, and that was not told.</summary>
    [Fact]
    public async Task View_DecidedByAnotherPolicyThanWasTold_IsNotTaken()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", 1);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "c"));
        Assert.Single(cluster.Shown(address, 1, revision: 0));
        Assert.Empty(cluster.Shown(address, 1, revision: 1));
        await cluster.Grains.GetGrain<IJobGrain>(job.Name.Key).ChangeAsync(VerdictPolicy.Quorum(2), null);
        Assert.Single(cluster.Shown(address, 1, revision: 1));
        Assert.Empty(cluster.Shown(address, 1, revision: 0));
    }

    /// <summary>The grain of the classes may be lost together with what the directory knew of a partition: a new one was told nothing, either.</summary>
    [Fact]
    public async Task View_DecidedByAnotherPolicy_IsNotTakenByAGrainThatWasToldNothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", 1);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "c"));
        await cluster.Grains.GetGrain<IJobGrain>(job.Name.Key).ChangeAsync(VerdictPolicy.Quorum(2), null);
        await cluster.Classes(job).Cast<IGrainManagementExtension>().DeactivateOnIdle(Cancellation);
        var forgotten = new PartitionFold(job.Settings);
        forgotten.AddTask(new TaskNumber(0), [80]);
        forgotten.Apply(TestCluster.Answer(0, "ann", "c"));
        cluster.Service<LocalViews>().Show(new PartitionAddress(address, 0), forgotten);
        // The first asks the partition, which is how the grain learns how many there are.
        for (var call = 0; call < 2; call++)
            Assert.Equal(new BucketTally(1, 0, 0, 0), Assert.Single((await cluster.Classes(job).GetTalliesAsync(null))!.Value).Value.All);
    }

    [Fact]
    public async Task View_OfAPartitionThatLeft_IsShownNoMore()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", 1);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "c"));
        Assert.Equal(await cluster.FoldAsync(job, address), Assert.Single(cluster.Shown(address, 1)));
        Assert.Empty(cluster.Shown(address, 2));
        await cluster.DeactivateAsync(new PartitionAddress(address, 0));
        Assert.Empty(cluster.Shown(address, 1));
        Assert.Equal(1, await VotesAsync(cluster, job));
    }

    [Fact]
    public async Task View_LastPartitionFull_IsNotTakenForTheWholeClass()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxImagesPerPartition = 100);
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", 99);
        Assert.Single(cluster.Shown(address, 1));
        await cluster.ImportAsync(address, TestCluster.Images(1, "s3://last/"));
        Assert.Empty(cluster.Shown(address, 1));
        await cluster.ImportAsync(address, TestCluster.Images(1, "s3://next/"));
        Assert.Equal(101, Assert.Single(cluster.Shown(address, 2)).All.Total);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Tallies_ClassGrows_AreThoseOfItsFacts(short silos)
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxImagesPerPartition = 100, silos);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 50 });
        var address = TestCluster.ClassOf(job, "Dog");
        await cluster.Classes(job).AddAsync([address.Label]);
        var (images, votes) = (0, 0);
        foreach (var part in TestCluster.Images(600).Chunk(50))
        {
            await cluster.ImportAsync(address, [.. part]);
            Assert.Equal((images += 50, votes), await CountsAsync());
            await cluster.Router.SubmitAsync(address, [.. part.Select(image => new UrlAnswer(image.Url, new ImageAnswer(WorkerId.Create("ann"), AnswerKind.Confirm, new SubmissionTime(1))))], AnswerSource.Rest);
            Assert.Equal((images, votes += 50), await CountsAsync());
        }
        Assert.Equal(6, await cluster.Class(address).CountPartitionsAsync());
        Assert.Equal(await cluster.FoldAsync(job, address), (await cluster.Classes(job).GetTalliesAsync(null))!.Value.Single().Value);

        async Task<(long, long)> CountsAsync()
        {
            var tally = (await cluster.Classes(job).GetTalliesAsync(null))!.Value.Single().Value;
            return (tally.All.Total, tally.Votes);
        }
    }

    [Fact]
    public async Task Tallies_PolicyChanged_AreOfTheNewOne()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", 1);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "a", "c"), TestCluster.Answer(0, "b", "c"), TestCluster.Answer(0, "c", "d"));
        Assert.Equal(1, (await cluster.Classes(job).GetTalliesAsync(null))!.Value.Single().Value.All.Split);
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null);
        Assert.Equal(1, (await cluster.Classes(job).GetTalliesAsync(null))!.Value.Single().Value.All.Confirmed);
    }

    private static async Task<long> VotesAsync(TestCluster cluster, JobInfo job) =>
        (await cluster.Classes(job).GetTalliesAsync(null))!.Value.Sum(entry => entry.Value.Votes);
}
