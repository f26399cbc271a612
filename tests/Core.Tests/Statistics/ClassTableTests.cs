namespace BulkQA.Core.Tests;

public sealed class ClassTableTests
{
    [Fact]
    public void Build_GoldenVotes_GivesTheGoldenTable()
    {
        var table = ClassTable.Build("shellfish", BucketEdges.Default, GoldenTallies(), emptyAsZero: true);
        Assert.Equal(
            Golden.Classes.Select(row => (row.Label, row.Confirmed, row.Disconfirmed, row.Split)),
            table.Classes.Select(row => (row.Label!, (int)row.Confirmed, (int)row.Disconfirmed, (int)row.Split)));
        Assert.Equal(
            Golden.Classes.SelectMany(row => row.Buckets), table.Classes.SelectMany(row => row.Buckets.Select(cell => ((int)cell.Total, (int)cell.Incorrect))));
        Assert.Equal([100.00, 23.53, 75.47, 93.51, 0.00], table.Classes.Select(row => Math.Round(row.CorrectPercent!.Value, 2)));
        var totals = table.Totals;
        Assert.Equal((245, 245, 173, 47, 25), (totals.Total, totals.Reviewed, totals.Confirmed, totals.Disconfirmed, totals.Split));
        Assert.Equal(70.61, Math.Round(totals.CorrectPercent!.Value, 2));
        Assert.Equal([(17, 7), (34, 15), (59, 11), (135, 39)], totals.Buckets.Select(cell => (cell.Total, cell.Incorrect)));
        Assert.Equal(58.50, Math.Round(table.ClassAverage.CorrectPercent!.Value, 2));
        Assert.Equal([52.50, 49.33, 58.55, 63.25], Averages(table));
    }

    [Fact]
    public void Build_LeavingEmptyBucketsOut_AveragesOverTheOthers() =>
        Assert.Equal([65.62, 49.33, 73.18, 63.25], Averages(ClassTable.Build("shellfish", BucketEdges.Default, GoldenTallies(), emptyAsZero: false)));

    /// <summary>All of the golden table is reviewed.</summary>
    [Fact]
    public void Build_EverythingReviewed_HasPointsForTheCorpusAndIntervalsForTheModel()
    {
        var corpus = ClassTable.Build("shellfish", BucketEdges.Default, GoldenTallies(), emptyAsZero: false, new Certainty(0.95, Scope.Corpus));
        foreach (var row in corpus.Classes.Append(corpus.Totals)) Assert.Equal((row.CorrectPercent!.Value, row.CorrectPercent.Value), (row.Lower!.Value, row.Upper!.Value), Near);
        Assert.Equal((corpus.ClassAverage.CorrectPercent!.Value, corpus.ClassAverage.CorrectPercent.Value), (corpus.ClassAverage.Lower!.Value, corpus.ClassAverage.Upper!.Value), Near);
        // Shrimp has nothing from 80 to 85: what lies there could be anything, and is left out of the mean.
        var empty = corpus.Classes[4].Buckets[0];
        Assert.Equal((null, 0, 100), (empty.CorrectPercent, empty.Lower, empty.Upper));
        Assert.Equal(65.625, corpus.ClassAverage.Buckets[0].Lower!.Value, 1e-9);

        var model = ClassTable.Build("shellfish", BucketEdges.Default, GoldenTallies(), emptyAsZero: true, new Certainty(0.95, Scope.Model));
        // All of 45 are right: in closed form.
        var (crab, crawdad) = (model.Classes[0], model.Classes[1]);
        Assert.Equal((100 * Math.Pow(0.025, 1 / 45.0), 100), (crab.Lower!.Value, crab.Upper!.Value), Near);
        Assert.True(crawdad.Lower < 16 && crawdad.Upper > 34, $"{crawdad.Lower} {crawdad.Upper}");
        Assert.True(model.ClassAverage.Lower < 58.5 && model.ClassAverage.Upper > 58.5 && model.ClassAverage.Upper - model.ClassAverage.Lower > 10);
    }

    /// <summary>
    /// Of 1,000 right ones 900 are reviewed, of 1,000 wrong ones 100: 90 % of what is reviewed is right and half of the corpus. No interval of
    /// pooled counts holds that.
    /// </summary>
    [Theory]
    [InlineData(Scope.Corpus)]
    [InlineData(Scope.Model)]
    public void Build_ClassesReviewedInUnequalParts_HaveIntervalsAndTheTotalsHaveNone(Scope scope)
    {
        var certainty = new Certainty(0.95, scope);
        var table = ClassTable.Build("j", BucketEdges.Default, [Tally("A", 1_000, 900, true), Tally("B", 1_000, 100, false)], false, certainty);
        Assert.Equal(90, table.Totals.CorrectPercent);
        Assert.Equal((null, null), (table.Totals.Lower, table.Totals.Upper));
        Assert.All(table.Totals.Buckets, cell => Assert.Equal((null, null), (cell.Lower, cell.Upper)));
        Assert.All(table.Classes, row => Assert.True(row.Lower is not null && row.Upper is not null && row.Buckets.All(cell => cell.Lower is not null)));
        Assert.True(table.ClassAverage.Lower <= 50 && table.ClassAverage.Upper >= 50);

        var one = ClassTable.Build("j", BucketEdges.Default, [Tally("A", 1_000, 900, true), KeyValuePair.Create(Label.Create("B"), ClassTally.Empty(BucketEdges.Default))], false, certainty);
        Assert.Equal((one.Classes[0].Lower, one.Classes[0].Upper), (one.Totals.Lower, one.Totals.Upper));
        Assert.NotNull(one.Totals.Lower);
        var all = ClassTable.Build("j", BucketEdges.Default, [Tally("A", 50, 50, true), Tally("B", 50, 50, false)], false, certainty);
        Assert.True(all.Totals.Lower <= 50 && all.Totals.Upper >= 50 && all.Totals.Buckets[2].Lower is not null);
    }

    /// <summary>Nine in ten reviewed images are of A and right; of B, which is as large, all are wrong.</summary>
    [Fact]
    public void Build_ClassesReviewedInUnequalParts_WeighByTheirImagesInTheWholeCorpus()
    {
        KeyValuePair<Label, ClassTally>[] tallies = [Tally("A", 1_000, 900, true), Tally("B", 1_000, 100, false)];
        var table = ClassTable.Build("j", BucketEdges.Default, tallies, false, new Certainty(0.95, Scope.Corpus));
        Assert.Equal(50, table.Totals.Weighted!.Percent);
        Assert.InRange(50, table.Totals.Weighted.Lower, table.Totals.Weighted.Upper);
        Assert.All(table.Classes, row => Assert.Null(row.Weighted));
        Assert.Null(ClassTable.Build("j", BucketEdges.Default, tallies, false, new Certainty(0.95, Scope.Model)).Totals.Weighted);
        Assert.Null(ClassTable.Build("j", BucketEdges.Default, tallies, false).Totals.Weighted);
    }

    /// <summary>A small bucket reviewed in full, all wrong, beside a large one of which a little is reviewed, all right.</summary>
    [Fact]
    public void Build_SampledJob_WeighsBucketsByTheirImages()
    {
        var empty = ClassTally.Empty(BucketEdges.Default);
        var tally = empty with { Buckets = empty.Buckets.SetItem(0, new BucketTally(100, 0, 100, 0)).SetItem(3, new BucketTally(900, 50, 0, 0)) };
        var table = ClassTable.Build("j", BucketEdges.Default, [KeyValuePair.Create(Label.Create("A"), tally)], false, new Certainty(0.95, Scope.Corpus), isSampled: true);
        var row = table.Classes.Single();
        Assert.Equal((90, 0), (row.Weighted!.Percent, row.Weighted.StandardError));
        var (lower, upper) = HypergeometricInterval.Exact(50, 50, 900, 0.95);
        Assert.Equal((90 * lower, 90 * upper), (row.Weighted.Lower, row.Weighted.Upper));
        // The percentage is of the reviewed images alone, and no interval around it is about the class.
        Assert.Equal((100.0 / 3, null, null), (row.CorrectPercent!.Value, row.Lower, row.Upper));
        Assert.Equal((table.ClassAverage.Lower, table.ClassAverage.Upper), (null, null));
        Assert.NotNull(row.Buckets[3].Lower);
        Assert.Equal(row.Weighted, table.Totals.Weighted);
    }

    private static KeyValuePair<Label, ClassTally> Tally(string label, int images, int reviewed, bool areRight)
    {
        var buckets = ClassTally.Empty(BucketEdges.Default).Buckets.SetItem(2, new BucketTally(images, areRight ? reviewed : 0, areRight ? 0 : reviewed, 0));
        return KeyValuePair.Create(Label.Create(label), ClassTally.Empty(BucketEdges.Default) with { Buckets = buckets });
    }

    private static bool Near((double, double) left, (double, double) right) => Math.Abs(left.Item1 - right.Item1) + Math.Abs(left.Item2 - right.Item2) < 1e-9;

    [Fact]
    public void Build_NothingReviewed_HasNoPercent()
    {
        var table = ClassTable.Build("j", BucketEdges.Default, [KeyValuePair.Create(Label.Create("A"), ClassTally.Empty(BucketEdges.Default))], false);
        Assert.Null(table.Totals.CorrectPercent);
        Assert.Null(table.ClassAverage.CorrectPercent);
        Assert.All(table.Buckets, bucket => Assert.Null(bucket.Kind));
    }

    [Fact]
    public void Build_ImagesOutsideTheEdges_AreShownAndAddUp()
    {
        var edges = BucketEdges.Create([80, 90]);
        var fold = new PartitionFold(new JobSettings { BucketEdges = edges });
        fold.AddTask(new TaskNumber(0), [10, 85, 95, double.NaN]);
        var table = ClassTable.Build("j", edges, [KeyValuePair.Create(Label.Create("A"), fold.Tally())], false);
        Assert.Equal([null, "underflow", "overflow", "unknown"], table.Buckets.Select(bucket => bucket.Kind));
        Assert.Equal([1, 1, 1, 1], table.Totals.Buckets.Select(cell => cell.Total));
        Assert.Equal(table.Totals.Total, table.Totals.Buckets.Sum(cell => cell.Total));
    }

    public static IEnumerable<KeyValuePair<Label, ClassTally>> GoldenTallies() =>
        Golden.Images().GroupBy(image => image.Label).Select(group =>
        {
            var fold = new PartitionFold(new JobSettings());
            foreach (var (number, images) in group.Chunk(25).Index())
            {
                var task = new TaskNumber(number);
                fold.AddTask(task, [.. images.Select(image => image.Confidence.Value)]);
                for (var worker = 0; worker < 3; worker++)
                {
                    var votes = images.Select(image => Golden.VotesFor(image.Verdict)[worker]).ToList();
                    fold.Apply(new Submission(task, votes[0].Worker, votes[0].At, TaskAnswers.Of(votes.Select(vote => vote.Kind))));
                }
            }
            return KeyValuePair.Create(group.Key, fold.Tally());
        });

    private static IEnumerable<double> Averages(ClassTable table) =>
        table.ClassAverage.Buckets.Select(bucket => Math.Round(bucket.CorrectPercent!.Value, 2));
}
