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

    private static PartitionFold Fold(string answers)
    {
        var fold = new PartitionFold(new JobSettings { WorkersPerTask = 1 });
        fold.AddTask(_task, [90, 91, 92, 93], _gold);
        fold.Apply(Submission("ann", 1, answers));
        return fold;
    }

    private static Submission Submission(string worker, long ticks, string answers) => new(_task, WorkerId.Create(worker), new SubmissionTime(ticks), TaskAnswers.Parse(answers));
}
