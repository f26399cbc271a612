using BulkQA.Core;
using static BulkQA.Storage.DynamoFactItems;

namespace BulkQA.Storage;

/// <content>Who answers in which job: two items a note, that of the job first, so that its deletion finds the other.</content>
public sealed partial class DynamoFactStore
{
    public async Task WriteWorkersAsync(Incarnation incarnation, IReadOnlyCollection<WorkerId> workers, CancellationToken cancellation = default)
    {
        await _table.PutManyAsync(workers.Select(worker => WorkerOfJob(incarnation, worker)), cancellation);
        await _table.PutManyAsync(workers.Select(worker => JobOfWorker(worker, incarnation)), cancellation);
    }

    public IAsyncEnumerable<Incarnation> ReadJobsAsync(WorkerId worker, Incarnation? after, CancellationToken cancellation = default) =>
        _table.QueryAsync(JobsOf(worker, after), RangeKey, null, cancellation).Select(ReadJob);

    public async Task<int> DeleteWorkersAsync(Incarnation incarnation, int limit, CancellationToken cancellation = default)
    {
        var deleted = 0;
        await foreach (var page in _table.QueryPagesAsync(ItemRange.All(WorkersKey(incarnation)), $"{DynamoTable.HashKey}, {RangeKey}", limit, cancellation))
        {
            await _table.DeleteManyAsync(page.Select(item => JobOfWorker(ReadWorker(item), incarnation)), cancellation);
            await _table.DeleteManyAsync(page, cancellation);
            deleted += page.Count;
        }
        return deleted;
    }
}
