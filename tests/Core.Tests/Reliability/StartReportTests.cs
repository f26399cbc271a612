using System.Collections.Immutable;

namespace BulkQA.Core.Tests;

public sealed class StartReportTests
{
    private static readonly WorkerId _ann = WorkerId.Create("ann");
    private static readonly WorkerId _bob = WorkerId.Create("bob");

    [Fact]
    public void Of_TwoClassesAndWorkers_SumsByClassByWorkerAndInAll()
    {
        var report = StartReport.Of(
        [
            Class("Dog", (_bob, new(10, 1), new(10, 3)), (_ann, new(5, 0), default)),
            Class("Cat", (_ann, default, new(20, 9)), (WorkerId.Create("cid"), default, default)),
            Class("Cow"),
        ]);
        Assert.Equal(
            [("Cat", new(0, 0), new(20, 9)), ("Cow", default, default), ("Dog", new(15, 1), new(10, 3))],
            report.Classes.Select(entry => (entry.Key.Value, entry.Value.Ticked, entry.Value.Unticked)));
        Assert.Equal(new StartComparison(new(15, 1), new(30, 12)), report.Total.Votes);
        Assert.Equal(
            [("ann", new StartComparison(new(5, 0), new(20, 9))), ("bob", new StartComparison(new(10, 1), new(10, 3)))],
            report.Workers.Select(entry => (entry.Key.Value, entry.Value.Votes)));
    }

    /// <summary>Boxes of the class that is mostly wrong always start unticked: its disconfirms are no pull.</summary>
    [Fact]
    public void Of_AClassThatAlwaysStartsUnticked_PullsNobody()
    {
        var report = StartReport.Of([Class("Dog", (_ann, new(500, 50), new(500, 50))), Class("Wolf", (_ann, default, new(1_000, 900)))]);
        Assert.Equal(new StartComparison(new(500, 50), new(1_500, 950)), report.Total.Votes);
        Assert.Equal(0, report.Total.Difference!.Value.Value, 1e-9);
        Assert.Equal(report.Classes[0].Value.Difference, report.Total.Difference);
        Assert.Equal(report.Total.Difference, report.Workers.Single().Value.Difference);
        Assert.Null(report.Classes[1].Value.Difference);
    }

    /// <summary>What one class is told in parts is that class, not two.</summary>
    [Fact]
    public void Of_AClassInParts_IsAsOfOne() => Assert.Equal(
        StartReport.Of([Class("Dog", (_ann, new(50, 5), new(70, 20)))]).Total, StartReport.Of([Class("Dog", (_ann, new(50, 5), default)), Class("Dog", (_ann, default, new(70, 20)))]).Total);

    [Fact]
    public void Of_Nothing_IsEmpty()
    {
        var report = StartReport.Of([]);
        Assert.Empty(report.Classes);
        Assert.Empty(report.Workers);
        Assert.Null(report.Total.Difference);
    }

    /// <summary>Newcombe's own example: 56 of 70 and 48 of 80, his method 10.</summary>
    [Fact]
    public void Difference_OfPublishedCounts_IsInPercentPoints()
    {
        var difference = new StartComparison(new(70, 56), new(80, 48)).Difference!.Value;
        Assert.Equal((20.0, 5.24, 33.39), (Math.Round(difference.Value, 2), Math.Round(difference.Lower, 2), Math.Round(difference.Upper, 2)));
    }

    [Fact]
    public void Difference_TickedHidesErrors_IsBelowZero()
    {
        var difference = new StartComparison(new(1_000, 50), new(1_000, 100)).Difference!.Value;
        Assert.Equal(-5, difference.Value, 1e-9);
        Assert.InRange(difference.Upper, -4, -2);
        Assert.InRange(difference.Lower, -8, -6);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 0)]
    [InlineData(0, 3)]
    public void Difference_OneStateWithoutVotes_IsNone(long ticked, long unticked) =>
        Assert.Null(new StartComparison(new(ticked, 0), new(unticked, 0)).Difference);

    /// <summary>What a fold counts of answers that began in each way is what is compared: neither and unknown are not.</summary>
    [Fact]
    public void Fold_AnswersFromEveryState_ComparesTickedAndUntickedAlone()
    {
        var fold = new PartitionFold(new JobSettings());
        for (var task = 0; task < 4; task++) fold.AddTask(new TaskNumber(task), [90, 91]);
        BoxesAtStart[] states = [BoxesAtStart.Ticked, BoxesAtStart.Unticked, BoxesAtStart.Neither, BoxesAtStart.Unknown];
        foreach (var (state, task) in states.Select((state, task) => (state, task)))
            fold.Apply(new Submission(new TaskNumber(task), _ann, new SubmissionTime(1), TaskAnswers.Parse("cd"), AnswerSource.WorkerPage, state));
        var tally = Assert.Single(fold.TallyWorkers());
        Assert.Equal((8, new StartTally(2, 1), new StartTally(2, 1)), (tally.Votes, tally.Ticked, tally.Unticked));
        Assert.Equal(tally, Assert.Single(PartitionFold.Unpack(fold.Pack(), new JobSettings()).TallyWorkers()));
    }

    private static KeyValuePair<Label, ImmutableArray<KeyValuePair<WorkerId, WorkerTally>>> Class(string label, params (WorkerId Worker, StartTally Ticked, StartTally Unticked)[] workers) =>
        new(Label.Create(label), [.. workers.Select(worker => KeyValuePair.Create(worker.Worker, new WorkerTally { Ticked = worker.Ticked, Unticked = worker.Unticked }))]);
}
