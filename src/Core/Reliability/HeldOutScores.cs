namespace BulkQA.Core;

/// <summary>What a vote can be predicted by, from the simplest on.</summary>
public enum VoteModel : byte
{
    /// <summary>The share of the other votes, and one coin for everybody.</summary>
    Majority = 0,

    /// <summary>One coin a worker.</summary>
    OneCoin = 1,

    /// <summary>Two coins a worker.</summary>
    TwoCoin = 2,
}

/// <summary>The models to compare, all fitted to the same votes.</summary>
/// <param name="SharedCoin">The probability that a vote is as the majority of its image says, from 0 to 1, neither included.</param>
public sealed record HeldOutModels(double SharedCoin, ReliabilityParameters OneCoin, ReliabilityParameters TwoCoin)
{
    /// <summary>The models by the workers of a part.</summary>
    /// <param name="localToGlobal">As for <see cref="ReliabilityParameters.Select"/>.</param>
    public HeldOutModels Select(ReadOnlySpan<int> localToGlobal) => new(SharedCoin, OneCoin.Select(localToGlobal), TwoCoin.Select(localToGlobal));
}

/// <summary>Sums over held-out votes; those of parts add up to those of the whole.</summary>
/// <param name="Votes">Held-out votes on images that keep another vote.</param>
/// <param name="Majority">The sum of the logarithms (natural) of the probability the majority gave them.</param>
/// <param name="OneCoin">That of one coin a worker.</param>
/// <param name="TwoCoin">That of two.</param>
public readonly record struct HeldOutSums(long Votes, double Majority, double OneCoin, double TwoCoin)
{
    public static HeldOutSums operator +(HeldOutSums left, HeldOutSums right) => new(
        left.Votes + right.Votes, left.Majority + right.Majority, left.OneCoin + right.OneCoin, left.TwoCoin + right.TwoCoin);

    public static HeldOutSums Add(HeldOutSums left, HeldOutSums right) => left + right;
}

/// <summary>
/// How well votes that a model did not see are predicted: the mean logarithm (natural) of the probability it gave them. Greater is
/// better; -0.693 is a coin tossed for every vote.
/// </summary>
/// <param name="Votes">How many votes were predicted.</param>
public sealed record HeldOutScores(long Votes, double Majority, double OneCoin, double TwoCoin)
{
    /// <summary>With fewer held-out votes, scores say too little; there are none then.</summary>
    public const int MinVotes = 100;

    /// <summary>The model with the greatest score; the simplest of equal ones.</summary>
    public VoteModel Best => TwoCoin > Math.Max(Majority, OneCoin) ? VoteModel.TwoCoin : OneCoin > Majority ? VoteModel.OneCoin : VoteModel.Majority;

    /// <summary>The scores of the sums over all parts; null with fewer than <see cref="MinVotes"/>.</summary>
    public static HeldOutScores? Of(HeldOutSums sums) => sums.Votes < MinVotes
        ? null
        : new HeldOutScores(sums.Votes, sums.Majority / sums.Votes, sums.OneCoin / sums.Votes, sums.TwoCoin / sums.Votes);
}
