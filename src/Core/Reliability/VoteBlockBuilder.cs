namespace BulkQA.Core;

/// <summary>
/// Packs votes into a <see cref="VoteBlock"/>. Holds no more than the block will, and one segment of a fixed size. For one
/// thread at a time.
/// </summary>
public sealed class VoteBlockBuilder
{
    /// <summary>The most votes of a segment, and so of an image; its arrays stay out of the large object heap.</summary>
    public const int MaxVotes = 8_192;

    private const int MaxWorkers = 1 << 30;

    private readonly List<VoteSegment> _segments = [];
    private readonly ulong[] _workerKeys;
    private readonly int[] _votes = new int[MaxVotes];
    private readonly int[] _ends = new int[MaxVotes];
    private readonly ulong[] _keys = new ulong[MaxVotes];
    private double[]? _known;
    private int _voteCount;
    private int _imageCount;

    /// <param name="workerKeys">
    /// By worker, what tells it from all others in every part of the job (see <see cref="HoldOut.KeyOf"/>). Kept, not copied.
    /// </param>
    /// <exception cref="ArgumentException">There are more than 2^30 workers.</exception>
    public VoteBlockBuilder(ulong[] workerKeys)
    {
        if (workerKeys.Length > MaxWorkers) throw new ArgumentException($"{workerKeys.Length} workers are more than {MaxWorkers}", nameof(workerKeys));
        _workerKeys = workerKeys;
    }

    /// <summary>Takes the votes of an image over; nothing where there are none. Allocates nothing but a segment now and then.</summary>
    /// <param name="key">What tells the image from all others of the job (see <see cref="HoldOut.KeyOf"/>).</param>
    /// <param name="votes">At most one a worker, in any order, with the worker's index.</param>
    /// <exception cref="ArgumentException">A worker has no key, or there are more than <see cref="MaxVotes"/>; nothing is taken.</exception>
    public void Add(ulong key, ReadOnlySpan<(int Worker, bool Disconfirms)> votes)
    {
        if (votes.IsEmpty) return;
        if (votes.Length > MaxVotes) throw new ArgumentException($"{votes.Length} votes are more than {MaxVotes}", nameof(votes));
        EnsureKnown(votes);
        if (_voteCount + votes.Length > MaxVotes) CloseSegment();
        foreach (var (worker, disconfirms) in votes) _votes[_voteCount++] = (worker << 1) | (disconfirms ? 1 : 0);
        _keys[_imageCount] = key;
        _ends[_imageCount++] = _voteCount;
    }

    /// <summary>Takes the votes on an image over of which it is known whether its label is right. It is none of the block's images.</summary>
    /// <param name="isRight">Whether it is.</param>
    /// <param name="votes">At most one a worker, in any order, with the worker's index.</param>
    /// <exception cref="ArgumentException">A worker has no key; nothing is taken.</exception>
    public void AddKnown(bool isRight, ReadOnlySpan<(int Worker, bool Disconfirms)> votes)
    {
        if (votes.IsEmpty) return;
        EnsureKnown(votes);
        _known ??= new double[KnownVotes.PerWorker * _workerKeys.Length];
        foreach (var (worker, disconfirms) in votes) _known[KnownVotes.IndexOf(worker, disconfirms, isRight)]++;
    }

    /// <summary>The block of all that was added. The builder can go on afterwards.</summary>
    public VoteBlock Build() => Build(_known is null ? null : new KnownVotes([.. _known]));

    /// <param name="known">Taken instead of what <see cref="AddKnown"/> was given.</param>
    internal VoteBlock Build(KnownVotes? known)
    {
        if (_imageCount > 0) CloseSegment();
        return new VoteBlock([.. _segments], _workerKeys, known);
    }

    private void EnsureKnown(ReadOnlySpan<(int Worker, bool Disconfirms)> votes)
    {
        foreach (var (worker, _) in votes)
            if ((uint)worker >= (uint)_workerKeys.Length) throw new ArgumentException($"there is no worker {worker}", nameof(votes));
    }

    private void CloseSegment()
    {
        _segments.Add(new VoteSegment(_votes.AsSpan(0, _voteCount).ToArray(), _ends.AsSpan(0, _imageCount).ToArray(), _keys.AsSpan(0, _imageCount).ToArray()));
        (_voteCount, _imageCount) = (0, 0);
    }
}

/// <summary>Images of a block, one after the other.</summary>
/// <param name="Votes">Worker * 2, and 1 more where the vote disconfirms.</param>
/// <param name="Ends">By image, where its votes end.</param>
/// <param name="Keys">By image, its key.</param>
internal sealed record VoteSegment(int[] Votes, int[] Ends, ulong[] Keys);
