using BulkQA.Core;
using BulkQA.Storage;
using Orleans.Serialization;

namespace BulkQA.Grains.Tests;

/// <summary>Ends and beginnings of a partition: epochs, folds, summaries, audits.</summary>
public sealed class PartitionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Submission[] Answers(int tasks) => [.. Enumerable.Range(0, tasks).SelectMany(task =>
        (Submission[])[TestCluster.Answer(task, "ann", "cc"), TestCluster.Answer(task, "bob", "dc", 2)])];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Restart_CleanOrNot_KeepsEveryAcknowledgedAnswer(bool gracefully)
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await PairsAsync(cluster, 30);
        await cluster.SubmitAsync(address, Answers(20));
        var before = await cluster.TallyAsync(address);
        Assert.Equal((80, 20, 20), (before.Votes, before.All.Confirmed, before.All.Split));
        await cluster.RestartAsync(gracefully);
        var folds = cluster.Store.Folds;
        Assert.Equal(before, await cluster.TallyAsync(address));
        // A cold partition is read from what it left; after a crash it is folded from its facts.
        Assert.Equal(gracefully ? 0 : 1, cluster.Store.Folds - folds);
        await cluster.SubmitAsync(address, TestCluster.Answer(29, "ann", "cc"));
        Assert.Equal(1, cluster.Store.Folds - folds);
        Assert.Equal(before.Votes + 2, (await cluster.TallyAsync(address)).Votes);
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Submit_EpochRaisedByAStranger_IsNotAcknowledgedAndTheNextActivationFolds(bool isNew)
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await PairsAsync(cluster, 1);
        var partition = new PartitionAddress(address, 0);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cc"));
        var first = cluster.Store.FoldsOf(partition);
        await cluster.RaiseEpochAsync(partition);
        var head = (await cluster.Facts.ReadHeadAsync(partition, Cancellation))!;
        var submission = TestCluster.Answer(0, isNew ? "bob" : "ann", "cc");
        var failure = await Assert.ThrowsAsync<StorageException>(() => cluster.SubmitAsync(address, submission));
        Assert.Contains("another activation", failure.Message, StringComparison.Ordinal);
        await TestCluster.EventuallyAsync(async () => !await cluster.IsActiveAsync(cluster.Partition(partition)), "the activation ends");
        // It left the stranger's head alone.
        Assert.Equal(head, await cluster.Facts.ReadHeadAsync(partition, Cancellation));
        Assert.Equal([SubmissionOutcome.Accepted], await cluster.SubmitAsync(address, submission));
        Assert.Equal((first + 1, head.Epoch + 1), (cluster.Store.FoldsOf(partition), (await cluster.Facts.ReadHeadAsync(partition, Cancellation))!.Epoch));
        Assert.Equal(isNew ? 4 : 2, (await cluster.TallyAsync(address)).Votes);
    }

    [Fact]
    public async Task End_HeadReadWhileTheViewWasBuilt_DoesNotTakeAStrangersEpochForItsOwn()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await PairsAsync(cluster, 1);
        var partition = new PartitionAddress(address, 0);
        await cluster.DeactivateAsync(partition);
        var (reached, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Store.BeforeReadHead = _ => reached.TrySetResult() ? goOn.Task : Task.CompletedTask;
        var workers = cluster.Partition(partition).GetWorkersAsync();
        await reached.Task;
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cc"));
        await cluster.RaiseEpochAsync(partition);
        goOn.SetResult();
        await workers;
        var head = (await cluster.Facts.ReadHeadAsync(partition, Cancellation))!;
        await cluster.DeactivateAsync(partition);
        Assert.Equal(head, await cluster.Facts.ReadHeadAsync(partition, Cancellation));
    }

    [Fact]
    public async Task Crash_WriteLandsAfterTheFold_IsFoundByTheDelayedAudit()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.RepairInterval = TimeSpan.FromHours(1));
        var (_, address) = await PairsAsync(cluster, 1);
        cluster.Store.OnAppend = _ => Fault.LandLate;
        await Assert.ThrowsAsync<StorageException>(() => cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cc")));
        cluster.Store.OnAppend = _ => Fault.None;
        await cluster.RestartAsync(gracefully: false, options => options.AuditDelay = TimeSpan.FromMilliseconds(200));
        Assert.Equal(0, (await cluster.TallyAsync(address)).Votes);
        await cluster.Store.LandAsync();
        await TestCluster.EventuallyAsync(async () => (await cluster.TallyAsync(address)).Votes == 2, "the audit finds the late write");
    }

    [Fact]
    public async Task Begin_AfterACrash_AuditsOnceAndAfterACleanEndNever()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2 });
        var (clean, crashed) = (await cluster.ImportAsync(job, "Ant", 2), await cluster.ImportAsync(job, "Bee", 2));
        // What somebody else has written since looks like a crash of theirs.
        await cluster.DeactivateAsync(new PartitionAddress(clean, 0));
        await cluster.RaiseEpochAsync(new PartitionAddress(crashed, 0));
        await cluster.RestartAsync(gracefully: true, options => options.AuditDelay = TimeSpan.FromMilliseconds(100));
        foreach (var address in (ClassAddress[])[clean, crashed]) await cluster.SubmitAsync(address, Submissions(job, address));
        await TestCluster.EventuallyAsync(() => Task.FromResult(Folds(crashed) == 3), "the one that crashed is audited");
        // As long again, and the clean one would have been due before the other.
        var another = await cluster.ImportAsync(job, "Cow", 2);
        await cluster.RaiseEpochAsync(new PartitionAddress(another, 0));
        await Assert.ThrowsAsync<StorageException>(() => cluster.SubmitAsync(another, Submissions(job, another)));
        await cluster.SubmitAsync(another, Submissions(job, another));
        await TestCluster.EventuallyAsync(() => Task.FromResult(Folds(another) == 3), "another one that crashed is audited");
        Assert.Equal((2, 3), (Folds(clean), Folds(crashed)));

        int Folds(ClassAddress address) => cluster.Store.FoldsOf(new PartitionAddress(address, 0));

        static Submission Submissions(JobInfo job, ClassAddress address) => TestCluster.Answer(address.Label.Value[0] - 'A', "ann", "cc");
    }

    [Fact]
    public async Task Audit_AfterACrash_IsTriedAgainWhereItFails()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await PairsAsync(cluster, 1);
        await cluster.RestartAsync(gracefully: false, options => options.AuditDelay = TimeSpan.FromMilliseconds(100));
        Assert.Equal(2, (await cluster.TallyAsync(address)).All.Total);
        await cluster.Facts.AppendAsync(new PartitionAddress(address, 0), [TestCluster.Answer(0, "late", "cc")], Cancellation);
        var failures = 2;
        cluster.Store.BeforeFold = _ => Interlocked.Decrement(ref failures) >= 0 ? throw new StorageException("out of reach (injected)") : Task.CompletedTask;
        await TestCluster.EventuallyAsync(async () => (await cluster.TallyAsync(address)).Votes == 2, "the audit finds the late write");
        Assert.True(failures < 0);
    }

    [Fact]
    public async Task Audit_AfterACrash_IsOwedThoughTheSiloEndsInOrderMeanwhile()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await PairsAsync(cluster, 1);
        await cluster.RestartAsync(gracefully: false, options => options.AuditDelay = TimeSpan.FromHours(1));
        Assert.Equal(0, (await cluster.TallyAsync(address)).Votes);
        // A write of the process that crashed lands after the facts were read.
        await cluster.Facts.AppendAsync(new PartitionAddress(address, 0), [TestCluster.Answer(0, "late", "cc")], Cancellation);
        await cluster.RestartAsync(gracefully: true, options => options.AuditDelay = TimeSpan.FromHours(1));
        Assert.Equal(2, (await cluster.TallyAsync(address)).Votes);
    }

    [Fact]
    public async Task Audit_FactsAddedBehindThePartition_ReportsAndRepairsThem()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await PairsAsync(cluster, 2);
        var partition = new PartitionAddress(address, 0);
        Assert.Equal((4, 0), await AuditAsync());
        await cluster.Facts.AppendAsync(partition, [TestCluster.Answer(1, "x", "cd")], Cancellation);
        await cluster.Facts.InsertAsync(partition, [new TaskContent(new TaskNumber(900), TestCluster.Images(3, "s3://stranger/"))], Cancellation);
        Assert.Equal(0, (await cluster.TallyAsync(address)).Votes);
        var report = await cluster.AuditAsync(job);
        // Two images, a task, and the counters.
        Assert.Equal((7, 4), (report.Images, report.Differences));
        Assert.Equal(4, report.Details.Length);
        Assert.Contains(report.Details, detail => detail.Contains("task 900 is missing", StringComparison.Ordinal));
        var tally = await cluster.TallyAsync(address);
        Assert.Equal((2, 7, 3), (tally.Votes, tally.All.Total, tally.Tasks));
        Assert.Equal(await cluster.FoldAsync(job, address), tally);
        Assert.Equal((7, 0), await AuditAsync());
        Assert.Equal([SubmissionOutcome.Accepted], await cluster.SubmitAsync(address, TestCluster.Answer(900, "ann", "ccc")));

        async Task<(long, long)> AuditAsync()
        {
            var report = await cluster.AuditAsync(job);
            return (report.Images, report.Differences);
        }
    }

    [Fact]
    public async Task Audit_LeasesGiven_KeepsThem()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await PairsAsync(cluster, 3);
        var ann = await cluster.Partition(address).LeaseAsync(WorkerId.Create("ann"));
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cc"));
        var next = await cluster.Partition(address).LeaseAsync(WorkerId.Create("ann"));
        Assert.Equal((0, 1), (ann.Task!.Value.Value, next.Task!.Value.Value));
        await cluster.Facts.AppendAsync(new PartitionAddress(address, 0), [TestCluster.Answer(2, "x", "cd")], Cancellation);
        Assert.NotEqual(0, (await cluster.AuditAsync(job)).Differences);
        var again = await cluster.Partition(address).LeaseAsync(WorkerId.Create("ann"));
        Assert.Equal((next.Task, next.ExpiresAt), (again.Task, again.ExpiresAt));
    }

    [Fact]
    public async Task Audit_ViewThatMissedAChangeOfPolicy_FollowsTheJob()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await PairsAsync(cluster, 1);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "a", "cc"), TestCluster.Answer(0, "b", "cc"), TestCluster.Answer(0, "c", "dc"));
        cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IClassGrain.ChangeRulesAsync) && context.Grain is ClassGrain
            ? throw new TimeoutException("the class does not answer (injected)") : Task.CompletedTask;
        await Assert.ThrowsAsync<TimeoutException>(() => cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null));
        Assert.Equal(1, (await cluster.TallyAsync(address)).All.Split);
        Assert.NotEqual(0, (await cluster.Partition(address).AuditAsync()).Differences);
        Assert.Equal(2, (await cluster.TallyAsync(address)).All.Confirmed);
    }

    [Fact]
    public async Task Submit_TaskThatNobodyHeardOf_IsTakenWithTheAnswersItHas()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await PairsAsync(cluster, 1);
        var partition = new PartitionAddress(address, 0);
        await cluster.Facts.InsertAsync(partition, [new TaskContent(new TaskNumber(900), TestCluster.Images(2, "s3://late/"))], Cancellation);
        await cluster.Facts.AppendAsync(partition, [TestCluster.Answer(900, "ann", "cd")], Cancellation);
        Assert.Equal(
            [SubmissionOutcome.Accepted, SubmissionOutcome.UnknownTask, SubmissionOutcome.OtherImages],
            await cluster.SubmitAsync(address, TestCluster.Answer(900, "bob", "cc"), TestCluster.Answer(901, "bob", "cc"), TestCluster.Answer(900, "carl", "c")));
        Assert.Equal((4, 4), ((await cluster.TallyAsync(address)).Votes, (await cluster.TallyAsync(address)).All.Total));
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tally_ColdAndPolicyChanged_IsOfTheNewPolicy(bool askedBefore)
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await PairsAsync(cluster, 1);
        var partition = new PartitionAddress(address, 0);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "a", "cc"), TestCluster.Answer(0, "b", "cc"), TestCluster.Answer(0, "c", "dc"));
        await cluster.DeactivateAsync(partition);
        var folds = cluster.Store.Folds;
        if (askedBefore) Assert.Equal(1, (await cluster.TallyAsync(address)).All.Split);
        Assert.Equal(folds, cluster.Store.Folds);
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null);
        Assert.Equal((2, 0), ((await cluster.TallyAsync(address)).All.Confirmed, (await cluster.TallyAsync(address)).All.Split));
        Assert.Equal(folds + 1, cluster.Store.Folds);
    }

    /// <summary>Releases of before left summaries without the number, and so it would stay at 0 until somebody answers.</summary>
    [Fact]
    public async Task Tally_ColdWithASummaryOfBeforeUnseenWasCounted_IsFolded()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await PairsAsync(cluster, 1);
        var partition = new PartitionAddress(address, 0);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "nt"), TestCluster.Answer(0, "bob", "nc"));
        await cluster.DeactivateAsync(partition);
        Assert.Equal(1, (await cluster.TallyAsync(address)).Unseen);
        await cluster.DeactivateAsync(partition);
        var serializer = cluster.Service<Serializer>();
        var head = (await cluster.Facts.ReadHeadAsync(partition, Cancellation))!;
        var summary = serializer.Deserialize<PartitionSummary>(head.Summary!.Value)!;
        Assert.True(summary.CountsUnseen);
        var before = serializer.SerializeToArray(summary with { CountsUnseen = false, Tally = summary.Tally with { Unseen = 0 } });
        Assert.True(await cluster.Facts.WriteHeadAsync(partition, new PartitionHead(head.Epoch + 1, false, before), head.Epoch, Cancellation));
        Assert.Equal(1, (await cluster.TallyAsync(address)).Unseen);
    }

    [Fact]
    public async Task ChangePolicy_OfAnEarlierRevision_ChangesNothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await PairsAsync(cluster, 1);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "a", "cc"), TestCluster.Answer(0, "b", "cc"), TestCluster.Answer(0, "c", "dc"));
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null);
        await cluster.Partition(address).ChangeRulesAsync(job);
        Assert.Equal((2, 0), ((await cluster.TallyAsync(address)).All.Confirmed, (await cluster.TallyAsync(address)).All.Split));
    }

    [Fact]
    public async Task Workers_Cold_AreThoseOfTheSummaryAndAfterACrashNotAll()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await PairsAsync(cluster, 3);
        var partition = new PartitionAddress(address, 0);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cc"), TestCluster.Answer(1, "ann", "cc"), TestCluster.Answer(1, "bob", "c-"));
        Assert.Equal((true, "ann 2, bob 0"), await WorkersAsync());
        await cluster.DeactivateAsync(partition);
        var folds = cluster.Store.Folds;
        Assert.Equal((true, "ann 2, bob 0"), await WorkersAsync());
        await cluster.RaiseEpochAsync(partition);
        Assert.Equal((false, ""), await WorkersAsync());
        Assert.Equal(folds, cluster.Store.Folds);
        // Of a partition that nobody has ever been in.
        var never = await cluster.Partition(address, 1).GetWorkersAsync();
        Assert.Equal((0, true), (never.Workers.Length, never.AreAll));

        async Task<(bool, string)> WorkersAsync()
        {
            var known = await cluster.Partition(partition).GetWorkersAsync();
            return (known.AreAll, string.Join(", ", known.Workers.Select(worker => $"{worker.Key} {worker.Value}").Order()));
        }
    }

    [Fact]
    public async Task Workers_MoreThanASummaryKeeps_AreNotAllOnceItIsCold()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await PairsAsync(cluster, 5);
        for (var task = 0; task < 5; task++)
            await cluster.SubmitAsync(address, [.. Enumerable.Range(0, 201).Select(worker => TestCluster.Answer(task, $"{task}-{worker}", "cc"))]);
        var warm = await cluster.Partition(address).GetWorkersAsync();
        Assert.Equal((1_005, true), (warm.Workers.Length, warm.AreAll));
        await cluster.DeactivateAsync(new PartitionAddress(address, 0));
        var cold = await cluster.Partition(address).GetWorkersAsync();
        Assert.Equal((1_000, false), (cold.Workers.Length, cold.AreAll));
    }

    [Fact]
    public async Task Retire_AndForget_LetNothingInAndLeaveNoHead()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await PairsAsync(cluster, 1);
        var partition = new PartitionAddress(address, 0);
        await cluster.Partition(partition).RetireAsync();
        Assert.True((await cluster.Facts.ReadHeadAsync(partition, Cancellation))!.Retired);
        // Even while the job itself lives.
        Assert.True((await cluster.Partition(partition).SubmitAsync(new Submissions([TestCluster.Answer(0, "ann", "cc")], false))).IsGone);
        Assert.Equal(ImportRefusal.Gone, (await cluster.Partition(partition).ImportAsync(new ImportChunk(TestCluster.Images(1, "s3://late/"), true))).Refusal);
        Assert.Null(await cluster.Partition(partition).GetTallyAsync());
        Assert.Null((await cluster.Partition(partition).LeaseAsync(WorkerId.Create("ann"))).Task);
        await cluster.Partition(partition).RetireAsync();
        await cluster.Partition(partition).ForgetAsync();
        Assert.Null(await cluster.Facts.ReadHeadAsync(partition, Cancellation));
        await cluster.Partition(partition).ForgetAsync();
    }

    [Fact]
    public async Task Fold_ManyPartitionsAtOnce_KeepsToTheSlots()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var addresses = new List<ClassAddress>();
        for (var number = 0; number < 8; number++) addresses.Add(await cluster.ImportAsync(job, $"L{number}", 2));
        await cluster.RestartAsync(gracefully: false, options => options.MaxConcurrentRebuilds = 2);
        var (inside, most) = (0, 0);
        var full = new TaskCompletionSource();
        cluster.Store.BeforeFold = async _ =>
        {
            var now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            if (now == 2) full.TrySetResult();
            // Nobody leaves before there are as many as there may be.
            await full.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
            await Task.Yield();
            Interlocked.Decrement(ref inside);
        };
        var tallies = await Task.WhenAll(addresses.Select(cluster.TallyAsync));
        Assert.All(tallies, tally => Assert.Equal(2, tally.All.Total));
        Assert.Equal(2, most);

        static void InterlockedMax(ref int target, int value)
        {
            for (var known = target; known < value; known = target)
                if (Interlocked.CompareExchange(ref target, value, known) == known) return;
        }
    }

    [Fact]
    public async Task Fold_Fails_IsTriedAgainByTheNextCall()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await PairsAsync(cluster, 1);
        await cluster.DeactivateAsync(new PartitionAddress(address, 0));
        cluster.Store.BeforeFold = _ => throw new StorageException("out of reach (injected)");
        await Assert.ThrowsAsync<StorageException>(() => cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cc")));
        cluster.Store.BeforeFold = _ => Task.CompletedTask;
        Assert.Equal([SubmissionOutcome.Accepted], await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cc")));
        Assert.Equal(2, (await cluster.TallyAsync(address)).Votes);
    }

    /// <summary>A job with tasks of two images each.</summary>
    private static async Task<(JobInfo Job, ClassAddress Class)> PairsAsync(TestCluster cluster, int tasks)
    {
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2 });
        return (job, await cluster.ImportAsync(job, "Dog", 2 * tasks));
    }
}
