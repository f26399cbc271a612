using BulkQA.Core;

namespace BulkQA.Grains.Tests;

public sealed class GoldTests
{
    private static readonly WorkerId _ann = WorkerId.Create("ann");

    /// <summary>Whether the class's grains go on, begin anew or are handed over: gold is of the class and not of an activation.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Import_AfterGold_MixesItInAndNothingButWorkersCountsIt(bool? restart)
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 10, WorkersPerTask = 1, Gold = new GoldMix(5, 7) });
        var address = await cluster.ImportAsync(job, "Dog", 8);
        await cluster.ImportGoldAsync(address, 12);
        if (restart is { } gracefully) await cluster.RestartAsync(gracefully);
        await cluster.ImportAsync(address, TestCluster.Images(80, "s3://later/"));
        var tasks = await cluster.TasksAsync(address);
        // What was cut before has none; two of ten in all others.
        Assert.Equal([0, .. Enumerable.Repeat(2, 10)], tasks.Select(task => task.Images.Count(image => image.IsMixedIn)));
        Assert.All(tasks[1..], task => Assert.Equal(10, task.Images.Length));

        foreach (var task in tasks) await cluster.SubmitAsync(address, TestCluster.Answer(task.Number.Value, "ann", new string('c', task.Images.Length)));
        if (restart is not null) await cluster.RestartAsync(restart.Value);
        var tally = await cluster.TallyAsync(address);
        Assert.Equal((88, 88, 88, 11), (tally.All.Total, tally.All.Confirmed, tally.Votes, tally.TasksDone));
        Assert.Equal(tally, await cluster.FoldAsync(job, address));
        var wrong = tasks.Sum(task => task.Images.Count(image => image.Gold is { IsRight: false }));
        var worker = Assert.Single((await cluster.Class(address).GetWorkerTalliesAsync()).ToList(), entry => entry.Key == _ann).Value;
        Assert.Equal((88, new GoldTally(20 - wrong, 0, wrong, wrong)), (worker.Votes, worker.Gold));
        Assert.Equal(20, (await cluster.Class(address).CountGoldAsync()).Sum(count => count.Confirms));
        var audit = await cluster.AuditAsync(job);
        Assert.Equal((120, 0), (audit.Images, audit.Differences));
    }

    /// <summary>Votes that are set aside say nothing of gold, and what they said of the worker stays.</summary>
    [Fact]
    public async Task SetAside_Worker_LeavesGoldToTheOthers()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 4, WorkersPerTask = 1, Gold = new GoldMix(2, 7) });
        Assert.Empty((await cluster.Classes(job).AddAsync([Label.Create("Dog")]))!.Value);
        var address = TestCluster.ClassOf(job, "Dog");
        await cluster.ImportGoldAsync(address, 4);
        await cluster.ImportAsync(address, TestCluster.Images(2));
        var task = Assert.Single(await cluster.TasksAsync(address));
        foreach (var worker in (string[])["ann", "bob"]) await cluster.SubmitAsync(address, TestCluster.Answer(task.Number.Value, worker, "cccc"));
        Assert.Equal(4, (await cluster.Class(address).CountGoldAsync()).Sum(count => count.Confirms));
        await cluster.Job(job).SetAsideAsync(job.Incarnation, _ann, new SetAsideWorker(_ann, "asleep", "lead", cluster.Time.GetUtcNow()));
        Assert.Equal(2, (await cluster.Class(address).CountGoldAsync()).Sum(count => count.Confirms));
        Assert.Equal(2, (await cluster.Class(address).GetWorkerTalliesAsync()).Single(entry => entry.Key == _ann).Value.Gold.Votes);
    }

    [Fact]
    public async Task Import_TheSameImageAsGoldAndNot_IsTheFirst()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 4 });
        var address = await cluster.ImportAsync(job, "Dog", 2);
        await cluster.ImportGoldAsync(address, 2);
        var gold = TestCluster.Image("s3://gold/0", 90);
        Assert.Equal([ImportOutcome.OtherGold], (await cluster.ImportAsync(address, [gold])).Outcomes);
        CorpusImage[] came = [gold with { Gold = new GoldAnswer(true) }, gold with { Gold = new GoldAnswer(false) }, TestCluster.Image("s3://b/0", 80) with { Gold = new GoldAnswer(true) }];
        var receipt = await cluster.Partition(PartitionAddress.GoldOf(address)).ImportAsync(new ImportChunk([.. came], CutRemainder: true));
        Assert.Equal([ImportOutcome.Duplicate, ImportOutcome.OtherGold, ImportOutcome.OtherGold], receipt.Outcomes);
        Assert.Equal(2, (await cluster.TallyAsync(address)).All.Total);
    }

    /// <summary>A model whose workers all tick everything can't know; with gold it does.</summary>
    [Fact]
    public async Task Estimate_WithGold_KnowsWhoMissesWhatIsWrong()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 20, WorkersPerTask = 1, PassMark = Percent.Create(50) });
        var address = await cluster.ImportAsync(job, "Dog", 20);
        await cluster.ImportGoldAsync(address, 20);
        var batch = (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task;
        await cluster.Router.SubmitAsync(job.Incarnation, [TestCluster.Answer(batch.Value, "ann", new string('c', 20))]);
        await cluster.SubmitAsync(address, TestCluster.Answer((await cluster.TasksAsync(address))[0].Number.Value, "ann", new string('c', 20)));

        var reliability = cluster.Grains.GetGrain<IReliabilityGrain>(job.Incarnation.Value);
        var asked = (await reliability.StartAsync(new ReliabilitySettings()))!;
        ModelInfo? model = null;
        await TestCluster.EventuallyAsync(async () => (model = await reliability.GetAsync(asked.Number)) is { State: not ModelState.Running }, "the estimate ends");
        var ann = Assert.Single((await cluster.Service<ModelStore>().ReadAsync(job.Incarnation, model!.Result!.Name, TestContext.Current.CancellationToken))!.Workers);
        // Ten of ten wrong ones missed, against two hits and one miss of the smoothing.
        Assert.InRange(ann.Coins.CatchesWrong, 0.1, 0.2);
        Assert.Equal(40, ann.Counts.Votes);
    }
}
