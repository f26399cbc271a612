using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <content>Work by worker and day.</content>
public sealed partial class PartitionGrain
{
    /// <summary>
    /// Follow-ups as they are being read by those who count work, who get from here the ones that are stored meanwhile: nobody can answer one that they don't have.
    /// </summary>
    private readonly List<Dictionary<TaskNumber, ImmutableArray<ImageSpot>>> _followUpsRead = [];

    public async Task<WorkRecords> GetWorkAsync(WorkQuery query)
    {
        bool hasFollowUps, knowsFirsts;
        using (await _gate.EnterAsync())
        {
            // Nothing is folded for somebody who never answered here.
            if (query.Worker is { } one && await LeftSummaryAsync() is { Workers: { AreAll: true, Workers: var known } } && known.All(other => other.Key != one)) return WorkRecords.None;
            if (await ViewAsync() is not { } view || WorkersOf(view.Fold, query) is []) return WorkRecords.None;
            (hasFollowUps, knowsFirsts) = (view.FollowUps is not null && !_address.IsGold, view.Fold.KnowsFirsts);
        }
        // A silo of the release before had the fold, and did not note of answers that were replaced when they were given.
        if (!knowsFirsts) await AuditAsync();
        var followUps = new Dictionary<TaskNumber, ImmutableArray<ImageSpot>>();
        _followUpsRead.Add(followUps);
        try
        {
            // They never change: whoever must be alone need not wait until all are read.
            if (hasFollowUps)
                await foreach (var followUp in facts.ReadTasksAsync(_address.FollowUps, new TaskNumber(0), new TaskNumber(int.MaxValue)))
                    followUps[followUp.Number] = [.. followUp.Images.Select(image => image.Spot!.Value)];
            using var pass = await _gate.EnterAsync();
            if (await ViewAsync() is not { Fold: var fold }) return WorkRecords.None;
            // Left out, it would be work that is never paid for.
            if (!fold.KnowsFirsts) throw new StorageException($"it is not known yet when images of {_address.Key} were first answered; try again");
            return await CountWorkAsync(fold, query, [.. followUps.Values]);
        }
        finally
        {
            _followUpsRead.Remove(followUps);
        }
    }

    /// <summary>Those who are asked for, in order, and one more where there are more.</summary>
    private static List<WorkerId> WorkersOf(PartitionFold fold, WorkQuery query) =>
    [
        .. fold.Workers.Where(worker => query.Worker is { } one ? worker == one : query.After is not { } after || string.CompareOrdinal(worker.Value, after.Value) > 0)
            .OrderBy(worker => worker.Value, StringComparer.Ordinal).Take(WorkQuery.MaxWorkers + 1),
    ];

    /// <summary>Counts in turns. Of what is answered meanwhile some may be in it and some not; the next call has all of it.</summary>
    private static async Task<WorkRecords> CountWorkAsync(PartitionFold fold, WorkQuery query, IReadOnlyCollection<ImmutableArray<ImageSpot>> followUps)
    {
        var workers = WorkersOf(fold, query);
        var asked = workers.Take(WorkQuery.MaxWorkers).ToList();
        var counting = fold.BeginWork(asked);
        if (counting.IsEmpty) return WorkRecords.None;
        foreach (var some in followUps.Chunk(TasksLookedAtAtOnce))
        {
            foreach (var images in some) counting.AddFollowUp(images);
            await Task.Yield();
        }
        await InTurnsAsync(fold, tasks =>
        {
            foreach (var task in tasks) counting.Add(task);
        });
        return new WorkRecords(counting.ToRecords(query.From, query.To), workers.Count > asked.Count ? asked[^1] : null);
    }
}
