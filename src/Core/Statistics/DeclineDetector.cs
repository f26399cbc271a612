using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>That a class fell below what it is to keep.</summary>
/// <param name="RaisedOn">The day whose reviews showed it first.</param>
/// <param name="Since">The day from which on reviews speak for it: where the decline began, as far as can be told.</param>
/// <param name="Evidence">How much speaks for it on the last day: the alarm stands while it is as great as the mean run length. Bounded.</param>
public sealed record Decline(DateOnly RaisedOn, DateOnly Since, double Evidence);

/// <summary>
/// Watches the reviews of a class day by day, and tells when it no longer keeps a percentage of correct images, with a bound on false alarms that
/// holds however long one looks.
/// </summary>
/// <remarks>
/// A mixture of e-CUSUM detectors (J. Shin, A. Ramdas and A. Rinaldo, "E-detectors: a nonparametric framework for sequential change detection", New
/// England Journal of Statistics in Data Science 2 (2023)). A day's reviews are bet on being incorrect more often than allowed: each multiplies by
/// 1 + b (x - q), where x is 1 for an incorrect image and 0 otherwise, and q is the allowed share. As long as the share of incorrect images is at most
/// q, whatever came before, that is at most 1 in the mean; it need not be the same every day, nor need images be independent. The product since the best
/// past day, averaged over several stakes b, is compared with the mean run length: until the share rises above q it takes that many days with
/// reviews in the mean, at least, until an alarm.
/// </remarks>
public sealed class DeclineDetector
{
    /// <summary>The longest mean run length that can be asked for.</summary>
    public const double MostRunLength = 1_000_000;

    /// <summary>By how much the odds of an incorrect image are taken to have risen, each with the same weight: small declines show late, great ones at once.</summary>
    private static readonly ImmutableArray<double> _oddsRatios = [1.25, 1.5, 2, 3, 5, 10];

    private readonly double _allowed;
    private readonly double _runLength;
    private readonly double _most;

    /// <summary>By odds ratio: the logarithm of the evidence since the best past day, and which that was.</summary>
    private readonly double[] _evidence = new double[_oddsRatios.Length];
    private readonly DateOnly[] _since = new DateOnly[_oddsRatios.Length];

    /// <param name="minCorrectPercent">What the class is to keep; above 0 and below 100.</param>
    /// <param name="meanRunLength">Days with reviews that go by in the mean, at least, until a class that keeps it gives an alarm; from 2 to <see cref="MostRunLength"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    public DeclineDetector(double minCorrectPercent, double meanRunLength)
    {
        if (!(minCorrectPercent is > 0 and < 100)) throw new ArgumentOutOfRangeException(nameof(minCorrectPercent), minCorrectPercent, "not above 0 and below 100");
        if (meanRunLength is not (>= 2 and <= MostRunLength)) throw new ArgumentOutOfRangeException(nameof(meanRunLength), meanRunLength, "not a number from 2 to a million");
        (_allowed, _runLength) = (1 - (minCorrectPercent / 100), meanRunLength);
        // One detector alone has to be able to raise the alarm; more would only keep it standing after the decline is over.
        _most = Math.Log(meanRunLength * _oddsRatios.Length);
    }

    /// <summary>The alarm that stands after the days so far; null for none.</summary>
    public Decline? Standing { get; private set; }

    /// <summary>The alarm that stands after the last of the days; null for none.</summary>
    /// <param name="days">As for <see cref="Add"/>, ascending.</param>
    /// <inheritdoc cref="DeclineDetector(double, double)"/>
    public static Decline? Find(IEnumerable<KeyValuePair<DateOnly, BucketTally>> days, double minCorrectPercent, double meanRunLength)
    {
        var detector = new DeclineDetector(minCorrectPercent, meanRunLength);
        foreach (var (day, counts) in days) detector.Add(day, counts);
        return detector.Standing;
    }

    /// <summary>Takes the next day in.</summary>
    /// <param name="day">After those before.</param>
    /// <param name="counts">Its reviewed images; a day without any changes nothing.</param>
    public void Add(DateOnly day, BucketTally counts)
    {
        if (counts.Reviewed == 0) return;
        var (mean, best) = (0.0, 0);
        for (var at = 0; at < _evidence.Length; at++)
        {
            if (_evidence[at] <= 0) (_evidence[at], _since[at]) = (0, day);
            _evidence[at] = Math.Min(_most, _evidence[at] + LogEvidence(counts, _allowed, _oddsRatios[at]));
            mean += Math.Exp(_evidence[at]) / _evidence.Length;
            if (_evidence[at] > _evidence[best]) best = at;
        }
        Standing = mean < _runLength * (1 - 1e-12) ? null : new Decline(Standing?.RaisedOn ?? day, _since[best], mean);
    }

    /// <summary>The logarithm of what a day's reviews multiply by: of the ratio of their chances with the greater odds and with the allowed ones.</summary>
    internal static double LogEvidence(BucketTally counts, double allowed, double oddsRatio) =>
        (counts.Incorrect * Math.Log(oddsRatio)) - (counts.Reviewed * Math.Log(1 - allowed + (oddsRatio * allowed)));
}
