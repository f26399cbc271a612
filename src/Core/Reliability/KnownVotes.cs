using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BulkQA.Core;

/// <summary>
/// Votes on images of which the truth is known, by worker. They count the same under every model, so that only counts are kept. Never changes.
/// </summary>
internal sealed class KnownVotes(double[] counts)
{
    /// <summary>Of each worker: confirms of right and of wrong images, disconfirms of right and of wrong ones, as in <see cref="ExpectedCounts"/>.</summary>
    public const int PerWorker = 4;

    public static int IndexOf(int worker, bool disconfirms, bool isRight) => (PerWorker * worker) + (disconfirms ? 2 : 0) + (isRight ? 0 : 1);

    /// <summary>Adds the votes to a sum, and what they say of the model to its log-likelihood.</summary>
    /// <param name="sums">Grow.</param>
    /// <param name="logs">By vote; null where there is no model.</param>
    public void AddTo(ExpectedCounts sums, Vector128<double>[]? logs)
    {
        var votes = MemoryMarshal.Cast<double, Vector128<double>>(counts);
        var byVote = sums.ByVote;
        var logLikelihood = 0.0;
        for (var vote = 0; vote < votes.Length; vote++)
        {
            byVote[vote] += votes[vote];
            if (logs is not null) logLikelihood += Vector128.Sum(votes[vote] * logs[vote]);
        }
        sums.AddImages(logLikelihood, 0, 0);
    }
}
