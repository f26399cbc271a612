using BulkQA.Core;

namespace BulkQA.Grains;

/// <content>
/// Adjudications: stored first, then folded. As with submissions, one whose write ended without an answer is written again until
/// that is certain.
/// </content>
public sealed partial class PartitionGrain
{
    private readonly HashSet<Adjudication> _unconfirmedAdjudications = [];

    public async Task<AdjudicationOutcome> AdjudicateAsync(Adjudication adjudication)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { } view) return AdjudicationOutcome.UnknownImage;
        await LookForUnknownAsync(view, [adjudication.Task]);
        if (adjudication.Index >= view.Fold.ImagesOf(adjudication.Task)) return AdjudicationOutcome.UnknownImage;
        var own = _unconfirmedAdjudications.Where(earlier => earlier.Task == adjudication.Task).ToList();
        var standing = view.Fold.LastAdjudicationOf(adjudication.Task, adjudication.Index);
        if (standing is null ? adjudication.Verdict is not null : !standing.SaysTheSame(adjudication))
        {
            var earlier = await ReadEarlierAsync(adjudication);
            // A call that is repeated must not win over what was decided between.
            if (!earlier.Contains(adjudication))
            {
                if (earlier.Count >= Adjudication.MaxPerImage) return AdjudicationOutcome.TooMany;
                // Whoever decides last is right, however the clocks of two processes differ.
                own.Add(standing?.At >= adjudication.At ? adjudication with { At = new SubmissionTime(standing.At.UtcTicks + 1) } : adjudication);
            }
        }
        if (own.Count == 0) await EnsureCurrentAsync(view);
        else EnsureCurrent(view, await StoreAsync(view, own));
        return AdjudicationOutcome.Accepted;
    }

    /// <summary>Stores adjudications and takes them over.</summary>
    /// <returns>The stored epoch afterwards.</returns>
    private async Task<long> StoreAsync(PartitionView view, IReadOnlyList<Adjudication> adjudications)
    {
        var done = false;
        try
        {
            var epoch = await facts.AdjudicateAsync(_address, adjudications);
            foreach (var adjudication in adjudications)
            {
                _unconfirmedAdjudications.Remove(adjudication);
                (View ?? view).Apply(adjudication);
            }
            done = true;
            return epoch;
        }
        finally
        {
            if (!done)
            {
                _unconfirmedAdjudications.UnionWith(adjudications);
                RepairLater();
            }
        }
    }

    /// <summary>What is stored of the image.</summary>
    private async Task<List<Adjudication>> ReadEarlierAsync(Adjudication adjudication) =>
        await facts.ReadAdjudicationsAsync(_address, adjudication.Task, adjudication.Task).Where(earlier => earlier.Index == adjudication.Index).ToListAsync();
}
