using BulkQA.Core;

namespace BulkQA.Grains.Tests;

/// <summary>A batch is kept for whoever works at it, whatever kind of batch it is, and goes back when nobody does.</summary>
public sealed class LeaseRenewalTests
{
    private static readonly TimeSpan _duration = new GrainsOptions().LeaseDuration;
    private static readonly WorkerId _ann = WorkerId.Create("ann");
    private static readonly WorkerId _bob = WorkerId.Create("bob");
    private static readonly WorkerId _carl = WorkerId.Create("carl");

    public enum Kind { Regular, FollowUp, Gold }

    [Theory]
    [InlineData(Kind.Regular)]
    [InlineData(Kind.FollowUp)]
    [InlineData(Kind.Gold)]
    public async Task Renew_WhileSomebodyWorks_IsKeptForSixLeasesAndThenGoesToAnother(Kind kind)
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Time.Stop();
        var began = cluster.Time.GetUtcNow();
        var (job, worker) = await PrepareAsync(cluster, kind);
        var lease = (await cluster.Dispatch(job).LeaseAsync(worker))!;
        Assert.Equal(began + _duration, lease.ExpiresAt);
        for (var half = 1; half < 2 * TaskDispatch.MaxLeases; half++)
        {
            cluster.Time.Ahead += _duration / 2;
            var now = cluster.Time.GetUtcNow();
            var (end, expected) = (began + (TaskDispatch.MaxLeases * _duration), now + _duration);
            // Asked twice, it is the same.
            foreach (var _ in Enumerable.Range(0, 2))
                Assert.Equal(new TaskHold(HoldState.Held, expected < end ? expected : end, end), await RenewAsync(cluster, job, lease.Task, worker));
            // Nobody else can renew it.
            Assert.Equal(new TaskHold(HoldState.Free), await RenewAsync(cluster, job, lease.Task, WorkerId.Create("eve")));
            if (kind != Kind.Gold) Assert.Equal(lease.Task, (await cluster.Dispatch(job).LeaseAsync(worker))!.Task);
        }
        cluster.Time.Ahead += _duration / 2;
        Assert.Equal(new TaskHold(HoldState.Free), await RenewAsync(cluster, job, lease.Task, worker));
        if (kind != Kind.Gold) Assert.Equal(lease.Task, (await cluster.Dispatch(job).LeaseAsync(WorkerId.Create("dora")))!.Task);
        // The answer of whoever was too slow counts all the same, and there is nothing left to keep.
        var images = (await cluster.Service<TaskListing>().FindAsync(job, lease.Task))!.Content.Images.Length;
        var at = SubmissionTime.From(cluster.Time.GetUtcNow());
        Assert.Equal([SubmissionOutcome.Accepted], (await cluster.Router.SubmitAsync(job.Incarnation, [new Submission(lease.Task, worker, at, TaskAnswers.Parse(new string('c', images)))]))!.Value);
        Assert.Equal(new TaskHold(HoldState.Answered, at.ToDateTimeOffset()), await RenewAsync(cluster, job, lease.Task, worker));
    }

    [Theory]
    [InlineData(Kind.Regular)]
    [InlineData(Kind.FollowUp)]
    [InlineData(Kind.Gold)]
    public async Task Renew_AfterItsSiloEnded_GoesOnWhereItWas(Kind kind)
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        cluster.Time.Stop();
        var began = cluster.Time.GetUtcNow();
        var (job, worker) = await PrepareAsync(cluster, kind);
        var lease = (await cluster.Dispatch(job).LeaseAsync(worker))!;
        cluster.Time.Ahead += _duration / 2;
        var renewed = await RenewAsync(cluster, job, lease.Task, worker);
        Assert.Equal(new TaskHold(HoldState.Held, cluster.Time.GetUtcNow() + _duration, began + (TaskDispatch.MaxLeases * _duration)), renewed);
        var address = TestCluster.ClassOf(job, "Dog");
        await cluster.StopSiloOfAsync(cluster.Partition(kind == Kind.Gold ? PartitionAddress.GoldOf(address) : new PartitionAddress(address, 0)));
        Assert.Equal(renewed, await RenewAsync(cluster, job, lease.Task, worker));
    }

    [Fact]
    public async Task Renew_OfWhatIsNotThere_IsNone()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, _) = await PrepareAsync(cluster, Kind.FollowUp);
        Assert.Null(await RenewAsync(cluster, job, new TaskNumber(1_000), _ann));
        Assert.Equal(HoldState.Free, (await RenewAsync(cluster, job, new TaskNumber(0), WorkerId.Create("eve")))!.State);
        Assert.Equal(HoldState.Answered, (await RenewAsync(cluster, job, new TaskNumber(0), _ann))!.State);
        // Of the same block as follow-ups that are there, and used by none.
        var held = (await cluster.Dispatch(job).LeaseAsync(_carl))!;
        Assert.Null(await RenewAsync(cluster, job, new TaskNumber(held.Task.Value + 1), _carl));
        Assert.True(await cluster.Job(job).DeleteAsync(job.Incarnation));
        await cluster.EndOfAsync(job, OperationKind.Delete);
        Assert.Null(await RenewAsync(cluster, job, held.Task, _carl));
    }

    private static Task<TaskHold?> RenewAsync(TestCluster cluster, JobInfo job, TaskNumber task, WorkerId worker) => cluster.Service<TaskListing>().RenewAsync(job, task, worker);

    /// <summary>A job in which somebody who has answered nothing gets a batch of that kind next, and nobody else another.</summary>
    private static async Task<(JobInfo Job, WorkerId Worker)> PrepareAsync(TestCluster cluster, Kind kind)
    {
        var job = await cluster.CreateJobAsync(draft: kind switch
        {
            Kind.FollowUp => new JobDraft { BatchSize = 4, WorkersPerTask = 2, MaxWorkersPerTask = 5, Policy = VerdictPolicy.Majority },
            Kind.Gold => new JobDraft { BatchSize = 2, PassMark = Percent.Create(50) },
            _ => new JobDraft { BatchSize = 4, WorkersPerTask = 1 },
        });
        var address = await cluster.ImportAsync(job, "Dog", 4);
        if (kind == Kind.Gold) await cluster.ImportGoldAsync(address, 2);
        if (kind == Kind.FollowUp) await cluster.SubmitAsync(address, TestCluster.Answer(0, _ann.Value, "cccc"), TestCluster.Answer(0, _bob.Value, "ddcc"));
        return (job, _carl);
    }
}
