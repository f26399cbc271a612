using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

/// <summary>The label table's rows, which follow the facts.</summary>
public sealed class LabelTableTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OnDone_TaskHasAllItsAnswers_GetsItsRowsAndNoOtherTaskDoes()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await PairsAsync(cluster);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cd"), TestCluster.Answer(1, "ann", "cd"), TestCluster.Answer(0, "bob", "ct"));
        await BecomesAsync(cluster, address, 0, (2, 0, Verdict.Confirmed));
        await BecomesAsync(cluster, address, 1, (0, 1, Verdict.Disconfirmed));
        Assert.Equal(Percent.Create(80), (await RowAsync(cluster, address, 0))!.Confidence);
        Assert.Null(await RowAsync(cluster, address, 2));
        // A later answer changes the row.
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "carl", "d-"));
        await BecomesAsync(cluster, address, 0, (2, 1, Verdict.Split));
        Assert.Null(await RowAsync(cluster, address, 2));
        await AssertNothingDueAsync(cluster, job, address);
    }

    [Fact]
    public async Task Off_UntilAskedFor_HasNoRowsAndThenThoseOfAllImages()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await PairsAsync(cluster, LabelTableMode.Off);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cd"), TestCluster.Answer(0, "bob", "ct"));
        Assert.Equal(0, cluster.Table.Writes);
        await cluster.Operations(job).StartAsync(OperationKind.LabelTable, job.Incarnation, null);
        var ended = await cluster.EndOfAsync(job, OperationKind.LabelTable);
        Assert.Equal((OperationState.Done, 1, 1), (ended.State, ended.Done, ended.Total));
        Assert.Equal((2, 0, Verdict.Confirmed), await CountsAsync(cluster, address, 0));
        Assert.Equal((0, 0, Verdict.Unreviewed), await CountsAsync(cluster, address, 3));
        await AssertNothingDueAsync(cluster, job, address);
        await cluster.SubmitAsync(address, TestCluster.Answer(1, "ann", "cd"));
        await cluster.Partition(address).WriteLabelsAsync(all: true);
        Assert.Equal((0, 1, Verdict.Disconfirmed), await CountsAsync(cluster, address, 3));
    }

    [Fact]
    public async Task TableFailsForAWhile_RowsAreWrittenAfterwards()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await PairsAsync(cluster);
        var failures = 3;
        cluster.Table.BeforeWrite = _ => Interlocked.Decrement(ref failures) >= 0 ? throw new StorageException("out of reach (injected)") : Task.CompletedTask;
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cd"), TestCluster.Answer(0, "bob", "ct"));
        await BecomesAsync(cluster, address, 0, (2, 0, Verdict.Confirmed));
        Assert.True(failures < 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RowsDueWhenTheSiloEnds_AreWrittenByTheNextActivation(bool gracefully)
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await PairsAsync(cluster);
        cluster.Table.BeforeWrite = _ => throw new StorageException("out of reach (injected)");
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cd"), TestCluster.Answer(0, "bob", "ct"));
        await cluster.RestartAsync(gracefully);
        cluster.Table.BeforeWrite = _ => Task.CompletedTask;
        Assert.Equal(3, (await cluster.TallyAsync(address)).Votes);
        await BecomesAsync(cluster, address, 0, (2, 0, Verdict.Confirmed));
    }

    [Fact]
    public async Task NotesCannotBeReadAfterAFold_RowsAreFoundByTheNext()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await PairsAsync(cluster);
        cluster.Table.BeforeWrite = _ => throw new StorageException("out of reach (injected)");
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cd"), TestCluster.Answer(0, "bob", "ct"));
        await cluster.RestartAsync(gracefully: false);
        cluster.Table.BeforeWrite = _ => Task.CompletedTask;
        cluster.Store.BeforeReadListed = () => throw new StorageException("out of reach (injected)");
        await Assert.ThrowsAsync<StorageException>(() => cluster.TallyAsync(address));
        cluster.Store.BeforeReadListed = () => { };
        Assert.Equal(3, (await cluster.TallyAsync(address)).Votes);
        await BecomesAsync(cluster, address, 0, (2, 0, Verdict.Confirmed));
    }

    [Fact]
    public async Task AuditRepairsATask_ItsRowsFollow()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await PairsAsync(cluster);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cd"), TestCluster.Answer(0, "bob", "ct"));
        await BecomesAsync(cluster, address, 0, (2, 0, Verdict.Confirmed));
        await cluster.Facts.AppendAsync(new PartitionAddress(address, 0), [TestCluster.Answer(0, "x", "dd"), TestCluster.Answer(1, "x", "dd"), TestCluster.Answer(1, "y", "dd")], Cancellation);
        Assert.NotEqual(0, (await cluster.AuditAsync(job)).Differences);
        await BecomesAsync(cluster, address, 0, (2, 1, Verdict.Split));
        await BecomesAsync(cluster, address, 2, (0, 2, Verdict.Disconfirmed));
    }

    [Fact]
    public async Task WriteLabels_WhileOlderRowsAreBeingWritten_EndsWithTheNewest()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await PairsAsync(cluster);
        var (reached, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Table.BeforeWrite = _ => reached.TrySetResult() ? goOn.Task : Task.CompletedTask;
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cd"), TestCluster.Answer(0, "bob", "ct"));
        await reached.Task;
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "carl", "dd"));
        var newest = cluster.Partition(address).WriteLabelsAsync(all: true);
        // It has had its turn, and more than one.
        for (var call = 0; call < 20; call++) await cluster.Partition(address).GetTasksAsync([new TaskNumber(0)]);
        goOn.SetResult();
        await newest;
        await BecomesAsync(cluster, address, 0, (2, 1, Verdict.Split));
        await cluster.Partition(address).WriteLabelsAsync(all: true);
        Assert.Equal((2, 1, Verdict.Split), await CountsAsync(cluster, address, 0));
    }

    [Fact]
    public async Task JobIsClosed_RowsOfAllImagesAreWritten()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await PairsAsync(cluster);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cd"));
        await cluster.Job(job).ChangeAsync(null, JobState.Closed);
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(job, OperationKind.LabelTable)).State);
        Assert.Equal((1, 0, Verdict.Confirmed), await CountsAsync(cluster, address, 0));
        Assert.Equal((0, 0, Verdict.Unreviewed), await CountsAsync(cluster, address, 3));
    }

    [Fact]
    public async Task PolicyChanges_RowsThatAreThereFollowAndNoOthersCome()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await PairsAsync(cluster);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "a", "cd"), TestCluster.Answer(0, "b", "cd"), TestCluster.Answer(0, "c", "dd"), TestCluster.Answer(1, "a", "cd"));
        await BecomesAsync(cluster, address, 0, (2, 1, Verdict.Split));
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null);
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(job, OperationKind.RewriteVerdicts)).State);
        Assert.Equal((2, 1, Verdict.Confirmed), await CountsAsync(cluster, address, 0));
        Assert.Null(await RowAsync(cluster, address, 2));
    }

    /// <summary>Who told it, and who asks for rows, may have reached activations that the directory has forgotten.</summary>
    [Fact]
    public async Task WriteLabels_ViewThatMissedAChangeOfPolicy_WritesByTheRulesThatTheAskerKnows()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await PairsAsync(cluster);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "a", "cd"), TestCluster.Answer(0, "b", "cd"), TestCluster.Answer(0, "c", "dd"));
        await BecomesAsync(cluster, address, 0, (2, 1, Verdict.Split));
        cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IPartitionGrain.ChangeRulesAsync)
            ? throw new TimeoutException("the partition is not told (injected)") : Task.CompletedTask;
        await Assert.ThrowsAsync<TimeoutException>(() => cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null));
        await cluster.Partition(address).WriteLabelsAsync(all: false);
        Assert.Equal((2, 1, Verdict.Split), await CountsAsync(cluster, address, 0));
        await cluster.Partition(address).WriteLabelsAsync(all: false, rulesRevision: 1);
        Assert.Equal((2, 1, Verdict.Confirmed), await CountsAsync(cluster, address, 0));
    }

    [Fact]
    public async Task WriteLabels_NothingToWriteAndAnotherActivationHasTakenOver_Fails()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await PairsAsync(cluster);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "a", "cd"), TestCluster.Answer(0, "b", "cd"));
        await BecomesAsync(cluster, address, 0, (2, 0, Verdict.Confirmed));
        await cluster.RaiseEpochAsync(new PartitionAddress(address, 0));
        await Assert.ThrowsAsync<StorageException>(() => cluster.Partition(address).WriteLabelsAsync(all: false));
        await cluster.Partition(address).WriteLabelsAsync(all: false);
    }

    /// <summary>Two tasks of two images each, for two workers.</summary>
    private static async Task<(JobInfo Job, ClassAddress Class)> PairsAsync(TestCluster cluster, LabelTableMode mode = LabelTableMode.OnDone)
    {
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2, WorkersPerTask = 2, LabelTable = mode });
        return (job, await cluster.ImportAsync(job, "Dog", 4));
    }

    private static Task<LabelRow?> RowAsync(TestCluster cluster, ClassAddress address, int image) =>
        cluster.Rows.ReadAsync(new ImageAddress(address, ImageUrl.Create($"s3://b/{image}")), Cancellation);

    private static async Task<(int, int, Verdict)?> CountsAsync(TestCluster cluster, ClassAddress address, int image) =>
        await RowAsync(cluster, address, image) is { } row ? (row.Confirms, row.Disconfirms, row.Verdict) : null;

    private static Task BecomesAsync(TestCluster cluster, ClassAddress address, int image, (int, int, Verdict) expected) =>
        TestCluster.EventuallyAsync(async () => await CountsAsync(cluster, address, image) == expected, $"the row of image {image} becomes {expected}");

    /// <summary>What is noted is what there is: writing again writes nothing.</summary>
    private static async Task AssertNothingDueAsync(TestCluster cluster, JobInfo job, ClassAddress address)
    {
        await cluster.Partition(address).WriteLabelsAsync(job.Settings.LabelTable == LabelTableMode.Off);
        var writes = cluster.Table.Writes;
        await cluster.Partition(address).WriteLabelsAsync(job.Settings.LabelTable == LabelTableMode.Off);
        Assert.Equal(writes, cluster.Table.Writes);
    }
}
