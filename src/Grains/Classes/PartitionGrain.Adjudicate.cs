using BulkQA.Core;

namespace BulkQA.Grains;

/// <content>
/// Adjudications: stored first, then folded. As with submissions, one whose write ended without an answer is written again until
/// that is certain.
/// </content>
public sealed partial class PartitionGrain
{
    private readonly HashSet<Adjudication> _unconfirmedAdjudications = [];

    /// <summary>One at a time: each is said after the one that stands.</summary>
    private readonly Gate _adjudications = new();

    public async Task<AdjudicationOutcome> AdjudicateAsync(Adjudication adjudication)
    {
        using var pass = await _gate.EnterAsync();
        using var turn = await _adjudications.EnterAloneAsync();
        if (await ViewAsync() is not { } view) return AdjudicationOutcome.UnknownImage;
        await LookForUnknownAsync(view, [adjudication.Task]);
        if (adjudication.Index >= view.Fold.ImagesOf(adjudication.Task)) return AdjudicationOutcome.UnknownImage;
        // What stands is not known before what is unconfirmed is certain.
        if (_unconfirmedAdjudications.Where(earlier => earlier.Task == adjudication.Task).ToList() is { Count: > 0 } unconfirmed)
            EnsureCurrent(view, await StoreAsync(view, unconfirmed));
        var earlier = await ReadEarlierAsync(adjudication);
        // One may have been stored after this fold was made, by whoever was thought to be dead.
        foreach (var stored in earlier) view.Apply(stored);
        var standing = view.Fold.LastAdjudicationOf(adjudication.Task, adjudication.Index);
        var isSaid = standing is null ? adjudication.Verdict is null : standing.SaysTheSame(adjudication);
        // A call that is repeated must not win over what was decided between.
        if (isSaid || earlier.Exists(stored => stored.Answers(adjudication)))
        {
            await EnsureCurrentAsync(view);
            return AdjudicationOutcome.Accepted;
        }
        if (earlier.Count >= Adjudication.MaxPerImage) return AdjudicationOutcome.TooMany;
        EnsureCurrent(view, await StoreAsync(view, [adjudication.After(standing)]));
        return AdjudicationOutcome.Accepted;
    }

    /// <summary>Stores adjudications and takes them over.</summary>
    /// <returns>The stored epoch afterwards.</returns>
    private Task<long> StoreAsync(PartitionView view, IReadOnlyList<Adjudication> adjudications) => StoreAsync(
        view, adjudications, facts.AdjudicateAsync,
        (now, adjudication) =>
        {
            _unconfirmedAdjudications.Remove(adjudication);
            now.Apply(adjudication);
        },
        unconfirmed =>
        {
            _unconfirmedAdjudications.UnionWith(unconfirmed);
            RepairLater();
        });

    /// <summary>What is stored of the image.</summary>
    private async Task<List<Adjudication>> ReadEarlierAsync(Adjudication adjudication) =>
        await facts.ReadAdjudicationsAsync(_address, adjudication.Task, adjudication.Task).Where(earlier => earlier.Index == adjudication.Index).ToListAsync();
}
