namespace BulkQA.Storage;

/// <summary>Where the embedded store lies and how it commits.</summary>
public sealed class SqliteOptions
{
    /// <summary>The database file. Its folder must exist.</summary>
    public string Path { get; set; } = "";

    /// <summary>
    /// Writes that may wait for the writer; a caller beyond that waits for room. From 1; default 10,000. More smooths
    /// bursts and costs memory.
    /// </summary>
    public int MaxQueuedWrites { get; set; } = 10_000;

    /// <summary>Writes that share one commit at most. From 1; default 2,000. More makes fewer fsyncs and longer waits.</summary>
    public int MaxWritesPerCommit { get; set; } = 2_000;

    /// <summary>Connections that read side by side. From 1; default 4.</summary>
    public int Readers { get; set; } = 4;

    /// <summary>The page cache of each connection in bytes. Default 64 MiB.</summary>
    public long CacheBytes { get; set; } = 64L * 1024 * 1024;
}
