using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Storage;

namespace BulkQA.Storage;

/// <summary>
/// Grain state in SQLite, with the attributes of Orleans' own DynamoDB provider. Every write makes a new ETag; a write
/// or clear with another ETag than the stored one throws <see cref="InconsistentStateException"/> and changes nothing.
/// A clear deletes the row.
/// </summary>
public sealed class SqliteGrainStorage(
    SqliteDatabase database, Serializer serializer, IOptions<ClusterOptions> cluster) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = Key(grainId);
        var (bytes, etag) = await database.ReadAsync<(byte[]? State, long ETag)>(session =>
        {
            using var reader = session.Prepare(
                "SELECT GrainState, ETag FROM OrleansGrainState WHERE GrainReference = $1 AND GrainType = $2", key, stateName).ExecuteReader();
            return reader.Read() ? (reader.GetFieldValue<byte[]>(0), reader.GetInt64(1)) : default;
        }, CancellationToken.None);
        grainState.RecordExists = bytes is not null;
        grainState.State = bytes is null ? Activator.CreateInstance<T>() : serializer.Deserialize<T>(bytes);
        grainState.ETag = bytes is null ? null : Text(etag);
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (key, bytes, expected) = (Key(grainId), serializer.SerializeToArray(grainState.State), Number(grainState.ETag));
        // A new row starts anywhere, so that no ETag from before a clear fits the row written after it.
        var etag = expected + 1 ?? Random.Shared.NextInt64(1L << 52);
        var written = await database.WriteAsync(session => (expected is null
            ? session.Prepare(
                "INSERT INTO OrleansGrainState VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", key, stateName, bytes, etag)
            : session.Prepare(
                "UPDATE OrleansGrainState SET GrainState = $3, ETag = $4 WHERE GrainReference = $1 AND GrainType = $2 AND ETag = $5",
                key, stateName, bytes, etag, expected)).ExecuteNonQuery() == 1, CancellationToken.None);
        if (!written) throw Conflict("write", stateName, grainId, grainState.ETag);
        grainState.RecordExists = true;
        grainState.ETag = Text(etag);
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (key, expected) = (Key(grainId), Number(grainState.ETag));
        var cleared = await database.WriteAsync(session =>
        {
            if (expected is not null)
                return session.Prepare(
                    "DELETE FROM OrleansGrainState WHERE GrainReference = $1 AND GrainType = $2 AND ETag = $3",
                    key, stateName, expected).ExecuteNonQuery() == 1;
            return session.Prepare(
                "SELECT 1 FROM OrleansGrainState WHERE GrainReference = $1 AND GrainType = $2", key, stateName).ExecuteScalar() is null;
        }, CancellationToken.None);
        if (!cleared) throw Conflict("clear", stateName, grainId, grainState.ETag);
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
    }

    private static InconsistentStateException Conflict(string what, string stateName, GrainId grainId, string? etag) =>
        new($"could not {what} '{stateName}' of {grainId}: the stored ETag is not '{etag}'", "another", etag);

    private static string Text(long etag) => etag.ToString(CultureInfo.InvariantCulture);

    private static long? Number(string? etag) => etag is null ? null : long.Parse(etag, CultureInfo.InvariantCulture);

    private string Key(GrainId grainId) => $"{cluster.Value.ServiceId}_{grainId}";
}
