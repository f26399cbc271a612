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
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(2));
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", ("a", true, 1)));
        Assert.Equal(1, await VotesAsync(cluster, job));
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var go = new ManualResetEventSlim();
        // Keeps the partition's own turn, so that no call gets through.
        cluster.Table.BeforeUpdate = _ =>
        {
            busy.TrySetResult();
            go.Wait(Cancellation);
            return Task.CompletedTask;
        };
        var vote = cluster.VoteAsync(address, TestCluster.Votes("s3://b/1", ("a", true, 1)));
        await busy.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);
        var called = cluster.TallyAsync(address);
        Assert.Equal(1, await VotesAsync(cluster, job).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation));
        Assert.False(called.IsCompleted);
        go.Set();
        await vote;
        await called;
        Assert.Equal(2, await VotesAsync(cluster, job));
    }

    [Fact]
    public async Task View_OfAPartitionThatLeft_IsShownNoMore()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(30));
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", ("a", true, 1)));
        Assert.Equal(await cluster.FoldAsync(job, address), Assert.Single(cluster.Shown(address, 1)));
        Assert.Empty(cluster.Shown(address, 2));
        await cluster.Grains.GetGrain<IPartitionGrain>(PartitionRange.Key(address, 0)).Cast<IGrainManagementExtension>().DeactivateOnIdle(Cancellation);
        await TestCluster.EventuallyAsync(() => Task.FromResult(!cluster.Shown(address, 1).Any()), "the view is shown no more");
        Assert.Equal(1, await VotesAsync(cluster, job));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Tallies_ClassGrows_AreThoseOfItsRows(short silos)
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxImagesPerPartition = 100, silos);
        var job = await cluster.CreateJobAsync();
        var address = new ClassAddress(job.Incarnation, Label.Create("Dog"));
        var votes = 0;
        foreach (var part in TestCluster.Lines(1_000).Chunk(200))
        {
            await cluster.ImportAsync(job, "Dog", part);
            Assert.Equal(votes, await VotesAsync(cluster, job));
            foreach (var call in part.Chunk(50))
            {
                await cluster.VoteAsync(address, [.. call.Select(line => TestCluster.Votes(line.Url.Value, ("a", true, 1), ("b", false, 1)))]);
                Assert.Equal(votes += 2 * call.Length, await VotesAsync(cluster, job));
            }
        }
        Assert.Equal(await cluster.FoldAsync(job, address), (await cluster.Job(job).GetTalliesAsync(null))!.Classes.Single().Value);
    }

    [Fact]
    public async Task Tallies_PolicyChanged_AreOfTheNewOne()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(1));
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", ("a", true, 1), ("b", true, 1), ("c", false, 1)));
        Assert.Equal(1, (await cluster.Job(job).GetTalliesAsync(null))!.Classes.Single().Value.All.Split);
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null);
        Assert.Equal(1, (await cluster.Job(job).GetTalliesAsync(null))!.Classes.Single().Value.All.Confirmed);
    }

    private static async Task<long> VotesAsync(TestCluster cluster, JobInfo job) =>
        (await cluster.Job(job).GetTalliesAsync(null))!.Classes.Sum(entry => entry.Value.Votes);
}
