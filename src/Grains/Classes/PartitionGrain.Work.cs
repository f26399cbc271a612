using BulkQA.Core;

namespace BulkQA.Grains;

/// <content>Work by worker and day.</content>
public sealed partial class PartitionGrain
{
    public async Task<WorkRecords> GetWorkAsync(WorkQuery query)
    {
        using (await _gate.EnterAsync())
        {
            // Nothing is folded for somebody who never answered here.
            if (query.Worker is { } one && await LeftSummaryAsync() is { Workers: { AreAll: true, Workers: var known } } && known.All(other => other.Key != one)) return WorkRecords.None;
            if (await ViewAsync() is not { } view) return WorkRecords.None;
            if (view.Fold.KnowsFirsts) return await CountWorkAsync(view, query);
        }
        // A silo of the release before had the fold, and did not note of answers that were replaced when they were given.
        await AuditAsync();
        using var pass = await _gate.EnterAsync();
        return View is { Fold.KnowsFirsts: true } folded ? await CountWorkAsync(folded, query) : WorkRecords.None;
    }

    private async Task<WorkRecords> CountWorkAsync(PartitionView view, WorkQuery query)
    {
        var fold = view.Fold;
        var workers = (query.Worker is { } one ? [one] : fold.Workers.Where(worker => query.After is not { } after || string.CompareOrdinal(worker.Value, after.Value) > 0))
            .OrderBy(worker => worker.Value, StringComparer.Ordinal).Take(WorkQuery.MaxWorkers + 1).ToList();
        var asked = workers.Take(WorkQuery.MaxWorkers).ToList();
        var counting = fold.BeginWork(asked);
        if (counting.IsEmpty) return WorkRecords.None;
        if (view.FollowUps is not null && !_address.IsGold)
            await foreach (var followUp in facts.ReadTasksAsync(_address.FollowUps, new TaskNumber(0), new TaskNumber(int.MaxValue)))
                counting.AddFollowUp([.. followUp.Images.Select(image => image.Spot!.Value)]);
        foreach (var tasks in fold.Tasks.ToList().Chunk(TasksLookedAtAtOnce))
        {
            foreach (var task in tasks) counting.Add(task);
            await Task.Yield();
        }
        return new WorkRecords(counting.ToRecords(query.From, query.To), workers.Count > asked.Count ? asked[^1] : null);
    }
}
