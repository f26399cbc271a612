using System.Collections.Immutable;

namespace BulkQA.Core.Tests;

/// <summary>Gold counts for workers and for nothing else. That counters leave it out, <see cref="PartitionFoldTests"/> show on any facts.</summary>
public sealed class PartitionFoldGoldTests
{
    private static readonly TaskNumber _task = new(3);

    /// <summary>An image, one that is right, an image, one that is wrong.</summary>
    private static readonly ImmutableArray<GoldMark> _gold =
        [new(1, new GoldAnswer(true, new GoldPlace(new TaskNumber(0), 5))), new(3, new GoldAnswer(false, new GoldPlace(new TaskNumber(0), 6)))];

    [Fact]
    public void Tally_TaskWithGold_CountsItsOtherImagesAndIsDoneWithAll()
    {
        var fold = Fold("cc-d");
        Assert.Equal((new BucketTally(2, 1, 0, 0), 1, 0), (fold.Tally().All, fold.Tally().Votes, fold.Tally().TasksDone));
        fold.Apply(Submission("ann", 2, "--c-"));
        Assert.Equal((new BucketTally(2, 2, 0, 0), 2, 1), (fold.Tally().All, fold.Tally().Votes, fold.Tally().TasksDone));
        Assert.Equal(4, fold.Images);
    }

    [Theory]
    [InlineData("cccd", 1, 0, 1, 0)]
    [InlineData("cdcc", 1, 1, 1, 1)]
    [InlineData("ctcn", 0, 0, 0, 0)]
    [InlineData("c-cd", 0, 0, 1, 0)]
    public void TallyWorkers_VotesOnGold_AreCountedApart(string answers, int right, int falselyUnticked, int wrong, int missed)
    {
        var tally = Assert.Single(Fold(answers).TallyWorkers());
        Assert.Equal(new GoldTally(right, falselyUnticked, wrong, missed), tally.Gold);
        Assert.Equal((2, 0, 0), (tally.Votes, tally.CantTell, tally.NotSeen));
    }

    /// <summary>Two workers who contradict each other on gold alone agree on everything that is asked.</summary>
    [Fact]
    public void CountAgreement_Gold_IsNotAmongIt()
    {
        var fold = Fold("cccd");
        fold.Apply(Submission("bob", 2, "cdcc"));
        Assert.Equal((2L, 0.0), Assert.Single(fold.CountAgreement()) is var (_, counts) ? (counts.Images, counts.Disagreement) : default);
        Assert.All(fold.TallyWorkers(), tally => Assert.Equal((2, 2), (tally.Compared, tally.Agreed)));
    }

    [Fact]
    public void Rank_Gold_IsNotAmongIt() => Assert.Equal(
        [0, 2], Fold("cccc").Rank(new ImageSelection(ImageOrder.Confidence, 0b1111, null, false, null, null, null, null, 10)).Select(image => image.Index).Order());

    [Fact]
    public void AddVotesTo_Gold_IsOfKnownTruth()
    {
        var fold = Fold("cdcc");
        var builder = new VoteBlockBuilder([1]);
        fold.AddVotesTo(builder, _task, 1);
        var block = builder.Build();
        Assert.Equal((2, 2), (block.Images, block.Votes));
        // By majority the two others are right; the votes on gold are misses both.
        Assert.Equal(new WorkerCounts(3, 2, 1, 0), block.ExpectByMajority()[0]);
    }

    [Theory]
    // Four images, two of them right. Can't tell is no hit; what was not shown does not count, and with less than half nothing is decided.
    [InlineData("cdcd", 100, QualificationState.Passed, 4, 4)]
    [InlineData("cdct", 75, QualificationState.Passed, 3, 4)]
    [InlineData("cdct", 76, QualificationState.Failed, 3, 4)]
    [InlineData("cccc", 50, QualificationState.Passed, 2, 4)]
    [InlineData("nncd", 100, QualificationState.Passed, 2, 2)]
    [InlineData("nnnd", 100, QualificationState.Open, 1, 1)]
    [InlineData("nnnn", 1, QualificationState.Open, 0, 0)]
    [InlineData("cdc-", 1, QualificationState.Open, 0, 0)]
    public void Qualify_WholeBatchOfGold_IsHeldAgainstThePassMark(string answers, double passMark, QualificationState state, int hits, int images)
    {
        var fold = new PartitionFold(new JobSettings());
        // Of the first, third and fifth; the others are there to be mixed in.
        foreach (var task in (int[])[3, 4, 5])
            fold.AddTask(new TaskNumber(task), [90, 91, 92, 93], [.. Enumerable.Range(0, 4).Select(image => new GoldMark(image, new GoldAnswer(image % 2 == 0)))]);
        fold.AddTask(new TaskNumber(6), [90, 91, 92, 93, 94], [.. Enumerable.Range(0, 5).Select(image => new GoldMark(image, new GoldAnswer(true)))]);
        fold.AddTask(new TaskNumber(9), [90], [new GoldMark(0, new GoldAnswer(true))]);
        fold.Apply(Submission("ann", 1, answers));
        var found = fold.Qualify(WorkerId.Create("ann"), Percent.Create(passMark), isMixedIn: true, _ => true);
        Assert.Equal((state, hits, images), (found.State, found.Hits, found.Images));
        // What could not be shown is not asked again, and a short batch only where no other is left.
        if (state != QualificationState.Open) Assert.Null(found.Task);
        else if (answers.StartsWith("nnn", StringComparison.Ordinal)) Assert.Equal((5, 4), (found.Task?.Value, found.BatchImages));
        else Assert.Contains(found.Task!.Value.Value, (int[])[3, 5]);
    }

    /// <summary>Each task takes 256 workers, and no more: the next get another, and in the end none.</summary>
    [Fact]
    public void Qualify_TaskWithAllWorkersItTakes_IsHandedToNobody()
    {
        var fold = new PartitionFold(new JobSettings());
        fold.AddTask(_task, [90, 91], [new GoldMark(0, new GoldAnswer(true)), new GoldMark(1, new GoldAnswer(true))]);
        for (var worker = 0; worker < AnswerSet.MaxWorkers; worker++)
        {
            Assert.Equal(_task, fold.Qualify(WorkerId.Create($"w{worker}"), Percent.Create(80), isMixedIn: true, _ => true).Task);
            fold.Apply(Submission($"w{worker}", 1, "cc"));
        }
        Assert.Equal(new Qualification(QualificationState.Open, null, 0, 0, 0), fold.Qualify(WorkerId.Create("late"), Percent.Create(80), isMixedIn: true, _ => true));
    }

    /// <summary>Where none is mixed in, every batch qualifies.</summary>
    [Fact]
    public void Qualify_NoGoldMixedIn_HandsOutEveryBatch()
    {
        var fold = new PartitionFold(new JobSettings());
        for (var task = 0; task < 4; task++) fold.AddTask(new TaskNumber(task), [90, 91], [new GoldMark(0, new GoldAnswer(true)), new GoldMark(1, new GoldAnswer(true))]);
        Assert.Equal([0, 1, 2, 3], Tasks(isMixedIn: false));
        Assert.Equal([0, 2], Tasks(isMixedIn: true));

        IEnumerable<int> Tasks(bool isMixedIn) => Enumerable.Range(0, 100)
            .Select(worker => fold.Qualify(WorkerId.Create($"w{worker}"), Percent.Create(80), isMixedIn, _ => true).Task!.Value.Value).Distinct().Order();
    }

    /// <summary>Batches of which nothing could be shown are not given for ever.</summary>
    [Fact]
    public void Qualify_NothingShownAgainAndAgain_EndsAfterThreeBatches()
    {
        var fold = new PartitionFold(new JobSettings());
        for (var task = 0; task < 20; task++) fold.AddTask(new TaskNumber(task), [90, 91], [new GoldMark(0, new GoldAnswer(true)), new GoldMark(1, new GoldAnswer(true))]);
        var seen = new List<int>();
        while (fold.Qualify(WorkerId.Create("ann"), Percent.Create(80), isMixedIn: true, _ => true).Task is { } task)
        {
            seen.Add(task.Value);
            fold.Apply(Submission("ann", 1, "nn") with { Task = task });
        }
        Assert.Equal((Qualification.MaxBatches, Qualification.MaxBatches), (seen.Count, seen.Distinct().Count()));
    }

    /// <summary>What was answered before is as if it were not, but that batches that are new come first.</summary>
    [Fact]
    public void Qualify_SinceATime_CountsBatchesAnsweredLaterAlone()
    {
        var (ann, since) = (WorkerId.Create("ann"), new SubmissionTime(5));
        var fold = new PartitionFold(new JobSettings());
        for (var task = 0; task < 2; task++) fold.AddTask(new TaskNumber(task), [90, 91], [new GoldMark(0, new GoldAnswer(true)), new GoldMark(1, new GoldAnswer(false))]);
        var failed = Qualify(SubmissionTime.None).Task!.Value;
        fold.Apply(Submission("ann", 5, "dd") with { Task = failed });
        Assert.Equal(QualificationState.Failed, Qualify(SubmissionTime.None).State);
        var next = Qualify(since);
        Assert.Equal((QualificationState.Open, 0, 1), (next.State, next.Images, Math.Abs(next.Task!.Value.Value - failed.Value)));
        fold.Apply(Submission("ann", 4, "cd") with { Task = next.Task.Value });
        // None is new: one of those comes again. Half of it answered later is not all of it.
        var again = Qualify(since).Task!.Value;
        fold.Apply(Submission("ann", 6, "c-") with { Task = again });
        Assert.Equal(QualificationState.Open, Qualify(since).State);
        fold.Apply(Submission("ann", 7, "-d") with { Task = again });
        Assert.Equal((QualificationState.Passed, 2, 2), Qualify(since) is var passed ? (passed.State, passed.Hits, passed.Images) : default);

        Qualification Qualify(SubmissionTime from) => fold.Qualify(ann, Percent.Create(80), isMixedIn: false, _ => true, from);
    }

    /// <summary>The gold image itself and where it is mixed in are the same image.</summary>
    [Fact]
    public void CountGold_VotesInSeveralTasks_AddUpByImage()
    {
        var fold = new PartitionFold(new JobSettings());
        var place = new GoldPlace(_task, 1);
        fold.AddTask(_task, [90, 91], [new GoldMark(0, new GoldAnswer(true)), new GoldMark(1, new GoldAnswer(false))]);
        fold.AddTask(new TaskNumber(4), [90, 91], [new GoldMark(0, new GoldAnswer(false, place))]);
        fold.Apply(Submission("ann", 1, "-c"));
        fold.Apply(Submission("ann", 1, "cc") with { Task = new TaskNumber(4) });
        fold.Apply(Submission("bob", 1, "dc") with { Task = new TaskNumber(4) });
        var count = Assert.Single(fold.CountGold());
        Assert.Equal(new GoldCount(place, 2, 1), count);
        Assert.Equal((false, true), (count.IsDoubtful(true), count.IsDoubtful(false)));
    }

    private static PartitionFold Fold(string answers)
    {
        var fold = new PartitionFold(new JobSettings { WorkersPerTask = 1 });
        fold.AddTask(_task, [90, 91, 92, 93], _gold);
        fold.Apply(Submission("ann", 1, answers));
        return fold;
    }

    private static Submission Submission(string worker, long ticks, string answers) => new(_task, WorkerId.Create(worker), new SubmissionTime(ticks), TaskAnswers.Parse(answers));
}
