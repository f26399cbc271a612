using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class IsotonicRegressionTests
{
    /// <summary>The solution in closed form: the greatest of the least means. R. E. Barlow et al., "Statistical Inference under Order Restrictions" (1972), theorem 1.4.</summary>
    [Fact]
    public void Fit_AnyCounts_IsTheMaxMinOfMeans() => Gen.Select(Gen.Int[0, 9], Gen.Double[0, 1]).Array[1, 14].Sample(counts =>
    {
        var steps = counts.Select((entry, index) => new FineStep(index * 7, new ReviewCounts(10, entry.Item1, (long)(entry.Item1 * entry.Item2)))).ToList();
        var fit = IsotonicRegression.Fit(steps);
        double Mean(int from, int to)
        {
            var part = steps[from..(to + 1)];
            return (double)part.Sum(step => step.Counts.Confirmed) / part.Sum(step => step.Counts.Reviewed);
        }
        var reviewed = Enumerable.Range(0, steps.Count).Where(at => steps[at].Counts.Reviewed > 0).ToList();
        foreach (var at in reviewed)
        {
            var expected = reviewed.Where(from => from <= at).Max(from => reviewed.Where(to => to >= at).Min(to => Mean(from, to)));
            Assert.Equal(expected, fit.ShareAt(steps[at].Step)!.Value, 1e-12);
        }
        Assert.Equal(reviewed.Sum(at => steps[at].Counts.Reviewed), fit.Blocks.Sum(block => block.Reviewed));
        Assert.All(fit.Blocks.Zip(fit.Blocks.Skip(1)), pair => Assert.True(pair.First.Share < pair.Second.Share && pair.First.From < pair.Second.From));
    }, iter: 500);

    [Fact]
    public void ShareAt_BetweenAndBeyondBlocks_IsThatOfTheBlockBelow()
    {
        var fit = IsotonicRegression.Fit([new FineStep(100, new ReviewCounts(2, 2, 1)), new FineStep(200, new ReviewCounts(2, 2, 2))]);
        Assert.Equal([0.5, 0.5, 0.5, 1, 1], new[] { 0, 100, 199, 200, 10_000 }.Select(step => fit.ShareAt(step)!.Value));
    }

    [Fact]
    public void Fit_NothingReviewed_HasNoShare() => Assert.Null(IsotonicRegression.Fit([new FineStep(1, new ReviewCounts(5, 0, 0))]).ShareAt(1));
}
