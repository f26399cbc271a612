namespace BulkQA.Core.Tests;

public sealed class SmallSampleTests
{
    [Theory]
    [InlineData(100, 9, Scope.Corpus, "small sample: 9 reviewed, fewer than 30; one image judged otherwise moves the percentage by 11 points")]
    [InlineData(100, 29, Scope.Model, "small sample: 29 reviewed, fewer than 30; one image judged otherwise moves the percentage by 3 points")]
    // All of them are no sample of themselves, and one of what the model will label.
    [InlineData(9, 9, Scope.Corpus, null)]
    [InlineData(1, 1, Scope.Model, "small sample: 1 reviewed, fewer than 30; one image judged otherwise moves the percentage by 100 points")]
    [InlineData(100, 30, Scope.Model, null)]
    [InlineData(100, 0, Scope.Model, null)]
    public void WarningOf_Counts_SaysHowFewAndWhy(long total, long reviewed, Scope scope, string? warning) =>
        Assert.Equal(warning, SmallSample.WarningOf(new BucketTally(total, reviewed, 0, 0), scope));
}
