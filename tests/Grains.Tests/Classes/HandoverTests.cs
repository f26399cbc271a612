using System.Diagnostics;
using BulkQA.Core;

namespace BulkQA.Grains.Tests;

public sealed class HandoverTests
{
    private static readonly ImageVotes[] _votes =
        [.. TestCluster.Lines(40).Select(line => TestCluster.Votes(line.Url.Value, ("a", true, 1), ("b", false, 2)))];

    [Fact]
    public async Task SiloEnds_ViewGoesToAnother_WhichReadsNoRowAndKeepsCountersAnswersAndLeases()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 20 });
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(60));
        await cluster.Router.VoteAsync(address, new ClassVotes(new TaskNumber(0), [.. _votes[..20]]));
        await cluster.VoteAsync(address, _votes[20..]);
        var lease = await Partition(cluster, address).LeaseAsync(WorkerId.Create("carl"));
        var before = await cluster.TallyAsync(address);
        await cluster.StopSiloOfAsync(Partition(cluster, address));
        var scans = cluster.Table.Scans;
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/50", ("a", true, 3)));
        Assert.Equal(scans, cluster.Table.Scans);
        Assert.Equal(before.Votes + 1, (await cluster.TallyAsync(address)).Votes);
        Assert.Equal(await cluster.FoldAsync(job, address), await cluster.TallyAsync(address));
        Assert.Equal(lease, await Partition(cluster, address).LeaseAsync(WorkerId.Create("carl")));
        Assert.Equal(1, await Partition(cluster, address).CountAnsweredAsync(WorkerId.Create("b")));
        Assert.Equal(0, (await cluster.Job(job).AuditAsync())!.Differences);
    }

    [Fact]
    public async Task RecordMovedMeanwhile_ViewIsNotTakenOver()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(60));
        await cluster.VoteAsync(address, _votes);
        await cluster.StopSiloOfAsync(Partition(cluster, address));
        // A twin took over, wrote a row and is gone again: the view handed over knows nothing of it.
        await cluster.RaiseEpochAsync(Partition(cluster, address).GetGrainId());
        var image = new ImageAddress(address, ImageUrl.Create("s3://b/55"));
        var row = (await cluster.Rows.ReadAsync(image, TestContext.Current.CancellationToken))!;
        await cluster.Rows.UpdateAsync(
            row with { Version = row.Version + 1, Votes = VoteSet.Of([new Vote(WorkerId.Create("x"), true, default)]) }, row.Version, TestContext.Current.CancellationToken);
        var scans = cluster.Table.Scans;
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/50", ("a", true, 3)));
        Assert.NotEqual(scans, cluster.Table.Scans);
        Assert.Equal(82, (await cluster.TallyAsync(address)).Votes);
    }

    [Fact]
    public async Task PolicyChangedMeanwhile_ViewTakenOverDecidesByTheNewOne()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(60));
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", ("a", true, 1), ("b", true, 1), ("c", false, 1)));
        Assert.Equal(1, (await cluster.TallyAsync(address)).All.Split);
        await cluster.StopSiloOfAsync(Partition(cluster, address));
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null);
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/50", ("a", true, 3)));
        Assert.Equal((2, 0), ((await cluster.TallyAsync(address)).All.Confirmed, (await cluster.TallyAsync(address)).All.Split));
    }

    [Fact]
    public async Task LargerThanTheBudget_IsRebuiltFromRows()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxHandedOverImages = 59, silos: 2);
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(60));
        await cluster.VoteAsync(address, _votes);
        await cluster.StopSiloOfAsync(Partition(cluster, address));
        var scans = cluster.Table.Scans;
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/50", ("a", true, 3)));
        Assert.NotEqual(scans, cluster.Table.Scans);
        Assert.Equal(81, (await cluster.TallyAsync(address)).Votes);
    }

    /// <summary>What handing over costs the silo that ends, and what the first vote waits for with and without it.</summary>
    [Theory]
    [InlineData(100, 500_000)]
    [InlineData(100_000, 500_000)]
    [InlineData(100_000, 0)]
    public async Task ManyImages_IsMeasured(int images, int budget)
    {
        await using var cluster = await TestCluster.StartAsync(options => (options.MaxHandedOverImages, options.MaxImagesPerPartition) = (budget, 2 * images), silos: 2);
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(images));
        await cluster.VoteAsync(address, _votes);
        GC.Collect();
        var stop = Stopwatch.StartNew();
        await cluster.StopSiloOfAsync(Partition(cluster, address));
        stop.Stop();
        var scans = cluster.Table.Scans;
        var first = Stopwatch.StartNew();
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/50", ("a", true, 3)));
        TestContext.Current.SendDiagnosticMessage($"{images} images, budget {budget}: the silo ended in {stop.ElapsedMilliseconds} ms, the next vote took {first.ElapsedMilliseconds} ms, {cluster.Table.Scans - scans} pages read");
        Assert.Equal(81, (await cluster.TallyAsync(address)).Votes);
    }

    private static IPartitionGrain Partition(TestCluster cluster, ClassAddress address) =>
        cluster.Grains.GetGrain<IPartitionGrain>(PartitionRange.Key(address, 0));
}
