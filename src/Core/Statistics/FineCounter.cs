using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>
/// Counts that a <see cref="FineHistogram"/> is made of, kept up to date image by image, whether more come or go. For a few steps 14 bytes
/// each, doubled while they grow; beyond <see cref="MostSparse"/> a place for every step: 120 KB at most. For one thread at a time.
/// </summary>
internal sealed class FineCounter
{
    /// <summary>Steps that are kept in order; with more of them, finding one costs more than room for all.</summary>
    internal const int MostSparse = 2_048;

    /// <summary>Ascending, those in use; null once each has its place.</summary>
    private ushort[]? _steps = [];

    /// <summary>By index in <see cref="_steps"/>, or by step.</summary>
    private Cell[] _cells = [];

    private int _count;
    private Cell _unknown;

    /// <summary>Adds images of a confidence, NaN for none; negative numbers take away.</summary>
    public void Add(double confidence, int images, int reviewed, int confirmed)
    {
        ref var cell = ref double.IsNaN(confidence) ? ref _unknown : ref CellOf(FineHistogram.StepOf(confidence));
        cell.Images += images;
        cell.Reviewed += reviewed;
        cell.Confirmed += confirmed;
    }

    /// <summary>Adds images of a verdict.</summary>
    public void Add(double confidence, Verdict verdict, int images) =>
        Add(confidence, images, verdict == Verdict.Unreviewed ? 0 : images, verdict == Verdict.Confirmed ? images : 0);

    /// <summary>Images of one verdict have another one now.</summary>
    public void Move(double confidence, Verdict from, Verdict to, int images)
    {
        var reviewed = (to == Verdict.Unreviewed ? 0 : 1) - (from == Verdict.Unreviewed ? 0 : 1);
        var confirmed = (to == Verdict.Confirmed ? 1 : 0) - (from == Verdict.Confirmed ? 1 : 0);
        if (reviewed != 0 || confirmed != 0) Add(confidence, 0, images * reviewed, images * confirmed);
    }

    /// <summary>Counts nothing any more. Keeps its room: most often the same images are counted anew.</summary>
    public void Clear()
    {
        Array.Clear(_cells);
        _unknown = default;
    }

    /// <summary>What is counted, with what another counter adds to it.</summary>
    public FineHistogram ToHistogram(FineCounter? adjusted = null)
    {
        var steps = ImmutableArray.CreateBuilder<FineStep>(_count);
        for (var at = 0; at < _count; at++)
        {
            var step = _steps is null ? at : _steps[at];
            if (_cells[at].Images > 0) steps.Add(new FineStep(step, _cells[at].Counts + (adjusted?.CountsOf(step) ?? default)));
        }
        return new FineHistogram(steps.DrainToImmutable(), _unknown.Counts + (adjusted?._unknown.Counts ?? default));
    }

    private ReviewCounts CountsOf(int step)
    {
        if (_steps is null) return _cells[step].Counts;
        var at = Find(_steps, step);
        return at < _count && _steps[at] == step ? _cells[at].Counts : default;
    }

    private ref Cell CellOf(int step)
    {
        if (_steps is null) return ref _cells[step];
        var at = Find(_steps, step);
        if (at < _count && _steps[at] == step) return ref _cells[at];
        if (_count == MostSparse)
        {
            Spread(_steps);
            return ref _cells[step];
        }
        if (_count == _steps.Length)
        {
            Array.Resize(ref _steps, Math.Max(4, _count * 2));
            Array.Resize(ref _cells, _steps.Length);
        }
        Array.Copy(_steps, at, _steps, at + 1, _count - at);
        Array.Copy(_cells, at, _cells, at + 1, _count - at);
        (_steps[at], _cells[at]) = ((ushort)step, default);
        _count++;
        return ref _cells[at];
    }

    private void Spread(ushort[] steps)
    {
        var all = new Cell[FineHistogram.MaxStep + 1];
        for (var at = 0; at < _count; at++) all[steps[at]] = _cells[at];
        (_steps, _cells, _count) = (null, all, all.Length);
    }

    /// <summary>The first that is not below. Without branches on what it finds: the processor would guess every one wrong half of the time.</summary>
    private int Find(ushort[] steps, int step)
    {
        var (from, left) = (0, _count);
        while (left > 1)
        {
            var half = left / 2;
            from += steps[from + half - 1] < step ? half : 0;
            left -= half;
        }
        return from + (left == 1 && steps[from] < step ? 1 : 0);
    }

    private struct Cell
    {
        public int Images;
        public int Reviewed;
        public int Confirmed;

        public readonly ReviewCounts Counts => new(Images, Reviewed, Confirmed);
    }
}
