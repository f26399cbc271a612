namespace BulkQA.Web.Tests;

public sealed class ThresholdChoiceTests
{
    /// <summary>100 images; the better half of them is right in 48 cases of 50, all in 80 of 100.</summary>
    private static readonly ThresholdPointModel[] _curve =
    [
        new() { Threshold = 99, Images = 10, Reviewed = 10, CorrectPercent = 100, LowerPercent = 70 },
        new() { Threshold = 90, Images = 50, Reviewed = 50, CorrectPercent = 96, LowerPercent = 88 },
        new() { Threshold = 60, Images = 100, Reviewed = 100, CorrectPercent = 80, LowerPercent = 72 },
    ];

    [Fact]
    public void Of_AThresholdBetweenPoints_ShipsWhatLiesAtOrAboveIt() =>
        Assert.Equal(new ThresholdChoice(75, 50, 50, 96, 88, 2, 32), ThresholdChoice.Of(_curve, 75));

    [Fact]
    public void Of_AThresholdAtAPoint_CountsThatPoint() =>
        Assert.Equal(new ThresholdChoice(99, 10, 90, 100, 70, 0, 70), ThresholdChoice.Of(_curve, 99));

    [Fact]
    public void Of_AThresholdAboveAll_ShipsNothingAndLosesAllThatIsRight() =>
        Assert.Equal(new ThresholdChoice(99.5, 0, 100, null, 0, 0, 80), ThresholdChoice.Of(_curve, 99.5));

    [Fact]
    public void Of_PointsThatNobodyReviewed_GuessesNothing()
    {
        var choice = ThresholdChoice.Of([new() { Threshold = 90, Images = 5 }, new() { Threshold = 50, Images = 9 }], 70);
        Assert.Equal((5, 4, null, null), (choice!.Shipped, choice.Kept, choice.WrongShipped, choice.RightKept));
    }

    [Fact]
    public void Of_NoCurve_IsNothing() => Assert.Null(ThresholdChoice.Of([], 70));
}
