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
        var view = new ClassView(new JobSettings { BucketEdges = edges }, _ => true);
        foreach (var (confidence, index) in new double?[] { 10, 85, 95, null }.Select((value, index) => (value, index)))
            view.Apply(new ImageHash((UInt128)index), new Contribution(1, confidence is { } value ? Percent.Create(value) : null, 1, 0, default, default, null));
        var table = ClassTable.Build("j", edges, [KeyValuePair.Create(Label.Create("A"), view.Tally())], false);
        Assert.Equal([null, "underflow", "overflow", "unknown"], table.Buckets.Select(bucket => bucket.Kind));
        Assert.Equal(table.Totals.Total, table.Totals.Buckets.Sum(cell => cell.Total));
    }

    public static IEnumerable<KeyValuePair<Label, ClassTally>> GoldenTallies() =>
        Golden.Images().GroupBy(image => image.Label).Select(group =>
        {
            var view = new ClassView(new JobSettings(), _ => true);
            foreach (var image in group)
            {
                var votes = VoteSet.Of(Golden.VotesFor(image.Verdict));
                view.Apply(ImageHash.Of(image.Url), new Contribution(2, image.Confidence, votes.Confirms, votes.Disconfirms, default, votes.LastAt, null));
            }
            return KeyValuePair.Create(group.Key, view.Tally());
        });

    private static IEnumerable<double> Averages(ClassTable table) =>
        table.ClassAverage.Buckets.Select(bucket => Math.Round(bucket.CorrectPercent!.Value, 2));
}
