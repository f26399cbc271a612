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
        foreach (var label in (string[])["Cat", "Dog", "Emu"]) await cluster.ImportAsync(job, label, 5);
        await cluster.Facts.AppendAsync(new PartitionAddress(TestCluster.ClassOf(job, "Dog"), 0), [TestCluster.Answer(1, "x", "-c---")], Cancellation);
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
        await cluster.ImportAsync(job, "Dog", 5);
        var hold = new TaskCompletionSource();
        cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IPartitionGrain.AuditAsync) ? hold.Task : Task.CompletedTask;
        var first = await cluster.Operations(job).StartAsync(OperationKind.Audit, job.Incarnation, null);
        Assert.Equal(first.Id, (await cluster.Operations(job).StartAsync(OperationKind.Audit, job.Incarnation, null)).Id);
        hold.SetResult();
        await cluster.EndOfAsync(job, OperationKind.Audit);
        Assert.NotEqual(first.Id, (await cluster.Operations(job).StartAsync(OperationKind.Audit, job.Incarnation, null)).Id);
    }

    /// <summary>As where writing the deletion down failed: the job is there, and its work goes on.</summary>
    [Fact]
    public async Task IsOutdated_AfterADeletionThatFailed_IsNoMore()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var audit = await cluster.Operations(job).StartAsync(OperationKind.Audit, job.Incarnation, null);
        await cluster.Operations(job).StartAsync(OperationKind.Delete, job.Incarnation, null);
        Assert.True(await cluster.Operations(job).IsOutdatedAsync(audit.Id, audit.Runs));
        Assert.Equal(OperationState.Failed, (await cluster.EndOfAsync(job, OperationKind.Delete)).State);
        Assert.False(await cluster.Operations(job).IsOutdatedAsync(audit.Id, audit.Runs));
        Assert.NotNull(await cluster.Job(job).GetAsync());
    }

    [Fact]
    public async Task Audit_ItsSiloDiesOnTheWay_GoesOnAndEnds()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        foreach (var label in (string[])["Cat", "Dog"]) await cluster.ImportAsync(job, label, 5);
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
        await cluster.ImportAsync(job, "Dog", 5);
        var failures = 2;
        cluster.Store.BeforeFold = _ => Interlocked.Decrement(ref failures) >= 0 ? throw new StorageException("out of reach (injected)") : Task.CompletedTask;
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
    public async Task Audit_OfAClassWithSeveralPartitions_TakesEach()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxImagesPerPartition = 100);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 50 });
        var address = await cluster.ImportAsync(job, "Dog", 100);
        await cluster.ImportAsync(address, TestCluster.Images(50, "s3://more/"));
        await cluster.Facts.AppendAsync(new PartitionAddress(address, 1), [TestCluster.Answer(2, "x", new string('t', 50))], Cancellation);
        var report = await cluster.AuditAsync(job);
        // Fifty images and the counters, which have the time of the last answer.
        Assert.Equal((150, 51), (report.Images, report.Differences));
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    [Theory]
    [InlineData(LabelTableMode.Off, 0)]
    [InlineData(LabelTableMode.OnDone, 2)]
    public async Task RewriteVerdicts_JobWithAndWithoutRows_CountsTheClassesItWrote(LabelTableMode mode, int classes)
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { LabelTable = mode });
        foreach (var label in (string[])["Cat", "Dog"]) await cluster.ImportAsync(job, label, 5);
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null);
        var ended = await cluster.EndOfAsync(job, OperationKind.RewriteVerdicts);
        Assert.Equal((OperationState.Done, "1", classes, classes), (ended.State, ended.Request, ended.Done, ended.Total));
    }

    [Fact]
    public async Task RewriteVerdicts_JoinedWithALaterRevision_RunsOnceMore()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        await cluster.ImportAsync(job, "Dog", 5);
        var (reached, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.BeforeCall = async context =>
        {
            if (context.InterfaceMethod.Name != nameof(IJobGrain.VerdictsRewrittenAsync)) return;
            reached.TrySetResult();
            await goOn.Task;
        };
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null);
        await reached.Task;
        var first = Assert.Single(await cluster.Operations(job).ListAsync());
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Unanimous, null);
        goOn.SetResult();
        var ended = await cluster.EndOfAsync(job, OperationKind.RewriteVerdicts);
        Assert.Equal((first.Id, OperationState.Done, "2", 2), (ended.Id, ended.State, ended.Request, ended.Runs));
    }

    [Fact]
    public async Task LabelTable_ItsSiloDiesOnTheWay_GoesOnAndEnds()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        foreach (var label in (string[])["Cat", "Dog"]) await cluster.ImportAsync(job, label, 5);
        var reached = new TaskCompletionSource();
        cluster.Table.BeforeWrite = async _ =>
        {
            reached.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, Cancellation);
        };
        await cluster.Operations(job).StartAsync(OperationKind.LabelTable, job.Incarnation, null);
        await reached.Task;
        cluster.Table.BeforeWrite = _ => Task.CompletedTask;
        await cluster.RestartAsync(gracefully: false);
        await cluster.Operations(job).ResumeAsync();
        var ended = await cluster.EndOfAsync(job, OperationKind.LabelTable);
        Assert.Equal(("label-table-1", OperationState.Done, 2), (ended.Id, ended.State, ended.Done));
        foreach (var label in (string[])["Cat", "Dog"])
            foreach (var image in TestCluster.Images(5))
                Assert.Equal(Verdict.Unreviewed, (await cluster.Rows.ReadAsync(new ImageAddress(TestCluster.ClassOf(job, label), image.Url), Cancellation))!.Verdict);
    }

    [Theory]
    [InlineData(OperationKind.LabelTable)]
    [InlineData(OperationKind.RewriteVerdicts)]
    [InlineData(OperationKind.LabelingJob)]
    public async Task Start_JobDeletedMeanwhile_EndsAsFailed(OperationKind kind)
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        await cluster.Job(job).DeleteAsync(job.Incarnation);
        await cluster.Operations(job).StartAsync(kind, job.Incarnation, "1");
        var ended = await cluster.EndOfAsync(job, kind);
        Assert.Equal((OperationState.Failed, "the job was deleted meanwhile"), (ended.State, ended.Problem));
    }

    [Fact]
    public async Task LabelingJob_InputsAndManifest_AreWrittenAndThenItWaits()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2 });
        await cluster.ImportAsync(job, "Dog", 3);
        await cluster.ImportAsync(job, "Cat", 1);
        var started = await cluster.Operations(job).StartAsync(OperationKind.LabelingJob, job.Incarnation, "{}");
        var waiting = await cluster.Operations(job).WaitAsync(started, TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);
        Assert.Equal((OperationState.Waiting, 3, 3), (waiting.State, waiting.Done, waiting.Total));
        var objects = cluster.Service<JobObjects>();
        var root = objects.Root(job.Incarnation).ToString();
        using var manifest = new StreamReader((await cluster.Objects.OpenReadAsync(objects.Manifest(job.Incarnation), Cancellation))!);
        var uris = (await manifest.ReadToEndAsync(Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Manifest.SourceRefOf).ToList();
        Assert.Equal(Enumerable.Range(0, 3).Select(number => Manifest.InputsUri(root, new TaskNumber(number))), uris);
        Assert.Equal([("Dog", "s3://b/0"), ("Dog", "s3://b/1"), ("Dog", "s3://b/2"), ("Cat", "s3://b/0")], await InputsAsync());
        Assert.Equal(3, await cluster.Service<ManifestExport>().FindEndAsync(job, Cancellation));
        // While it waits, the API has to find the job.
        Assert.Equal(["job"], await cluster.Grains.GetGrain<IUnfinishedJobsGrain>(IUnfinishedJobsGrain.Key).ListAsync());
        await cluster.Operations(job).EndAsync(waiting.Id, "no such role");
        var ended = await cluster.EndOfAsync(job, OperationKind.LabelingJob);
        Assert.Equal((OperationState.Failed, "no such role"), (ended.State, ended.Problem));

        async Task<List<(string, string)>> InputsAsync()
        {
            var inputs = new List<(string, string)>();
            foreach (var uri in uris)
            {
                Assert.True(ObjectUri.TryParse(uri, out var place));
                using var content = new MemoryStream();
                await (await cluster.Objects.OpenReadAsync(place, Cancellation))!.CopyToAsync(content, Cancellation);
                inputs.AddRange(LabelingInput.ReadArray(content.ToArray()).Select(input => (input.Label, input.ImageUrl)));
            }
            return inputs;
        }
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
