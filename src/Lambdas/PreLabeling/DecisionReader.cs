using System.Collections.Concurrent;
using BulkQA.Core;

namespace BulkQA.Lambdas;

/// <summary>
/// Reads what is decided of a job's classes, and keeps it for some seconds: Ground Truth asks for many tasks of a job at the same time. Whatever
/// can't be read or understood decides nothing, and humans review.
/// </summary>
internal sealed class DecisionReader(ObjectReader objects)
{
    /// <summary>Jobs whose decisions are kept; beyond that all are read anew.</summary>
    private const int MaxKept = 16;

    private static readonly TimeSpan _lifetime = TimeSpan.FromSeconds(5);

    /// <summary>How long it may take: a task is worth more than the knowledge that nobody needs it.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<ObjectUri, (DecidedLabels? Decided, long ReadAt)> _kept = new();

    /// <summary>What is decided; null where nothing is, as far as can be told.</summary>
    /// <param name="inputs">Where the task's inputs lie.</param>
    /// <param name="requestId">For the log.</param>
    /// <param name="cancellation">Ends the invocation.</param>
    public async Task<DecidedLabels?> ReadAsync(ObjectUri inputs, string requestId, CancellationToken cancellation)
    {
        if (DecidedLabels.UriFor(inputs) is not { } uri) return null;
        if (_kept.TryGetValue(uri, out var kept) && TimeProvider.System.GetElapsedTime(kept.ReadAt) < _lifetime) return kept.Decided;
        var readAt = TimeProvider.System.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_patience);
        DecidedLabels? decided;
        try
        {
            decided = await objects.TryReadAsync(uri, DecidedLabels.MaxBytes, limit.Token) is { } found ? DecidedLabels.Read(found.Content) : null;
        }
        // Whatever it is, it is no reason to leave a task without an answer: that is for the inputs to decide.
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            Log.Warning("What is decided could not be read; humans review", requestId, ("object", uri.ToString()), ("problem", e.Message));
            return null;
        }
        if (_kept.Count >= MaxKept) _kept.Clear();
        _kept[uri] = (decided, readAt);
        return decided;
    }

    /// <summary>Whether humans have to review a task; they do, too, where what its images say can't be understood.</summary>
    public static bool NeedsHuman(DecidedLabels? decided, IReadOnlyList<LabelingInput> images, string requestId)
    {
        try
        {
            return decided?.Covers(images) is not true;
        }
        catch (BadInputException e)
        {
            Log.Warning("A task could not be compared with what is decided; humans review", requestId, ("problem", e.Message));
            return true;
        }
    }
}
