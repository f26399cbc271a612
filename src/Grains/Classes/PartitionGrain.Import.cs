using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <content>Import: new lines become rows, cut into tasks; a voted row is never overwritten.</content>
public sealed partial class PartitionGrain
{
    public async Task<ImportReceipt> ImportAsync(ImportChunk chunk)
    {
        using var pass = await _gate.EnterAsync();
        // One at a time, so that two imports of the same lines don't both take them for new.
        using var turn = await _imports.EnterAloneAsync();
        if (await ViewAsync() is not { } view) return new ImportReceipt(await RefusalAsync(), 0, [], 0, false);
        var hashes = chunk.Lines.Select(line => ImageHash.Of(line.Url)).ToArray();
        if (!OwnsAll(view, hashes)) return new ImportReceipt(Refusal.Moved, view.Partitions, [], 0, false);
        return await ImportAsync(view, chunk, hashes);
    }

    private async Task<ImportReceipt> ImportAsync(PartitionView view, ImportChunk chunk, ImageHash[] hashes)
    {
        var outcomes = new ImportOutcome[chunk.Lines.Length];
        var standing = new Percent?[outcomes.Length];
        var fresh = FindNew(view, chunk, hashes, outcomes, standing);
        var rows = new List<LabelRow>();
        var tasks = new List<Task>();
        foreach (var (start, length) in BatchCutter.Cut(fresh.Count, view.Job.Settings.BatchSize, chunk.CutRemainder))
        {
            var images = fresh.Slice(start, length).Select(index => chunk.Lines[index]).ToImmutableArray();
            var place = new TaskPlace(new TaskNumber(chunk.Tasks.First + tasks.Count), hashes[fresh[start]].Shard);
            var task = GrainFactory.GetGrain<ITaskGrain>(ITaskGrain.Key(_address.Incarnation, place.Number));
            tasks.Add(task.WriteAsync(new TaskContent(_address.Label, images)));
            rows.AddRange(images.Select(image => LabelRow.Imported(new ImageAddress(_address, image.Url), image.Confidence, place, image.Anonymous)));
        }
        for (var i = rows.Count; i < fresh.Count; i++) outcomes[fresh[i]] = ImportOutcome.Leftover;
        // The task first: a row never names a task that has no content.
        await Task.WhenAll(tasks);
        await InsertAsync(view, rows, fresh, hashes, outcomes, standing);
        await EnsureCurrentAsync(view);
        metrics.Imported.Add(outcomes.Count(outcome => outcome == ImportOutcome.Accepted));
        var crowded = view.Images.Count > options.Value.MaxImagesPerPartition && view.Partitions < Shard.Count;
        return new ImportReceipt(
            Refusal.None, view.Partitions, [.. outcomes], tasks.Count, crowded,
            [.. standing.Where((_, index) => outcomes[index] == ImportOutcome.Contradiction)]);
    }

    /// <summary>The indices of the lines the view doesn't know; marks the others.</summary>
    private static List<int> FindNew(PartitionView view, ImportChunk chunk, ImageHash[] hashes, ImportOutcome[] outcomes, Percent?[] standings)
    {
        var fresh = new List<int>();
        var seen = new Dictionary<ImageHash, Percent?>();
        for (var i = 0; i < chunk.Lines.Length; i++)
        {
            var (hash, confidence) = (hashes[i], chunk.Lines[i].Confidence);
            var known = seen.TryGetValue(hash, out var standing);
            if (!known && view.Images.Images.TryGetValue(hash, out var image)) (known, standing) = (true, image.Confidence);
            if (known)
            {
                (outcomes[i], standings[i]) = (Compare(standing, confidence), standing);
                continue;
            }
            seen[hash] = confidence;
            fresh.Add(i);
        }
        return fresh;
    }

    private async Task InsertAsync(
        PartitionView view, List<LabelRow> rows, List<int> fresh, ImageHash[] hashes, ImportOutcome[] outcomes, Percent?[] standings)
    {
        if (rows.Count == 0) return;
        var done = false;
        try
        {
            var inserted = await table.InsertAsync(rows);
            for (var i = 0; i < rows.Count; i++)
            {
                var row = rows[i];
                if (!inserted[i])
                {
                    // A row that an earlier attempt wrote without hearing of it.
                    row = await table.ReadAsync(row.Address) ?? row;
                    (outcomes[fresh[i]], standings[fresh[i]]) = (Compare(row.Confidence, rows[i].Confidence!.Value), row.Confidence);
                }
                view.Images.Apply(hashes[fresh[i]], row.Contribution);
            }
            done = true;
        }
        finally
        {
            if (!done) Doubt(rows.Select(row => row.Address.Url));
        }
    }

    private static ImportOutcome Compare(Percent? standing, Percent came) =>
        standing is { } score && score.IsSameScore(came) ? ImportOutcome.Duplicate : ImportOutcome.Contradiction;
}
