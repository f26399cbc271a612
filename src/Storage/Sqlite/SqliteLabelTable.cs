using BulkQA.Core;
using Microsoft.Data.Sqlite;

namespace BulkQA.Storage;

/// <summary>The label table in SQLite.</summary>
public sealed class SqliteLabelTable(SqliteDatabase database) : ILabelTable
{
    private const string Columns = "pk, s3_image_url, confidence, Verdict, Votes, Version, Task, TaskHome, AnonymousConfirmCount, AnonymousDisconfirmCount";

    public Task<LabelRow?> ReadAsync(ImageAddress address, CancellationToken cancellation = default) =>
        database.ReadAsync(session => Read(session, address), cancellation);

    public Task<IReadOnlyList<LabelRow?>> ReadAsync(IReadOnlyList<ImageAddress> addresses, CancellationToken cancellation = default) =>
        database.ReadAsync<IReadOnlyList<LabelRow?>>(session => [.. addresses.Select(address => Read(session, address))], cancellation);

    public Task<IReadOnlyList<bool>> InsertAsync(IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default) =>
        database.WriteAsync<IReadOnlyList<bool>>(session => [.. rows.Select(row => Insert(session, row))], cancellation);

    public Task<bool> UpdateAsync(LabelRow row, int expectedVersion, CancellationToken cancellation = default) =>
        database.WriteAsync(session => Update(session, row, expectedVersion), cancellation);

    public Task<IReadOnlyList<bool>> UpdateAsync(IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default) =>
        database.WriteAsync<IReadOnlyList<bool>>(session => [.. rows.Select(row => Update(session, row, row.Version - 1))], cancellation);

    public Task<RowPage> ScanAsync(
        ClassAddress address, Shard shard, ImageUrl? after, int limit, CancellationToken cancellation = default) =>
        database.ReadAsync(session =>
        {
            using var reader = session.Prepare(
                $"SELECT {Columns} FROM labels WHERE pk = $1 AND s3_image_url > $2 ORDER BY s3_image_url LIMIT $3",
                address.RowKey(shard), after?.Value ?? "", limit).ExecuteReader();
            var rows = new List<LabelRow>();
            while (reader.Read()) rows.Add(Row(reader, address));
            return new RowPage(rows, rows.Count < limit ? null : rows[^1].Address.Url);
        }, cancellation);

    public Task<AddressPage> FindAsync(ImageUrl url, string? cursor, int limit, CancellationToken cancellation = default) =>
        database.ReadAsync(session =>
        {
            using var reader = session.Prepare(
                "SELECT pk FROM labels WHERE s3_image_url = $1 AND pk > $2 ORDER BY pk LIMIT $3",
                url.Value, cursor ?? "", limit).ExecuteReader();
            var keys = new List<string>();
            while (reader.Read()) keys.Add(reader.GetString(0));
            return new AddressPage(
                [.. keys.Select(key => new ImageAddress(ClassAddress.ParseSharded(key).Class, url))],
                keys.Count < limit ? null : keys[^1]);
        }, cancellation);

    public Task<int> DeleteAsync(ClassAddress address, Shard shard, int limit, CancellationToken cancellation = default) =>
        database.WriteAsync(session => session.Prepare(
            """
            DELETE FROM labels WHERE pk = $1 AND s3_image_url IN
                (SELECT s3_image_url FROM labels WHERE pk = $1 ORDER BY s3_image_url LIMIT $2)
            """,
            address.RowKey(shard), limit).ExecuteNonQuery(), cancellation);

    private static LabelRow? Read(SqliteSession session, ImageAddress address)
    {
        using var reader = session.Prepare(
            $"SELECT {Columns} FROM labels WHERE pk = $1 AND s3_image_url = $2", address.RowKey, address.Url.Value).ExecuteReader();
        return reader.Read() ? Row(reader, address.Class) : null;
    }

    private static bool Insert(SqliteSession session, LabelRow row) => session.Prepare(
        """
        INSERT INTO labels (pk, s3_image_url, label, confidence, WorkerConfirmCount, WorkerDisconfirmCount, Verdict, Votes,
            Version, Task, TaskHome, AnonymousConfirmCount, AnonymousDisconfirmCount)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING
        """,
        row.Address.RowKey, row.Address.Url.Value, row.Address.Class.Label.Value, row.Confidence?.Value,
        row.Votes.Confirms, row.Votes.Disconfirms, row.Verdict.ToString(), VotesJson.Write(row.Votes), row.Version,
        row.Task?.Number.Value, row.Task is { } task ? (int)task.Home.Number : null,
        row.Anonymous?.Confirms, row.Anonymous?.Disconfirms).ExecuteNonQuery() == 1;

    private static bool Update(SqliteSession session, LabelRow row, int expectedVersion) => session.Prepare(
        """
        UPDATE labels SET confidence = $3, WorkerConfirmCount = $4, WorkerDisconfirmCount = $5, Verdict = $6,
            Votes = $7, Version = $8, Task = $9, TaskHome = $10
        WHERE pk = $1 AND s3_image_url = $2 AND Version = $11
        """,
        row.Address.RowKey, row.Address.Url.Value, row.Confidence?.Value, row.Votes.Confirms, row.Votes.Disconfirms,
        row.Verdict.ToString(), VotesJson.Write(row.Votes), row.Version, row.Task?.Number.Value,
        row.Task is { } task ? (int)task.Home.Number : null, expectedVersion).ExecuteNonQuery() == 1;

    private static LabelRow Row(SqliteDataReader reader, ClassAddress address) => new(
        new ImageAddress(address, ImageUrl.Create(reader.GetString(1))),
        reader.IsDBNull(2) ? null : Percent.Create(reader.GetDouble(2)),
        reader.IsDBNull(4) ? VoteSet.Empty : VotesJson.Read(reader.GetFieldValue<byte[]>(4)),
        Enum.Parse<Verdict>(reader.GetString(3)),
        reader.GetInt32(5),
        reader.IsDBNull(6) ? null : new TaskPlace(new TaskNumber(reader.GetInt32(6)), new Shard(reader.GetInt32(7))),
        reader.IsDBNull(8) ? null : new AnonymousVotes(reader.GetInt32(8), reader.GetInt32(9)));
}
