using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BulkQA.Core;

/// <summary>
/// The votes of many images, packed: 4 bytes a vote and 12 an image, images without votes left out; so at most 16 bytes a vote,
/// and while it is built an eighth of a megabyte more. Never changes, so that any thread can compute on it.
/// </summary>
public sealed class VoteBlock
{
    private delegate void VisitImage(ulong key, ReadOnlySpan<int> votes);

    private readonly VoteSegment[] _segments;
    private readonly ulong[] _workerKeys;
    private readonly KnownVotes? _known;

    internal VoteBlock(VoteSegment[] segments, ulong[] workerKeys, KnownVotes? known)
    {
        (_segments, _workerKeys, _known) = (segments, workerKeys, known);
        foreach (var segment in segments)
        {
            Images += segment.Ends.Length;
            Votes += segment.Votes.Length;
        }
    }

    /// <summary>How many workers have an index; some may have no vote.</summary>
    public int Workers => _workerKeys.Length;

    /// <summary>Images with votes, without those whose truth is known.</summary>
    public long Images { get; }

    /// <summary>Votes on these images.</summary>
    public long Votes { get; }

    /// <summary>The E-step: how votes spread over right and wrong images under a model.</summary>
    /// <param name="parameters">By the workers' indices in this block.</param>
    public ExpectedCounts Expect(ReliabilityParameters parameters)
    {
        var counts = new ExpectedCounts(Workers);
        var logs = parameters.LogByVote(Workers);
        var logPrior = parameters.LogPrior;
        foreach (var segment in _segments)
        {
            var byVote = counts.ByVote;
            var (votes, begin, logLikelihood, right) = (segment.Votes, 0, 0.0, 0.0);
            foreach (var end in segment.Ends)
            {
                var own = votes.AsSpan(begin, end - begin);
                begin = end;
                var log = logPrior;
                foreach (var vote in own) log += logs[vote];
                // The greater of the two likelihoods is factored out, so that nothing under- or overflows.
                var (ofRight, ofWrong) = (log[0], log[1]);
                var ratio = Math.Exp(-Math.Abs(ofRight - ofWrong));
                var (likelier, other) = (1 / (1 + ratio), ratio / (1 + ratio));
                logLikelihood += Math.Max(ofRight, ofWrong) + Math.Log(1 + ratio);
                var posterior = ofRight >= ofWrong ? Vector128.Create(likelier, other) : Vector128.Create(other, likelier);
                foreach (var vote in own) byVote[vote] += posterior;
                right += posterior[0];
            }
            counts.AddImages(logLikelihood, segment.Ends.Length, right);
        }
        _known?.AddTo(counts, logs);
        return counts;
    }

    /// <summary>What the estimation starts from: each image is taken to be right with the share of its votes that confirm.</summary>
    public ExpectedCounts ExpectByMajority()
    {
        var counts = new ExpectedCounts(Workers);
        foreach (var segment in _segments)
        {
            var byVote = counts.ByVote;
            var (votes, begin, right) = (segment.Votes, 0, 0.0);
            foreach (var end in segment.Ends)
            {
                var own = votes.AsSpan(begin, end - begin);
                begin = end;
                var share = ShareOfConfirms(own);
                var posterior = Vector128.Create(share, 1 - share);
                foreach (var vote in own) byVote[vote] += posterior;
                right += share;
            }
            counts.AddImages(0, segment.Ends.Length, right);
        }
        _known?.AddTo(counts, null);
        return counts;
    }

    /// <summary>What the agreement on these images is computed from.</summary>
    public AgreementCounts CountAgreement()
    {
        var sum = default(AgreementCounts);
        foreach (var segment in _segments)
        {
            var begin = 0;
            foreach (var end in segment.Ends)
            {
                var disconfirms = CountDisconfirms(segment.Votes.AsSpan(begin, end - begin));
                sum += AgreementCounts.Of(end - begin - disconfirms, disconfirms);
                begin = end;
            }
        }
        return sum;
    }

    /// <summary>The sampled images of these with the votes that are not held out: what models to be compared are fitted to.</summary>
    public VoteBlock WithoutHeldOut(HoldOut holdOut)
    {
        var builder = new VoteBlockBuilder(_workerKeys);
        var kept = new List<(int Worker, bool Disconfirms)>();
        VisitSample(holdOut, (key, votes) =>
        {
            kept.Clear();
            foreach (var vote in votes)
                if (!IsHeld(holdOut, key, vote)) kept.Add((vote >> 1, (vote & 1) == 1));
            builder.Add(key, CollectionsMarshal.AsSpan(kept));
        });
        return builder.Build(_known);
    }

    /// <summary>
    /// How well models predict the held-out votes from those that are left on the same image. A vote on an image of which none is left
    /// is passed over: it would say nothing of how votes are best combined.
    /// </summary>
    /// <param name="holdOut">The same as for <see cref="WithoutHeldOut"/>.</param>
    /// <param name="models">By the workers' indices in this block.</param>
    public HeldOutSums Score(HoldOut holdOut, HeldOutModels models)
    {
        var sums = default(HeldOutSums);
        var shared = new WorkerCoins(models.SharedCoin, models.SharedCoin);
        var (logsOfOne, logsOfTwo) = (models.OneCoin.LogByVote(Workers), models.TwoCoin.LogByVote(Workers));
        VisitSample(holdOut, (key, votes) =>
        {
            var (kept, confirms, byOne, byTwo) = (0, 0, models.OneCoin.LogPrior, models.TwoCoin.LogPrior);
            foreach (var vote in votes)
            {
                if (IsHeld(holdOut, key, vote)) continue;
                kept++;
                confirms += 1 - (vote & 1);
                byOne += logsOfOne[vote];
                byTwo += logsOfTwo[vote];
            }
            if (kept == 0) return;
            var (share, one, two) = ((double)confirms / kept, Posterior(byOne), Posterior(byTwo));
            foreach (var vote in votes)
            {
                if (!IsHeld(holdOut, key, vote)) continue;
                var worker = vote >> 1;
                sums += new HeldOutSums(
                    1, LogPredicted(share, shared, vote),
                    LogPredicted(one, models.OneCoin.CoinsOf(worker), vote), LogPredicted(two, models.TwoCoin.CoinsOf(worker), vote));
            }
        });
        return sums;
    }

    private void VisitSample(HoldOut holdOut, VisitImage visit)
    {
        foreach (var segment in _segments)
        {
            var begin = 0;
            for (var image = 0; image < segment.Ends.Length; image++)
            {
                var end = segment.Ends[image];
                if (holdOut.Samples(segment.Keys[image])) visit(segment.Keys[image], segment.Votes.AsSpan(begin, end - begin));
                begin = end;
            }
        }
    }

    private bool IsHeld(HoldOut holdOut, ulong key, int vote) => holdOut.Holds(key, _workerKeys[vote >> 1]);

    private static double Posterior(Vector128<double> log) => 1 / (1 + Math.Exp(log[1] - log[0]));

    /// <summary>The logarithm of a vote's probability, where its image is right with the given one.</summary>
    private static double LogPredicted(double posterior, WorkerCoins coins, int vote)
    {
        var confirms = (posterior * coins.ConfirmsRight) + ((1 - posterior) * (1 - coins.CatchesWrong));
        return Math.Log((vote & 1) == 0 ? confirms : 1 - confirms);
    }

    private static double ShareOfConfirms(ReadOnlySpan<int> votes) => 1 - ((double)CountDisconfirms(votes) / votes.Length);

    private static int CountDisconfirms(ReadOnlySpan<int> votes)
    {
        var sum = 0;
        foreach (var vote in votes) sum += vote & 1;
        return sum;
    }
}
