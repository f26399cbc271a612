using System.Text;

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
        // One lower bound, from which the index is read: with a condition beside it each page would pass over all that are before it.
        var isAfter = after is not null && Compare(after, prefix) >= 0;
        // Every key that begins with the prefix is before the prefix with the greatest character behind it.
        using var reader = session.Prepare(
            isAfter ? "SELECT key FROM listings WHERE name = $1 AND key > $2 AND key < $3 ORDER BY key LIMIT $4" : "SELECT key FROM listings WHERE name = $1 AND key >= $2 AND key < $3 ORDER BY key LIMIT $4",
            listing, isAfter ? after : prefix, prefix + "\U0010FFFF", KeysPerPage).ExecuteReader();
        var keys = new List<string>();
        while (reader.Read()) keys.Add(reader.GetString(0));
        return keys;
    }

    /// <summary>In the order of their UTF-8 bytes, as SQLite compares text.</summary>
    private static int Compare(string left, string right) => Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));
}
