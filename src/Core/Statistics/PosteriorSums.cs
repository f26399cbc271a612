using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>The posteriors of some images, as far as <see cref="ExpectedCorrect"/> needs them: what parts come to adds up.</summary>
/// <param name="Images">How many there are.</param>
/// <param name="Certain">Those that are certainly right.</param>
/// <param name="Uncertain">Those that are neither certainly right nor certainly wrong; what follows is of them alone.</param>
/// <param name="Mean">Sum of the posteriors: the expected number of right ones.</param>
/// <param name="Variance">Sum of p(1 - p).</param>
/// <param name="Third">Sum of p(1 - p)(1 - 2p), the third central moment.</param>
/// <param name="Each">Each posterior, where there are no more than <see cref="ExpectedCorrect.MaxExact"/>; none otherwise.</param>
public sealed record PosteriorSums(long Images, long Certain, long Uncertain, double Mean, double Variance, double Third, ImmutableArray<double> Each)
{
    /// <summary>Whether each posterior is there.</summary>
    public bool IsExact => Each.Length == Uncertain;

    /// <exception cref="ArgumentOutOfRangeException">One is not from 0 to 1.</exception>
    public static PosteriorSums Of(IEnumerable<double> posteriors)
    {
        var (images, certain, uncertain, mean, variance, third) = (0L, 0L, 0L, 0.0, 0.0, 0.0);
        var each = new List<double>();
        foreach (var posterior in posteriors)
        {
            if (!(posterior is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(posteriors), posterior, "not from 0 to 1");
            images++;
            if (posterior == 1) certain++;
            if (posterior is not (> 0 and < 1)) continue;
            uncertain++;
            mean += posterior;
            variance += posterior * (1 - posterior);
            third += posterior * (1 - posterior) * (1 - (2 * posterior));
            if (each.Count <= ExpectedCorrect.MaxExact) each.Add(posterior);
        }
        return new(images, certain, uncertain, mean, variance, third, uncertain > ExpectedCorrect.MaxExact ? [] : [.. each]);
    }

    public static PosteriorSums operator +(PosteriorSums left, PosteriorSums right) => new(
        left.Images + right.Images, left.Certain + right.Certain, left.Uncertain + right.Uncertain, left.Mean + right.Mean, left.Variance + right.Variance, left.Third + right.Third,
        left.IsExact && right.IsExact && left.Each.Length + right.Each.Length <= ExpectedCorrect.MaxExact ? [.. left.Each, .. right.Each] : []);

    public static PosteriorSums Add(PosteriorSums left, PosteriorSums right) => left + right;

    public bool Equals(PosteriorSums? other) => other is not null
        && (Images, Certain, Uncertain, Mean, Variance, Third) == (other.Images, other.Certain, other.Uncertain, other.Mean, other.Variance, other.Third)
        && Each.AsSpan().SequenceEqual(other.Each.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Images, Certain, Uncertain, Mean);
}
