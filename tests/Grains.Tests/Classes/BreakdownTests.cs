using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;
using Orleans.Serialization;

namespace BulkQA.Grains.Tests;

/// <summary>Images by model version and day: wherever a class's partitions are, and whatever state they are in.</summary>
public sealed class BreakdownTests
{
    private static readonly ModelVersion _old = ModelVersion.Create("v1");
    private static readonly ModelVersion _new = ModelVersion.Create("v2");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BreakDown_ClassOfSeveralPartitions_IsTheirSum()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxImagesPerPartition = 100);
        var (_, address) = await VersionedAsync(cluster);
        Assert.True(await cluster.Class(address).CountPartitionsAsync() >= 3);
        var breakdown = await ReadAsync(cluster, address);
        Assert.Equal([("v1", 150L, 10L), ("v2", 150L, 10L)], breakdown.Versions.Select(version => (version.Version.Value, version.Buckets.Sum(bucket => bucket.Total), version.Buckets.Sum(bucket => bucket.Confirmed))));
        Assert.Equal(20, breakdown.Days.Sum(day => day.Counts.Confirmed));
    }

    [Fact]
    public async Task BreakDown_Cold_IsWhatTheLastActivationLeftWithoutAFold()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await VersionedAsync(cluster);
        var warm = await ReadAsync(cluster, address);
        await cluster.DeactivateAsync(new PartitionAddress(address, 0));
        var folds = cluster.Store.Folds;
        Assert.Equal(warm, await ReadAsync(cluster, address));
        Assert.Equal(folds, cluster.Store.Folds);
    }

    [Fact]
    public async Task BreakDown_ColdWithASummaryOfBeforeItWasCounted_IsFolded()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await VersionedAsync(cluster);
        var warm = await ReadAsync(cluster, address);
        var partition = new PartitionAddress(address, 0);
        await cluster.DeactivateAsync(partition);
        var serializer = cluster.Service<Serializer>();
        var head = (await cluster.Facts.ReadHeadAsync(partition, Cancellation))!;
        var before = serializer.SerializeToArray(serializer.Deserialize<PartitionSummary>(head.Summary!.Value)! with { Breakdown = null });
        Assert.True(await cluster.Facts.WriteHeadAsync(partition, new PartitionHead(head.Epoch + 1, false, before), head.Epoch, Cancellation));
        Assert.Equal(warm, await ReadAsync(cluster, address));
    }

    [Fact]
    public async Task SiloEnds_FoldHandedOver_KeepsVersionsAndDays()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var (job, address) = await VersionedAsync(cluster);
        var warm = await ReadAsync(cluster, address);
        await cluster.StopSiloOfAsync(cluster.Partition(address));
        var folds = cluster.Store.Folds;
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "zoe", new string('c', 20)));
        Assert.Equal(folds, cluster.Store.Folds);
        Assert.Equal(warm.Versions, (await ReadAsync(cluster, address)).Versions);
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    [Fact]
    public async Task Import_OfAnotherVersion_LeavesTheFirst()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = TestCluster.ClassOf(job, "Dog");
        await cluster.Classes(job).AddAsync([address.Label]);
        var images = TestCluster.Images(2);
        Assert.Equal([ImportOutcome.Accepted, ImportOutcome.OtherVersion], await ImportAsync(images[0] with { Version = _old }, images[0] with { Version = _new }));
        Assert.Equal([ImportOutcome.OtherVersion, ImportOutcome.Duplicate, ImportOutcome.Duplicate], await ImportAsync(images[0] with { Version = _new }, images[0] with { Version = _old }, images[0]));
        await ImportAsync(images[1]);
        Assert.Equal([ImportOutcome.OtherVersion], await ImportAsync(images[1] with { Version = _old }));

        async Task<ImmutableArray<ImportOutcome>> ImportAsync(params CorpusImage[] chunk) => (await cluster.ImportAsync(address, [.. chunk])).Outcomes;
    }

    [Fact]
    public async Task AddVersions_MoreThanAJobTakes_AreTold()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        ImmutableArray<ModelVersion> versions = [.. Enumerable.Range(0, 101).Select(number => ModelVersion.Create($"v{number:d3}"))];
        Assert.Empty((await cluster.Classes(job).AddVersionsAsync(versions[..60]))!.Value);
        Assert.Equal([versions[100]], (await cluster.Classes(job).AddVersionsAsync(versions))!.Value);
        Assert.Equal(versions[..100], (await cluster.Classes(job).ListVersionsAsync())!.Value);
        await cluster.Classes(job).RetireAsync();
        Assert.Null(await cluster.Classes(job).AddVersionsAsync(versions));
        Assert.Null(await cluster.Classes(job).ListVersionsAsync());
    }

    [Fact]
    public async Task SumPosteriors_WithoutAModel_IsNone()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await VersionedAsync(cluster);
        Assert.Null(await cluster.Class(address).SumPosteriorsAsync(isFinal: false));
    }

    /// <summary>300 images in tasks of 20, every other one of either version, of which ann confirmed the first task.</summary>
    private static async Task<(JobInfo Job, ClassAddress Address)> VersionedAsync(TestCluster cluster)
    {
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 20, WorkersPerTask = 1 });
        var address = TestCluster.ClassOf(job, "Dog");
        Assert.Empty((await cluster.Classes(job).AddAsync([address.Label]))!.Value);
        Assert.Empty((await cluster.Classes(job).AddVersionsAsync([_old, _new]))!.Value);
        await cluster.ImportAsync(address, [.. TestCluster.Images(300).Select((image, index) => image with { Version = index % 2 == 0 ? _old : _new })], chunk: 60);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", new string('c', 20)));
        return (job, address);
    }

    private static async Task<ReviewBreakdown> ReadAsync(TestCluster cluster, ClassAddress address) =>
        (await cluster.Class(address).BreakDownAsync(DateOnly.MinValue, DateOnly.MaxValue))!.Breakdown;
}
