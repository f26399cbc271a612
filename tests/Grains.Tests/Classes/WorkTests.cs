using BulkQA.Core;

namespace BulkQA.Grains.Tests;

/// <summary>Work by worker and day, over partitions, gold, follow-ups and whatever becomes of silos.</summary>
public sealed class WorkTests
{
    private static readonly DateOnly _day = new(2026, 11, 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_OfFollowUps_IsTasksOfTheirOwnAcrossCrashes()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2, WorkersPerTask = 2, MaxWorkersPerTask = 5, Policy = VerdictPolicy.Majority });
        var address = await cluster.ImportAsync(job, "Dog", 4);
        await cluster.SubmitAsync(address, Answer(0, "ann", "cc", 0), Answer(1, "ann", "cc", 0), Answer(0, "bob", "cd", 0), Answer(1, "bob", "dc", 0));
        var lease = (await cluster.Dispatch(job).LeaseAsync(WorkerId.Create("carl")))!;
        Assert.True(lease.Task.Value > 1);
        for (var call = 0; call < 2; call++) Assert.Equal([SubmissionOutcome.Accepted], (await cluster.Router.SubmitAsync(job.Incarnation, [Answer(lease.Task.Value, "carl", "cc", 1)]))!.Value);
        string[] expected = ["ann 0: 2 tasks, 4 images", "bob 0: 2 tasks, 4 images", "carl 1: 1 tasks, 2 images"];
        Assert.Equal(expected, await WorkAsync(cluster, job));
        await cluster.RestartAsync(gracefully: false);
        Assert.Equal(expected, await WorkAsync(cluster, job));
        Assert.Equal(expected[2..], await WorkAsync(cluster, job, WorkerId.Create("carl")));
        Assert.Empty(await WorkAsync(cluster, job, WorkerId.Create("nobody")));
    }

    /// <summary>Whoever must be alone does not wait for follow-ups to be read; and one that is stored and answered meanwhile is counted.</summary>
    [Fact]
    public async Task Work_WhileFollowUpsAreRead_HoldsNobodyUpAndMissesNoneThatCome()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2, WorkersPerTask = 2, MaxWorkersPerTask = 5, Policy = VerdictPolicy.Majority });
        var address = await cluster.ImportAsync(job, "Dog", 4);
        await cluster.SubmitAsync(address, Answer(0, "ann", "cc", 0), Answer(1, "ann", "cc", 0), Answer(0, "bob", "cd", 0), Answer(1, "bob", "dc", 0));
        var (isRead, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Store.AfterReadTasks = async partition =>
        {
            if (!partition.IsFollowUps || !isRead.TrySetResult()) return;
            await goOn.Task;
        };
        var work = WorkAsync(cluster, job);
        await isRead.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
        var lease = (await cluster.Dispatch(job).LeaseAsync(WorkerId.Create("carl")))!;
        Assert.Equal([SubmissionOutcome.Accepted], (await cluster.Router.SubmitAsync(job.Incarnation, [Answer(lease.Task.Value, "carl", "cc", 1)]))!.Value);
        goOn.SetResult();
        Assert.Equal(["ann 0: 2 tasks, 4 images", "bob 0: 2 tasks, 4 images", "carl 1: 1 tasks, 2 images"], await work);
    }

    [Fact]
    public async Task Work_OnGold_IsWork()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 3 });
        var address = await cluster.ImportAsync(job, "Dog", 3);
        await cluster.ImportGoldAsync(address, 3);
        var gold = PartitionAddress.GoldOf(address);
        var task = await cluster.Facts.ReadTasksAsync(gold, new TaskNumber(0), new TaskNumber(int.MaxValue), Cancellation).FirstAsync(Cancellation);
        Assert.Equal([SubmissionOutcome.Accepted], (await cluster.Partition(gold).SubmitAsync(new Submissions([Answer(task.Number.Value, "ann", "ccc", 0)], ArePartial: false))).Outcomes);
        Assert.Equal(["ann 0: 1 tasks, 3 images"], await WorkAsync(cluster, job));
    }

    /// <summary>The fold goes to another silo with what is known of answers that were replaced.</summary>
    [Fact]
    public async Task Work_AfterTheSiloEnds_StillKnowsWhenCorrectedImagesWereFirstAnswered()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2 });
        var address = await cluster.ImportAsync(job, "Dog", 2);
        await cluster.SubmitAsync(address, Answer(0, "ann", "cc", 0));
        await cluster.SubmitAsync(address, Answer(0, "ann", "dd", 3));
        Assert.Equal(["ann 0: 1 tasks, 2 images"], await WorkAsync(cluster, job));
        await cluster.StopSiloOfAsync(cluster.Partition(address));
        var folds = cluster.Store.Folds;
        Assert.Equal(["ann 0: 1 tasks, 2 images"], await WorkAsync(cluster, job));
        Assert.Equal(folds, cluster.Store.Folds);
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    private static Submission Answer(int task, string worker, string answers, int day) => TestCluster.Answer(task, worker, answers, _day.AddDays(day).ToDateTime(new TimeOnly(12, 0)).Ticks);

    private static async Task<IEnumerable<string>> WorkAsync(TestCluster cluster, JobInfo job, WorkerId? worker = null) =>
        (await cluster.Classes(job).GetWorkAsync(new WorkQuery(null, null, worker, null)))!.Records
            .Select(record => $"{record.Worker} {record.Day!.Value.DayNumber - _day.DayNumber}: {record.Tasks} tasks, {record.Images} images");
}
