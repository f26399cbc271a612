using BulkQA.Core;

namespace BulkQA.Grains.Tests;

public sealed class TargetGrainTests : JobTargetTest
{
    /// <summary>After each task somebody looks; what is decided is what the test says of the counts then, and stays.</summary>
    [Theory]
    [InlineData('c', TargetVerdict.Pass)]
    [InlineData('d', TargetVerdict.Fail)]
    public async Task Look_AfterEveryTask_DecidesAtTheFirstThatSufficesAndForGood(char answer, TargetVerdict verdict)
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, OneInTen, ("Cat", 200), ("Dog", 20));
        Assert.Equal((0, null), ((await Target(cluster, job).LookAsync())!.Members, (await StandingAsync(cluster, job, "Cat")).Standing));
        var answered = 0;
        while (TargetTest.Decide(new ReviewCounts(200, answered, answer == 'c' ? answered : 0), 0.1, 0.05 / 2) == TargetVerdict.Open)
        {
            Assert.Null((await StandingAsync(cluster, job, "Cat")).Decision);
            await AnswerAsync(cluster, job, "Cat", 1, answer);
            answered += Batch;
        }
        Assert.InRange(answered, Batch, 199);
        var cat = await StandingAsync(cluster, job, "Cat");
        var incorrect = answer == 'c' ? 0 : answered;
        Assert.Equal((null, verdict, 200, answered, incorrect), (cat.Decision!.Bucket, cat.Decision.Verdict, cat.Decision.Images, cat.Decision.Reviewed, cat.Decision.Incorrect));
        var progress = (await Target(cluster, job).LookAsync())!;
        Assert.Equal((2, 1, 1, 0), (progress.Members, progress.Open, progress.Passed + progress.Failed, progress.Void));
        Assert.Equal((200 - answered) / Batch, progress.TasksSkipped);
        // Leases that were out are over by now.
        cluster.Time.Ahead += TimeSpan.FromHours(2);
        await AssertHandsOutAsync(cluster, job, "Dog");
        // Late votes count, and turn nothing: all that was said is taken back.
        foreach (var task in (await cluster.TasksAsync(TestCluster.ClassOf(job, "Cat"))).Where(task => task.Images.Length > 0))
            await cluster.SubmitAsync(TestCluster.ClassOf(job, "Cat"), TestCluster.Answer(task.Number.Value, "ann", new string(answer == 'c' ? 'd' : 'c', task.Images.Length), ticks: 9));
        var later = await StandingAsync(cluster, job, "Cat");
        Assert.Equal((200, answer == 'c' ? 200 : 0, cat.Decision), (later.Reviewed, later.Incorrect, later.Decision));
        var published = (await PublishedAsync(cluster, job))!;
        Assert.Equal((1, "Cat", null), (published.Revision, Assert.Single(published.Classes).Label, published.Classes[0].Buckets));
    }

    [Fact]
    public async Task Look_OnlyTasksWithAllAnswers_Count()
    {
        await using var cluster = await StartAsync();
        var job = await cluster.CreateJobAsync(draft: Draft with { WorkersPerTask = 2 });
        await ImportAsync(cluster, job, "Cat", 0, 200);
        job = (await cluster.Job(job).SetTargetAsync(job.Incarnation, OneInTen, "lead"))!;
        foreach (var task in await cluster.TasksAsync(TestCluster.ClassOf(job, "Cat")))
            await cluster.SubmitAsync(TestCluster.ClassOf(job, "Cat"), TestCluster.Answer(task.Number.Value, "ann", new string('c', Batch)));
        Assert.Equal(200, (await cluster.TallyAsync(TestCluster.ClassOf(job, "Cat"))).All.Reviewed);
        var cat = await StandingAsync(cluster, job, "Cat");
        Assert.Equal((0, null, null), (cat.Reviewed, cat.Standing, cat.Decision));
        await AnswerAsync(cluster, job, "Cat", 40, 'c', "bob");
        Assert.Equal(TargetVerdict.Pass, (await StandingAsync(cluster, job, "Cat")).Decision!.Verdict);
    }

    [Fact]
    public async Task Look_PerBucket_SkipsTasksWhoseBucketsAreAllDecided()
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, null);
        // Half of the images in 80-85, half in 95-100.
        await ImportAsync(cluster, job, "Cat", 0, 400, confidence: null);
        job = (await cluster.Job(job).SetTargetAsync(job.Incarnation, OneInTen with { Per = TargetScope.ClassAndBucket }, "lead"))!;
        var address = TestCluster.ClassOf(job, "Cat");
        var tasks = (await cluster.TasksAsync(address)).OrderBy(task => task.Number).ToList();
        // Low confidences are all wrong, high ones all right: the low bucket fails long before the high one passes.
        foreach (var task in tasks.Take(8))
            await cluster.SubmitAsync(address, TestCluster.Answer(task.Number.Value, "ann", string.Concat(task.Images.Select(image => image.Confidence!.Value.Value < 90 ? 'd' : 'c'))));
        var standings = await StandingsAsync(cluster, job);
        Assert.Equal([(0, TargetVerdict.Fail), (3, null)], standings.Select(item => (item.Member.Bucket!.Value, item.Decision?.Verdict)));
        var lowAlone = tasks.Skip(8).Count(task => task.Images.All(image => image.Confidence!.Value.Value < 90));
        Assert.InRange(lowAlone, 1, 20);
        Assert.Equal(lowAlone, (await Target(cluster, job).LookAsync())!.TasksSkipped);
        var handedOut = new HashSet<int>();
        while (await cluster.Dispatch(job).LeaseAsync(WorkerId.Create($"w{handedOut.Count}")) is { } lease) Assert.True(handedOut.Add(lease.Task.Value));
        Assert.Equal(tasks.Skip(8).Where(task => task.Images.Any(image => image.Confidence!.Value.Value > 90)).Select(task => task.Number.Value), handedOut.Order());
        Assert.Equal(["80-85"], Assert.Single((await PublishedAsync(cluster, job))!.Classes).Buckets);
        await cluster.SubmitAsync(address, [.. tasks.Skip(8).Take(30).Select(task => TestCluster.Answer(task.Number.Value, "ann", string.Concat(task.Images.Select(image => image.Confidence!.Value.Value < 90 ? 'd' : 'c'))))]);
        Assert.Equal([TargetVerdict.Fail, TargetVerdict.Pass], (await StandingsAsync(cluster, job)).Select(item => item.Decision!.Verdict));
        cluster.Time.Ahead += TimeSpan.FromHours(2);
        await AssertHandsOutAsync(cluster, job);
    }

    /// <summary>Each shuffled by itself: the first tasks are of the first import alone.</summary>
    [Fact]
    public async Task Look_ClassOfTwoImports_IsVoidAndHandedOut()
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, null, ("Cat", 100), ("Dog", 100));
        await ImportAsync(cluster, job, "Cat", 100, 100);
        job = (await cluster.Job(job).SetTargetAsync(job.Incarnation, OneInTen, "lead"))!;
        await AnswerAsync(cluster, job, "Cat", 30, 'd');
        await AnswerAsync(cluster, job, "Dog", 10, 'd');
        Assert.Equal((FamilyStanding.NotShuffled, null), (await StandingAsync(cluster, job, "Cat") is var cat ? cat.Standing!.Value : default, cat.Decision));
        Assert.Equal(TargetVerdict.Fail, (await StandingAsync(cluster, job, "Dog")).Decision!.Verdict);
        Assert.Equal(1, (await Target(cluster, job).LookAsync())!.Void);
        await AssertHandsOutAsync(cluster, job, "Cat");
    }

    [Fact]
    public async Task Look_ImagesThatCameAfterTheFirstReviews_AreNotDecidedOf()
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, OneInTen, ("Ant", 100), ("Cat", 100), ("Dog", 100));
        await AnswerAsync(cluster, job, "Dog", 8, 'd');
        Assert.Equal(TargetVerdict.Fail, (await StandingAsync(cluster, job, "Dog")).Decision!.Verdict);
        await AssertHandsOutAsync(cluster, job, "Ant", "Cat");
        var decided = (await StandingAsync(cluster, job, "Dog")).Decision;
        // One class grows before it is decided, one after, and one is new.
        await ImportAsync(cluster, job, "Cat", 100, 50);
        await ImportAsync(cluster, job, "Dog", 100, 50);
        await ImportAsync(cluster, job, "Eel", 0, 50);
        await AnswerAsync(cluster, job, "Cat", 15, 'd');
        await AnswerAsync(cluster, job, "Eel", 5, 'd');
        Assert.Equal(
            [(null, FamilyStanding.Unchecked, 100L), (null, FamilyStanding.Grown, 150), (decided, FamilyStanding.Grown, 150), (null, FamilyStanding.Late, 50)],
            (await StandingsAsync(cluster, job)).Select(item => (item.Decision, item.Standing!.Value, item.Images)));
        // The one that was decided is open again: of its new images nothing is known.
        cluster.Time.Ahead += TimeSpan.FromHours(2);
        await AssertHandsOutAsync(cluster, job, "Ant", "Cat", "Dog", "Eel");
        Assert.Empty((await PublishedAsync(cluster, job))!.Classes);
        var progress = (await Target(cluster, job).LookAsync())!;
        Assert.Equal((3, 1, 1, 2, 0), (progress.Members, progress.Open, progress.Failed, progress.Void, progress.TasksSkipped));
    }

    [Fact]
    public async Task SetTarget_AnotherOne_BeginsAnewAndTheSameAgainDoesNot()
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, OneInTen, ("Cat", 100), ("Dog", 100));
        await AnswerAsync(cluster, job, "Dog", 8, 'd');
        var first = (await StandingAsync(cluster, job, "Dog")).Decision!;
        Assert.Equal(1, (await cluster.Job(job).SetTargetAsync(job.Incarnation, OneInTen, "somebody"))!.Target!.Revision);
        Assert.Equal(first, (await StandingAsync(cluster, job, "Dog")).Decision);
        // What was a fail is none under a target that all keep.
        Assert.Equal(2, (await cluster.Job(job).SetTargetAsync(job.Incarnation, OneInTen with { MaxIncorrectPerCorrect = 1_000 }, "lead"))!.Target!.Revision);
        Assert.Null((await StandingAsync(cluster, job, "Dog")).Decision);
        await AssertHandsOutAsync(cluster, job, "Cat", "Dog");
        await cluster.Job(job).SetTargetAsync(job.Incarnation, OneInTen, "lead");
        Assert.Equal(TargetVerdict.Fail, (await StandingAsync(cluster, job, "Dog")).Decision!.Verdict);
        Assert.Equal((await Target(cluster, job).LookAsync())!.Revision, (await PublishedAsync(cluster, job))!.Revision);
        await cluster.Job(job).SetTargetAsync(job.Incarnation, null, "lead");
        Assert.Null(await Target(cluster, job).ListAsync(null, 10));
        cluster.Time.Ahead += TimeSpan.FromHours(2);
        await AssertHandsOutAsync(cluster, job, "Cat", "Dog");
        Assert.Equal((4, 0), ((await PublishedAsync(cluster, job))!.Revision, (await PublishedAsync(cluster, job))!.Classes.Count));
        Assert.Equal([1, 2, 3, 4], (await cluster.Job(job).GetTargetChangesAsync(job.Incarnation)).Select(change => change.Revision));
    }

    [Fact]
    public async Task SetTarget_WhatCannotBe_IsRefused()
    {
        await using var cluster = await StartAsync();
        var random = await CreateAsync(cluster, null);
        await Assert.ThrowsAsync<BadInputException>(() => cluster.Job(random).SetTargetAsync(random.Incarnation, OneInTen with { Level = 1 }, "lead"));
        var asCut = await cluster.CreateJobAsync("other");
        var refusal = await Assert.ThrowsAsync<BadInputException>(() => cluster.Job(asCut).SetTargetAsync(asCut.Incarnation, OneInTen, "lead"));
        Assert.Contains("random(7)", refusal.Message, StringComparison.Ordinal);
        Assert.Null(await cluster.Job(asCut).SetTargetAsync(random.Incarnation, OneInTen, "lead"));
        Assert.Null(await Target(cluster, asCut).LookAsync());
        Assert.Null(await Target(cluster, asCut).ListAsync(null, 10));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Restart_AfterADecision_KeepsItAndItsNumbers(bool gracefully)
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, OneInTen, ("Cat", 100), ("Dog", 100));
        await AnswerAsync(cluster, job, "Dog", 8, 'd');
        var (before, progress) = (await StandingAsync(cluster, job, "Dog"), await Target(cluster, job).LookAsync());
        await cluster.RestartAsync(gracefully, Configure);
        // Nobody has looked since: what is decided is with the class.
        await AssertHandsOutAsync(cluster, job, "Cat");
        Assert.Equal(before, await StandingAsync(cluster, job, "Dog"));
        Assert.Equal(progress, await Target(cluster, job).LookAsync());
    }

    [Fact]
    public async Task Operation_VotesCome_DecidesByItselfAlsoAfterSilosDied()
    {
        static void Soon(GrainsOptions options) => options.TargetInterval = TimeSpan.FromMilliseconds(20);
        await using var cluster = await TestCluster.StartAsync(Soon);
        var job = await CreateAsync(cluster, OneInTen, ("Cat", 100), ("Dog", 100));
        await AnswerAsync(cluster, job, "Dog", 8, 'd');
        await TestCluster.EventuallyAsync(async () => await DecisionAsync("Dog") is not null, "Dog is decided");
        await cluster.RestartAsync(gracefully: false, Soon);
        await AnswerAsync(cluster, job, "Cat", 12, 'c');
        await cluster.Operations(job).ResumeAsync();
        await TestCluster.EventuallyAsync(async () => await DecisionAsync("Cat") is not null, "Cat is decided");
        await cluster.Job(job).SetTargetAsync(job.Incarnation, null, "lead");
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(job, OperationKind.Decide)).State);
        Assert.Empty((await cluster.Class(TestCluster.ClassOf(job, "Dog")).GetDecisionsAsync())!.All);

        // Not of the target's grain, which would look.
        async Task<ClassDecision?> DecisionAsync(string label) => (await cluster.Class(TestCluster.ClassOf(job, label)).GetDecisionsAsync())?.Find(null);
    }

    [Fact]
    public async Task Lease_WorkerAsks_HasSomebodyLook()
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, OneInTen, ("Cat", 100), ("Dog", 100));
        await AnswerAsync(cluster, job, "Dog", 8, 'd');
        await cluster.Dispatch(job).LeaseAsync(WorkerId.Create("bob"));
        await TestCluster.EventuallyAsync(async () => (await cluster.Class(TestCluster.ClassOf(job, "Dog")).GetDecisionsAsync())?.Find(null) is not null, "Dog is decided");
    }

    [Fact]
    public async Task List_InPages_GivesEachMemberOnce()
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, null);
        foreach (var label in (string[])["Ant", "Cat", "Dog"]) await ImportAsync(cluster, job, label, 0, 10, confidence: null);
        await cluster.Job(job).SetTargetAsync(job.Incarnation, OneInTen with { Per = TargetScope.ClassAndBucket }, "lead");
        var found = new List<TargetMember>();
        for (var page = await Target(cluster, job).ListAsync(null, 2); ; page = await Target(cluster, job).ListAsync(found[^1], 2))
        {
            found.AddRange(page!.Items.Select(item => item.Member));
            if (page.IsLast) break;
        }
        Assert.Equal([("Ant", 0), ("Ant", 3), ("Cat", 0), ("Cat", 3), ("Dog", 0), ("Dog", 3)], found.Select(member => (member.Label.Value, member.Bucket!.Value)));
    }

    [Fact]
    public async Task Delete_JobWithDecisions_LeavesNothingOfThem()
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, OneInTen, ("Dog", 100));
        await AnswerAsync(cluster, job, "Dog", 8, 'd');
        Assert.NotNull((await StandingAsync(cluster, job, "Dog")).Decision);
        Assert.Contains(cluster.GrainStates(), state => state.Contains("target", StringComparison.Ordinal));
        await cluster.Job(job).DeleteAsync(job.Incarnation);
        await cluster.EndOfAsync(job, OperationKind.Delete);
        Assert.Null(await Target(cluster, job).LookAsync());
        Assert.DoesNotContain(cluster.GrainStates(), state => state.Contains(job.Incarnation.Value, StringComparison.Ordinal));
        Assert.Null(await PublishedAsync(cluster, job));
    }

    /// <summary>Two that look at the same time, as after a silo was lost: the first decision stands.</summary>
    [Fact]
    public async Task Decide_TheSameTwice_KeepsTheFirstNumbers()
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, OneInTen, ("Dog", 100));
        var grain = cluster.Class(TestCluster.ClassOf(job, "Dog"));
        var (first, other) = (Decision(TargetVerdict.Pass, 60), Decision(TargetVerdict.Fail, 70));
        Assert.Equal(first, await grain.DecideAsync(first));
        Assert.Equal(first, await grain.DecideAsync(other));
        var added = await grain.DecideAsync(Decision(TargetVerdict.Fail, 80, bucket: 2));
        Assert.Equal([null, 2], added.All.Select(decision => decision.Bucket));
        Assert.Equal((60, 80), (added.Find(null)!.Reviewed, added.Find(2)!.Reviewed));
        // Of another target than the job's present one.
        foreach (var revision in (int[])[0, 2]) Assert.NotEqual(revision, (await grain.DecideAsync(other with { Revision = revision })).Revision);

        static ClassDecisions Decision(TargetVerdict verdict, int reviewed, int? bucket = null) => new(1, [new ClassDecision(bucket, verdict, 100, reviewed, 1, DateTimeOffset.UnixEpoch)], IsOpenAgain: false);
    }
}
