using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class AgreementCountsTests
{
    /// <summary>Krippendorff 2011, section B: two observers, ten units, alpha = 0.095.</summary>
    [Fact]
    public void Alpha_PublishedBinaryExample_IsAsPublished() => Assert.Equal(
        0.095, AlphaOf("-+", "++", "-+", "--", "--", "-+", "--", "--", "+-", "--")!.Value, 0.0005);

    /// <summary>
    /// The same, section C: four observers, twelve units, missing data; with "1 or another value" for the five values. From the published
    /// coincidences (o11 = 7, o12 = 4/3, o13 = 1/3, o14 = 1/3, n1 = 9, n = 40), 1 - 39 * 2 / (9 * 31).
    /// </summary>
    [Fact]
    public void Alpha_PublishedExampleWithMissingData_IsThatOfItsCoincidences()
    {
        string[] observers = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."];
        var units = Enumerable.Range(0, 12).Select(unit => string.Concat(observers.Select(observer => observer[unit] switch { '.' => '.', '1' => '+', _ => '-' })));
        Assert.Equal(1 - (39 * 2 / (9.0 * 31)), AlphaOf([.. units])!.Value, 1e-12);
    }

    [Fact]
    public void Alpha_AllAgreeOnBothKinds_Is1() => Assert.Equal(1, AlphaOf("++", "--", "+++"));

    [Theory]
    [InlineData("+.", ".-")]
    [InlineData("++", "++")]
    [InlineData("--", "--")]
    [InlineData("++", "-.")]
    [InlineData("..", "..")]
    public void Alpha_NothingToCompareOrNoVariation_IsNull(params string[] images) => Assert.Null(AlphaOf(images));

    /// <summary>Against the definition: pairs of votes on the same image that differ, by pairs of any two votes that differ.</summary>
    [Fact]
    public void Alpha_AnyVotes_IsByDefinition() => Gen.OneOfConst('+', '-', '.').Array[5].Array[1, 9].Sample(images =>
    {
        string[] texts = [.. images.Select(image => new string(image))];
        var units = texts.Select(text => text.Where(answer => answer != '.').ToArray()).Where(unit => unit.Length > 1).ToArray();
        var all = units.SelectMany(unit => unit).ToArray();
        var observed = units.Sum(unit => Differing(unit) / (unit.Length - 1.0)) / all.Length;
        var expected = Differing(all) / ((double)all.Length * (all.Length - 1));
        var alpha = AlphaOf(texts);
        if (all.Length == 0 || expected == 0) Assert.Null(alpha);
        else Assert.Equal(1 - (observed / expected), alpha!.Value, 1e-12);
    }, iter: 1_000);

    private static int Differing(char[] votes) => votes.Sum(left => votes.Count(right => left != right));

    private static double? AlphaOf(params string[] images)
    {
        var crowd = Crowd.Of(images);
        var alpha = crowd.Block().CountAgreement().Alpha;
        var parts = Enumerable.Range(0, images.Length).Chunk(2).Select(part => crowd.Block(part).CountAgreement());
        // 9 stands for none; no alpha is that great.
        Assert.Equal(alpha ?? 9, parts.Aggregate(AgreementCounts.Add).Alpha ?? 9, 1e-12);
        return alpha;
    }
}
