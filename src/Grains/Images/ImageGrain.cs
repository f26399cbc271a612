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
            var row = _row ?? await table.ReadAsync(_address);
            if (row is null) return new MergeReceipt(null, []);
            var next = row.Merge(votes.Votes, votes.Confidence, policy, out var refused);
            if (!await WriteAsync(row, next)) continue;
            if (ReferenceEquals(next.Votes, row.Votes)) metrics.Duplicates.Add(votes.Votes.Length - refused.Length);
            return new MergeReceipt(next.Contribution, refused);
        }
        throw Busy();
    }

    public async Task<Contribution?> RefreshAsync(VerdictPolicy policy)
    {
        for (var conflict = 0; conflict < MaxConflicts; conflict++)
        {
            _row = null;
            if (await table.ReadAsync(_address) is not { } row) return null;
            var next = row.Merge([], null, policy, out _);
            if (await WriteAsync(row, next)) return next.Contribution;
        }
        throw Busy();
    }

    /// <summary>Writes the next row over the current one where it is another. False on a conflict.</summary>
    private async Task<bool> WriteAsync(LabelRow current, LabelRow next)
    {
        // Until the write is known to have happened nothing is known: a failure leaves the row to be read again.
        _row = null;
        if (!ReferenceEquals(next, current) && !await table.UpdateAsync(next, current.Version)) return false;
        _row = next;
        if (!ReferenceEquals(next, current)) metrics.Written(current, next);
        return true;
    }

    private StorageException Busy() => new($"the row of {_address.GrainKey} kept changing under {MaxConflicts} writes; try again");
}
