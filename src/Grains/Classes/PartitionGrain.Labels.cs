using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <content>The label table's rows: written by and by once a task has all its answers, and whenever asked for.</content>
public sealed partial class PartitionGrain
{
    /// <summary>Tasks whose rows are read and written in one go.</summary>
    private const int TasksAtOnce = 40;

    /// <summary>A revision that no rules have.</summary>
    private const int Unknown = -1;

    /// <summary>Tasks whose rows are to be written.</summary>
    private readonly HashSet<TaskNumber> _unlisted = [];

    /// <summary>One writer at a time: an older state must not land after a newer one.</summary>
    private readonly Gate _lists = new();

    /// <summary>Tasks whose rows were written while older ones may have been on their way: they are to be written once more.</summary>
    private readonly HashSet<TaskNumber> _listedUnconfirmed = [];

    /// <summary>Until when a write of rows that was given up, here or by a process that crashed, may still land.</summary>
    private DateTimeOffset _rowsLandUntil;

    private IGrainTimer? _listing;

    private bool IsListingDue => _unlisted.Count > 0 || _listedUnconfirmed.Count > 0;

    public Task WriteLabelsAsync(bool all) => WriteLabelsAsync(all, 0);

    public async Task WriteLabelsAsync(bool all, int rulesRevision)
    {
        await CatchUpAsync(rulesRevision);
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { } view) return;
        using (await _lists.EnterAloneAsync()) await ListAsync(view, await FindChangedAsync(view, all));
        // Also where it found nothing to write: one that another has taken over from can't tell.
        await EnsureCurrentAsync(view);
    }

    /// <summary>After a fold: which tasks have answers that the label table lacks.</summary>
    private async Task FindUnlistedAsync(PartitionView view)
    {
        if (!Lists(view)) return;
        _unlisted.UnionWith(await FindChangedAsync(view, all: false));
        if (IsListingDue) ListLater();
    }

    /// <summary>Whether rows are written by and by. The label table has none of gold.</summary>
    private bool Lists(PartitionView view) => view.Job.Settings.LabelTable == LabelTableMode.OnDone && !_address.IsGold;

    private async Task<List<TaskNumber>> FindChangedAsync(PartitionView view, bool all)
    {
        var listed = new Dictionary<TaskNumber, ListedState>();
        await foreach (var state in facts.ReadListedAsync(_address)) listed[state.Task] = state;
        return [.. view.Fold.Tasks.Where(task => (all || view.Fold.IsDone(task) || listed.ContainsKey(task))
            && (!listed.TryGetValue(task, out var state) || state != StateOf(view, task))).Order()];
    }

    private void ListLater(TaskNumber task)
    {
        _unlisted.Add(task);
        ListLater();
    }

    private void ListLater()
    {
        _listing ??= this.RegisterGrainTimer(
            ListLaterAsync, new GrainTimerCreationOptions(options.Value.ListInterval, options.Value.ListInterval) { Interleave = true, KeepAlive = true });
    }

    private async Task ListLaterAsync()
    {
        using var pass = await _gate.EnterAsync();
        try
        {
            using var turn = await _lists.EnterAloneAsync();
            if (time.GetUtcNow() >= _rowsLandUntil)
            {
                _unlisted.UnionWith(_listedUnconfirmed);
                _listedUnconfirmed.Clear();
            }
            if (View is { } view) await ListAsync(view, [.. _unlisted]);
            if (IsListingDue && View is not null) return;
            _listing?.Dispose();
            _listing = null;
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            LogNotListed(e, _address.Key, _unlisted.Count);
        }
    }

    private async Task ListAsync(PartitionView view, List<TaskNumber> tasks)
    {
        foreach (var some in tasks.Chunk(TasksAtOnce))
        {
            // Before states are taken: what changes while rows are written makes the task due again.
            _unlisted.ExceptWith(some);
            var done = false;
            try
            {
                await WriteRowsAsync(view, some);
                done = true;
            }
            finally
            {
                if (!done)
                {
                    _unlisted.UnionWith(some);
                    ListLater();
                }
            }
        }
    }

    private async Task WriteRowsAsync(PartitionView view, TaskNumber[] tasks)
    {
        var (rows, states) = (new List<LabelRow>(), new List<ListedState>());
        foreach (var task in tasks)
        {
            states.Add(StateOf(view, task));
            await foreach (var content in facts.ReadTasksAsync(_address, task, task)) rows.AddRange(RowsOf(view, content));
        }
        // A view that another activation has taken over from would write older rows over newer ones.
        await EnsureCurrentAsync(view);
        // From here on nothing is known of the rows until all of them are there.
        await facts.WriteListedAsync(_address, states.ConvertAll(state => state with { RulesRevision = Unknown }));
        var written = false;
        try
        {
            await labels.WriteAsync(_address.Class, rows);
            written = true;
        }
        finally
        {
            if (!written) _rowsLandUntil = time.GetUtcNow() + options.Value.AuditDelay;
        }
        if (time.GetUtcNow() >= _rowsLandUntil)
        {
            await facts.WriteListedAsync(_address, states);
            return;
        }
        // Noted as unknown: where this activation can't write them once more, another one does.
        _listedUnconfirmed.UnionWith(tasks);
        ListLater();
    }

    private static IEnumerable<LabelRow> RowsOf(PartitionView view, TaskContent content)
    {
        for (var index = 0; index < content.Images.Length; index++)
        {
            if (content.Images[index].Gold is not null) continue;
            var (image, counts) = (content.Images[index], view.Fold.CountsOf(content.Number, index));
            yield return new LabelRow(image.Url, image.Confidence, counts.Confirms, counts.Disconfirms, view.Fold.Rules.Decide(counts));
        }
    }

    private static ListedState StateOf(PartitionView view, TaskNumber task)
    {
        // FNV-1a over everything that rows have but what never changes.
        var (hash, lastAt) = (2_166_136_261, SubmissionTime.None);
        for (var index = 0; index < view.Fold.ImagesOf(task); index++)
        {
            var (counts, answers) = (view.Fold.CountsOf(task, index), view.Fold.AnswersOf(task, index));
            foreach (var count in (ReadOnlySpan<uint>)[(uint)counts.Confirms, (uint)counts.Disconfirms]) hash = unchecked((hash ^ count) * 16_777_619);
            // Without a model as the release before hashed it, whose rows stand.
            if (counts.LogOdds != 0) hash = unchecked((hash ^ (uint)counts.LogOdds ^ (uint)(counts.LogOdds >> 32)) * 16_777_619);
            if (answers.LastAt > lastAt) lastAt = answers.LastAt;
        }
        return new ListedState(task, view.Job.RulesRevision, unchecked((int)hash), lastAt);
    }
}
