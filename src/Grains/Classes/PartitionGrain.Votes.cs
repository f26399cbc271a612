using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <content>
/// Votes. The first of an image are written by the partition itself, those of one call together: its view has all that an
/// untouched row holds. Later ones go through the image's grain, which keeps the row.
/// </content>
public sealed partial class PartitionGrain
{
    public async Task<VoteReceipt> VoteAsync(ClassVotes votes)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { } view) return new VoteReceipt(await RefusalAsync(), 0, []);
        var hashes = votes.Images.Select(image => ImageHash.Of(image.Url)).ToArray();
        if (!OwnsAll(view, hashes)) return new VoteReceipt(Refusal.Moved, view.Partitions, []);
        var outcomes = new ImageOutcome?[hashes.Length];
        await WriteFirstAsync(view, votes, hashes, outcomes);
        await Task.WhenAll(Enumerable.Range(0, hashes.Length).Where(index => outcomes[index] is null)
            .Select(async index => outcomes[index] = await MergeAsync(view, hashes[index], votes.Images[index])));
        await EnsureCurrentAsync(view);
        if (votes.Task is { } task && view.Images.Tasks.ContainsKey(task))
            foreach (var worker in votes.Images.SelectMany(image => image.Votes).Select(vote => vote.Worker).Distinct())
                view.Board.Answered(task, worker);
        metrics.Votes.Add(votes.Images.Sum(image => image.Votes.Length));
        return new VoteReceipt(Refusal.None, view.Partitions, [.. outcomes.Select(outcome => outcome!.Value)]);
    }

    /// <summary>
    /// Writes the rows that nothing but their import has touched. Whose row turns out to be another one meanwhile is left
    /// to its grain.
    /// </summary>
    private async Task WriteFirstAsync(PartitionView view, ClassVotes votes, ImageHash[] hashes, ImageOutcome?[] outcomes)
    {
        var first = new List<(int Index, LabelRow Imported, LabelRow Next, ImageOutcome Outcome)>();
        var taken = new HashSet<ImageHash>();
        for (var index = 0; index < hashes.Length; index++)
        {
            var image = votes.Images[index];
            if (!view.Images.Images.TryGetValue(hashes[index], out var held) || !held.IsUntouched || !taken.Add(hashes[index])) continue;
            var imported = LabelRow.Imported(new ImageAddress(_address, image.Url), held.Confidence, held.Task, anonymous: null);
            var next = imported.Merge(image.Votes, image.Confidence, view.Job.Settings.Policy, out var refused);
            if (!ReferenceEquals(next, imported)) first.Add((index, imported, next, Accepted(refused)));
        }
        if (first.Count == 0) return;
        var done = false;
        try
        {
            var written = await table.UpdateAsync(first.ConvertAll(image => image.Next));
            foreach (var ((index, imported, next, outcome), isWritten) in first.Zip(written))
            {
                if (!isWritten) continue;
                view.Images.Apply(hashes[index], next.Contribution);
                metrics.Written(imported, next);
                metrics.Rejected.Add(outcome.Refused.Length);
                outcomes[index] = outcome;
            }
            done = true;
        }
        finally
        {
            if (!done) Doubt(first.Select(image => image.Next.Address.Url));
        }
    }

    /// <summary>Merges the votes of one image and takes its contribution over.</summary>
    private async Task<ImageOutcome> MergeAsync(PartitionView view, ImageHash hash, ImageVotes votes)
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
}
