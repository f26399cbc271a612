namespace BulkQA.Storage;

/// <summary>Listings in SQLite.</summary>
public sealed class SqliteListings(SqliteDatabase database) : IListings
{
    private const int KeysPerPage = 500;

    public Task AddAsync(string listing, string key, CancellationToken cancellation = default) => database.WriteAsync(
        session => session.Prepare("INSERT OR IGNORE INTO listings VALUES ($1, $2)", listing, key).ExecuteNonQuery(), cancellation);

    public Task RemoveAsync(string listing, string key, CancellationToken cancellation = default) => database.WriteAsync(
        session => session.Prepare("DELETE FROM listings WHERE name = $1 AND key = $2", listing, key).ExecuteNonQuery(), cancellation);

    public IAsyncEnumerable<string> ReadAsync(string listing, string prefix, string? after, CancellationToken cancellation = default) =>
        database.ReadPagesAsync<string>((session, last) => ReadPage(session, listing, prefix, last is [.., var end] ? end : after), cancellation);

    private static List<string> ReadPage(SqliteSession session, string listing, string prefix, string? after)
    {
        // Every key that begins with the prefix is before the prefix with the greatest character behind it.
        using var reader = session.Prepare(
            "SELECT key FROM listings WHERE name = $1 AND key >= $2 AND key < $3 AND ($4 IS NULL OR key > $4) ORDER BY key LIMIT $5",
            listing, prefix, prefix + "\U0010FFFF", after, KeysPerPage).ExecuteReader();
        var keys = new List<string>();
        while (reader.Read()) keys.Add(reader.GetString(0));
        return keys;
    }
}
