using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>
/// Counts that a <see cref="FineHistogram"/> is made of, kept up to date image by image, whether more come or go. 14 bytes for each step that
/// ever had an image, doubled while it grows: 280 KB at most, and some 30 bytes an image where there are few. For one thread at a time.
/// </summary>
internal sealed class FineCounter
{
    private ushort[] _steps = [];
    private Cell[] _cells = [];
    private int _count;
    private Cell _unknown;

    /// <summary>Adds images of a confidence, NaN for none; negative numbers take away.</summary>
    public void Add(double confidence, int images, int reviewed, int confirmed)
    {
        ref var cell = ref double.IsNaN(confidence) ? ref _unknown : ref CellOf((ushort)FineHistogram.StepOf(confidence));
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
            if (_cells[at].Images > 0) steps.Add(new FineStep(_steps[at], _cells[at].Counts + (adjusted?.CountsOf(_steps[at]) ?? default)));
        return new FineHistogram(steps.DrainToImmutable(), _unknown.Counts + (adjusted?._unknown.Counts ?? default));
    }

    private ReviewCounts CountsOf(int step) => Find(step) is var at && at < _count && _steps[at] == step ? _cells[at].Counts : default;

    private ref Cell CellOf(ushort step)
    {
        var at = Find(step);
        if (at == _count || _steps[at] != step) Insert(at, step);
        return ref _cells[at];
    }

    private void Insert(int at, ushort step)
    {
        if (_count == _steps.Length)
        {
            var room = Math.Min(FineHistogram.MaxStep + 1, Math.Max(4, _count * 2));
            Array.Resize(ref _steps, room);
            Array.Resize(ref _cells, room);
        }
        Array.Copy(_steps, at, _steps, at + 1, _count - at);
        Array.Copy(_cells, at, _cells, at + 1, _count - at);
        (_steps[at], _cells[at]) = (step, default);
        _count++;
    }

    /// <summary>The first that is not below. Without branches on what it finds: the processor would guess every one wrong half of the time.</summary>
    private int Find(int step)
    {
        var (from, left) = (0, _count);
        while (left > 1)
        {
            var half = left / 2;
            from += _steps[from + half - 1] < step ? half : 0;
            left -= half;
        }
        return from + (left == 1 && _steps[from] < step ? 1 : 0);
    }

    private struct Cell
    {
        public int Images;
        public int Reviewed;
        public int Confirmed;

        public readonly ReviewCounts Counts => new(Images, Reviewed, Confirmed);
    }
}
