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

    /// <summary>An operator's word stands before what gold says, for tasks of the job and for gold alike, and outlives every grain.</summary>
    [Fact]
    public async Task Rule_AboutAWorkerWhoFailed_GrantsRefusesOrHasItTakenAgain()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await QualifyingAsync(cluster);
        var first = (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task;
        await AnswerAsync(first, right: false, ticks: 1);
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));

        await RuleAsync(QualificationDecision.Granted, hours: 1);
        Assert.Equal(0, (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task.Value);
        await RuleAsync(QualificationDecision.AsAnswered, hours: 2);
        Assert.Equal(QualificationState.Failed, (await cluster.Dispatch(job).QualifyAsync(_ann))!.State);
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
        await RuleAsync(QualificationDecision.Refused, hours: 2);
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
        Assert.Equal(QualificationState.Failed, (await cluster.Dispatch(job).QualifyAsync(_ann))!.State);

        await RuleAsync(QualificationDecision.Again, hours: 3);
        var second = (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task;
        Assert.NotEqual(first, second);
        await cluster.RestartAsync(gracefully: false);
        Assert.Equal(second, (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task);
        // What it answered before, and what it answers with a time of before, do not count.
        Assert.Equal([SubmissionOutcome.Accepted], await AnswerAsync(second, right: true, ticks: 2));
        Assert.Equal((QualificationState.Open, 0), await cluster.Dispatch(job).QualifyAsync(_ann) is { } open ? (open.State, open.Images) : default);
        // Both batches that qualify are answered: the same comes again.
        var third = (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task;
        Assert.Equal([SubmissionOutcome.Accepted], await AnswerAsync(third, right: true, ticks: DateTimeOffset.UnixEpoch.AddHours(4).UtcTicks));
        Assert.Equal(0, (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task.Value);
        Assert.Equal([SubmissionOutcome.Decided], await AnswerAsync(third, right: false, ticks: DateTimeOffset.UnixEpoch.AddHours(5).UtcTicks));
        Assert.Equal(
            [QualificationDecision.Granted, QualificationDecision.AsAnswered, QualificationDecision.Refused, QualificationDecision.Again],
            (await cluster.Job(job).GetDecisionsAsync(job.Incarnation)).Select(decision => decision.Qualification!.Value));

        async Task RuleAsync(QualificationDecision said, int hours) => Assert.False(
            (await cluster.Job(job).RuleAsync(job.Incarnation, new WorkerDecision(0, _ann, false, "why", "lead", DateTimeOffset.UnixEpoch.AddHours(hours)) { Qualification = said }, null))!.IsRefused);

        async Task<IEnumerable<SubmissionOutcome>> AnswerAsync(TaskNumber task, bool right, long ticks)
        {
            var content = Assert.Single(await cluster.Facts.ReadTasksAsync(PartitionAddress.GoldOf(address), task, task, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
            var answers = string.Concat(content.Images.Select(image => image.Gold!.Value.IsRight == right ? 'c' : 'd'));
            return (await cluster.Router.SubmitAsync(job.Incarnation, [TestCluster.Answer(task.Value, "ann", answers, ticks)]))!.Value;
        }
    }

    /// <summary>Numbered among the other decisions about workers, and no more than they are can a late repetition undo what came since.</summary>
    [Fact]
    public async Task Rule_RepeatedOrOutdated_ChangesNothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, _) = await QualifyingAsync(cluster);
        var granted = new WorkerDecision(0, _ann, false, null, "lead", DateTimeOffset.UnixEpoch) { Qualification = QualificationDecision.Granted };
        var refused = granted with { At = DateTimeOffset.UnixEpoch.AddHours(1), Qualification = QualificationDecision.Refused };
        Assert.Equal((1, false), await RuleAsync(granted, 0));
        Assert.Equal((2, false), await RuleAsync(refused, 1));
        Assert.Equal((2, false), await RuleAsync(granted, 0));
        Assert.Equal((2, true), await RuleAsync(granted with { By = "chief", At = DateTimeOffset.UnixEpoch.AddHours(2) }, 1));
        Assert.Equal((2, true), await RuleAsync(granted with { By = "chief" }, null));
        // What is so already is no decision; to have it taken again is one each time.
        Assert.Equal((2, false), await RuleAsync(refused with { At = DateTimeOffset.UnixEpoch.AddHours(2) }, null));
        foreach (var hours in (int[])[3, 4]) Assert.Equal((hours, false), await RuleAsync(granted with { At = DateTimeOffset.UnixEpoch.AddHours(hours), Qualification = QualificationDecision.Again }, null));
        Assert.Equal(QualificationDecision.Again, Assert.Single((await cluster.Job(job).GetAsync())!.Rulings).Decision);

        for (var other = 1; other < JobLimits.MaxRulings; other++) await RuleAsync(granted with { Worker = WorkerId.Create($"w{other}") }, null);
        var problem = await Assert.ThrowsAsync<BadInputException>(() => RuleAsync(granted with { Worker = WorkerId.Create("zoe") }, null));
        Assert.Contains("100 workers", problem.Message, StringComparison.Ordinal);
        // One that is withdrawn makes room, and to withdraw what is not there is no decision.
        var withdrawn = granted with { Worker = WorkerId.Create("w1"), At = DateTimeOffset.UnixEpoch.AddHours(5), Qualification = QualificationDecision.AsAnswered };
        var (number, _) = await RuleAsync(withdrawn, null);
        Assert.Equal((number, false), await RuleAsync(withdrawn with { At = DateTimeOffset.UnixEpoch.AddHours(6) }, null));
        Assert.False((await RuleAsync(granted with { Worker = WorkerId.Create("zoe"), At = DateTimeOffset.UnixEpoch.AddHours(6) }, null)).Item2);
        var plain = await cluster.CreateJobAsync("plain");
        problem = await Assert.ThrowsAsync<BadInputException>(() => cluster.Job(plain).RuleAsync(plain.Incarnation, granted, null));
        Assert.Contains("asks for none", problem.Message, StringComparison.Ordinal);
        Assert.Null(await cluster.Job(job).RuleAsync(Incarnation.New(job.Name), granted, null));

        async Task<(int, bool)> RuleAsync(WorkerDecision decision, int? after) => await cluster.Job(job).RuleAsync(job.Incarnation, decision, after) is { } decided ? (decided.Last, decided.IsRefused) : default;
    }

    /// <summary>The last place of a batch of gold is whose lease it is, as long as that lasts.</summary>
    [Fact]
    public async Task Lease_OfABatchOfGoldThatIsNearlyFull_KeepsThePlace()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 4, PassMark = Percent.Create(75) });
        var address = await cluster.ImportAsync(job, "Dog", 4);
        await cluster.ImportGoldAsync(address, 4);
        var (bob, carl) = (WorkerId.Create("bob"), WorkerId.Create("carl"));
        var batch = (await cluster.Dispatch(job).QualifyAsync(_ann))!.Task!.Value;
        await cluster.Partition(PartitionAddress.GoldOf(address)).SubmitAsync(new Submissions(
            [.. Enumerable.Range(0, AnswerSet.MaxWorkers - 2).Select(number => TestCluster.Answer(batch.Value, $"w{number}", "cccc"))], ArePartial: false));
        foreach (var worker in (WorkerId[])[_ann, bob, _ann]) Assert.Equal(batch, (await cluster.Dispatch(job).LeaseAsync(worker))!.Task);
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(carl));
        Assert.Equal([SubmissionOutcome.TooManyWorkers], await AnswerAsync("carl"));
        Assert.Equal([SubmissionOutcome.Accepted], await AnswerAsync("ann"));
        // bob goes home.
        cluster.Time.Ahead += new GrainsOptions().LeaseDuration + TimeSpan.FromSeconds(1);
        Assert.Equal(batch, (await cluster.Dispatch(job).LeaseAsync(carl))!.Task);
        Assert.Equal([SubmissionOutcome.Accepted], await AnswerAsync("carl"));
        Assert.Equal([SubmissionOutcome.TooManyWorkers], await AnswerAsync("bob"));

        async Task<IEnumerable<SubmissionOutcome>> AnswerAsync(string worker) => (await cluster.Router.SubmitAsync(job.Incarnation, [TestCluster.Answer(batch.Value, worker, "cdcd")]))!.Value;
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
