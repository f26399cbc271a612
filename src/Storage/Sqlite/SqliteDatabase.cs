using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace BulkQA.Storage;

/// <summary>
/// The embedded database: WAL, <c>synchronous=FULL</c>, one writer that commits many writes with one fsync, and readers
/// beside it. A write's task completes after its commit. Where a commit or a write fails, every write of that commit is
/// tried again in a transaction of its own, so that a failed write fails its caller and nobody else.
/// </summary>
public sealed class SqliteDatabase : IAsyncDisposable
{
    private readonly SqliteOptions _options;
    private readonly FileStream _lock;
    private readonly Channel<Write> _writes;
    private readonly Task _writer;
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly SemaphoreSlim _readSlots;
    private long _commits;

    /// <summary>Opens or creates the database and its tables.</summary>
    /// <exception cref="StorageException">Another process has it open, it is of another release's layout, or it can't be opened.</exception>
    public SqliteDatabase(IOptions<SqliteOptions> options)
    {
        _options = options.Value;
        _readSlots = new SemaphoreSlim(_options.Readers);
        _lock = TakeLock(_options.Path);
        var session = OpenWriter();
        _writes = Channel.CreateBounded<Write>(
            new BoundedChannelOptions(_options.MaxQueuedWrites) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        _writer = Task.Factory.StartNew(() => RunWriter(session), TaskCreationOptions.LongRunning);
    }

    /// <summary>Commits so far: under load far fewer than writes.</summary>
    internal long Commits => Interlocked.Read(ref _commits);

    /// <summary>
    /// Runs <paramref name="write"/> on the writer, inside a transaction that may hold other writes. It may run more than
    /// once, each time on a clean slate, so it must have no effect but on the database.
    /// </summary>
    /// <exception cref="StorageException">It was not written, or whether it was is unknown.</exception>
    internal async Task<T> WriteAsync<T>(Func<SqliteSession, T> write, CancellationToken cancellation)
    {
        var queued = new Write<T>(write);
        try
        {
            await _writes.Writer.WriteAsync(queued, cancellation);
        }
        catch (ChannelClosedException e)
        {
            throw new StorageException("the database is closed", e);
        }
        return await queued.Completion;
    }

    /// <summary>Runs <paramref name="read"/> on a free reader, off the caller's thread.</summary>
    /// <exception cref="StorageException">The database can't be read.</exception>
    internal async Task<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellation)
    {
        await _readSlots.WaitAsync(cancellation);
        try
        {
            return await Task.Run(() => Read(read), cancellation);
        }
        finally
        {
            _readSlots.Release();
        }
    }

    /// <summary>Reads page by page, so that no slow caller keeps a reader from others.</summary>
    /// <param name="read">The page after the one given; the first after an empty one. The last is empty.</param>
    internal async IAsyncEnumerable<T> ReadPagesAsync<T>(
        Func<SqliteSession, IReadOnlyList<T>, List<T>> read, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<T> page = [];
        do
        {
            var before = page;
            page = await ReadAsync(session => read(session, before), cancellation);
            foreach (var item in page) yield return item;
        }
        while (page.Count > 0);
    }

    /// <summary>
    /// Reads a little from the file, over a connection of its own: readers that are all busy say nothing about the store.
    /// </summary>
    /// <exception cref="StorageException">The database can't be read.</exception>
    public Task PingAsync(CancellationToken cancellation) => Task.Run(() =>
    {
        try
        {
            using var session = new SqliteSession(_options, readOnly: true);
            session.Prepare("SELECT count(*) FROM OrleansGrainState WHERE GrainReference = ''").ExecuteScalar();
        }
        catch (SqliteException e)
        {
            throw new StorageException($"the database can't be read: {e.Message}", e);
        }
    }, cancellation);

    /// <summary>Finishes the writes already queued, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_writes.Writer.TryComplete()) return;
        await _writer;
        for (var slot = 0; slot < _options.Readers; slot++) await _readSlots.WaitAsync();
        while (_readers.TryTake(out var reader)) reader.Dispose();
        _readSlots.Dispose();
        await _lock.DisposeAsync();
    }

    private SqliteSession OpenWriter()
    {
        SqliteSession? session = null;
        try
        {
            session = new SqliteSession(_options, readOnly: false);
            SqliteSchema.Apply(session, _options.Path);
            return session;
        }
        catch (Exception e)
        {
            session?.Dispose();
            _lock.Dispose();
            if (e is SqliteException) throw new StorageException($"the database '{_options.Path}' can't be opened: {e.Message}", e);
            throw;
        }
    }

    private T Read<T>(Func<SqliteSession, T> read)
    {
        if (!_readers.TryTake(out var session)) session = new SqliteSession(_options, readOnly: true);
        try
        {
            return read(session);
        }
        catch (SqliteException e)
        {
            throw new StorageException($"the database can't be read: {e.Message}", e);
        }
        finally
        {
            _readers.Add(session);
        }
    }

    private void RunWriter(SqliteSession session)
    {
        var batch = new List<Write>();
        using (session)
        {
            while (Wait())
            {
                while (batch.Count < _options.MaxWritesPerCommit && _writes.Reader.TryRead(out var write)) batch.Add(write);
                if (!TryCommit(session, batch) && batch.Count > 1)
                    foreach (var write in batch) TryCommit(session, [write]);
                foreach (var write in batch) write.Complete();
                batch.Clear();
            }
        }
    }

    private bool Wait() => _writes.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Commits the batch; where that fails, leaves the failure in each of its writes.</summary>
    private bool TryCommit(SqliteSession session, List<Write> batch)
    {
        try
        {
            session.Execute("BEGIN IMMEDIATE");
            foreach (var write in batch) write.Run(session);
            session.Execute("COMMIT");
            Interlocked.Increment(ref _commits);
            return true;
        }
        catch (Exception e)
        {
            // Whatever it is, it belongs to the callers: the writer serves everybody and must live.
            foreach (var write in batch) write.Fail(e);
            Rollback(session);
            return false;
        }
    }

    private static void Rollback(SqliteSession session)
    {
        try
        {
            session.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // A full disk or an I/O error has already rolled back; there is nothing left to undo.
        }
    }

    private static FileStream TakeLock(string path)
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"'{path}' is in use by another process, or can't be written: {e.Message}. Stop the other one, or set another data directory.", e);
        }
    }

    private abstract class Write
    {
        public abstract void Run(SqliteSession session);

        public abstract void Fail(Exception failure);

        public abstract void Complete();
    }

    private sealed class Write<T>(Func<SqliteSession, T> write) : Write
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private Exception? _failure;

        public Task<T> Completion => _completion.Task;

        public override void Run(SqliteSession session)
        {
            _result = write(session);
            _failure = null;
        }

        public override void Fail(Exception failure) => _failure = failure;

        public override void Complete()
        {
            if (_failure is null) _completion.SetResult(_result!);
            else _completion.SetException(new StorageException($"the database could not be written: {_failure.Message}", _failure));
        }
    }
}
