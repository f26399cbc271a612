using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

public sealed class OperationsGrainTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Audit_OfSeveralClasses_CountsThemAndReportsDifferences()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        foreach (var label in (string[])["Cat", "Dog", "Emu"]) await cluster.ImportAsync(job, label, TestCluster.Lines(5));
        var changed = new ImageAddress(new ClassAddress(job.Incarnation, Label.Create("Dog")), ImageUrl.Create("s3://b/1"));
        var row = (await cluster.Rows.ReadAsync(changed, Cancellation))!;
        await cluster.Rows.UpdateAsync(row with { Version = 2, Votes = VoteSet.Of([new Vote(WorkerId.Create("x"), true, default)]) }, 1, Cancellation);
        var started = await cluster.Operations(job).StartAsync(OperationKind.Audit, job.Incarnation, null);
        var ended = await cluster.Operations(job).WaitAsync(started, TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);
        Assert.Equal((OperationState.Done, 3, 3), (ended.State, ended.Done, ended.Total));
        Assert.Equal((15, 2), (ended.Audit!.Images, ended.Audit.Differences));
        Assert.NotNull(ended.EndedAt);
    }

    [Fact]
    public async Task Start_WhileOneIsAtWork_JoinsItAndAfterItsEndStartsAnother()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        await cluster.ImportAsync(job, "Dog", TestCluster.Lines(5));
        var hold = new TaskCompletionSource();
        cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IPartitionGrain.AuditAsync) ? hold.Task : Task.CompletedTask;
        var first = await cluster.Operations(job).StartAsync(OperationKind.Audit, job.Incarnation, null);
        Assert.Equal(first.Id, (await cluster.Operations(job).StartAsync(OperationKind.Audit, job.Incarnation, null)).Id);
        hold.SetResult();
        await cluster.EndOfAsync(job, OperationKind.Audit);
        Assert.NotEqual(first.Id, (await cluster.Operations(job).StartAsync(OperationKind.Audit, job.Incarnation, null)).Id);
    }

    [Fact]
    public async Task Audit_ItsSiloDiesOnTheWay_GoesOnAndEnds()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        foreach (var label in (string[])["Cat", "Dog"]) await cluster.ImportAsync(job, label, TestCluster.Lines(5));
        var reached = new TaskCompletionSource();
        cluster.BeforeCall = async context =>
        {
            if (context.InterfaceMethod.Name != nameof(IPartitionGrain.AuditAsync)) return;
            reached.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, Cancellation);
        };
        var audit = await cluster.Operations(job).StartAsync(OperationKind.Audit, job.Incarnation, null);
        await reached.Task;
        cluster.BeforeCall = _ => Task.CompletedTask;
        await cluster.RestartAsync(gracefully: false);
        await cluster.Operations(job).ResumeAsync();
        var ended = await cluster.EndOfAsync(job, OperationKind.Audit);
        Assert.Equal((audit.Id, OperationState.Done, 10L), (ended.Id, ended.State, ended.Audit!.Images));
    }

    [Fact]
    public async Task Audit_StoreFailsForAWhile_IsTriedAgain()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        await cluster.ImportAsync(job, "Dog", TestCluster.Lines(5));
        var failures = 2;
        cluster.Table.BeforeScan = () =>
        {
            if (Interlocked.Decrement(ref failures) >= 0) throw new StorageException("out of reach (injected)");
        };
        await cluster.Operations(job).StartAsync(OperationKind.Audit, job.Incarnation, null);
        Assert.Equal((OperationState.Done, 5L), await EndAsync());
        Assert.True(failures < 0);

        async Task<(OperationState, long?)> EndAsync()
        {
            var ended = await cluster.EndOfAsync(job, OperationKind.Audit);
            return (ended.State, ended.Audit?.Images);
        }
    }

    [Fact]
    public async Task Audit_JobDeletedMeanwhile_EndsAsFailed()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        await cluster.Job(job).DeleteAsync(job.Incarnation);
        await cluster.Operations(job).StartAsync(OperationKind.Audit, job.Incarnation, null);
        var ended = await cluster.EndOfAsync(job, OperationKind.Audit);
        Assert.Equal((OperationState.Failed, "the job was deleted meanwhile"), (ended.State, ended.Problem));
    }

    [Fact]
    public async Task Ended_MoreThanAreKept_DropsTheOldest()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        for (var number = 0; number < 23; number++)
        {
            await cluster.Operations(job).StartAsync(OperationKind.Audit, job.Incarnation, null);
            await cluster.EndOfAsync(job, OperationKind.Audit);
        }
        var kept = await cluster.Operations(job).ListAsync();
        Assert.Equal(("audit-23", 20), (kept[0].Id, kept.Length));
        Assert.Null(await cluster.Operations(job).GetAsync("audit-1"));
    }
}
