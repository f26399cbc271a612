using BulkQA.Core;
using Microsoft.Data.Sqlite;

namespace BulkQA.Storage.Tests;

public sealed class SqliteDatabaseTests : IDisposable
{
    private static readonly PartitionAddress _partition = new(new ClassAddress(Incarnation.Parse("job~0123456789ab"), Label.Create("Dog")), 0);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_FileInUse_SaysWhatToDo()
    {
        await using var first = SqliteFixture.Open(_folder.File("a.db"));
        var failure = Assert.Throws<StorageException>(() => SqliteFixture.Open(_folder.File("a.db")));
        Assert.Contains("in use by another process", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_DatabaseOfAnEarlierRelease_SaysHowToTakeItAlongAndLeavesItAsItIs()
    {
        await ExecuteAsync(
            """
            CREATE TABLE labels (
                pk TEXT NOT NULL,
                s3_image_url TEXT NOT NULL,
                label TEXT NOT NULL,
                confidence REAL,
                WorkerConfirmCount INTEGER NOT NULL,
                WorkerDisconfirmCount INTEGER NOT NULL,
                Verdict TEXT NOT NULL,
                Votes BLOB,
                Version INTEGER NOT NULL,
                Task INTEGER,
                TaskHome INTEGER,
                AnonymousConfirmCount INTEGER,
                AnonymousDisconfirmCount INTEGER,
                PRIMARY KEY (pk, s3_image_url)
            ) WITHOUT ROWID;
            INSERT INTO labels VALUES ('job~0123456789ab/Dog#1', 's3://b/a', 'Dog', 90, 1, 0, 'Confirmed', NULL, 1, 0, 0, NULL, NULL)
            """);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var failure = Assert.Throws<StorageException>(() => SqliteFixture.Open(_folder.File("a.db")));
            foreach (var words in (string[])["earlier release", "/export", "format=csv", "new data directory", "/items", "set another data directory"])
                Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        }
        Assert.Equal([1L, 1L], [await ExecuteAsync("SELECT count(*) FROM labels"), await ExecuteAsync("SELECT count(*) FROM sqlite_schema WHERE type = 'table'")]);
    }

    /// <summary>What later versions brought is taken out again: the rest is as the earlier ones laid it.</summary>
    [Theory]
    [InlineData(6, "DROP TABLE listings")]
    [InlineData(5, "DROP TABLE listings; DROP TABLE changes")]
    [InlineData(4, "DROP TABLE listings; DROP TABLE changes; DROP TABLE workers; ALTER TABLE tasks DROP COLUMN versions")]
    [InlineData(3, "DROP TABLE listings; DROP TABLE changes; DROP TABLE workers; ALTER TABLE tasks DROP COLUMN versions; ALTER TABLE tasks DROP COLUMN gold")]
    [InlineData(2, "DROP TABLE listings; DROP TABLE changes; DROP TABLE workers; ALTER TABLE tasks DROP COLUMN versions; ALTER TABLE tasks DROP COLUMN gold; DROP TABLE adjudications")]
    public async Task Open_DatabaseOfAnEarlierLayout_KeepsItsTasksAndTakesWhatIsNew(int version, string before)
    {
        var partition = new PartitionAddress(new ClassAddress(Incarnation.New(JobName.Create("job")), Label.Create("Dog")), 0);
        var task = new TaskContent(new TaskNumber(0), [new CorpusImage(ImageUrl.Create("s3://b/a"), Percent.Create(90))]);
        await using (var database = SqliteFixture.Open(_folder.File("a.db")))
            await new SqliteFactStore(database).InsertAsync(partition, [task], Cancellation);
        foreach (var statement in before.Split(';')) await ExecuteAsync(statement);
        await ExecuteAsync($"PRAGMA user_version = {version}");

        var gold = new TaskContent(new TaskNumber(1), [new CorpusImage(ImageUrl.Create("s3://b/g"), null, Gold: new GoldAnswer(true), Version: ModelVersion.Create("v1"))]);
        await using (var database = SqliteFixture.Open(_folder.File("a.db")))
        {
            var facts = new SqliteFactStore(database);
            await facts.InsertAsync(partition, [gold], Cancellation);
            await facts.AdjudicateAsync(partition, [new Adjudication(task.Number, 0, new SubmissionTime(1), "ann", Verdict.Confirmed)], Cancellation);
            Assert.Equal([task, gold], await facts.ReadTasksAsync(partition, new TaskNumber(0), new TaskNumber(9), Cancellation).ToListAsync(Cancellation));
            Assert.Single(await facts.ReadAdjudicationsAsync(partition, new TaskNumber(0), new TaskNumber(9), Cancellation).ToListAsync(Cancellation));
            await facts.WriteWorkersAsync(partition.Class.Incarnation, [WorkerId.Create("ann")], Cancellation);
            Assert.Equal([partition.Class.Incarnation], await facts.ReadJobsAsync(WorkerId.Create("ann"), null, Cancellation).ToListAsync(Cancellation));
            var change = new ChangeRecord(new ChangePosition(DateTimeOffset.UnixEpoch, Guid.Empty), "ann", "ApiKey", "changeJob", "job", "PATCH /v1/jobs/job", null, 200);
            await new SqliteChangeLog(database).WriteAsync(change, Cancellation);
            await new SqliteListings(database).AddAsync("a", "b", Cancellation);
            Assert.Equal([change], await new SqliteChangeLog(database).ReadAsync(null, DateTimeOffset.MinValue, Cancellation).ToListAsync(Cancellation));
        }
    }

    [Fact]
    public async Task Open_DatabaseOfALaterRelease_IsRefused()
    {
        await using (SqliteFixture.Open(_folder.File("a.db")))
        {
        }
        var version = (long)(await ExecuteAsync("PRAGMA user_version"))!;
        await ExecuteAsync($"PRAGMA user_version = {version + 1}");
        Assert.Contains("later release", Assert.Throws<StorageException>(() => SqliteFixture.Open(_folder.File("a.db"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_NoDatabase_IsRefusedByName()
    {
        await File.WriteAllTextAsync(_folder.File("a.db"), new string('x', 5_000), Cancellation);
        Assert.Contains("a.db", Assert.Throws<StorageException>(() => SqliteFixture.Open(_folder.File("a.db"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_WithWritesQueued_FinishesThem()
    {
        Task[] writes;
        await using (var database = SqliteFixture.Open(_folder.File("a.db")))
        {
            var store = new SqliteFactStore(database);
            writes = [.. Enumerable.Range(0, 500).Select(number => store.AppendAsync(_partition, [Answer(number)], Cancellation))];
        }
        await Task.WhenAll(writes);
        await using var again = SqliteFixture.Open(_folder.File("a.db"));
        Assert.Equal(500, await CountAsync(new SqliteFactStore(again)));
    }

    [Fact]
    public async Task Write_AfterDispose_FailsClearly()
    {
        var database = SqliteFixture.Open(_folder.File("a.db"));
        await database.DisposeAsync();
        await Assert.ThrowsAsync<StorageException>(() => new SqliteFactStore(database).AppendAsync(_partition, [Answer(0)], Cancellation));
    }

    [Fact]
    public async Task Write_ThatFails_FailsItsCallerAndNobodyElse()
    {
        await using var database = SqliteFixture.Open(_folder.File("a.db"));
        var store = new SqliteFactStore(database);
        var good = Enumerable.Range(0, 200).Select(number => store.AppendAsync(_partition, [Answer(number)], Cancellation)).ToList();
        var bad = database.WriteAsync<bool>(session => throw new InvalidOperationException("broken"), Cancellation);
        var after = Enumerable.Range(200, 200).Select(number => store.AppendAsync(_partition, [Answer(number)], Cancellation)).ToList();
        Assert.Contains("broken", (await Assert.ThrowsAsync<StorageException>(() => bad)).Message, StringComparison.Ordinal);
        await Task.WhenAll(good.Concat(after));
        Assert.Equal(400, await CountAsync(store));
    }

    [Fact]
    public async Task Write_DiskFull_FailsKeepsWhatWasAcknowledgedAndGoesOnWhenThereIsRoom()
    {
        await using var database = SqliteFixture.Open(_folder.File("a.db"));
        var store = new SqliteFactStore(database);
        await LimitPagesAsync(database, 40);
        var acknowledged = 0;
        for (; ; acknowledged++)
        {
            try
            {
                await store.AppendAsync(_partition, [Answer(acknowledged)], Cancellation);
            }
            catch (StorageException e)
            {
                Assert.Contains("full", e.Message, StringComparison.Ordinal);
                break;
            }
        }
        Assert.True(acknowledged > 10);
        Assert.Equal(acknowledged, await CountAsync(store));
        await LimitPagesAsync(database, 1_000_000);
        await store.AppendAsync(_partition, [Answer(acknowledged)], Cancellation);
        Assert.Equal(acknowledged + 1, await CountAsync(store));
    }

    [Fact]
    public async Task Write_ManyAtOnce_ShareCommits()
    {
        await using var database = SqliteFixture.Open(_folder.File("a.db"));
        var store = new SqliteFactStore(database);
        using var started = new ManualResetEventSlim();
        // Holds the writer until all are queued: what then comes is one commit, which is what group commit is for.
        var blocker = database.WriteAsync(_ => { started.Wait(Cancellation); return true; }, Cancellation);
        var writes = Enumerable.Range(0, 100).Select(number => store.AppendAsync(_partition, [Answer(number)], Cancellation)).ToList();
        var before = database.Commits;
        started.Set();
        await blocker;
        await Task.WhenAll(writes);
        Assert.InRange(database.Commits - before, 1, 2);
    }

    /// <summary>A file that is full, made by SQLite's own limit.</summary>
    private static Task<bool> LimitPagesAsync(SqliteDatabase database, int pages) => database.WriteAsync(session =>
    {
        session.Execute($"PRAGMA max_page_count = {pages}");
        return true;
    }, Cancellation);

    private static Submission Answer(int number) => new(
        new TaskNumber(number), WorkerId.Create("ann"), new SubmissionTime(number), TaskAnswers.Parse(new string('c', TaskContent.MaxImages)));

    private static ValueTask<int> CountAsync(SqliteFactStore store) =>
        store.ReadSubmissionsAsync(_partition, default, new TaskNumber(int.MaxValue), Cancellation).CountAsync(Cancellation);

    /// <summary>Over a connection that is none of ours.</summary>
    private async Task<object?> ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={_folder.File("a.db")};Pooling=False");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
