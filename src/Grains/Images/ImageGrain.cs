using BulkQA.Core;
using BulkQA.Storage;
using Orleans.Placement;

namespace BulkQA.Grains;

/// <inheritdoc cref="IImageGrain"/>
[PreferLocalPlacement, CollectionAgeLimit(Minutes = 2)]
public sealed class ImageGrain(ILabelTable table, GrainsMetrics metrics) : Grain, IImageGrain
{
    /// <summary>Conflicts with another writer of the same row that are retried before the caller is told.</summary>
    private const int MaxConflicts = 5;

    private ImageAddress _address;

    /// <summary>The row as last known; null where it must be read first.</summary>
    private LabelRow? _row;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _address = ImageAddress.Parse(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public async Task<MergeReceipt> MergeAsync(ImageVotes votes, VerdictPolicy policy)
    {
        for (var conflict = 0; conflict < MaxConflicts; conflict++)
        {
            // What the view had may be old by now: then the write conflicts, and the row is read.
            var row = _row ?? (conflict == 0 && votes.Untouched is { } untouched
                ? LabelRow.Imported(_address, untouched.Confidence, untouched.Task, anonymous: null) : await table.ReadAsync(_address));
            if (row is null) return new MergeReceipt(null, []);
            var merged = row.Votes.Merge(votes.Votes, out var refused);
            var next = row with
            {
                Votes = merged,
                Confidence = row.Confidence ?? votes.Confidence,
                Verdict = policy.Decide(merged.Confirms, merged.Disconfirms),
                Version = row.Version + 1,
            };
            if (!await WriteAsync(row, next)) continue;
            if (ReferenceEquals(merged, row.Votes)) metrics.Duplicates.Add(votes.Votes.Length - refused.Length);
            return new MergeReceipt(_row!.Contribution, refused);
        }
        throw new StorageException($"the row of {_address.GrainKey} kept changing under {MaxConflicts} writes; try again");
    }

    public async Task<Contribution?> RefreshAsync(VerdictPolicy policy)
    {
        for (var conflict = 0; conflict < MaxConflicts; conflict++)
        {
            _row = null;
            if (await table.ReadAsync(_address) is not { } row) return null;
            var next = row with { Verdict = policy.Decide(row.Votes.Confirms, row.Votes.Disconfirms), Version = row.Version + 1 };
            if (await WriteAsync(row, next)) return _row!.Contribution;
        }
        throw new StorageException($"the row of {_address.GrainKey} kept changing under {MaxConflicts} writes; try again");
    }

    /// <summary>Writes the next row over the current one, unless nothing but the version differs. False on a conflict.</summary>
    private async Task<bool> WriteAsync(LabelRow current, LabelRow next)
    {
        if (ReferenceEquals(next.Votes, current.Votes) && next.Confidence == current.Confidence && next.Verdict == current.Verdict)
        {
            _row = current;
            return true;
        }
        // Until the write is known to have happened nothing is known: a failure leaves the row to be read again.
        _row = null;
        if (!await table.UpdateAsync(next, current.Version)) return false;
        _row = next;
        metrics.RowWrites.Add(1);
        if (next.Verdict != current.Verdict) metrics.VerdictTransitions.Add(1);
        return true;
    }
}
