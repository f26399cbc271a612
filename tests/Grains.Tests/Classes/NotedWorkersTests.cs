using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

/// <summary>Who answers in which job: noted before an answer is acknowledged, once, and gone with the job.</summary>
public sealed class NotedWorkersTests
{
    private static readonly WorkerId _ann = WorkerId.Create("ann");
    private static readonly WorkerId _bob = WorkerId.Create("bob");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Submit_ManyAnswersToSeveralPartitions_NotesEachWorkerOnce()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 3, WorkersPerTask = 3 });
        var (dogs, cats) = (await cluster.ImportAsync(job, "Dog", 9), await cluster.ImportAsync(job, "Cat", 3));
        Assert.Empty(await JobsAsync(cluster, _ann));
        await cluster.SubmitAsync(dogs, TestCluster.Answer(0, "ann", "ccc"), TestCluster.Answer(0, "bob", "ccd"));
        Assert.Equal([job.Incarnation], await JobsAsync(cluster, _ann));
        foreach (var address in (ClassAddress[])[dogs, cats])
            foreach (var task in await cluster.TasksAsync(address)) await cluster.SubmitAsync(address, TestCluster.Answer(task.Number.Value, "ann", "ccc"));
        Assert.Equal(2, cluster.Store.Notes);
        Assert.Equal([job.Incarnation], await JobsAsync(cluster, _bob));
    }

    /// <summary>Whoever begins in several partitions at once is noted once, and nobody's answer is stored before that.</summary>
    [Fact]
    public async Task Submit_ToSeveralPartitionsAtOnce_NotesTheWorkerOnce()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 3, WorkersPerTask = 3 });
        var addresses = new List<ClassAddress>();
        foreach (var label in (string[])["Dog", "Cat", "Elk", "Emu"]) addresses.Add(await cluster.ImportAsync(job, label, 3));
        var (begun, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Store.BeforeNote = _ =>
        {
            begun.TrySetResult();
            return release.Task;
        };
        var tasks = await Task.WhenAll(addresses.Select(cluster.TasksAsync));
        var answering = addresses.Zip(tasks, (address, content) => cluster.SubmitAsync(address, TestCluster.Answer(content.Single().Number.Value, "ann", "ccc"))).ToList();
        await begun.Task.WaitAsync(Cancellation);
        Assert.Empty(cluster.Store.Appended);
        release.SetResult();
        await Task.WhenAll(answering);
        Assert.Equal(1, cluster.Store.Notes);
    }

    [Fact]
    public async Task Submit_NoteThatFails_StoresAndAcknowledgesNothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", 3);
        cluster.Store.BeforeNote = _ => throw new StorageException("the disk is full (injected)");
        await Assert.ThrowsAsync<StorageException>(() => cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "ccc")));
        Assert.Empty(cluster.Store.Appended);
        cluster.Store.BeforeNote = _ => Task.CompletedTask;
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "ccc"));
        Assert.Equal([job.Incarnation], await JobsAsync(cluster, _ann));
        Assert.Equal(3L, (await cluster.TallyAsync(address)).Votes);
    }

    /// <summary>As a release stored them that noted nobody.</summary>
    [Fact]
    public async Task Fold_OfAnswersThatNobodyNoted_NotesTheirWorkersByAndBy()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.RepairInterval = TimeSpan.FromMilliseconds(20));
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", 3);
        await cluster.RestartAsync(gracefully: true, options => options.RepairInterval = TimeSpan.FromMilliseconds(20));
        await cluster.Facts.AppendAsync(new PartitionAddress(address, 0), [TestCluster.Answer(0, "ann", "ccc"), TestCluster.Answer(0, "bob", "ccc")], Cancellation);
        var fails = 2;
        cluster.Store.BeforeNote = _ => Interlocked.Decrement(ref fails) >= 0 ? throw new StorageException("too much at once (injected)") : Task.CompletedTask;
        Assert.Equal(["ann", "bob"], (await cluster.Class(address).GetWorkerTalliesAsync()).Select(entry => entry.Key.Value));
        await TestCluster.EventuallyAsync(async () => (await JobsAsync(cluster, _ann)).Count == 1 && (await JobsAsync(cluster, _bob)).Count == 1, "both are noted");
    }

    [Fact]
    public async Task Delete_Job_TakesItsNotesAndNoOthers()
    {
        await using var cluster = await TestCluster.StartAsync(options => (options.SweepAgainAfter, options.OperationInterval) = (TimeSpan.Zero, TimeSpan.FromMilliseconds(20)));
        var (job, other) = (await cluster.CreateJobAsync(), await cluster.CreateJobAsync("other"));
        foreach (var each in (JobInfo[])[job, other]) await cluster.SubmitAsync(await cluster.ImportAsync(each, "Dog", 3), TestCluster.Answer(0, "ann", "ccc"));
        Assert.Equal(2, (await JobsAsync(cluster, _ann)).Count);
        await cluster.Job(job).DeleteAsync(job.Incarnation);
        await TestCluster.EventuallyAsync(async () => (await JobsAsync(cluster, _ann)).SequenceEqual([other.Incarnation]), "the note is gone");
    }

    /// <summary>What one worker did is the same alone as among all.</summary>
    [Fact]
    public async Task GetWorkerTally_OfClassesAndGold_IsThatOfTheList()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 3, WorkersPerTask = 3 });
        var (dogs, cats) = (await cluster.ImportAsync(job, "Dog", 3), await cluster.ImportAsync(job, "Cat", 3));
        await cluster.ImportGoldAsync(dogs, 3);
        foreach (var address in (ClassAddress[])[dogs, cats])
            foreach (var task in await cluster.TasksAsync(address))
                await cluster.SubmitAsync(address, TestCluster.Answer(task.Number.Value, "ann", "cdc"), TestCluster.Answer(task.Number.Value, "bob", "ccc"));
        var gold = Assert.Single(await cluster.Facts.ReadTasksAsync(PartitionAddress.GoldOf(dogs), default, new TaskNumber(int.MaxValue), Cancellation).ToListAsync(Cancellation));
        await cluster.Partition(PartitionAddress.GoldOf(dogs)).SubmitAsync(new Submissions([TestCluster.Answer(gold.Number.Value, "ann", "ccc")], ArePartial: false));
        var tallies = (await cluster.Classes(job).GetWorkerTalliesAsync())!.Value;
        Assert.Equal((2, 6L, 3L), (tallies.Length, tallies[0].Value.Votes, tallies[0].Value.Gold.Votes));
        foreach (var (worker, tally) in tallies) Assert.Equal(tally, await cluster.Classes(job).GetWorkerTallyAsync(worker));
        Assert.Null(await cluster.Classes(job).GetWorkerTallyAsync(WorkerId.Create("carl")));
    }

    private static async Task<List<Incarnation>> JobsAsync(TestCluster cluster, WorkerId worker) => await cluster.Facts.ReadJobsAsync(worker, null, Cancellation).ToListAsync(Cancellation);
}
