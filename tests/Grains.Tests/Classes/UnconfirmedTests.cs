using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

/// <summary>Submissions whose write ended without an answer.</summary>
public sealed class UnconfirmedTests
{
    private static readonly Submission _unconfirmed = TestCluster.Answer(0, "ann", "c");
    private static readonly Submission _sameTask = TestCluster.Answer(0, "bob", "d");
    private static readonly Submission _otherTask = TestCluster.Answer(1, "bob", "d");

    [Theory]
    [InlineData(Fault.Fail)]
    [InlineData(Fault.LoseAnswer)]
    [InlineData(Fault.LandLate)]
    public async Task Submit_WriteUnconfirmed_IsWrittenAgainBeforeItsTaskAcknowledgesAnythingElse(Fault fault)
    {
        await using var cluster = await TestCluster.StartAsync(options => options.RepairInterval = TimeSpan.FromHours(1));
        var (job, address) = await TwoTasksAsync(cluster);
        cluster.Store.OnAppend = _ => fault;
        await Assert.ThrowsAsync<StorageException>(() => cluster.SubmitAsync(address, _unconfirmed));
        Assert.Equal(0, (await cluster.TallyAsync(address)).Votes);
        cluster.Store.OnAppend = _ => Fault.None;
        cluster.Store.Appended.Clear();
        await cluster.SubmitAsync(address, _otherTask);
        Assert.Equal([_otherTask], cluster.Store.Appended);
        Assert.Equal([SubmissionOutcome.Accepted], await cluster.SubmitAsync(address, _sameTask));
        Assert.Equal([_otherTask, _sameTask, _unconfirmed], cluster.Store.Appended);
        Assert.Equal((3, 1), ((await cluster.TallyAsync(address)).Votes, (await cluster.TallyAsync(address)).All.Split));
        // Whatever was under way changes nothing any more.
        await cluster.Store.LandAsync();
        Assert.Equal(3, (await cluster.SubmissionsAsync(address)).Count);
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    [Fact]
    public async Task Submit_WriteCannotBeSettled_ItsTaskAcknowledgesNothingAndOthersDo()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.RepairInterval = TimeSpan.FromHours(1));
        var (_, address) = await TwoTasksAsync(cluster);
        cluster.Store.OnAppend = submission => submission == _unconfirmed ? Fault.LoseAnswer : Fault.None;
        await Assert.ThrowsAsync<StorageException>(() => cluster.SubmitAsync(address, _unconfirmed));
        await Assert.ThrowsAsync<StorageException>(() => cluster.SubmitAsync(address, _sameTask));
        Assert.Equal([SubmissionOutcome.Accepted], await cluster.SubmitAsync(address, _otherTask));
        Assert.Equal(1, (await cluster.TallyAsync(address)).Votes);
        cluster.Store.OnAppend = _ => Fault.None;
        Assert.Equal([SubmissionOutcome.Accepted], await cluster.SubmitAsync(address, _sameTask));
        Assert.Equal(3, (await cluster.TallyAsync(address)).Votes);
    }

    [Theory]
    [InlineData(Fault.Fail)]
    [InlineData(Fault.LoseAnswer)]
    [InlineData(Fault.LandLate)]
    public async Task Submit_WriteUnconfirmedAndNobodySendsAgain_IsWrittenByTheRepair(Fault fault)
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await TwoTasksAsync(cluster);
        var failures = 3;
        cluster.Store.OnAppend = _ => Interlocked.Decrement(ref failures) >= 0 ? fault : Fault.None;
        await Assert.ThrowsAsync<StorageException>(() => cluster.SubmitAsync(address, _unconfirmed));
        await TestCluster.EventuallyAsync(async () => (await cluster.TallyAsync(address)).Votes == 1, "what is unconfirmed is written again, and counts");
        Assert.True(failures < 0);
        await cluster.Store.LandAsync();
        Assert.Equal([_unconfirmed], await cluster.SubmissionsAsync(address));
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    [Fact]
    public async Task Submit_SomeOfACallUnconfirmed_NoneIsAcknowledgedAndAllCountOnceInTheEnd()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.RepairInterval = TimeSpan.FromHours(1));
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1 });
        var address = await cluster.ImportAsync(job, "Dog", 20);
        var all = Enumerable.Range(0, 20).Select(task => TestCluster.Answer(task, "ann", "c")).ToArray();
        cluster.Store.OnAppend = submission => (submission.Task.Value % 4) switch { 0 => Fault.Fail, 1 => Fault.LoseAnswer, 2 => Fault.LandLate, _ => Fault.None };
        await Assert.ThrowsAsync<StorageException>(() => cluster.SubmitAsync(address, all));
        cluster.Store.OnAppend = _ => Fault.None;
        Assert.All(await cluster.SubmitAsync(address, all), outcome => Assert.Equal(SubmissionOutcome.Accepted, outcome));
        await cluster.Store.LandAsync();
        Assert.Equal((20, 20), ((await cluster.TallyAsync(address)).Votes, (await cluster.SubmissionsAsync(address)).Count));
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    [Fact]
    public async Task End_WithAWriteUnconfirmed_LeavesNoSummaryAndAnAuditIsOwed()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.RepairInterval = TimeSpan.FromHours(1));
        var (_, address) = await TwoTasksAsync(cluster);
        await cluster.SubmitAsync(address, _otherTask);
        cluster.Store.OnAppend = _ => Fault.LandLate;
        await Assert.ThrowsAsync<StorageException>(() => cluster.SubmitAsync(address, _unconfirmed));
        cluster.Store.OnAppend = _ => Fault.None;
        await cluster.RestartAsync(gracefully: true, options => options.AuditDelay = TimeSpan.FromMilliseconds(100));
        Assert.Null((await cluster.Facts.ReadHeadAsync(new PartitionAddress(address, 0), TestContext.Current.CancellationToken))!.Summary);
        Assert.Equal(1, (await cluster.TallyAsync(address)).Votes);
        await cluster.Store.LandAsync();
        await TestCluster.EventuallyAsync(async () => (await cluster.TallyAsync(address)).Votes == 2, "the audit finds what landed late");
    }

    [Fact]
    public async Task Submit_MoreUnconfirmedThanIsKept_IsFoldedAnewAndLosesNothing()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.RepairInterval = TimeSpan.FromHours(1));
        var (job, address) = await TwoTasksAsync(cluster);
        cluster.Store.OnAppend = _ => Fault.LoseAnswer;
        for (var worker = 0; worker < 11; worker++)
        {
            var some = Enumerable.Range(1, Submission.MaxPerWorker).Select(ticks => TestCluster.Answer(0, $"w{worker}", "c", ticks)).ToArray();
            await Assert.ThrowsAsync<StorageException>(() => cluster.SubmitAsync(address, some));
        }
        cluster.Store.OnAppend = _ => Fault.None;
        Assert.Equal(11, (await cluster.TallyAsync(address)).Votes);
        Assert.Equal([SubmissionOutcome.Accepted], await cluster.SubmitAsync(address, _sameTask));
        Assert.Equal(12, (await cluster.TallyAsync(address)).Votes);
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    /// <summary>A job with two tasks of one image each.</summary>
    private static async Task<(JobInfo Job, ClassAddress Class)> TwoTasksAsync(TestCluster cluster)
    {
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1 });
        return (job, await cluster.ImportAsync(job, "Dog", 2));
    }
}
