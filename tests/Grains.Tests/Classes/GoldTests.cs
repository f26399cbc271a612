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

    /// <summary>What was decided stays, whatever comes after it and however often grains begin anew.</summary>
    [Fact]
    public async Task Qualification_ThatFailed_StaysSoWhateverIsAnsweredAfterwards()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await QualifyingAsync(cluster);
        var batch = (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task;
        Assert.Equal([SubmissionOutcome.Accepted], await AnswerAsync(batch, "dddd"));
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
        var gold = await cluster.Facts.ReadTasksAsync(PartitionAddress.GoldOf(address), new TaskNumber(0), new TaskNumber(int.MaxValue), TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        foreach (var task in gold)
        {
            var right = string.Concat(task.Images.Select(image => image.Gold!.Value.IsRight ? 'c' : 'd'));
            Assert.Equal([SubmissionOutcome.Decided], await AnswerAsync(task.Number, right, ticks: 2));
        }
        // The same once more is the same.
        Assert.Equal([SubmissionOutcome.Accepted], await AnswerAsync(batch, "dddd"));
        await cluster.RestartAsync(gracefully: false);
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
        Assert.Equal(QualificationState.Failed, (await cluster.Dispatch(job).QualifyAsync(_ann))!.State);
        Assert.NotNull(await cluster.Dispatch(job).LeaseAsync(WorkerId.Create("bob")));

        async Task<IEnumerable<SubmissionOutcome>> AnswerAsync(TaskNumber task, string answers, long ticks = 1) =>
            (await cluster.Router.SubmitAsync(job.Incarnation, [TestCluster.Answer(task.Value, "ann", answers, ticks)]))!.Value;
    }

    [Fact]
    public async Task Qualification_BatchThatCanNotBeShown_IsFollowedByAnotherAndInTheEndByNone()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await QualifyingAsync(cluster);
        var first = (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task;
        Assert.True(await cluster.Partition(PartitionAddress.GoldOf(address)).PassAsync(first, _ann));
        var second = (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task;
        Assert.NotEqual(first, second);
        Assert.True(await cluster.Partition(PartitionAddress.GoldOf(address)).PassAsync(second, _ann));
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
        Assert.NotNull(await cluster.Dispatch(job).LeaseAsync(WorkerId.Create("bob")));
    }

    [Fact]
    public async Task Qualification_WorkerWhoIsSetAside_IsHandedNone()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, _) = await QualifyingAsync(cluster);
        await cluster.Job(job).SetAsideAsync(job.Incarnation, _ann, new SetAsideWorker(_ann, "asleep", "lead", cluster.Time.GetUtcNow()));
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
    }

    /// <summary>Whatever a class whose label comes first would say of answers that come later.</summary>
    [Fact]
    public async Task Qualification_FailedByOneClass_IsFailedForAll()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, _) = await QualifyingAsync(cluster);
        var batch = (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task;
        await cluster.Router.SubmitAsync(job.Incarnation, [TestCluster.Answer(batch.Value, "ann", "dddd")]);
        Assert.Empty((await cluster.Classes(job).AddAsync([Label.Create("Ant")]))!.Value);
        var ant = TestCluster.ClassOf(job, "Ant");
        await cluster.ImportGoldAsync(ant, 4);
        var other = (await cluster.Facts.ReadTasksAsync(PartitionAddress.GoldOf(ant), new TaskNumber(0), new TaskNumber(int.MaxValue), TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken)).Single();
        await cluster.Router.SubmitAsync(job.Incarnation, [TestCluster.Answer(other.Number.Value, "ann", "cdcd")]);
        Assert.Equal(QualificationState.Passed, (await cluster.Partition(PartitionAddress.GoldOf(ant)).QualifyAsync(_ann))!.State);
        await cluster.RestartAsync(gracefully: true);
        Assert.Equal(QualificationState.Failed, (await cluster.Dispatch(job).QualifyAsync(_ann))!.State);
    }

    /// <summary>And not by the first class, nor by what is mixed into tasks.</summary>
    [Fact]
    public async Task Qualification_OfSeveralClasses_IsByTheLargestBatch()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, dog) = await QualifyingAsync(cluster);
        Assert.Empty((await cluster.Classes(job).AddAsync([Label.Create("Ant")]))!.Value);
        await cluster.ImportGoldAsync(TestCluster.ClassOf(job, "Ant"), 1);
        Assert.Equal(4, (await cluster.Dispatch(job).QualifyAsync(_ann))!.BatchImages);
        // Of its four batches the second and the fourth are mixed in.
        await cluster.ImportAsync(dog, TestCluster.Images(60, "s3://later/"));
        var gold = (await cluster.Facts.ReadTasksAsync(PartitionAddress.GoldOf(dog), new TaskNumber(0), new TaskNumber(int.MaxValue), TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken)).ConvertAll(task => task.Number);
        var mixed = (await cluster.TasksAsync(dog)).SelectMany(task => task.Images).Where(image => image.IsMixedIn).Select(image => image.Gold!.Value.Of!.Value.Task).ToHashSet();
        Assert.Equal([gold[1], gold[3]], mixed.Order());
    }

    /// <summary>Sent once more, what is there is there: only what goes beyond is refused.</summary>
    [Fact]
    public async Task Import_GoldBeyondWhatAClassTakes_IsRefusedAloneAndTheRestIsDuplicates()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 250 });
        Assert.Empty((await cluster.Classes(job).AddAsync([Label.Create("Dog")]))!.Value);
        var address = TestCluster.ClassOf(job, "Dog");
        for (var part = 0; part < 5; part++) await cluster.ImportGoldAsync(address, 2_000 - (part == 4 ? 1 : 0), $"s3://gold/{part}/");
        CorpusImage[] images = [.. TestCluster.Images(3, "s3://more/"), TestCluster.Image("s3://gold/0/0", 90)];
        for (var repeat = 0; repeat < 2; repeat++)
        {
            var receipt = await cluster.Partition(PartitionAddress.GoldOf(address)).ImportAsync(new ImportChunk([.. images.Select(image => image with { Gold = new GoldAnswer(true), Confidence = Percent.Create(90) })], CutRemainder: true));
            Assert.Equal([repeat == 0 ? ImportOutcome.Accepted : ImportOutcome.Duplicate, ImportOutcome.TooMuchGold, ImportOutcome.TooMuchGold, ImportOutcome.Duplicate], receipt.Outcomes);
        }
    }

    [Fact]
    public async Task OpenGold_OfADeletedJob_LeavesNothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        await cluster.Job(job).DeleteAsync(job.Incarnation);
        Assert.False(await cluster.Class(TestCluster.ClassOf(job, "Dog")).OpenGoldAsync());
        Assert.False(await cluster.Class(TestCluster.ClassOf(job, "Dog")).HasGoldAsync());
    }

    /// <summary>A job that asks for a qualification, with four batches of four images.</summary>
    private static async Task<(JobInfo Job, ClassAddress Address)> QualifyingAsync(TestCluster cluster)
    {
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 4, PassMark = Percent.Create(75), Gold = new GoldMix(4, 1) });
        var address = await cluster.ImportAsync(job, "Dog", 4);
        await cluster.ImportGoldAsync(address, 16);
        return (job, address);
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
