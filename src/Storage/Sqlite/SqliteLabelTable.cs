using BulkQA.Core;

namespace BulkQA.Storage;

/// <summary>The label table in SQLite.</summary>
public sealed class SqliteLabelTable(SqliteDatabase database) : ILabelTable
{
    public Task WriteAsync(ClassAddress address, IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default)
    {
        var keys = rows.Select(row => address.RowKey(Shard.Of(row.Url))).ToList();
        return database.WriteAsync(session =>
        {
            for (var i = 0; i < rows.Count; i++)
                session.Prepare(
                    "INSERT OR REPLACE INTO labels VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    keys[i], rows[i].Url.Value, address.Label.Value, rows[i].Confidence?.Value, rows[i].Confirms, rows[i].Disconfirms,
                    rows[i].Verdict.ToString()).ExecuteNonQuery();
            return rows.Count;
        }, cancellation);
    }

    public Task<LabelRow?> ReadAsync(ImageAddress address, CancellationToken cancellation = default) =>
        database.ReadAsync(session =>
        {
            using var reader = session.Prepare(
                "SELECT confidence, WorkerConfirmCount, WorkerDisconfirmCount, Verdict FROM labels WHERE pk = $1 AND s3_image_url = $2",
                address.Class.RowKey(Shard.Of(address.Url)), address.Url.Value).ExecuteReader();
            return reader.Read()
                ? new LabelRow(
                    address.Url, reader.IsDBNull(0) ? null : Percent.Create(reader.GetDouble(0)),
                    reader.GetInt32(1), reader.GetInt32(2), Enum.Parse<Verdict>(reader.GetString(3)))
                : null;
        }, cancellation);

    public Task<int> DeleteAsync(ClassAddress address, int limit, CancellationToken cancellation = default) =>
        // A class key holds no '#', so every row key of the class lies between these two.
        database.WriteAsync(session => session.Prepare(
            """
            DELETE FROM labels WHERE (pk, s3_image_url) IN
                (SELECT pk, s3_image_url FROM labels WHERE pk > $1 || '#' AND pk < $1 || '$' LIMIT $2)
            """,
            address.Key, limit).ExecuteNonQuery(), cancellation);
}
