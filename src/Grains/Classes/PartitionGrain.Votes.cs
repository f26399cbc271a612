using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <content>
/// Votes. Those of one call are merged together: its rows are read in one go, but for the untouched, of which the view has
/// all, and written in one go. A row that somebody else writes meanwhile is left to its image's grain.
/// </content>
public sealed partial class PartitionGrain
{
    public async Task<VoteReceipt> VoteAsync(ClassVotes votes)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { } view) return new VoteReceipt(await RefusalAsync(), 0, []);
        var hashes = votes.Images.Select(image => ImageHash.Of(image.Url)).ToArray();
        if (!OwnsAll(view, hashes)) return new VoteReceipt(Refusal.Moved, view.Partitions, []);
        foreach (var (image, hash) in votes.Images.Zip(hashes))
            if (view.Images.Images.ContainsKey(hash))
                foreach (var vote in image.Votes) view.Remember(vote.Worker);
        var outcomes = new ImageOutcome?[hashes.Length];
        await MergeTogetherAsync(view, votes, hashes, outcomes);
        await Task.WhenAll(Enumerable.Range(0, hashes.Length).Where(index => outcomes[index] is null)
            .Select(async index => outcomes[index] = await MergeAloneAsync(view, hashes[index], votes.Images[index])));
        await EnsureCurrentAsync(view);
        if (votes.Task is { } task && view.Images.Tasks.ContainsKey(task))
            foreach (var worker in votes.Images.SelectMany(image => image.Votes).Select(vote => vote.Worker).Distinct())
                view.Board.Answered(task, worker);
        metrics.Votes.Add(votes.Images.Sum(image => image.Votes.Length));
        return new VoteReceipt(Refusal.None, view.Partitions, [.. outcomes.Select(outcome => outcome!.Value)]);
    }

    /// <summary>Leaves without an outcome what the view doesn't know, or what turns out to be another row meanwhile.</summary>
    private async Task MergeTogetherAsync(PartitionView view, ClassVotes votes, ImageHash[] hashes, ImageOutcome?[] outcomes)
    {
        var changes = new List<RowMerge>();
        foreach (var (index, row) in await RowsAsync(view, votes, hashes))
        {
            var image = votes.Images[index];
            var next = row.Merge(image.Votes, image.Confidence, view.Job.Settings.Policy, out var refused);
            var merge = new RowMerge(index, row, next, image.Votes.Length, refused);
            if (ReferenceEquals(next, row)) outcomes[index] = TakeOver(view, hashes, merge);
            else changes.Add(merge);
        }
        if (changes.Count == 0) return;
        var done = false;
        try
        {
            var written = await table.UpdateAsync(changes.ConvertAll(change => change.Next));
            foreach (var (change, isWritten) in changes.Zip(written))
            {
                if (!isWritten) continue;
                metrics.Written(change.Row, change.Next);
                outcomes[change.Index] = TakeOver(view, hashes, change);
            }
            done = true;
        }
        finally
        {
            if (!done) Doubt(changes.Select(change => change.Next.Address.Url));
        }
    }

    /// <summary>The rows of the images that the view knows, each with the first place at which the votes name it.</summary>
    private async Task<List<(int Index, LabelRow Row)>> RowsAsync(PartitionView view, ClassVotes votes, ImageHash[] hashes)
    {
        var (rows, touched) = (new List<(int, LabelRow)>(hashes.Length), new List<int>());
        var seen = new HashSet<ImageHash>(hashes.Length);
        for (var index = 0; index < hashes.Length; index++)
        {
            if (!view.Images.Images.TryGetValue(hashes[index], out var held) || !seen.Add(hashes[index])) continue;
            if (held.IsUntouched) rows.Add((index, LabelRow.Imported(new ImageAddress(_address, votes.Images[index].Url), held.Confidence, held.Task, anonymous: null)));
            else touched.Add(index);
        }
        if (touched.Count == 0) return rows;
        var found = await table.ReadAsync(touched.ConvertAll(index => new ImageAddress(_address, votes.Images[index].Url)));
        foreach (var (index, row) in touched.Zip(found))
            if (row is not null) rows.Add((index, row));
        return rows;
    }

    private ImageOutcome TakeOver(PartitionView view, ImageHash[] hashes, RowMerge merge)
    {
        view.Images.Apply(hashes[merge.Index], merge.Next.Contribution);
        metrics.Rejected.Add(merge.Refused.Length);
        if (!merge.BringsVotes) metrics.Duplicates.Add(merge.Votes - merge.Refused.Length);
        return Accepted(merge.Refused);
    }

    /// <summary>Merges the votes of one image by its grain, which tries until no other writer is in between.</summary>
    private async Task<ImageOutcome> MergeAloneAsync(PartitionView view, ImageHash hash, ImageVotes votes)
    {
        var done = false;
        try
        {
            // The view knows every row but those whose insert ended in doubt. A grain for each made-up URL would be dear.
            var exists = view.Images.Images.ContainsKey(hash) || await table.ReadAsync(new ImageAddress(_address, votes.Url)) is not null;
            var receipt = exists ? await Image(votes.Url).MergeAsync(votes, view.Job.Settings.Policy) : default;
            done = true;
            if (receipt.Contribution is not { } contribution)
            {
                metrics.Rejected.Add(votes.Votes.Length);
                return new ImageOutcome(VoteOutcome.UnknownImage, []);
            }
            view.Images.Apply(hash, contribution);
            metrics.Rejected.Add(receipt.Refused.Length);
            return Accepted(receipt.Refused);
        }
        finally
        {
            if (!done) Doubt([votes.Url]);
        }
    }

    private static ImageOutcome Accepted(ImmutableArray<WorkerId> refused) =>
        new(refused.IsEmpty ? VoteOutcome.Accepted : VoteOutcome.TooManyWorkers, refused);

    /// <summary>A row, and what the votes make of it.</summary>
    private readonly record struct RowMerge(int Index, LabelRow Row, LabelRow Next, int Votes, ImmutableArray<WorkerId> Refused)
    {
        public bool BringsVotes => !ReferenceEquals(Row.Votes, Next.Votes);
    }
}
