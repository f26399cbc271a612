using System.Globalization;
using BulkQA.Core;

namespace BulkQA.Storage;

/// <summary>The change log in SQLite.</summary>
public sealed class SqliteChangeLog(SqliteDatabase database) : IChangeLog
{
    private const int RecordsPerPage = 500;

    public Task WriteAsync(ChangeRecord record, CancellationToken cancellation = default) => database.WriteAsync(session => session.Prepare(
        "INSERT OR REPLACE INTO changes VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        record.Position.At.UtcTicks, IdOf(record.Position), record.By, record.Via, record.Action, record.Job, record.Request, record.Change, record.Status).ExecuteNonQuery(), cancellation);

    public Task RemoveAsync(ChangePosition position, CancellationToken cancellation = default) => database.WriteAsync(
        session => session.Prepare("DELETE FROM changes WHERE ticks = $1 AND id = $2", position.At.UtcTicks, IdOf(position)).ExecuteNonQuery(), cancellation);

    public IAsyncEnumerable<ChangeRecord> ReadAsync(ChangePosition? before, DateTimeOffset from, CancellationToken cancellation = default) =>
        database.ReadPagesAsync<ChangeRecord>((session, last) => ReadPage(session, last is [.., var end] ? end.Position : before, from), cancellation);

    public Task<int> DeleteAsync(DateTimeOffset before, int limit, CancellationToken cancellation = default) => database.WriteAsync(session => session.Prepare(
        "DELETE FROM changes WHERE (ticks, id) IN (SELECT ticks, id FROM changes WHERE ticks < $1 ORDER BY ticks, id LIMIT $2)", before.UtcTicks, limit).ExecuteNonQuery(), cancellation);

    private static List<ChangeRecord> ReadPage(SqliteSession session, ChangePosition? before, DateTimeOffset from)
    {
        using var reader = session.Prepare(
            """
            SELECT ticks, id, caller, via, action, job, request, change, status FROM changes
            WHERE (ticks, id) < ($1, $2) AND ticks >= $3 ORDER BY ticks DESC, id DESC LIMIT $4
            """,
            before?.At.UtcTicks ?? long.MaxValue, before is { } position ? IdOf(position) : "", from.UtcTicks, RecordsPerPage).ExecuteReader();
        var records = new List<ChangeRecord>();
        while (reader.Read())
            records.Add(new ChangeRecord(
                new ChangePosition(new DateTimeOffset(reader.GetInt64(0), TimeSpan.Zero), Guid.ParseExact(reader.GetString(1), "N")),
                reader.GetString(2), reader.GetString(3), reader.GetString(4), TextAt(5), reader.GetString(6), TextAt(7), reader.IsDBNull(8) ? null : reader.GetInt32(8)));
        return records;

        string? TextAt(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    private static string IdOf(ChangePosition position) => position.Id.ToString("N", CultureInfo.InvariantCulture);
}
