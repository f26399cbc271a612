using System.Diagnostics;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

public sealed class HandoverTests
{
    [Fact]
    public async Task SiloEnds_ViewGoesToAnother_WhichFoldsNothingAndKeepsCountersAnswersAndLeases()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var (job, address) = await AnsweredAsync(cluster);
        var lease = await cluster.Partition(address).LeaseAsync(WorkerId.Create("carl"));
        var before = await cluster.TallyAsync(address);
        await cluster.StopSiloOfAsync(cluster.Partition(address));
        var folds = cluster.Store.Folds;
        await cluster.SubmitAsync(address, Whole(2, "ann", 'c', 3));
        Assert.Equal(folds, cluster.Store.Folds);
        Assert.Equal(before.Votes + 20, (await cluster.TallyAsync(address)).Votes);
        Assert.Equal(await cluster.FoldAsync(job, address), await cluster.TallyAsync(address));
        var again = await cluster.Partition(address).LeaseAsync(WorkerId.Create("carl"));
        Assert.Equal((lease.Task, lease.ExpiresAt), (again.Task, again.ExpiresAt));
        Assert.Equal([("ann", 3), ("bob", 2)], (await cluster.Partition(address).GetWorkersAsync()).Workers.Select(worker => (worker.Key.Value, worker.Value)).Order());
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    [Fact]
    public async Task HeadMovedMeanwhile_ViewIsNotTakenOver()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var (_, address) = await AnsweredAsync(cluster);
        await cluster.StopSiloOfAsync(cluster.Partition(address));
        // A twin took over, stored an answer and is gone again: the view handed over knows nothing of it.
        await cluster.RaiseEpochAsync(new PartitionAddress(address, 0));
        await cluster.Facts.AppendAsync(new PartitionAddress(address, 0), [Whole(2, "x", 'c', 1)], TestContext.Current.CancellationToken);
        var folds = cluster.Store.Folds;
        await cluster.SubmitAsync(address, Whole(2, "ann", 'c', 3));
        Assert.Equal(folds + 1, cluster.Store.Folds);
        Assert.Equal(120, (await cluster.TallyAsync(address)).Votes);
    }

    [Fact]
    public async Task PolicyChangedMeanwhile_ViewTakenOverDecidesByTheNewOne()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var (job, address) = await AnsweredAsync(cluster);
        await cluster.SubmitAsync(address, Whole(0, "carl", 'c', 1));
        Assert.Equal((0, 40), ((await cluster.TallyAsync(address)).All.Confirmed, (await cluster.TallyAsync(address)).All.Split));
        await cluster.StopSiloOfAsync(cluster.Partition(address));
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null);
        var folds = cluster.Store.Folds;
        await cluster.SubmitAsync(address, Whole(2, "ann", 'c', 3));
        Assert.Equal(folds, cluster.Store.Folds);
        Assert.Equal((40, 20), ((await cluster.TallyAsync(address)).All.Confirmed, (await cluster.TallyAsync(address)).All.Split));
    }

    [Fact]
    public async Task LargerThanTheBudget_IsFoldedAnew()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxHandedOverImages = 59, silos: 2);
        var (_, address) = await AnsweredAsync(cluster);
        await cluster.StopSiloOfAsync(cluster.Partition(address));
        var folds = cluster.Store.Folds;
        await cluster.SubmitAsync(address, Whole(2, "ann", 'c', 3));
        Assert.Equal(folds + 1, cluster.Store.Folds);
        Assert.Equal(100, (await cluster.TallyAsync(address)).Votes);
    }

    [Fact]
    public async Task WithAWriteUnconfirmed_NothingIsHandedOver()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.RepairInterval = TimeSpan.FromHours(1), silos: 2);
        var (_, address) = await AnsweredAsync(cluster);
        cluster.Store.OnAppend = _ => Fault.LoseAnswer;
        await Assert.ThrowsAsync<StorageException>(() => cluster.SubmitAsync(address, Whole(2, "x", 'c', 1)));
        cluster.Store.OnAppend = _ => Fault.None;
        await cluster.StopSiloOfAsync(cluster.Partition(address));
        await cluster.SubmitAsync(address, Whole(2, "ann", 'c', 3));
        Assert.Equal(120, (await cluster.TallyAsync(address)).Votes);
    }

    /// <summary>What handing over costs the silo that ends, and what the first answer waits for with and without it.</summary>
    [Theory]
    [InlineData(100, 500_000)]
    [InlineData(100_000, 500_000)]
    [InlineData(100_000, 0)]
    public async Task ManyImages_IsMeasured(int images, int budget)
    {
        await using var cluster = await TestCluster.StartAsync(options => (options.MaxHandedOverImages, options.MaxImagesPerPartition) = (budget, 2 * images), silos: 2);
        var (_, address) = await AnsweredAsync(cluster, images);
        GC.Collect();
        var stop = Stopwatch.StartNew();
        await cluster.StopSiloOfAsync(cluster.Partition(address));
        stop.Stop();
        var folds = cluster.Store.Folds;
        var first = Stopwatch.StartNew();
        await cluster.SubmitAsync(address, Whole(2, "ann", 'c', 3));
        TestContext.Current.SendDiagnosticMessage($"{images} images, budget {budget}: the silo ended in {stop.ElapsedMilliseconds} ms, the next answer took {first.ElapsedMilliseconds} ms");
        Assert.Equal(budget > 0 ? 0 : 1, cluster.Store.Folds - folds);
        Assert.Equal((100, images), ((await cluster.TallyAsync(address)).Votes, (await cluster.TallyAsync(address)).All.Total));
    }

    private static Submission Whole(int task, string worker, char answer, long ticks) => TestCluster.Answer(task, worker, new string(answer, 20), ticks);

    /// <summary>Tasks of 20 images, of which ann confirmed the first two and bob disconfirmed them.</summary>
    private static async Task<(JobInfo Job, ClassAddress Class)> AnsweredAsync(TestCluster cluster, int images = 60)
    {
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 20 });
        var address = await cluster.ImportAsync(job, "Dog", images);
        await cluster.SubmitAsync(address, Whole(0, "ann", 'c', 1), Whole(1, "ann", 'c', 1), Whole(0, "bob", 'd', 2), Whole(1, "bob", 'd', 2));
        return (job, address);
    }
}
