using BulkQA.Core;
using BulkQA.Storage;
using Orleans.Serialization;

namespace BulkQA.Grains.Tests;

/// <summary>Images by confidence at fine steps: wherever a class's partitions are, and whatever state they are in.</summary>
public sealed class HistogramTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Histogram_ClassOfSeveralPartitions_IsTheirSum()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxImagesPerPartition = 100);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 20 });
        var address = TestCluster.ClassOf(job, "Dog");
        Assert.Empty((await cluster.Classes(job).AddAsync([address.Label]))!.Value);
        await cluster.ImportAsync(address, TestCluster.Images(300), chunk: 60);
        Assert.True(await cluster.Class(address).CountPartitionsAsync() >= 3);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", new string('c', 20)));
        var histogram = (await cluster.Class(address).GetHistogramAsync(isFinal: false))!.Histogram;
        Assert.Equal(Enumerable.Range(80, 20).Select(percent => new FineStep(100 * percent, new ReviewCounts(15, 1, 1))), histogram.Steps);
    }

    [Fact]
    public async Task Histogram_Cold_IsWhatTheLastActivationLeftWithoutAFold()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await DecidedAsync(cluster);
        var warm = (Votes: await cluster.Class(address).GetHistogramAsync(false), Final: await cluster.Class(address).GetHistogramAsync(true));
        Assert.NotEqual(warm.Votes, warm.Final);
        await cluster.DeactivateAsync(new PartitionAddress(address, 0));
        var folds = cluster.Store.Folds;
        Assert.Equal(warm, (await cluster.Class(address).GetHistogramAsync(false), await cluster.Class(address).GetHistogramAsync(true)));
        Assert.Equal(folds, cluster.Store.Folds);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "bob", "dd"));
        Assert.NotEqual(warm.Votes, await cluster.Class(address).GetHistogramAsync(false));
    }

    /// <summary>Releases of before did not count by confidence.</summary>
    [Fact]
    public async Task Histogram_ColdWithASummaryOfBeforeItWasCounted_IsFolded()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await DecidedAsync(cluster);
        var warm = await cluster.Class(address).GetHistogramAsync(true);
        var partition = new PartitionAddress(address, 0);
        await cluster.DeactivateAsync(partition);
        var serializer = cluster.Service<Serializer>();
        var head = (await cluster.Facts.ReadHeadAsync(partition, Cancellation))!;
        var before = serializer.SerializeToArray(serializer.Deserialize<PartitionSummary>(head.Summary!.Value)! with { Histogram = null, FinalHistogram = null });
        Assert.True(await cluster.Facts.WriteHeadAsync(partition, new PartitionHead(head.Epoch + 1, false, before), head.Epoch, Cancellation));
        Assert.Equal(2, (await cluster.TallyAsync(address)).All.Reviewed);
        Assert.Equal(warm, await cluster.Class(address).GetHistogramAsync(true));
    }

    /// <summary>A silo of the release before, to which a partition moves during a roll, reads past what it does not know.</summary>
    [Fact]
    public async Task Summary_ReadByAReleaseThatKnowsNoHistograms_IsAsItWas()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await DecidedAsync(cluster);
        await cluster.DeactivateAsync(new PartitionAddress(address, 0));
        var stored = (await cluster.Facts.ReadHeadAsync(new PartitionAddress(address, 0), Cancellation))!.Summary!.Value;
        var serializer = cluster.Service<Serializer>();
        var (now, before) = (serializer.Deserialize<PartitionSummary>(stored)!, serializer.Deserialize<SummaryOfBefore>(stored)!);
        Assert.NotNull(now.FinalHistogram);
        Assert.Equal((now.Tally, now.RulesRevision, now.IsWanted, now.CountsUnseen, now.CountsFinal), (before.Tally, before.RulesRevision, before.IsWanted, before.CountsUnseen, before.CountsFinal));
        Assert.Null(serializer.Deserialize<PartitionSummary>(serializer.SerializeToArray(before))!.HistogramOf(isFinal: true));
    }

    [Fact]
    public async Task Histogram_OfADeletedJob_IsNone()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await DecidedAsync(cluster);
        await cluster.Class(address).RetireAsync();
        Assert.Null(await cluster.Class(address).GetHistogramAsync(false));
    }

    [Fact]
    public async Task Histogram_AfterThePolicyChanged_IsByTheNewOne()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2 });
        var address = await cluster.ImportAsync(job, "Dog", 2);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "a", "cc"), TestCluster.Answer(0, "b", "cd"), TestCluster.Answer(0, "c", "cc"));
        Assert.Equal(new ReviewCounts(2, 2, 1), (await cluster.Class(address).GetHistogramAsync(false))!.Histogram.All);
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null);
        Assert.Equal(new ReviewCounts(2, 2, 2), (await cluster.Class(address).GetHistogramAsync(false))!.Histogram.All);
    }

    /// <summary>Two images, both confirmed by ann, one of them disconfirmed in the end.</summary>
    private static async Task<ClassAddress> DecidedAsync(TestCluster cluster)
    {
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2 });
        var address = await cluster.ImportAsync(job, "Dog", 2);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cc"));
        Assert.Equal(AdjudicationOutcome.Accepted, await cluster.Partition(address).AdjudicateAsync(
            new Adjudication(new TaskNumber(0), 1, new SubmissionTime(5), "lead", Verdict.Disconfirmed, null, null)));
        return address;
    }
}

/// <summary>What a partition left before histograms.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.Tests.SummaryOfBefore")]
internal sealed record SummaryOfBefore(
    [property: Id(0)] ClassTally Tally, [property: Id(1)] int RulesRevision, [property: Id(2)] KnownWorkers Workers, [property: Id(3)] bool IsWanted,
    [property: Id(4)] bool CountsUnseen, [property: Id(5)] bool CountsFinal);
