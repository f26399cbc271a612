using System.Globalization;
using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class PercentTests
{
    /// <summary>A score as a model has it, in a float32 of 0 to 1, and as people write it.</summary>
    [Fact]
    public void IsSameScore_AnyScoreInFloat32AndFloat64_IsSeenAsOne() => Gen.Int[0, 1_000_000].Sample(millionths =>
    {
        var score = millionths / 1e6;
        var written = Percent.Create(Math.Round(score * 100, 4));
        Percent[] others =
        [
            Percent.Create(score * 100),
            Percent.Create((float)score * 100.0),
            Percent.Create(Math.Min(100, (float)score * 100f)),
            Percent.Create((float)(score * 100)),
            Percent.Create(double.Parse(((float)(score * 100)).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)),
        ];
        Assert.All(others, other => Assert.True(written.IsSameScore(other) && other.IsSameScore(written), $"{written} and {other}"));
    }, iter: 100_000);

    [Theory]
    [InlineData(97.27, 97.26999998092651, true)]
    [InlineData(97.27, 97.2701, false)]
    [InlineData(97.27, 97.2699, false)]
    [InlineData(0, 0, true)]
    [InlineData(0, 0.000001, false)]
    [InlineData(100, 99.9999, false)]
    public void IsSameScore_AsManyDigitsAsScoresHave_TellsThemApart(double left, double right, bool same) =>
        Assert.Equal(same, Percent.Create(left).IsSameScore(Percent.Create(right)));
}
