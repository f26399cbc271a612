using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

public sealed class PartitionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Restart_CleanOrNot_KeepsEveryAcknowledgedVote(bool gracefully)
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(60));
        await cluster.VoteAsync(address, [.. TestCluster.Lines(40).Select(line => TestCluster.Votes(line.Url.Value, ("a", true, 1), ("b", false, 2)))]);
        var before = await cluster.TallyAsync(address);
        await cluster.RestartAsync(gracefully);
        var scans = cluster.Table.Scans;
        Assert.Equal(before, await cluster.TallyAsync(address));
        // A cold class is read from what its partition left; after a crash it is folded from its rows.
        Assert.Equal(gracefully, cluster.Table.Scans == scans);
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/50", ("a", true, 1)));
        Assert.Equal(before.Votes + 1, (await cluster.TallyAsync(address)).Votes);
        Assert.Equal(0, (await cluster.Job(job).AuditAsync())!.Differences);
    }

    [Fact]
    public async Task Vote_AfterAnotherActivationRaisedTheEpoch_IsNotAcknowledged()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(5));
        var partition = cluster.Grains.GetGrain<IPartitionGrain>(PartitionRange.Key(address, 0));
        await cluster.RaiseEpochAsync(partition.GetGrainId());
        var failure = await Assert.ThrowsAsync<StorageException>(() => cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", ("a", true, 1))));
        Assert.Contains("another activation", failure.Message, StringComparison.Ordinal);
        // The next activation reads the row that was written, and acknowledges.
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", ("a", true, 1)));
        Assert.Equal(1, (await cluster.TallyAsync(address)).Votes);
    }

    [Fact]
    public async Task Import_Growing_SpreadsOverPartitionsWithoutLosingAnything()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxImagesPerPartition = 100, silos: 2);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 10, WorkersPerTask = 1 });
        var lines = TestCluster.Lines(1_500);
        var address = await cluster.ImportAsync(job, "Dog", lines);
        Assert.Equal(16, await cluster.Grains.GetGrain<IClassGrain>(address.Key).CountPartitionsAsync());
        var tally = await cluster.TallyAsync(address);
        Assert.Equal(1_500, tally.All.Total);
        var tasks = await TaskNumbersAsync(cluster, address);
        Assert.Equal(tasks.Count, tally.Tasks);
        await Task.WhenAll(lines.Chunk(100).Select(chunk =>
            cluster.VoteAsync(address, [.. chunk.Select(line => TestCluster.Votes(line.Url.Value, ("a", true, 1)))])));
        tally = await cluster.TallyAsync(address);
        Assert.Equal((1_500, 1_500L, tally.Tasks), (tally.All.Confirmed, tally.Votes, tally.TasksDone));
        Assert.Equal(0, (await cluster.Job(job).AuditAsync())!.Differences);
    }

    [Fact]
    public async Task Import_AgainAndContradicting_ChangesNothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 10 });
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(20));
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", ("a", true, 1)));
        ImportLine[] lines = [.. TestCluster.Lines(23), new(ImageUrl.Create("s3://b/1"), Percent.Create(5)), new(ImageUrl.Create("s3://b/22"), Percent.Create(82))];
        var receipt = await cluster.Router.ImportAsync(address, 0, new ImportChunk([.. lines], new TaskRange(100, 3), CutRemainder: false));
        Assert.Equal(
            [.. Enumerable.Repeat(ImportOutcome.Duplicate, 20), .. Enumerable.Repeat(ImportOutcome.Leftover, 3), ImportOutcome.Contradiction, ImportOutcome.Duplicate],
            receipt!.Outcomes);
        Assert.Equal([Percent.Create(81)], receipt.Standing);
        Assert.Equal((0, 20, 1L), (receipt.TasksUsed, (await cluster.TallyAsync(address)).All.Total, (await cluster.TallyAsync(address)).Votes));
    }

    [Fact]
    public async Task Import_AfterAWriteWhoseAnswerWasLost_ComparesWithWhatItWrote()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        cluster.Table.OnWrite = _ => Fault.LoseAnswer;
        await Assert.ThrowsAsync<StorageException>(() => cluster.ImportAsync(job, "Dog", TestCluster.Lines(2)));
        cluster.Table.OnWrite = _ => Fault.None;
        ImportLine[] lines = [new(ImageUrl.Create("s3://b/0"), Percent.Create(80.00000001)), new(ImageUrl.Create("s3://b/1"), Percent.Create(82))];
        var receipt = await cluster.Router.ImportAsync(
            new ClassAddress(job.Incarnation, Label.Create("Dog")), 0, new ImportChunk([.. lines], new TaskRange(100, 1), CutRemainder: true));
        Assert.Equal([ImportOutcome.Duplicate, ImportOutcome.Contradiction], receipt!.Outcomes);
        Assert.Equal([Percent.Create(81)], receipt.Standing);
    }

    [Theory]
    [InlineData(Fault.Fail)]
    [InlineData(Fault.LoseAnswer)]
    public async Task Import_StoreFails_CanBeRepeatedAndCountsOnce(Fault fault)
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        cluster.Table.OnWrite = _ => fault;
        await Assert.ThrowsAsync<StorageException>(() => cluster.ImportAsync(job, "Dog", TestCluster.Lines(30)));
        cluster.Table.OnWrite = _ => Fault.None;
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(30));
        Assert.Equal((30, 2), ((await cluster.TallyAsync(address)).All.Total, (await cluster.TallyAsync(address)).Tasks));
        Assert.Equal(0, (await cluster.Job(job).AuditAsync())!.Differences);
    }

    [Fact]
    public async Task Growing_WithImagesInDoubt_CountsThemWhereTheyBelong()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.RepairInterval = TimeSpan.FromMilliseconds(300));
        var job = await cluster.CreateJobAsync();
        var lines = TestCluster.Lines(30);
        cluster.Table.OnWrite = _ => Fault.LoseAnswer;
        await Assert.ThrowsAsync<StorageException>(() => cluster.ImportAsync(job, "Dog", lines));
        cluster.Table.OnWrite = _ => Fault.None;
        var address = new ClassAddress(job.Incarnation, Label.Create("Dog"));
        Assert.Equal(2, await cluster.Grains.GetGrain<IClassGrain>(address.Key).GrowAsync(1));
        Assert.Equal(30, (await cluster.TallyAsync(address)).All.Total);
        await TestCluster.EventuallyAsync(() => Task.FromResult(lines.All(line => cluster.Table.Reads.Contains(line.Url))), "what is in doubt is read again");
        Assert.Equal(0, (await cluster.Job(job).AuditAsync())!.Differences);
    }

    [Fact]
    public async Task Tally_WhileTheClassGrows_HasEveryImageOnce()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(200));
        var classGrain = cluster.Grains.GetGrain<IClassGrain>(address.Key);
        await classGrain.GrowAsync(1);
        var grown = 0;
        // The first half has answered for eight shards when the second half gives up four of its own.
        cluster.BeforeCall = async context =>
        {
            if (context.InterfaceMethod.Name == nameof(IPartitionGrain.GetTallyAsync) && context.TargetId.Key.ToString()!.EndsWith("#8", StringComparison.Ordinal) && Interlocked.Exchange(ref grown, 1) == 0)
                await classGrain.GrowAsync(2);
        };
        Assert.Equal(200, (await cluster.TallyAsync(address)).All.Total);
        Assert.Equal(1, grown);
    }

    [Fact]
    public async Task Audit_ViewThatMissedAChangeOfPolicy_FollowsTheJob()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(3));
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", ("a", true, 1), ("b", true, 1), ("c", false, 1)));
        cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IClassGrain.ChangePolicyAsync)
            ? throw new TimeoutException("the class does not answer (injected)") : Task.CompletedTask;
        await Assert.ThrowsAsync<TimeoutException>(() => cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null));
        Assert.Equal(1, (await cluster.TallyAsync(address)).All.Split);
        Assert.NotEqual(0, (await cluster.Grains.GetGrain<IClassGrain>(address.Key).AuditAsync()).Differences);
        Assert.Equal(1, (await cluster.TallyAsync(address)).All.Confirmed);
    }

    [Fact]
    public async Task Audit_AfterACrash_IsTriedAgainWhereItFails()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.AuditDelay = TimeSpan.FromMilliseconds(100));
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(3));
        await cluster.RestartAsync(gracefully: false, options => options.AuditDelay = TimeSpan.FromMilliseconds(100));
        Assert.Equal(3, (await cluster.TallyAsync(address)).All.Total);
        var row = (await cluster.Rows.ReadAsync(new ImageAddress(address, ImageUrl.Create("s3://b/1")), Cancellation))!;
        await cluster.Rows.UpdateAsync(row with { Version = 2, Votes = VoteSet.Of([new Vote(WorkerId.Create("late"), true, default)]) }, 1, Cancellation);
        var failures = 2;
        cluster.Table.BeforeScan = () =>
        {
            if (Interlocked.Decrement(ref failures) >= 0) throw new StorageException("out of reach (injected)");
        };
        await TestCluster.EventuallyAsync(async () => (await cluster.TallyAsync(address)).Votes == 1, "the audit finds the late write");
        Assert.True(failures < 0);
    }

    [Fact]
    public async Task Audit_AfterACrash_IsOwedThoughTheSiloEndsInOrderMeanwhile()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(3));
        await cluster.RestartAsync(gracefully: false, options => options.AuditDelay = TimeSpan.FromHours(1));
        Assert.Equal(3, (await cluster.TallyAsync(address)).All.Total);
        // A write of the process that crashed lands after the rows were read.
        var row = (await cluster.Rows.ReadAsync(new ImageAddress(address, ImageUrl.Create("s3://b/1")), Cancellation))!;
        await cluster.Rows.UpdateAsync(row with { Version = 2, Votes = VoteSet.Of([new Vote(WorkerId.Create("late"), true, default)]) }, 1, Cancellation);
        await cluster.RestartAsync(gracefully: true, options => options.AuditDelay = TimeSpan.FromHours(1));
        Assert.Equal(1, (await cluster.TallyAsync(address)).Votes);
    }

    [Fact]
    public async Task Doubt_ThatComesUpDuringARead_IsReadAgain()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(1));
        cluster.Table.OnWrite = _ => Fault.LoseAnswer;
        var (isRead, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Table.AfterRead = async _ =>
        {
            if (isRead.TrySetResult()) await goOn.Task;
        };
        // Its answer is lost; reading the row again has begun, and has seen this vote only.
        await Assert.ThrowsAsync<StorageException>(() => cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", ("a", true, 1))));
        await isRead.Task;
        await Assert.ThrowsAsync<StorageException>(() => cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", ("b", true, 1))));
        cluster.Table.OnWrite = _ => Fault.None;
        goOn.SetResult();
        await TestCluster.EventuallyAsync(async () => await cluster.TallyAsync(address) == await cluster.FoldAsync(job, address), "the counters follow the row");
        Assert.Equal(1, (await cluster.TallyAsync(address)).All.Confirmed);
    }

    [Fact]
    public async Task Import_SameLinesAtOnce_AreInsertedOnce()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => cluster.ImportAsync(job, "Dog", TestCluster.Lines(100))));
        var address = new ClassAddress(job.Incarnation, Label.Create("Dog"));
        Assert.Equal((100, 4), ((await cluster.TallyAsync(address)).All.Total, (await cluster.TallyAsync(address)).Tasks));
    }

    [Fact]
    public async Task Audit_RowChangedBehindTheView_ReportsAndRepairs()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(3));
        var row = (await cluster.Rows.ReadAsync(new ImageAddress(address, ImageUrl.Create("s3://b/1")), Cancellation))!;
        await cluster.Rows.UpdateAsync(row with { Version = 2, Votes = VoteSet.Of([new Vote(WorkerId.Create("x"), true, default)]) }, 1, Cancellation);
        var report = (await cluster.Job(job).AuditAsync())!;
        Assert.Equal((3, 2), (report.Images, report.Differences));
        Assert.Equal(1, (await cluster.TallyAsync(address)).Votes);
        Assert.Equal(0, (await cluster.Job(job).AuditAsync())!.Differences);
    }

    [Fact]
    public async Task Crash_WriteLandsAfterTheRebuild_IsFoundByTheDelayedAudit()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.AuditDelay = TimeSpan.FromMilliseconds(200));
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(3));
        await cluster.RestartAsync(gracefully: false, options => options.AuditDelay = TimeSpan.FromMilliseconds(200));
        Assert.Equal(0, (await cluster.TallyAsync(address)).Votes);
        var row = (await cluster.Rows.ReadAsync(new ImageAddress(address, ImageUrl.Create("s3://b/1")), Cancellation))!;
        await cluster.Rows.UpdateAsync(row with { Version = 2, Votes = VoteSet.Of([new Vote(WorkerId.Create("x"), true, default)]) }, 1, Cancellation);
        await TestCluster.EventuallyAsync(async () => (await cluster.TallyAsync(address)).Votes == 1, "the audit finds the late write");
    }

    private static async Task<HashSet<TaskNumber>> TaskNumbersAsync(TestCluster cluster, ClassAddress address) =>
        [.. await cluster.Rows.ReadAllAsync(address, Cancellation).Select(row => row.Task!.Value.Number).ToListAsync(Cancellation)];
}
