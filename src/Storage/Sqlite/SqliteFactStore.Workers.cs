using BulkQA.Core;

namespace BulkQA.Storage;

/// <content>Who answers in which job.</content>
public sealed partial class SqliteFactStore
{
    private const int JobsPerPage = 1_000;

    public Task WriteWorkersAsync(Incarnation incarnation, IReadOnlyCollection<WorkerId> workers, CancellationToken cancellation = default) =>
        database.WriteAsync(session =>
        {
            foreach (var worker in workers) session.Prepare("INSERT OR IGNORE INTO workers VALUES ($1, $2)", worker.Value, incarnation.Value).ExecuteNonQuery();
            return workers.Count;
        }, cancellation);

    public IAsyncEnumerable<Incarnation> ReadJobsAsync(WorkerId worker, Incarnation? after, CancellationToken cancellation = default) =>
        database.ReadPagesAsync<Incarnation>((session, before) =>
        {
            using var reader = session.Prepare(
                "SELECT incarnation FROM workers WHERE worker = $1 AND incarnation > $2 ORDER BY incarnation LIMIT $3",
                worker.Value, before is [.., var end] ? end.Value : after?.Value ?? "", JobsPerPage).ExecuteReader();
            var jobs = new List<Incarnation>();
            while (reader.Read()) jobs.Add(Incarnation.Parse(reader.GetString(0)));
            return jobs;
        }, cancellation);

    public Task<int> DeleteWorkersAsync(Incarnation incarnation, int limit, CancellationToken cancellation = default) =>
        database.WriteAsync(session => session.Prepare(
            "DELETE FROM workers WHERE incarnation = $1 AND worker IN (SELECT worker FROM workers WHERE incarnation = $1 LIMIT $2)",
            incarnation.Value, limit).ExecuteNonQuery(), cancellation);
}
