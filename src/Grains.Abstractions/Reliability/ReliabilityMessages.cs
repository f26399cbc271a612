using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>How far workers agree in a class.</summary>
/// <param name="Days">By the day (UTC) of an image's latest answer, ordered.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.ClassAgreement")]
public sealed record ClassAgreement([property: Id(0)] Label Label, [property: Id(1)] ImmutableArray<KeyValuePair<DateOnly, AgreementCounts>> Days);

/// <summary>What a partition has laid by for an estimate: the votes that counted when it was asked.</summary>
/// <param name="Workers">By the index that sums and parameters of this partition are by.</param>
/// <param name="Votes">How many votes.</param>
/// <param name="Images">On how many images.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.LaidByVotes")]
public sealed record LaidByVotes([property: Id(0)] ImmutableArray<WorkerId> Workers, [property: Id(1)] long Votes, [property: Id(2)] long Images);

/// <summary>Which of the votes that are laid by a model does not see: see <see cref="HoldOut"/>.</summary>
/// <param name="Seed">Chooses them.</param>
/// <param name="Share">Of the votes of sampled images.</param>
/// <param name="Images">Of the job, with votes.</param>
/// <param name="MaxImages">In the sample.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.HeldOutVotes")]
public sealed record HeldOutVotes([property: Id(0)] ulong Seed, [property: Id(1)] double Share, [property: Id(2)] long Images, [property: Id(3)] long MaxImages)
{
    public HoldOut ToHoldOut() => new(Seed, Share, Images, MaxImages);
}

/// <summary>The models that held-out votes are scored by, each packed.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.ScoredModels")]
public sealed record ScoredModels([property: Id(0)] double SharedCoin, [property: Id(1)] double[] OneCoin, [property: Id(2)] double[] TwoCoin);
