namespace BulkQA.Web.Tests;

public sealed class DirectionsTests
{
    [Theory]
    [InlineData("Dog (small)", false, false)]
    [InlineData("Dog (small)", true, true)]
    [InlineData("كلب (صغير)", false, true)]
    [InlineData("كلب (صغير)", true, false)]
    [InlineData("کتا", true, false)]
    [InlineData("Собака", true, true)]
    [InlineData("狗", true, true)]
    [InlineData("כלב 2", false, true)]
    [InlineData("𞤀", false, true)]
    [InlineData("2024-05 (7)", true, false)]
    [InlineData("", true, false)]
    [InlineData("\ud800", false, false)]
    public void Isolate_AValueWithLettersOfTheOtherDirection_PutsItBetweenIsolates(string value, bool isTextRightToLeft, bool isIsolated) =>
        Assert.Equal(isIsolated ? $"\u2068{value}\u2069" : value, Directions.Isolate(value, isTextRightToLeft));
}
