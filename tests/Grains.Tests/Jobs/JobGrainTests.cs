using System.Collections.Concurrent;
using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

public sealed class JobGrainTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_Again_ComparesOnlyWhatIsGiven()
    {
        await using var cluster = await TestCluster.StartAsync();
        var name = JobName.Create("Crabs");
        var grain = cluster.Grains.GetGrain<IJobGrain>(name.Key);
        Assert.True((await grain.CreateAsync(name, new JobDraft { BatchSize = 5 }))!.Created);
        var again = await grain.CreateAsync(JobName.Create("CRABS"), new JobDraft());
        Assert.Equal((false, 0, "Crabs"), (again!.Created, again.Differences.Length, again.Job.Name.Value));
        Assert.Equal(["batchSize is 5"], (await grain.CreateAsync(name, new JobDraft { BatchSize = 6 }))!.Differences);
    }

    [Fact]
    public async Task ChangePolicy_Voted_RefoldsTheTableAndRewritesTheRows()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(10));
        await cluster.VoteAsync(address, [.. TestCluster.Lines(10).Select(line => TestCluster.Votes(line.Url.Value, ("a", true, 1), ("b", true, 1), ("c", false, 1)))]);
        Assert.Equal(10, (await cluster.TallyAsync(address)).All.Split);
        var changed = await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null);
        Assert.Equal(10, (await cluster.TallyAsync(address)).All.Confirmed);
        await TestCluster.EventuallyAsync(
            async () => await cluster.Rows.ReadAllAsync(address, Cancellation).AllAsync(row => row.Verdict == Verdict.Confirmed, Cancellation), "the rows follow");
        Assert.Equal(await cluster.FoldAsync(changed!, address), await cluster.TallyAsync(address));
        Assert.Equal(0, (await cluster.Job(job).AuditAsync())!.Differences);
        await cluster.RestartAsync(gracefully: true);
        Assert.Equal(10, (await cluster.TallyAsync(address)).All.Confirmed);
    }

    [Fact]
    public async Task Delete_UnderVotesAndImportsAndCreatedAgain_LeavesNothingOfTheOldAndEverythingOfTheNew()
    {
        await using var cluster = await TestCluster.StartAsync();
        var old = await cluster.CreateJobAsync();
        var oldClass = await cluster.ImportAsync(old, "Dog", TestCluster.Lines(100));
        var (refused, accepted) = (0, 0);
        var racing = Enumerable.Range(0, 60).Select(async number =>
        {
            if (number == 20) await cluster.Job(old).DeleteAsync();
            if (number % 10 == 5)
            {
                var receipt = await cluster.Router.ImportAsync(oldClass, 0, new ImportChunk([.. TestCluster.Lines(20, $"s3://late/{number}/")], new TaskRange(1_000 + (number * 100), 20), true));
                if (receipt?.Refusal == Refusal.Gone) Interlocked.Increment(ref refused);
                return;
            }
            var outcomes = await cluster.Router.VoteAsync(oldClass, new ClassVotes(null, [TestCluster.Votes($"s3://b/{number}", ("a", true, 1))]));
            if (outcomes is null || outcomes.Value[0].Kind == VoteOutcome.UnknownImage) Interlocked.Increment(ref refused);
            else Interlocked.Increment(ref accepted);
        }).ToList();
        var created = await CreateAgainAsync(cluster, old);
        var newClass = await cluster.ImportAsync(created, "Dog", TestCluster.Lines(7));
        await cluster.VoteAsync(newClass, TestCluster.Votes("s3://b/1", ("b", false, 1)));
        await Task.WhenAll(racing);
        Assert.NotEqual(old.Incarnation, created.Incarnation);
        await TestCluster.EventuallyAsync(async () => await cluster.Rows.ReadAllAsync(oldClass, Cancellation).CountAsync(Cancellation) == 0, "the old rows go");
        Assert.Null(await cluster.Router.VoteAsync(oldClass, new ClassVotes(null, [TestCluster.Votes("s3://b/1", ("a", true, 1))])));
        var tally = await cluster.TallyAsync(newClass);
        Assert.Equal((7, 1L, 1), (tally.All.Total, tally.Votes, tally.All.Disconfirmed));
        Assert.Equal(0, (await cluster.Job(created).AuditAsync())!.Differences);
    }

    [Fact]
    public async Task Delete_ThenSwept_FreesTheIndex()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        await cluster.ImportAsync(job, "Dog", TestCluster.Lines(30));
        var index = cluster.Grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key);
        Assert.Equal(["job"], await index.ListAsync(null, 10));
        Assert.True(await cluster.Job(job).DeleteAsync());
        Assert.False(await cluster.Job(job).DeleteAsync());
        await TestCluster.EventuallyAsync(async () => (await index.ListAsync(null, 10)).IsEmpty, "the name leaves the index");
        Assert.Null(await cluster.Grains.GetGrain<ITaskGrain>(ITaskGrain.Key(job.Incarnation, new TaskNumber(0))).GetAsync());
    }

    [Fact]
    public async Task Delete_CrashBeforeTheSweep_GoesOnAfterTheRestart()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.SweepAgainAfter = TimeSpan.FromHours(1));
        var job = await cluster.CreateJobAsync();
        await cluster.ImportAsync(job, "Dog", TestCluster.Lines(30));
        await cluster.Job(job).DeleteAsync();
        await cluster.RestartAsync(gracefully: false);
        // As every silo does now and then.
        var unfinished = await cluster.Grains.GetGrain<IUnfinishedJobsGrain>(IUnfinishedJobsGrain.Key).ListAsync();
        Assert.Equal(["job"], unfinished);
        await cluster.Grains.GetGrain<IOperationsGrain>(unfinished[0]).ResumeAsync();
        var index = cluster.Grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key);
        await TestCluster.EventuallyAsync(async () => (await index.ListAsync(null, 10)).IsEmpty, "the second sweep");
    }

    [Fact]
    public async Task Lease_SeveralWorkers_GetsEachWhatItHasNotAnsweredAndNoTaskTooOften()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2, WorkersPerTask = 2 });
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(4));
        var ann = await LeaseAsync(cluster, job, "ann");
        Assert.Equal((ann!.Task, 0, 2), ((await LeaseAsync(cluster, job, "ann"))!.Task, ann.Answered, ann.Total));
        var others = await Task.WhenAll(Enumerable.Range(0, 3).Select(number => LeaseAsync(cluster, job, $"w{number}")));
        Assert.All(others.Append(ann).GroupBy(lease => lease!.Task), group => Assert.Equal(2, group.Count()));
        Assert.Null(await LeaseAsync(cluster, job, "late"));

        await AnswerAsync(cluster, job, address, ann.Task, "ann");
        var next = await LeaseAsync(cluster, job, "ann");
        Assert.Null(next);
        await cluster.RestartAsync(gracefully: false);
        // The loans are forgotten, the answers are not: they are in the rows.
        next = await LeaseAsync(cluster, job, "ann");
        Assert.NotEqual(ann.Task, next!.Task);
        Assert.Equal(1, next.Answered);
    }

    [Fact]
    public async Task Lease_AnsweredImageByImage_IsNotHandedOutAgain()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2 });
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(4));
        var first = await LeaseAsync(cluster, job, "other");
        var content = await cluster.Grains.GetGrain<ITaskGrain>(ITaskGrain.Key(job.Incarnation, first!.Task)).GetAsync();
        foreach (var image in content!.Images) await cluster.VoteAsync(address, TestCluster.Votes(image.Url.Value, ("ann", true, 1)));
        Assert.NotEqual(first.Task, (await LeaseAsync(cluster, job, "ann"))!.Task);
    }

    [Fact]
    public async Task AddClasses_MoreThanAJobHolds_RefusesTheRest()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var labels = Enumerable.Range(0, JobLimits.MaxClasses + 2).Select(number => Label.Create($"L{number}")).ToImmutableArray();
        Assert.Equal(2, (await cluster.Job(job).AddClassesAsync(job.Incarnation, labels))!.Value.Length);
        Assert.Equal(JobLimits.MaxClasses, (await cluster.Job(job).GetClassesAsync(job.Incarnation))!.Value.Length);
    }

    [Fact]
    public async Task ReserveTasks_ReleasedAtTheTop_AreGivenOutAgain()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var grain = cluster.Job(job);
        Assert.Equal(new TaskRange(0, 10), await grain.ReserveTasksAsync(job.Incarnation, 10));
        await grain.ReleaseTasksAsync(job.Incarnation, new TaskRange(4, 6));
        Assert.Equal(new TaskRange(4, 3), await grain.ReserveTasksAsync(job.Incarnation, 3));
        await grain.ReleaseTasksAsync(job.Incarnation, new TaskRange(4, 1));
        Assert.Equal(7, await grain.CountTaskNumbersAsync(job.Incarnation));
    }

    [Fact]
    public async Task ChangePolicy_AClassFails_IsGoneOnWithThoughTheJobHasThePolicyAlready()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, addresses) = await TwoSplitClassesAsync(cluster);
        cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IPartitionGrain.ChangePolicyAsync) && context.TargetId.Key.ToString()!.Contains("Cat", StringComparison.Ordinal)
            ? throw new TimeoutException("the class does not answer (injected)") : Task.CompletedTask;
        await Assert.ThrowsAsync<TimeoutException>(() => cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null));
        Assert.Equal(VerdictPolicy.Majority, (await cluster.Job(job).GetAsync())!.Settings.Policy);
        await Assert.ThrowsAsync<TimeoutException>(() => cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null));
        cluster.BeforeCall = _ => Task.CompletedTask;
        Assert.Equal(1, (await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null))!.PolicyRevision);
        foreach (var address in addresses) Assert.Equal(3, (await cluster.TallyAsync(address)).All.Confirmed);
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(job, OperationKind.RewriteVerdicts)).State);
        foreach (var address in addresses)
            Assert.True(await cluster.Rows.ReadAllAsync(address, Cancellation).AllAsync(row => row.Verdict == Verdict.Confirmed, Cancellation));
    }

    [Fact]
    public async Task ChangePolicy_AClassFailsAndNobodyCallsAgain_IsGoneOnWithAfterACrash()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, addresses) = await TwoSplitClassesAsync(cluster);
        cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IPartitionGrain.ChangePolicyAsync)
            ? throw new TimeoutException("no class answers (injected)") : Task.CompletedTask;
        await Assert.ThrowsAsync<TimeoutException>(() => cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null));
        await cluster.RestartAsync(gracefully: false);
        cluster.BeforeCall = _ => Task.CompletedTask;
        foreach (var key in await cluster.Grains.GetGrain<IUnfinishedJobsGrain>(IUnfinishedJobsGrain.Key).ListAsync())
            await cluster.Grains.GetGrain<IOperationsGrain>(key).ResumeAsync();
        await cluster.EndOfAsync(job, OperationKind.RewriteVerdicts);
        foreach (var address in addresses) Assert.Equal(3, (await cluster.TallyAsync(address)).All.Confirmed);
        Assert.Empty(await UnfinishedOnceQuietAsync(cluster));
    }

    [Fact]
    public async Task ChangePolicy_TwiceInARow_RowsEndWithTheLast()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, addresses) = await TwoSplitClassesAsync(cluster);
        await Task.WhenAll(cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null), cluster.Job(job).ChangeAsync(VerdictPolicy.Quorum(3), null));
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Unanimous, null);
        await cluster.EndOfAsync(job, OperationKind.RewriteVerdicts);
        foreach (var address in addresses)
        {
            Assert.Equal(3, (await cluster.TallyAsync(address)).All.Split);
            Assert.True(await cluster.Rows.ReadAllAsync(address, Cancellation).AllAsync(row => row.Verdict == Verdict.Split, Cancellation));
        }
    }

    [Fact]
    public async Task ChangePolicy_AgainWhileRowsAreRewritten_RewritesTheClassesThatWereDoneAlready()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, addresses) = await TwoSplitClassesAsync(cluster);
        var (reached, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var failures = 1;
        // The second class is reached, and fails once the policy has changed again.
        cluster.BeforeCall = async context =>
        {
            if (context.InterfaceMethod.Name != nameof(IClassGrain.RewriteVerdictsAsync) || !context.TargetId.Key.ToString()!.EndsWith("Dog", StringComparison.Ordinal)) return;
            reached.TrySetResult();
            await goOn.Task;
            if (Interlocked.Decrement(ref failures) >= 0) throw new TimeoutException("the class does not answer (injected)");
        };
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null);
        await reached.Task;
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Unanimous, null);
        goOn.SetResult();
        await cluster.EndOfAsync(job, OperationKind.RewriteVerdicts);
        Assert.True(failures < 0);
        foreach (var address in addresses)
            Assert.True(await cluster.Rows.ReadAllAsync(address, Cancellation).AllAsync(row => row.Verdict == Verdict.Split, Cancellation));
    }

    [Fact]
    public async Task ChangePolicy_AnswerOfARewrittenRowIsLost_LeavesNoDifferenceBehind()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, addresses) = await TwoSplitClassesAsync(cluster);
        var lost = new ConcurrentQueue<ImageUrl>();
        cluster.Table.OnWrite = url =>
        {
            if (lost.Count >= 2) return Fault.None;
            lost.Enqueue(url);
            return Fault.LoseAnswer;
        };
        cluster.Table.Reads.Clear();
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null);
        await cluster.EndOfAsync(job, OperationKind.RewriteVerdicts);
        // Once to rewrite it, and once more because nobody knows whether that happened.
        await TestCluster.EventuallyAsync(
            () => Task.FromResult(lost.All(url => cluster.Table.Reads.Count(read => read == url) > 1)), "what is in doubt is read again");
        Assert.Equal(0, (await cluster.Job(job).AuditAsync())!.Differences);
        foreach (var address in addresses) Assert.Equal(3, (await cluster.TallyAsync(address)).All.Confirmed);
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
    public async Task Delete_OfALifeThatIsOver_LeavesTheNextOneAlone()
    {
        await using var cluster = await TestCluster.StartAsync();
        var old = await cluster.CreateJobAsync();
        Assert.True(await cluster.Job(old).DeleteAsync(old.Incarnation));
        var created = await CreateAgainAsync(cluster, old);
        Assert.True(await cluster.Job(old).DeleteAsync(old.Incarnation));
        Assert.Equal(created, await cluster.Job(old).GetAsync());
        Assert.False(await cluster.Job(old).DeleteAsync(Incarnation.New(old.Name)));
    }

    [Fact]
    public async Task Delete_WritingItDownFails_EndsTheOperationAndKeepsTheJob()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        cluster.BeforeStateWrite = state => state == "job" ? throw new StorageException("the disk is full (injected)") : Task.CompletedTask;
        await Assert.ThrowsAsync<OrleansException>(() => cluster.Job(job).DeleteAsync(job.Incarnation));
        Assert.Equal(OperationState.Failed, (await cluster.EndOfAsync(job, OperationKind.Delete)).State);
        Assert.Equal(job, await cluster.Job(job).GetAsync());
        cluster.BeforeStateWrite = _ => Task.CompletedTask;
        Assert.True(await cluster.Job(job).DeleteAsync(job.Incarnation));
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(job, OperationKind.Delete)).State);
        Assert.Empty(await UnfinishedOnceQuietAsync(cluster));
    }

    /// <summary>Three images each of Cat and Dog, that two workers confirm and one doesn't.</summary>
    private static async Task<(JobInfo Job, ClassAddress[] Classes)> TwoSplitClassesAsync(TestCluster cluster)
    {
        var job = await cluster.CreateJobAsync();
        var addresses = new[] { await cluster.ImportAsync(job, "Cat", TestCluster.Lines(3)), await cluster.ImportAsync(job, "Dog", TestCluster.Lines(3)) };
        foreach (var address in addresses)
            await cluster.VoteAsync(address, [.. TestCluster.Lines(3).Select(line => TestCluster.Votes(line.Url.Value, ("a", true, 1), ("b", true, 1), ("c", false, 1)))]);
        return (job, addresses);
    }

    private static async Task<ImmutableArray<string>> UnfinishedOnceQuietAsync(TestCluster cluster)
    {
        var unfinished = cluster.Grains.GetGrain<IUnfinishedJobsGrain>(IUnfinishedJobsGrain.Key);
        await TestCluster.EventuallyAsync(async () => (await unfinished.ListAsync()).IsEmpty, "nothing is unfinished");
        return await unfinished.ListAsync();
    }

    private static async Task<JobInfo> CreateAgainAsync(TestCluster cluster, JobInfo old)
    {
        await TestCluster.EventuallyAsync(async () => await cluster.Job(old).GetAsync() is null, "the job is deleted");
        return await cluster.CreateJobAsync();
    }

    private static Task<TaskLease?> LeaseAsync(TestCluster cluster, JobInfo job, string worker) =>
        cluster.Job(job).LeaseAsync(WorkerId.Create(worker));

    private static async Task AnswerAsync(TestCluster cluster, JobInfo job, ClassAddress address, TaskNumber task, string worker)
    {
        var content = await cluster.Grains.GetGrain<ITaskGrain>(ITaskGrain.Key(job.Incarnation, task)).GetAsync();
        await cluster.Router.VoteAsync(address, new ClassVotes(task, [.. content!.Images.Select(image => TestCluster.Votes(image.Url.Value, (worker, true, 1)))]));
    }
}
