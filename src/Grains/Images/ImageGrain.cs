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

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _address = ImageAddress.Parse(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public async Task<MergeReceipt> MergeAsync(ImageVotes votes, VerdictPolicy policy)
    {
        for (var conflict = 0; conflict < MaxConflicts; conflict++)
        {
            // Read each time: the partition writes the row, too.
            if (await table.ReadAsync(_address) is not { } row) return new MergeReceipt(null, []);
            var next = row.Merge(votes.Votes, votes.Confidence, policy, out var refused);
            if (!ReferenceEquals(next, row))
            {
                if (!await table.UpdateAsync(next, row.Version)) continue;
                metrics.Written(row, next);
            }
            if (ReferenceEquals(next.Votes, row.Votes)) metrics.Duplicates.Add(votes.Votes.Length - refused.Length);
            return new MergeReceipt(next.Contribution, refused);
        }
        throw new StorageException($"the row of {_address.GrainKey} kept changing under {MaxConflicts} writes; try again");
    }

    public async Task<Contribution?> RefreshAsync(VerdictPolicy policy) =>
        (await MergeAsync(new ImageVotes(_address.Url, null, []), policy)).Contribution;
}
