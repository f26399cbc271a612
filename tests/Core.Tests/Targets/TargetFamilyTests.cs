using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class TargetFamilyTests
{
    private static readonly JobTarget _perClass = new(0.1, 0.95, TargetScope.Class);
    private static readonly JobTarget _perBucket = new(0.1, 0.95, TargetScope.ClassAndBucket);

    private static readonly KeyValuePair<Label, ClassTally>[] _classes =
    [
        Class("Cat", [(10, 4, 1), (0, 0, 0), (5, 5, 0)]),
        Class("Dog", [(7, 0, 0)]),
        Class("Empty", []),
    ];

    [Fact]
    public void Fix_ClassesWithAndWithoutImages_CountsThoseThatHaveAny()
    {
        Assert.Equal((2, 3), (TargetFamily.Fix(_perClass, _classes).Members, TargetFamily.Fix(_perBucket, _classes).Members));
        var family = TargetFamily.Fix(_perBucket, _classes);
        Assert.Equal(new FamilyClass(15, FamilyStanding.Unchecked), family.Find(Label.Create("Cat")));
        Assert.Null(family.Find(Label.Create("Empty")));
        Assert.Null(family.Find(Label.Create("Late")));
    }

    [Fact]
    public void Pack_Unpacked_IsTheSameFamily() => Gen.Select(Gen.Int[0, 1_000], Gen.Int[1, int.MaxValue], Gen.Enum<FamilyStanding>()).Array[0, 50].Sample(entries =>
    {
        var family = TargetFamily.Fix(_perClass, _classes);
        foreach (var (name, images, standing) in entries) family.Set(Label.Create($"犬{name}"), new FamilyClass(images, standing));
        var unpacked = TargetFamily.Unpack(family.Pack());
        Assert.Equal(family.Members, unpacked.Members);
        foreach (var label in entries.Select(entry => Label.Create($"犬{entry.Item1}")).Concat(_classes.Select(entry => entry.Key))) Assert.Equal(family.Find(label), unpacked.Find(label));
        Assert.Equal(8 + (13 * (2 + entries.DistinctBy(entry => entry.Item1).Count())), family.Pack().Length);
    });

    /// <summary>Every member has an equal part, and the parts are no more than the whole.</summary>
    [Theory]
    [InlineData(0.95, 10, 0.005)]
    [InlineData(0.9, 4, 0.025)]
    [InlineData(0.99, 0, 0.01)]
    public void ErrorOfEach_Members_IsTheirPartOfTheWhole(double level, int members, double error) => Assert.Equal(error, new JobTarget(0.1, level, TargetScope.Class).ErrorOfEach(members), 12);

    [Fact]
    public void Test_DoneTasks_IsByTheirImagesAlone()
    {
        // 60 of 100 reviewed, all right, but only 50 of them in done tasks.
        var tally = ClassTally.Empty(BucketEdges.Default);
        tally = tally with { Buckets = tally.Buckets.SetItem(1, new BucketTally(100, 60, 0, 0)), Done = tally.Done.SetItem(1, new BucketTally(55, 50, 0, 0)) };
        Assert.Equal(new ReviewCounts(100, 50, 50), tally.ReviewsOfDone(null));
        foreach (var target in (JobTarget[])[_perClass, _perBucket])
        {
            var found = Assert.Single(target.Test(tally, 3));
            Assert.Equal((target.Per == TargetScope.Class ? null : (int?)1, new ReviewCounts(100, 50, 50)), (found.Bucket, found.Counts));
            Assert.Equal(TargetTest.Decide(new ReviewCounts(100, 50, 50), 0.1, 0.05 / 3), found.Verdict);
        }
        Assert.Throws<InvalidOperationException>(() => (tally with { Done = default }).ReviewsOfDone(null));
    }

    [Theory]
    [InlineData(-0.1, 0.95, "maxIncorrectPerCorrect")]
    [InlineData(double.NaN, 0.95, "maxIncorrectPerCorrect")]
    [InlineData(double.PositiveInfinity, 0.95, "maxIncorrectPerCorrect")]
    [InlineData(0.1, 0, "level")]
    [InlineData(0.1, 1, "level")]
    [InlineData(0.1, double.NaN, "level")]
    [InlineData(0.1, 1e-30, "level")]
    public void Problems_OutOfRange_NameTheField(double ratio, double level, string field) =>
        Assert.Equal(field, Assert.Single(new JobTarget(ratio, level, TargetScope.Class).Problems()).Field);

    [Fact]
    public void Problems_TargetOfZero_IsOne() => Assert.Empty(new JobTarget(0, 0.5, TargetScope.ClassAndBucket).Problems());

    [Theory]
    [InlineData("asCut", false)]
    [InlineData("byValue", false)]
    [InlineData("random(0)", true)]
    public void RefusalOf_Order_IsOfAllButRandomOnes(string text, bool mayHave)
    {
        Assert.True(TaskOrder.TryParse(text, out var order));
        Assert.Equal(mayHave, JobTarget.RefusalOf(new JobSettings { Order = order }) is null);
    }

    private static KeyValuePair<Label, ClassTally> Class(string label, (int Total, int Right, int Wrong)[] buckets)
    {
        var tally = ClassTally.Empty(BucketEdges.Default);
        foreach (var (index, (total, right, wrong)) in buckets.Index()) tally = tally with { Buckets = tally.Buckets.SetItem(index, new BucketTally(total, right, wrong, 0)) };
        return KeyValuePair.Create(Label.Create(label), tally);
    }
}
