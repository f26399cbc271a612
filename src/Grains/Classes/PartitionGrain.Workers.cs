using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <content>
/// Who answers in the job: noted before the first of their submissions is stored. Whoever is found in a fold is noted in the background:
/// releases before there were notes wrote none.
/// </content>
public sealed partial class PartitionGrain
{
    /// <summary>Workers of the fold who may not be noted; at most as many as have answered here.</summary>
    private readonly HashSet<WorkerId> _unnoted = [];

    /// <summary>Workers noted in one go, while retiring waits.</summary>
    private const int NotedAtOnce = 500;

    private IGrainTimer? _noting;

    /// <summary>Before submissions are stored.</summary>
    private Task NoteAsync(IEnumerable<Submission> submissions) => noted.NoteAsync(_address.Class.Incarnation, submissions.Select(submission => submission.Worker));

    private void NoteLater(PartitionFold fold)
    {
        _unnoted.UnionWith(fold.Workers.Where(worker => !noted.Knows(_address.Class.Incarnation, worker)));
        if (_unnoted.Count > 0) _noting ??= this.RegisterGrainTimer(NoteFoundAsync, new GrainTimerCreationOptions(TimeSpan.Zero, options.Value.RepairInterval) { Interleave = true });
    }

    private async Task NoteFoundAsync()
    {
        // Nobody is noted once the job is deleted: retiring has the gate alone, and leaves no view.
        using var pass = await _gate.EnterAsync();
        if (View is null) _unnoted.Clear();
        var found = _unnoted.Take(NotedAtOnce).ToList();
        try
        {
            await noted.NoteAsync(_address.Class.Incarnation, found);
            _unnoted.ExceptWith(found);
            if (_unnoted.Count > 0) return;
            _noting?.Dispose();
            _noting = null;
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            LogNotNoted(e, _address.Key, found.Count, options.Value.RepairInterval);
        }
    }
}
