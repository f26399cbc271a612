namespace BulkQA.Core.Tests;

public sealed class ReestimationTests
{
    [Theory]
    [InlineData("10000 twoCoin", 10_000, ReliabilityMethod.TwoCoin)]
    [InlineData("100 oneCoin", 100, ReliabilityMethod.OneCoin)]
    public void TryParse_WhatWasWritten_IsTheSame(string text, long votes, ReliabilityMethod method)
    {
        Assert.True(Reestimation.TryParse(text, out var parsed));
        Assert.Equal(new Reestimation(votes, method), parsed);
        Assert.Equal(text, parsed.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("100")]
    [InlineData("-1 oneCoin")]
    [InlineData("100 threeCoin")]
    [InlineData("100 oneCoin again")]
    public void TryParse_SomethingElse_IsNothing(string? text) => Assert.False(Reestimation.TryParse(text, out _));

    [Theory]
    [InlineData(99, "reestimate.everyVotes: 99 is not from 100 to 1000000000")]
    [InlineData(1_000_000_001, "reestimate.everyVotes: 1000000001 is not from 100 to 1000000000")]
    [InlineData(100, "")]
    public void Problems_OfASetting_NameTheField(long votes, string problem) => Assert.Equal(
        problem, string.Join("; ", new JobSettings { Reestimate = new Reestimation(votes, ReliabilityMethod.OneCoin) }.Problems().Select(found => $"{found.Field}: {found.Problem}")));

    [Theory]
    [InlineData(1_100, 1_000, true)]
    [InlineData(1_099, 1_000, false)]
    // A worker was set aside.
    [InlineData(900, 1_000, true)]
    [InlineData(901, 1_000, false)]
    [InlineData(0, 1_000, false)]
    public void IsDue_VotesMoreOrLess_FromSoManyOn(long votes, long before, bool isDue) => Assert.Equal(isDue, new Reestimation(100, ReliabilityMethod.TwoCoin).IsDue(votes, before));
}
