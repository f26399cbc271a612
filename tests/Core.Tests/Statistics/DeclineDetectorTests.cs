using MathNet.Numerics.Distributions;

namespace BulkQA.Core.Tests;

public sealed class DeclineDetectorTests
{
    private static readonly DateOnly _first = new(2026, 1, 1);

    /// <summary>Where exactly the allowed share is incorrect, the evidence of a day is 1 in the mean: by all outcomes of a day. Where less is, it is less.</summary>
    [Theory]
    [InlineData(12, 0.1, 2)]
    [InlineData(40, 0.05, 10)]
    [InlineData(3, 0.5, 1.25)]
    public void LogEvidence_OverAllOutcomes_IsOneInTheMean(int reviewed, double allowed, double oddsRatio)
    {
        Assert.Equal(1, Mean(allowed), 1e-9);
        Assert.True(Mean(allowed / 2) < 1);
        Assert.True(Mean(Math.Min(0.9, allowed * 2)) > 1);

        double Mean(double share) => Enumerable.Range(0, reviewed + 1).Sum(incorrect => Binomial.PMF(share, reviewed, incorrect)
            * Math.Exp(DeclineDetector.LogEvidence(new BucketTally(reviewed, reviewed - incorrect, incorrect, 0), allowed, oddsRatio)));
    }

    /// <summary>
    /// 10,000 classes at exactly the allowed share, watched for 200 days: the days until an alarm, counted as 200 where none came, are the mean run length
    /// of 50 at least, whether few or many images are reviewed a day, or as many as chance has it.
    /// </summary>
    [Theory]
    [InlineData(5, 90)]
    [InlineData(40, 95)]
    [InlineData(0, 80)]
    public void Find_ClassThatKeepsIt_GivesAnAlarmNoSoonerThanTheMeanRunLength(int reviewed, double keeps)
    {
        const int Runs = 10_000, Horizon = 200, RunLength = 50;
        var random = new Random(11);
        var sum = 0L;
        for (var run = 0; run < Runs; run++) sum += DaysToAlarm(random, reviewed, _ => 1 - (keeps / 100), keeps, RunLength, Horizon) ?? Horizon;
        Assert.True(sum >= Runs * RunLength, $"{(double)sum / Runs} days in the mean");
    }

    /// <summary>The share of incorrect images may be anything up to the allowed one, and go by what was seen: no strategy brings alarms sooner.</summary>
    [Fact]
    public void Find_ShareThatWandersBelowTheAllowed_GivesAnAlarmNoSoonerThanTheMeanRunLength()
    {
        const int Runs = 10_000, Horizon = 200, RunLength = 50;
        var random = new Random(12);
        var sum = 0L;
        for (var run = 0; run < Runs; run++) sum += DaysToAlarm(random, 20, day => day % 7 < 3 ? 0.1 : 0.04, 90, RunLength, Horizon) ?? Horizon;
        Assert.True(sum >= Runs * RunLength, $"{(double)sum / Runs} days in the mean");
    }

    /// <summary>After 60 days at 97 % a class that is to keep 95 % falls to 85 %, with 30 reviews a day.</summary>
    [Fact]
    public void Find_ClassThatFalls_GivesAnAlarmWithinDays()
    {
        var random = new Random(13);
        var delays = Enumerable.Range(0, 500).Select(_ => DaysToAlarm(random, 30, day => day < 60 ? 0.03 : 0.15, 95, 365, 160)).ToList();
        Assert.All(delays, delay => Assert.NotNull(delay));
        // Some come by chance before the fall.
        Assert.InRange(delays.Where(delay => delay > 60).Average(delay => delay!.Value - 60), 1, 6);
        Assert.True(delays.Count(delay => delay <= 60) <= 25, $"{delays.Count(delay => delay <= 60)} of 500 before the fall");
    }

    [Fact]
    public void Find_FallAndRecovery_SaysSinceWhenAndWithdrawsTheAlarm()
    {
        var days = Enumerable.Range(0, 10).Select(_ => (40, 1)).Concat(Enumerable.Repeat((40, 8), 5)).ToList();
        var decline = DeclineDetector.Find(Days(days), 95, 365);
        Assert.NotNull(decline);
        Assert.Equal(_first.AddDays(10), decline.Since);
        Assert.InRange(decline.RaisedOn.DayNumber - _first.DayNumber, 10, 13);
        Assert.InRange(decline.Evidence, 365, 365 * 6);
        Assert.Null(DeclineDetector.Find(Days([.. days, .. Enumerable.Repeat((40, 0), 15)]), 95, 365));
    }

    [Fact]
    public void Find_NothingReviewed_IsNoAlarm()
    {
        Assert.Null(DeclineDetector.Find([], 95, 365));
        Assert.Null(DeclineDetector.Find(Days([(0, 0)]), 95, 365));
    }

    [Theory]
    [InlineData(0, 365)]
    [InlineData(100, 365)]
    [InlineData(double.NaN, 365)]
    [InlineData(95, 1)]
    [InlineData(95, double.PositiveInfinity)]
    public void Find_OutsideItsRange_Throws(double least, double runLength) => Assert.Throws<ArgumentOutOfRangeException>(() => DeclineDetector.Find([], least, runLength));

    /// <summary>The day, from 1, on which the first alarm comes; null where none does.</summary>
    private static int? DaysToAlarm(Random random, int reviewed, Func<int, double> share, double keeps, double runLength, int horizon)
    {
        var detector = new DeclineDetector(keeps, runLength);
        for (var day = 0; day < horizon; day++)
        {
            var count = reviewed > 0 ? reviewed : random.Next(1, 30);
            var incorrect = 0;
            for (var image = 0; image < count; image++) if (random.NextDouble() < share(day)) incorrect++;
            detector.Add(_first.AddDays(day), new BucketTally(count, count - incorrect, incorrect, 0));
            if (detector.Standing is not null) return day + 1;
        }
        return null;
    }

    private static IEnumerable<KeyValuePair<DateOnly, BucketTally>> Days(IEnumerable<(int Reviewed, int Incorrect)> days) =>
        days.Select((day, number) => KeyValuePair.Create(_first.AddDays(number), new BucketTally(day.Reviewed, day.Reviewed - day.Incorrect, day.Incorrect, 0)));
}
