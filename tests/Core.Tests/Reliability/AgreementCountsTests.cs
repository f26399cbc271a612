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
        string[] observers = ["12332141 2...", "12332241 25.3", ".3332342 251.", "12332441 251."];
        string[] units = [.. Enumerable.Range(0, 12).Select(unit => new string([.. observers.Select(observer => observer.Replace(" ", "")[unit] switch { '.' => '.', '1' => '+', _ => '-' })]))];
        Assert.Equal(1 - (39 * 2 / (9.0 * 31)), AlphaOf(units)!.Value, 1e-12);
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
        var block = Crowd.Of(images).Block();
        var half = images.Length / 2;
        var parts = Crowd.Of(images).Block(Enumerable.Range(0, half)).CountAgreement() + Crowd.Of(images).Block(Enumerable.Range(half, images.Length - half)).CountAgreement();
        Assert.Equal(block.CountAgreement().Alpha ?? 9, parts.Alpha ?? 9, 1e-12);
        return block.CountAgreement().Alpha;
    }
}
