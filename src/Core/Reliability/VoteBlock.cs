using System.Runtime.Intrinsics;

namespace BulkQA.Core;

/// <summary>
/// The votes of many images, packed: 4 bytes a vote and 12 an image, images without votes left out; so at most 16 bytes a vote,
/// and while it is built a quarter of a megabyte more. Never changes, so that any thread can compute on it.
/// </summary>
public sealed class VoteBlock
{
    private readonly VoteSegment[] _segments;
    private readonly ulong[] _workerKeys;

    internal VoteBlock(VoteSegment[] segments, ulong[] workerKeys)
    {
        (_segments, _workerKeys) = (segments, workerKeys);
        foreach (var segment in segments)
        {
            Images += segment.Ends.Length;
            Votes += segment.Votes.Length;
        }
    }

    /// <summary>How many workers have an index; some may have no vote.</summary>
    public int Workers => _workerKeys.Length;

    /// <summary>Images with votes.</summary>
    public long Images { get; }

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
        return counts;
    }

    private static double ShareOfConfirms(ReadOnlySpan<int> votes) => 1 - ((double)CountDisconfirms(votes) / votes.Length);

    private static int CountDisconfirms(ReadOnlySpan<int> votes)
    {
        var sum = 0;
        foreach (var vote in votes) sum += vote & 1;
        return sum;
    }
}
