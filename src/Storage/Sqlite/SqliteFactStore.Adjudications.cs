using BulkQA.Core;

namespace BulkQA.Storage;

/// <content>Adjudications.</content>
public sealed partial class SqliteFactStore
{
    private const int AdjudicationsPerPage = 1_000;

    public Task<long> AdjudicateAsync(PartitionAddress partition, IReadOnlyList<Adjudication> adjudications, CancellationToken cancellation = default) =>
        database.WriteAsync(session =>
        {
            var ids = adjudications.Count > 0 ? Ids.Make(session, partition) : Ids.Read(session, partition);
            foreach (var adjudication in adjudications)
                session.Prepare(
                    "INSERT OR IGNORE INTO adjudications VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                    ids.Partition, adjudication.Task.Value, adjudication.Index, adjudication.At.UtcTicks, HashOf(adjudication.Hash), adjudication.By,
                    (int?)adjudication.Verdict, adjudication.RightLabel?.Value, adjudication.Note, adjudication.AskedAt.UtcTicks).ExecuteNonQuery();
            return ids.Epoch;
        }, cancellation);

    public IAsyncEnumerable<Adjudication> ReadAdjudicationsAsync(
        PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default) =>
        database.ReadPagesAsync<Adjudication>((session, before) =>
        {
            // No index is negative: the first page begins before every adjudication of its task.
            var (task, index, ticks, hash) = before is [.., var end] ? (end.Task, end.Index, end.At.UtcTicks, HashOf(end.Hash)) : (first, -1, 0, 0);
            using var reader = session.Prepare(
                $"""
                SELECT n, position, ticks, decided_by, verdict, right_label, note, asked FROM adjudications
                WHERE partition = {PartitionId} AND (n, position, ticks, hash) > ($3, $4, $5, $6) AND n <= $7
                ORDER BY n, position, ticks, hash LIMIT $8
                """,
                partition.Class.Key, partition.Number, task.Value, index, ticks, hash, last.Value, AdjudicationsPerPage).ExecuteReader();
            var adjudications = new List<Adjudication>();
            while (reader.Read())
                adjudications.Add(new Adjudication(
                    new TaskNumber(reader.GetInt32(0)), reader.GetInt32(1), new SubmissionTime(reader.GetInt64(2)), reader.GetString(3),
                    reader.IsDBNull(4) ? null : (Verdict)reader.GetInt32(4), reader.IsDBNull(5) ? null : Label.Create(reader.GetString(5)),
                    reader.IsDBNull(6) ? null : reader.GetString(6))
                {
                    AskedAt = new SubmissionTime(reader.GetInt64(7)),
                });
            return adjudications;
        }, cancellation);

    private static int DeleteAdjudications(SqliteSession session, Ids ids, int limit) => session.Prepare(
        """
        DELETE FROM adjudications WHERE partition = $1 AND (n, position, ticks, hash) IN
            (SELECT n, position, ticks, hash FROM adjudications WHERE partition = $1 LIMIT $2)
        """,
        ids.Partition, limit).ExecuteNonQuery();
}
