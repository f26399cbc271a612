using BulkQA.Core;
using BulkQA.Storage;
using Orleans.Storage;

namespace BulkQA.Grains.Tests;

public sealed class JobGrainTests
{
    [Fact]
    public async Task Create_Again_ComparesOnlyWhatIsGiven()
    {
        await using var cluster = await TestCluster.StartAsync();
        var name = JobName.Create("Crabs");
        var grain = cluster.Grains.GetGrain<IJobGrain>(name.Key);
        Assert.True((await grain.CreateAsync(name, new JobDraft { BatchSize = 5, Order = TaskOrder.Random(7), LabelTable = LabelTableMode.OnDone }))!.Created);
        var again = await grain.CreateAsync(JobName.Create("CRABS"), new JobDraft());
        Assert.Equal((false, 0, "Crabs"), (again!.Created, again.Differences.Length, again.Job.Name.Value));
        Assert.Equal(
            ["batchSize is 5", "order is random(7)", "labelTable is onDone"],
            (await grain.CreateAsync(name, new JobDraft { BatchSize = 6, Order = TaskOrder.AsCut, LabelTable = LabelTableMode.Off }))!.Differences);
    }

    [Fact]
    public async Task Create_SettingsNotGiven_AreTheDeploymentsAndStayAsTheyWere()
    {
        await using var cluster = await TestCluster.StartAsync(options => (options.DefaultBatchSize, options.DefaultWorkersPerTask, options.DefaultLabelTable) = (7, 2, LabelTableMode.OnDone));
        var job = await cluster.CreateJobAsync();
        Assert.Equal((7, 2, LabelTableMode.OnDone), (job.Settings.BatchSize, job.Settings.WorkersPerTask, job.Settings.LabelTable));
        await cluster.RestartAsync(gracefully: false);
        Assert.Equal(job, await cluster.Job(job).GetAsync());
        Assert.Equal(job, await cluster.Job(job).GetAsync(job.Incarnation));
        Assert.Null(await cluster.Job(job).GetAsync(Incarnation.New(job.Name)));
        Assert.Equal(25, (await cluster.CreateJobAsync("other")).Settings.BatchSize);
    }

    [Fact]
    public async Task Policy_ThatWaitsForMoreVotesThanWorkersAreAsked_IsRefusedAtCreationAndLater()
    {
        await using var cluster = await TestCluster.StartAsync();
        var refusal = await Assert.ThrowsAsync<BadInputException>(() => cluster.CreateJobAsync(draft: new JobDraft { Policy = VerdictPolicy.Quorum(4) }));
        Assert.Contains("quorum(4) waits for 4 votes, and only 3 workers", refusal.Message, StringComparison.Ordinal);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { WorkersPerTask = 2, Policy = VerdictPolicy.Quorum(2) });
        refusal = await Assert.ThrowsAsync<BadInputException>(() => cluster.Job(job).ChangeAsync(VerdictPolicy.Quorum(3), null));
        Assert.Contains("only 2 workers", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(job, await cluster.Job(job).GetAsync());
    }

    [Fact]
    public async Task ChangePolicy_Answered_DecidesEveryVerdictAnewAndSoItStays()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, addresses) = await TwoSplitClassesAsync(cluster);
        foreach (var address in addresses) Assert.Equal(3, (await cluster.TallyAsync(address)).All.Split);
        var changed = (await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null))!;
        Assert.Equal((VerdictPolicy.Majority, 1), (changed.Settings.Policy, changed.RulesRevision));
        foreach (var address in addresses)
        {
            Assert.Equal(3, (await cluster.TallyAsync(address)).All.Confirmed);
            Assert.Equal(await cluster.FoldAsync(changed, address), await cluster.TallyAsync(address));
        }
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
        await cluster.RestartAsync(gracefully: true);
        foreach (var address in addresses) Assert.Equal(3, (await cluster.TallyAsync(address)).All.Confirmed);
        // The same again is no change.
        Assert.Equal(1, (await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null))!.RulesRevision);
    }

    [Fact]
    public async Task Change_RepeatedLate_DoesNotUndoWhatCameAfterIt()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var majority = new JobChanges(VerdictPolicy.Majority, JobState.Closed) { Change = Guid.NewGuid() };
        await cluster.Job(job).ChangeAsync(majority);
        await cluster.Job(job).ChangeAsync(majority);
        Assert.Equal((VerdictPolicy.Majority, 1), Rules(await cluster.Job(job).GetAsync()));
        await cluster.Job(job).ChangeAsync(new JobChanges(VerdictPolicy.Quorum(2), JobState.Open) { Change = Guid.NewGuid() });
        await cluster.RestartAsync(gracefully: true);
        var late = await cluster.Job(job).ChangeAsync(majority);
        Assert.Equal((VerdictPolicy.Quorum(2), 2), Rules(late));
        Assert.Equal(JobState.Open, late!.State);
        // Whoever wants it again says so anew.
        Assert.Equal((VerdictPolicy.Majority, 3), Rules(await cluster.Job(job).ChangeAsync(majority with { Change = Guid.NewGuid() })));

        static (VerdictPolicy, int) Rules(JobInfo? info) => (info!.Settings.Policy, info.RulesRevision);
    }

    [Fact]
    public async Task Change_ManyOthersSince_TheLastOnesAreStillKnown()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var changes = Enumerable.Range(0, 25).Select(number => new JobChanges(State: number % 2 == 0 ? JobState.Closed : JobState.Open) { Change = new Guid(number + 1, 0, 0, new byte[8]) }).ToList();
        foreach (var change in changes) await cluster.Job(job).ChangeAsync(change);
        foreach (var change in changes.TakeLast(20)) Assert.Equal(JobState.Closed, (await cluster.Job(job).ChangeAsync(change))!.State);
    }

    /// <summary>An activation that the directory forgot knows what was true before.</summary>
    [Fact]
    public async Task Read_WrittenByAnotherActivation_IsWhatIsStored()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var storage = cluster.Service<IGrainStorage>();
        var stored = new GrainState<JobRecord>();
        await storage.ReadStateAsync("job", cluster.Job(job).GetGrainId(), stored);
        var living = stored.State!.Living!;
        var later = living.Info with { RulesRevision = 7 };
        stored.State = stored.State with { Living = living with { Info = later } };
        await storage.WriteStateAsync("job", cluster.Job(job).GetGrainId(), stored);
        Assert.Equal(0, (await cluster.Job(job).GetAsync(job.Incarnation))!.RulesRevision);
        var reads = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => cluster.Job(job).ReadAsync(job.Incarnation)));
        Assert.All(reads, read => Assert.Equal(7, read!.RulesRevision));
        Assert.Equal(7, (await cluster.Job(job).GetAsync(job.Incarnation))!.RulesRevision);
        await cluster.Job(job).DeleteAsync(job.Incarnation);
        Assert.Null(await cluster.Job(job).ReadAsync(job.Incarnation));
    }

    [Fact]
    public async Task ChangePolicy_AClassFails_IsGoneOnWithThoughTheJobHasThePolicyAlready()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, addresses) = await TwoSplitClassesAsync(cluster);
        cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IPartitionGrain.ChangeRulesAsync) && context.TargetId.Key.ToString()!.Contains("Cat", StringComparison.Ordinal)
            ? throw new TimeoutException("the class does not answer (injected)") : Task.CompletedTask;
        await Assert.ThrowsAsync<TimeoutException>(() => cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null));
        Assert.Equal(VerdictPolicy.Majority, (await cluster.Job(job).GetAsync())!.Settings.Policy);
        await Assert.ThrowsAsync<TimeoutException>(() => cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null));
        cluster.BeforeCall = _ => Task.CompletedTask;
        Assert.Equal(1, (await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null))!.RulesRevision);
        foreach (var address in addresses) Assert.Equal(3, (await cluster.TallyAsync(address)).All.Confirmed);
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(job, OperationKind.RewriteVerdicts)).State);
    }

    [Fact]
    public async Task ChangePolicy_AClassFailsAndNobodyCallsAgain_IsGoneOnWithAfterACrash()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, addresses) = await TwoSplitClassesAsync(cluster);
        cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IPartitionGrain.ChangeRulesAsync)
            ? throw new TimeoutException("no class answers (injected)") : Task.CompletedTask;
        await Assert.ThrowsAsync<TimeoutException>(() => cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null));
        await cluster.RestartAsync(gracefully: false);
        cluster.BeforeCall = _ => Task.CompletedTask;
        foreach (var key in await cluster.Grains.GetGrain<IUnfinishedJobsGrain>(IUnfinishedJobsGrain.Key).ListAsync())
            await cluster.Grains.GetGrain<IOperationsGrain>(key).ResumeAsync();
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(job, OperationKind.RewriteVerdicts)).State);
        foreach (var address in addresses) Assert.Equal(3, (await cluster.TallyAsync(address)).All.Confirmed);
        await NothingIsUnfinishedAsync(cluster);
    }

    [Fact]
    public async Task ChangePolicy_SeveralAtOnceAndOneAfter_EndsWithTheLastEverywhere()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, addresses) = await TwoSplitClassesAsync(cluster);
        await RowsBecomeAsync(cluster, addresses, Verdict.Split);
        await Task.WhenAll(cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null), cluster.Job(job).ChangeAsync(VerdictPolicy.Quorum(3), null));
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Unanimous, null);
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(job, OperationKind.RewriteVerdicts)).State);
        foreach (var address in addresses) Assert.Equal(3, (await cluster.TallyAsync(address)).All.Split);
        Assert.All(await VerdictsAsync(cluster, addresses), verdict => Assert.Equal(Verdict.Split, verdict));
        await NothingIsUnfinishedAsync(cluster);
    }

    [Fact]
    public async Task ChangePolicy_AgainWhileRowsAreRewritten_RewritesTheClassesThatWereDoneAlready()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, addresses) = await TwoSplitClassesAsync(cluster);
        await RowsBecomeAsync(cluster, addresses, Verdict.Split);
        var (reached, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var failures = 1;
        // The second class is reached, and fails once the policy has changed again.
        cluster.BeforeCall = async context =>
        {
            if (context.InterfaceMethod.Name != nameof(IPartitionGrain.WriteLabelsAsync) || !context.TargetId.Key.ToString()!.Contains("Dog", StringComparison.Ordinal)) return;
            reached.TrySetResult();
            await goOn.Task;
            if (Interlocked.Decrement(ref failures) >= 0) throw new TimeoutException("the class does not answer (injected)");
        };
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null);
        await reached.Task;
        Assert.Equal(Verdict.Confirmed, (await VerdictsAsync(cluster, addresses[..1]))[0]);
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Unanimous, null);
        goOn.SetResult();
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(job, OperationKind.RewriteVerdicts)).State);
        Assert.True(failures < 0);
        Assert.All(await VerdictsAsync(cluster, addresses), verdict => Assert.Equal(Verdict.Split, verdict));
    }

    [Fact]
    public async Task Change_WhileItIsBeingWritten_IsSeenByNobody()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var (writing, fail) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.BeforeStateWrite = async state =>
        {
            if (state != "job") return;
            writing.TrySetResult();
            await fail.Task;
            throw new StorageException("the disk is full (injected)");
        };
        var change = cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, JobState.Closed);
        await writing.Task;
        Assert.Equal(job, await cluster.Job(job).GetAsync());
        fail.SetResult();
        await Assert.ThrowsAsync<OrleansException>(() => change);
        Assert.Equal(job, await cluster.Job(job).GetAsync());
    }

    [Fact]
    public async Task MirrorLabeling_OfThisLifeOnly_IsKept()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var labeling = new LabelingJob("job", "arn:aws:sagemaker:us-east-1:123456789012:labeling-job/job", "InProgress", 1, 2, 0, null, DateTimeOffset.UnixEpoch);
        await cluster.Job(job).MirrorLabelingAsync(Incarnation.New(job.Name), labeling);
        Assert.Equal(job, await cluster.Job(job).GetAsync());
        await cluster.Job(job).MirrorLabelingAsync(job.Incarnation, labeling);
        await cluster.RestartAsync(gracefully: false);
        Assert.Equal(job with { Labeling = labeling }, await cluster.Job(job).GetAsync());
    }

    [Fact]
    public async Task ReportUnshown_SeveralInARow_KeepsOneUntilAPauseOrPicturesOfThatBatch()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Time.Stop();
        var job = await cluster.CreateJobAsync();
        await cluster.Job(job).ReportUnshownAsync(Incarnation.New(job.Name), new TaskNumber(1), WorkerId.Create("ann"));
        Assert.Null((await cluster.Job(job).GetAsync())!.Unshown);
        var began = cluster.Time.GetUtcNow();
        await cluster.Job(job).ReportUnshownAsync(job.Incarnation, new TaskNumber(1), WorkerId.Create("ann"));
        cluster.Time.Ahead += JobLimits.UnshownPause - TimeSpan.FromTicks(1);
        await cluster.Job(job).ReportUnshownAsync(job.Incarnation, new TaskNumber(2), WorkerId.Create("bob"));
        await cluster.RestartAsync(gracefully: false);
        Assert.Equal(new UnshownBatch(new TaskNumber(1), WorkerId.Create("ann"), began), (await cluster.Job(job).GetAsync())!.Unshown);
        cluster.Time.Ahead += TimeSpan.FromTicks(1);
        await cluster.Job(job).ReportUnshownAsync(job.Incarnation, new TaskNumber(2), WorkerId.Create("bob"));
        await cluster.Job(job).WithdrawUnshownAsync(job.Incarnation, new TaskNumber(1));
        Assert.Equal(new UnshownBatch(new TaskNumber(2), WorkerId.Create("bob"), began + JobLimits.UnshownPause), (await cluster.Job(job).GetAsync())!.Unshown);
        await cluster.Job(job).WithdrawUnshownAsync(job.Incarnation, new TaskNumber(2));
        await cluster.RestartAsync(gracefully: false);
        Assert.Equal(job, await cluster.Job(job).GetAsync());
    }

    [Fact]
    public async Task Index_NamesOfAllJobs_ArePaged()
    {
        await using var cluster = await TestCluster.StartAsync();
        foreach (var name in (string[])["b", "C", "a"]) await cluster.CreateJobAsync(name);
        var index = cluster.Grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key);
        Assert.Equal(["a", "b"], await index.ListAsync(null, 2));
        Assert.Equal(["c"], await index.ListAsync("b", 2));
    }

    /// <summary>Three images each of Cat and Dog, that two workers confirm and one doesn't.</summary>
    private static async Task<(JobInfo Job, ClassAddress[] Classes)> TwoSplitClassesAsync(TestCluster cluster)
    {
        var job = await cluster.CreateJobAsync(draft: new JobDraft { LabelTable = LabelTableMode.OnDone });
        var addresses = new[] { await cluster.ImportAsync(job, "Cat", 3), await cluster.ImportAsync(job, "Dog", 3) };
        for (var task = 0; task < 2; task++)
            await cluster.SubmitAsync(addresses[task], TestCluster.Answer(task, "a", "ccc"), TestCluster.Answer(task, "b", "ccc"), TestCluster.Answer(task, "c", "ddd"));
        return (job, addresses);
    }

    private static async Task<List<Verdict?>> VerdictsAsync(TestCluster cluster, IEnumerable<ClassAddress> addresses)
    {
        var verdicts = new List<Verdict?>();
        foreach (var address in addresses)
            foreach (var image in TestCluster.Images(3)) verdicts.Add((await cluster.Rows.ReadAsync(new ImageAddress(address, image.Url)))?.Verdict);
        return verdicts;
    }

    private static Task RowsBecomeAsync(TestCluster cluster, ClassAddress[] addresses, Verdict verdict) =>
        TestCluster.EventuallyAsync(async () => (await VerdictsAsync(cluster, addresses)).TrueForAll(found => found == verdict), $"all rows are {verdict}");

    private static Task NothingIsUnfinishedAsync(TestCluster cluster) => TestCluster.EventuallyAsync(
        async () => (await cluster.Grains.GetGrain<IUnfinishedJobsGrain>(IUnfinishedJobsGrain.Key).ListAsync()).IsEmpty, "nothing is unfinished");
}
