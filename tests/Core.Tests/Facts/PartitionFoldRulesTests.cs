namespace BulkQA.Core.Tests;

/// <summary>What verdicts are decided by, and what is decided apart from votes.</summary>
public sealed class PartitionFoldRulesTests : FoldTest
{
    [Fact]
    public void ChangeRules_WorkerSetAside_CountsNothingOfItAndItsTasksWantAnother()
    {
        var settings = new JobSettings { WorkersPerTask = 2, Policy = VerdictPolicy.Majority };
        var fold = Fold(settings, [[99, 98]], [Submission(0, "ann", 1, "cn"), Submission(0, "bob", 1, "dd")]);
        var before = fold.Tally();
        Assert.Equal((new BucketTally(2, 0, 1, 1), 3L, 1L, 1L), (before.All, before.Votes, before.TasksDone, before.Unseen));
        fold.ChangeRules(new VerdictRules(1, settings.Policy, [WorkerId.Create("ann")]));
        Assert.Equal((new BucketTally(2, 0, 2, 0), 2L, 0L, 0L), (fold.Tally().All, fold.Tally().Votes, fold.Tally().TasksDone, fold.Tally().Unseen));
        Assert.Equal((1, 1, true), (fold.CountWhole(new TaskNumber(0)), fold.CountAnswered(WorkerId.Create("ann")), fold.HasAnswered(new TaskNumber(0), WorkerId.Create("ann"))));
        // What comes later of it counts as little.
        fold.Apply(Submission(0, "ann", 2, "cc"));
        Assert.Equal((new BucketTally(2, 0, 2, 0), 2L), (fold.Tally().All, fold.Tally().Votes));
        fold.Apply(Submission(0, "cid", 2, "dd"));
        Assert.Equal(1, fold.Tally().TasksDone);
        fold.ChangeRules(new VerdictRules(2, settings.Policy));
        Assert.Equal((new BucketTally(2, 0, 2, 0), 6L, 1L), (fold.Tally().All, fold.Tally().Votes, fold.Tally().TasksDone));
    }

    [Fact]
    public void Apply_Adjudication_ChangesWhatIsFinalAndNoVerdict()
    {
        var fold = Fold(new JobSettings(), [[99, 98]], [Submission(0, "ann", 1, "cc")]);
        var voted = fold.Tally().All;
        fold.Apply(new Adjudication(new TaskNumber(0), 1, new SubmissionTime(5), "lead", Verdict.Disconfirmed));
        Assert.Equal((voted, 1L, new BucketTally(2, 1, 1, 0)), (fold.Tally().All, fold.Tally().Adjudicated, fold.Tally().AsFinal().All));
        // Votes go on beneath it.
        fold.Apply(Submission(0, "bob", 2, "dd"));
        Assert.Equal((new BucketTally(2, 0, 0, 2), new BucketTally(2, 0, 1, 1)), (fold.Tally().All, fold.Tally().AsFinal().All));
        fold.Apply(new Adjudication(new TaskNumber(0), 1, new SubmissionTime(6), "lead", null));
        Assert.Equal((0L, fold.Tally().All), (fold.Tally().Adjudicated, fold.Tally().AsFinal().All));
        Assert.Null(fold.AdjudicationOf(new TaskNumber(0), 1));
        Assert.Throws<ArgumentException>(() => fold.Apply(new Adjudication(new TaskNumber(0), 2, new SubmissionTime(7), "lead", Verdict.Confirmed)));
    }

    /// <summary>A fold handed over by releases before, of which each packed less.</summary>
    [Theory]
    // The number of tasks with images that were answered more than once; that of tasks with versions; that no vote of the task was replaced; the number of tasks with gold; that of adjudications; a float and a byte for the one worker of the one task.
    [InlineData(sizeof(int))]
    [InlineData(sizeof(int) + sizeof(int))]
    [InlineData(sizeof(int) + sizeof(int) + 1)]
    [InlineData(sizeof(int) + sizeof(int) + 1 + sizeof(int))]
    [InlineData(sizeof(int) + sizeof(int) + 1 + sizeof(int) + sizeof(int) + sizeof(float) + 1)]
    public void Unpack_WithoutWhatCameLater_HasTheAnswers(int missing)
    {
        var fold = Fold(new JobSettings(), [[99, 98]], [Submission(0, "ann", 1, "cc")]);
        var packed = fold.Pack();
        Assert.Empty(PartitionFold.Unpack(packed[..^missing], new JobSettings()).DifferencesFrom(fold));
    }

    /// <summary>A fold handed over by a release that did not note which votes were replaced: it has none, and is not told on as if it knew.</summary>
    [Fact]
    public void Unpack_WithoutReplacedVotes_IsNoDifferenceAndPacksNoneEither()
    {
        var fold = Fold(new JobSettings(), [[99, 98]], [Submission(0, "ann", 1, "cc"), Submission(0, "ann", 2, "cd")]);
        Assert.Equal((2L, 1L), (fold.TallyWorkers().Single().Repeats, fold.TallyWorkers().Single().Contradictions));
        // Whether the task has any, and half a byte for each of its images; the number of tasks with versions; and when the two images of the one task were first answered.
        var before = PartitionFold.Unpack(fold.Pack()[..^(2 + sizeof(int) + (3 * sizeof(int)) + (2 * (1 + sizeof(long))))], new JobSettings());
        Assert.Equal(0, before.TallyWorkers().Single().Repeats);
        Assert.Empty(before.DifferencesFrom(fold));
        Assert.Empty(PartitionFold.Unpack(before.Pack(), new JobSettings()).DifferencesFrom(fold));
        Assert.Equal(
            [.. Enumerable.Range(0, 2).Select(image => $"image {image} of task 0 has the same answers, first given at other times"), "worker ann has 0 repeats and 0 contradictions, and should have 2 and 1"],
            Fold(new JobSettings(), [[99, 98]], [Submission(0, "ann", 2, "cd")]).DifferencesFrom(fold));
    }

    /// <summary>By hand: each order, ties by number, pages of any size, and filters.</summary>
    [Fact]
    public void Rank_InAnyOrder_GivesTheFirstAfterAPlace()
    {
        var fold = Fold(new JobSettings { Policy = VerdictPolicy.Majority }, [[99, 98, 97, double.NaN], [96, 95, 94, 93]],
            [Submission(0, "ann", 1, "ccd-"), Submission(0, "bob", 1, "cdd-"), Submission(1, "ann", 1, "dcnc"), Submission(1, "cid", 1, "cccc")]);
        fold.Apply(new Adjudication(new TaskNumber(1), 0, new SubmissionTime(5), "lead", Verdict.Confirmed));
        Assert.Equal("0:0 0:1 0:2 1:0 1:1 1:2 1:3 0:3", Ranked(ImageOrder.Confidence));
        Assert.Equal("0:1 1:0 0:0 0:2 0:3 1:1 1:2 1:3", Ranked(ImageOrder.Disagreement));
        // Split first, but for the one that is adjudicated; then what was disconfirmed.
        Assert.Equal("0:1 0:2 0:0 0:3 1:1 1:2 1:3 1:0", Ranked(ImageOrder.Value));
        Assert.Equal("1:0 1:1 1:2 1:3 0:3", Ranked(ImageOrder.Confidence, after: new RankedImage(97, new TaskNumber(0), 2)));
        Assert.Equal("1:2", Ranked(ImageOrder.Confidence, unseen: true));
        Assert.Equal("0:0 0:1 0:2", Ranked(ImageOrder.Confidence, worker: "bob"));
        Assert.Equal("", Ranked(ImageOrder.Confidence, worker: "nobody"));
        Assert.Equal("0:1 1:0", Ranked(ImageOrder.Disagreement, verdicts: 1 << (int)Verdict.Split));
        // There is no posterior without a model.
        Assert.Equal("", Ranked(ImageOrder.Confidence, posteriorFrom: 0));
        foreach (var limit in (int[])[1, 3, 8])
        {
            var (found, after) = (new List<RankedImage>(), default(RankedImage?));
            for (IReadOnlyList<RankedImage> page; (page = fold.Rank(Selection(ImageOrder.Value, limit, after))).Count > 0; after = page[^1]) found.AddRange(page);
            Assert.Equal("0:1 0:2 0:0 0:3 1:1 1:2 1:3 1:0", Text(found));
        }

        string Ranked(ImageOrder order, RankedImage? after = null, bool unseen = false, string? worker = null, int verdicts = 15, double? posteriorFrom = null) =>
            Text(fold.Rank(Selection(order, 100, after) with { Unseen = unseen, Worker = worker is null ? null : WorkerId.Create(worker), Verdicts = verdicts, PosteriorFrom = posteriorFrom }));
    }

    [Fact]
    public void Rank_ByValueUnderAModel_BeginsWithWhatIsMostInDoubt()
    {
        var model = new ReliabilityModel(1, [WorkerId.Create("ann"), WorkerId.Create("bob")], new ReliabilityParameters(0.5, [new WorkerCoins(0.9, 0.9), new WorkerCoins(0.6, 0.6)], new WorkerCoins(0.5, 0.5)));
        var fold = Fold(new JobSettings(), [[90, 90, 90, 90]], [Submission(0, "ann", 1, "cc-d"), Submission(0, "bob", 1, "cdc-")]);
        fold.ChangeRules(new VerdictRules(1, VerdictPolicy.Weighted(0.7), model: model));
        // Posteriors 0.93, 0.86, 0.6 (Split) and 0.1; all but the third are sure enough.
        Assert.Equal("0:2 0:1 0:3 0:0", Text(fold.Rank(Selection(ImageOrder.Value, 9, null))));
        Assert.Equal("0:1 0:2", Text(fold.Rank(Selection(ImageOrder.Confidence, 9, null) with { PosteriorFrom = 0.5, PosteriorTo = 0.9 })));
    }

    [Fact]
    public void Rank_ByValueOfImagesEquallyInDoubt_GoesByTheConfidenceOfWhatIsDisconfirmed()
    {
        var model = new ReliabilityModel(1, [WorkerId.Create("ann")], new ReliabilityParameters(0.5, [new WorkerCoins(0.9, 0.9)], new WorkerCoins(0.5, 0.5)));
        var fold = Fold(new JobSettings(), [[70, 90, double.NaN, 80, 99]], [Submission(0, "ann", 1, "ddddc")]);
        fold.ChangeRules(new VerdictRules(1, VerdictPolicy.Weighted(0.7), model: model));
        // Posteriors 0.1, and 0.9 of the last, which nobody disconfirmed.
        Assert.Equal("0:1 0:3 0:0 0:2 0:4", Text(fold.Rank(Selection(ImageOrder.Value, 9, null))));
        Assert.Equal("0:0 0:2 0:4", Text(fold.Rank(Selection(ImageOrder.Value, 9, fold.Rank(Selection(ImageOrder.Value, 2, null))[^1]))));
    }

    private static ImageSelection Selection(ImageOrder order, int limit, RankedImage? after) => new(order, 15, null, false, null, null, null, after, limit);

    private static string Text(IEnumerable<RankedImage> images) => string.Join(' ', images.Select(image => $"{image.Task}:{image.Index}"));
}
