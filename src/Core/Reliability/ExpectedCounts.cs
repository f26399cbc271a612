using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BulkQA.Core;

/// <summary>How one worker's votes spread over right and wrong images, as far as a model can tell: expected values, so not whole.</summary>
/// <param name="RightVotes">Votes on right images.</param>
/// <param name="RightConfirms">Those that confirm.</param>
/// <param name="WrongVotes">Votes on wrong images.</param>
/// <param name="WrongDisconfirms">Those that disconfirm.</param>
public readonly record struct WorkerCounts(double RightVotes, double RightConfirms, double WrongVotes, double WrongDisconfirms)
{
    /// <summary>Votes that are as the truth is.</summary>
    public double Hits => RightConfirms + WrongDisconfirms;

    /// <summary>All votes of the worker: a whole number, whatever the model.</summary>
    public long Votes => (long)Math.Round(RightVotes + WrongVotes);
}

/// <summary>
/// What the E-step of one iteration comes to: sums over images, so that those of parts add up to those of the whole. Grows by
/// adding; for one thread at a time. 32 bytes a worker, as one array of numbers for the wire.
/// </summary>
public sealed class ExpectedCounts
{
    /// <summary>Numbers before those of the workers: log-likelihood, images, right images.</summary>
    private const int Header = 3;

    /// <summary>Of each worker: confirms of right and of wrong images, disconfirms of right and of wrong ones.</summary>
    private const int PerWorker = 4;

    private readonly double[] _values;

    /// <summary>Nothing yet.</summary>
    /// <param name="workers">How many workers there are, 0 or more.</param>
    public ExpectedCounts(int workers) => _values = new double[Header + (PerWorker * workers)];

    private ExpectedCounts(double[] values) => _values = values;

    public int Workers => (_values.Length - Header) / PerWorker;

    /// <summary>
    /// The logarithm of the probability of all votes under the parameters (natural); 0 where they were counted by majority,
    /// which is no model.
    /// </summary>
    public double LogLikelihood => _values[0];

    /// <summary>Images with votes.</summary>
    public long Images => (long)_values[1];

    /// <summary>Expected right images: the sum of their posteriors.</summary>
    public double RightImages => _values[2];

    /// <summary>Votes of everybody.</summary>
    public long Votes
    {
        get
        {
            var sum = 0L;
            for (var worker = 0; worker < Workers; worker++) sum += this[worker].Votes;
            return sum;
        }
    }

    /// <summary>Those of one worker, from 0 to <see cref="Workers"/> - 1.</summary>
    public WorkerCounts this[int worker]
    {
        get
        {
            var of = _values.AsSpan(Header + (PerWorker * worker), PerWorker);
            return new WorkerCounts(of[0] + of[2], of[0], of[1] + of[3], of[3]);
        }
    }

    /// <summary>By vote (worker and answer): how many of them are expected on right images, and on wrong ones.</summary>
    internal Span<Vector128<double>> ByVote => MemoryMarshal.Cast<double, Vector128<double>>(_values.AsSpan(Header));

    /// <summary>Adds these to those of a whole.</summary>
    /// <param name="whole">Grows.</param>
    /// <param name="localToGlobal">By worker of these, the worker of the whole.</param>
    /// <exception cref="ArgumentException">It has another length than there are workers.</exception>
    public void AddInto(ExpectedCounts whole, ReadOnlySpan<int> localToGlobal)
    {
        if (localToGlobal.Length != Workers) throw new ArgumentException($"{localToGlobal.Length} indices for {Workers} workers", nameof(localToGlobal));
        whole.AddImages(LogLikelihood, Images, RightImages);
        var from = ByVote;
        var to = whole.ByVote;
        for (var local = 0; local < localToGlobal.Length; local++)
        {
            var global = localToGlobal[local];
            to[2 * global] += from[2 * local];
            to[(2 * global) + 1] += from[(2 * local) + 1];
        }
    }

    /// <summary>Everything as one array, to be sent and not to be changed: it is not a copy.</summary>
    public double[] Pack() => _values;

    /// <summary>The counts that were packed.</summary>
    /// <param name="packed">Kept, not copied.</param>
    /// <exception cref="ArgumentException">Nothing that was packed has this length.</exception>
    public static ExpectedCounts Unpack(double[] packed) =>
        packed.Length >= Header && (packed.Length - Header) % PerWorker == 0
            ? new ExpectedCounts(packed)
            : throw new ArgumentException($"{packed.Length} numbers are no counts", nameof(packed));

    internal void AddImages(double logLikelihood, long images, double rightImages)
    {
        Debug.Assert(!double.IsNaN(logLikelihood) && !double.IsNaN(rightImages), "counts are numbers");
        _values[0] += logLikelihood;
        _values[1] += images;
        _values[2] += rightImages;
    }
}
