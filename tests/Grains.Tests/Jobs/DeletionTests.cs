using System.Text;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

public sealed class DeletionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Delete_JobWithEverything_LeavesNothingInAnyStoreButItsTombstone()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxImagesPerPartition = 100);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 20, WorkersPerTask = 1, LabelTable = LabelTableMode.OnDone, Gold = new GoldMix(10, 1) });
        Assert.Empty((await cluster.Classes(job).AddAsync([Label.Create("Dog / # @ 犬")]))!.Value);
        await cluster.ImportGoldAsync(TestCluster.ClassOf(job, "Dog / # @ 犬"), 30);
        var address = await cluster.ImportAsync(job, "Dog / # @ 犬", 100);
        await cluster.ImportAsync(address, TestCluster.Images(2_500, "s3://more/"), chunk: 500);
        Assert.Equal(6, await cluster.Class(address).CountPartitionsAsync());
        var task = (await cluster.TasksAsync(address))[0];
        await cluster.SubmitAsync(address, TestCluster.Answer(task.Number.Value, "ann", new string('c', task.Images.Length)));
        await cluster.Operations(job).StartAsync(OperationKind.LabelTable, job.Incarnation, null);
        await cluster.EndOfAsync(job, OperationKind.LabelTable);
        cluster.Store.OnInsert = _ => Fault.Fail;
        await Assert.ThrowsAsync<StorageException>(() => cluster.ImportAsync(address, TestCluster.Images(20, "s3://failed/")));
        var objects = cluster.Service<JobObjects>();
        await cluster.Objects.WriteAsync(objects.Manifest(job.Incarnation), Encoding.UTF8.GetBytes("{}"), Cancellation);
        var before = cluster.CountRows();
        foreach (var table in (string[])["classes", "partitions", "tasks", "images", "submissions", "places", "blocks", "listed", "labels"]) Assert.True(before.ContainsKey(table), $"{table} is empty");

        Assert.True(await cluster.Job(job).DeleteAsync(job.Incarnation));
        Assert.Null(await cluster.Job(job).GetAsync());
        Assert.NotNull(await cluster.Job(job).GetTombstoneAsync(job.Incarnation));
        var ended = await cluster.EndOfAsync(job, OperationKind.Delete);
        Assert.Equal((OperationState.Done, 2, 2), (ended.State, ended.Done, ended.Total));
        await TestCluster.EventuallyAsync(async () => (await cluster.Grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).ListAsync(null, 10)).IsEmpty, "the name leaves the index");
        Assert.Equal(["OrleansGrainState"], cluster.CountRows().Keys);
        Assert.All(cluster.GrainStates(), state => Assert.DoesNotContain(job.Incarnation.Value, state, StringComparison.Ordinal));
        Assert.Null(await cluster.Objects.OpenReadAsync(objects.Manifest(job.Incarnation), Cancellation));
        Assert.True((await cluster.Job(job).GetTombstoneAsync(job.Incarnation))!.Done);
    }

    [Fact]
    public async Task Delete_UnderAnswersAndImportsAndCreatedAgain_LeavesNothingOfTheOldAndEverythingOfTheNew()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.SweepAgainAfter = TimeSpan.FromMilliseconds(300));
        var old = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1 });
        var oldClass = await cluster.ImportAsync(old, "Dog", 60);
        var (accepted, gone) = (0, 0);
        var racing = Enumerable.Range(0, 60).Select(async number =>
        {
            if (number == 20) await cluster.Job(old).DeleteAsync(old.Incarnation);
            if (number % 10 == 5)
            {
                await Ignore<StorageException>(async () => await cluster.ImportAsync(oldClass, TestCluster.Images(20, $"s3://late/{number}/")));
                return;
            }
            await Ignore<StorageException>(async () =>
            {
                var outcomes = await cluster.Router.SubmitAsync(old.Incarnation, [TestCluster.Answer(number, "ann", "c")]);
                if (outcomes is null) Interlocked.Increment(ref gone);
                else if (outcomes.Value[0] == SubmissionOutcome.Accepted) Interlocked.Increment(ref accepted);
            });
        }).ToList();
        await TestCluster.EventuallyAsync(async () => await cluster.Job(old).GetAsync() is null, "the job is deleted");
        var created = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1 });
        var newClass = await cluster.ImportAsync(created, "Dog", 7);
        await cluster.SubmitAsync(newClass, TestCluster.Answer(1, "bob", "d"));
        await Task.WhenAll(racing);
        Assert.NotEqual(0, accepted);
        Assert.NotEqual(old.Incarnation, created.Incarnation);
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(old, OperationKind.Delete)).State);
        Assert.Empty(await cluster.TasksAsync(oldClass));
        Assert.Empty(await cluster.SubmissionsAsync(oldClass));
        Assert.Empty(await cluster.Facts.ReadBlocksAsync(old.Incarnation, new TaskNumber(0), 10, Cancellation));
        Assert.Null((await cluster.Facts.FindAsync(oldClass, [ImageUrl.Create("s3://b/1")], Cancellation))[0]);
        Assert.All(cluster.GrainStates(), state => Assert.DoesNotContain(old.Incarnation.Value, state, StringComparison.Ordinal));
        // Whoever still knows the old tasks' numbers hears that they are gone.
        Assert.Null(await cluster.Router.SubmitAsync(old.Incarnation, [TestCluster.Answer(1, "ann", "c")]));
        var tally = await cluster.TallyAsync(newClass);
        Assert.Equal((7, 1, 1), (tally.All.Total, tally.Votes, tally.All.Disconfirmed));
        Assert.Equal(0, (await cluster.AuditAsync(created)).Differences);
    }

    [Fact]
    public async Task Delete_WriteLandsAfterTheFirstSweep_GoesWithTheSecond()
    {
        await using var cluster = await TestCluster.StartAsync(options => (options.SweepAgainAfter, options.RepairInterval) = (TimeSpan.FromMinutes(1), TimeSpan.FromHours(1)));
        cluster.Time.Stop();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", 3);
        cluster.Store.OnAppend = _ => Fault.LandLate;
        cluster.Store.OnInsert = _ => Fault.LandLate;
        await Assert.ThrowsAsync<StorageException>(() => cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "ccc")));
        await Assert.ThrowsAsync<StorageException>(() => cluster.ImportAsync(address, TestCluster.Images(3, "s3://late/")));
        await cluster.Job(job).DeleteAsync(job.Incarnation);
        await TestCluster.EventuallyAsync(async () => await cluster.Job(job).GetTombstoneAsync(job.Incarnation) is { SweptAt: not null }, "the first sweep ends");
        Assert.Empty(await cluster.TasksAsync(address));
        await cluster.Store.LandAsync();
        Assert.NotEmpty(await cluster.TasksAsync(address));
        Assert.NotEmpty(await cluster.SubmissionsAsync(address));
        cluster.Time.Ahead += TimeSpan.FromMinutes(1);
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(job, OperationKind.Delete)).State);
        Assert.Equal(["OrleansGrainState"], cluster.CountRows().Keys);
    }

    [Fact]
    public async Task Delete_CrashBeforeTheSecondSweep_GoesOnAfterTheRestart()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.SweepAgainAfter = TimeSpan.FromHours(1));
        var job = await cluster.CreateJobAsync();
        await cluster.ImportAsync(job, "Dog", 30);
        await cluster.Job(job).DeleteAsync(job.Incarnation);
        await cluster.RestartAsync(gracefully: false);
        // As every silo does now and then.
        var unfinished = await cluster.Grains.GetGrain<IUnfinishedJobsGrain>(IUnfinishedJobsGrain.Key).ListAsync();
        Assert.Equal(["job"], unfinished);
        await cluster.Grains.GetGrain<IJobGrain>(unfinished[0]).ResumeAsync();
        var index = cluster.Grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key);
        await TestCluster.EventuallyAsync(async () => (await index.ListAsync(null, 10)).IsEmpty, "the second sweep");
        Assert.Equal(["OrleansGrainState"], cluster.CountRows().Keys);
    }

    [Fact]
    public async Task Delete_OfALifeThatIsOver_LeavesTheNextOneAlone()
    {
        await using var cluster = await TestCluster.StartAsync();
        var old = await cluster.CreateJobAsync();
        Assert.True(await cluster.Job(old).DeleteAsync(old.Incarnation));
        var created = await cluster.CreateJobAsync();
        Assert.True(await cluster.Job(old).DeleteAsync(old.Incarnation));
        Assert.Equal(created, await cluster.Job(old).GetAsync());
        Assert.False(await cluster.Job(old).DeleteAsync(Incarnation.New(old.Name)));
        await cluster.EndOfAsync(old, OperationKind.Delete);
        // The name is that of the next life.
        Assert.Equal(["job"], await cluster.Grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).ListAsync(null, 10));
    }

    [Fact]
    public async Task Tombstone_OfLongAgo_IsForgottenWithTheNextDeletion()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.TombstoneLifetime = TimeSpan.FromDays(1));
        var (first, second) = (await DeletedAsync(), await DeletedAsync());
        Assert.NotNull(await cluster.Job(first).GetTombstoneAsync(first.Incarnation));
        cluster.Time.Ahead += TimeSpan.FromDays(2);
        var third = await DeletedAsync();
        Assert.Null(await cluster.Job(first).GetTombstoneAsync(first.Incarnation));
        Assert.Null(await cluster.Job(first).GetTombstoneAsync(second.Incarnation));
        Assert.NotNull(await cluster.Job(first).GetTombstoneAsync(third.Incarnation));

        async Task<JobInfo> DeletedAsync()
        {
            var job = await cluster.CreateJobAsync();
            await cluster.Job(job).DeleteAsync(job.Incarnation);
            await TestCluster.EventuallyAsync(async () => await cluster.Job(job).GetTombstoneAsync(job.Incarnation) is { Done: true }, "everything is swept");
            return job;
        }
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
        await TestCluster.EventuallyAsync(
            async () => (await cluster.Grains.GetGrain<IUnfinishedJobsGrain>(IUnfinishedJobsGrain.Key).ListAsync()).IsEmpty, "nothing is unfinished");
    }

    private static async Task Ignore<TException>(Func<Task> action) where TException : Exception
    {
        try
        {
            await action();
        }
        catch (TException)
        {
            // What was under way when the job was deleted may end so.
        }
    }
}
