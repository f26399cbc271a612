using BulkQA.Core;
using Microsoft.Data.Sqlite;

namespace BulkQA.Storage.Tests;

public sealed class SqliteDatabaseTests : IDisposable
{
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
    public async Task Open_DatabaseOfAnEarlierRelease_GetsTheColumnsItLacks()
    {
        await using (SqliteFixture.Open(_folder.File("a.db")))
        {
        }
        await using (var connection = new SqliteConnection($"Data Source={_folder.File("a.db")};Pooling=False"))
        {
            await connection.OpenAsync(Cancellation);
            foreach (var column in (string[])["AnonymousConfirmCount", "AnonymousDisconfirmCount"])
            {
                await using var drop = connection.CreateCommand();
                drop.CommandText = $"ALTER TABLE labels DROP COLUMN {column}";
                await drop.ExecuteNonQueryAsync(Cancellation);
            }
        }
        await using var database = SqliteFixture.Open(_folder.File("a.db"));
        var row = Row(1) with { Anonymous = new AnonymousVotes(2, 1) };
        await new SqliteLabelTable(database).InsertAsync([row], Cancellation);
        Assert.Equal(row.Anonymous, (await new SqliteLabelTable(database).ReadAsync(row.Address, Cancellation))!.Anonymous);
    }

    [Fact]
    public async Task Dispose_WithWritesQueued_FinishesThem()
    {
        Task<bool>[] writes;
        await using (var database = SqliteFixture.Open(_folder.File("a.db")))
        {
            var table = new SqliteLabelTable(database);
            writes = [.. Enumerable.Range(0, 500).Select(async number => (await table.InsertAsync([Row(number)], Cancellation))[0])];
        }
        Assert.All(await Task.WhenAll(writes), Assert.True);
        await using var again = SqliteFixture.Open(_folder.File("a.db"));
        Assert.Equal(500, await new SqliteLabelTable(again).ReadAllAsync(Row(0).Address.Class, Cancellation).CountAsync(Cancellation));
    }

    [Fact]
    public async Task Write_AfterDispose_FailsClearly()
    {
        var database = SqliteFixture.Open(_folder.File("a.db"));
        await database.DisposeAsync();
        await Assert.ThrowsAsync<StorageException>(() => new SqliteLabelTable(database).InsertAsync([Row(0)], Cancellation));
    }

    [Fact]
    public async Task Write_ThatFails_FailsItsCallerAndNobodyElse()
    {
        await using var database = SqliteFixture.Open(_folder.File("a.db"));
        var table = new SqliteLabelTable(database);
        var good = Enumerable.Range(0, 200).Select(number => table.InsertAsync([Row(number)], Cancellation)).ToList();
        var bad = database.WriteAsync<bool>(session => throw new InvalidOperationException("broken"), Cancellation);
        var after = Enumerable.Range(200, 200).Select(number => table.InsertAsync([Row(number)], Cancellation)).ToList();
        Assert.Contains("broken", (await Assert.ThrowsAsync<StorageException>(() => bad)).Message, StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(good.Concat(after)), inserted => Assert.Equal([true], inserted));
        Assert.Equal(400, await table.ReadAllAsync(Row(0).Address.Class, Cancellation).CountAsync(Cancellation));
    }

    [Fact]
    public async Task Write_DiskFull_FailsKeepsWhatWasAcknowledgedAndGoesOnWhenThereIsRoom()
    {
        await using var database = SqliteFixture.Open(_folder.File("a.db"));
        var table = new SqliteLabelTable(database);
        await LimitPagesAsync(database, 40);
        var acknowledged = 0;
        for (; ; acknowledged++)
        {
            try
            {
                await table.InsertAsync([Row(acknowledged)], Cancellation);
            }
            catch (StorageException e)
            {
                Assert.Contains("full", e.Message, StringComparison.Ordinal);
                break;
            }
        }
        Assert.True(acknowledged > 10);
        Assert.Equal(acknowledged, await table.ReadAllAsync(Row(0).Address.Class, Cancellation).CountAsync(Cancellation));
        await LimitPagesAsync(database, 1_000_000);
        Assert.Equal([true], await table.InsertAsync([Row(acknowledged)], Cancellation));
    }

    [Fact]
    public async Task Write_ManyAtOnce_ShareCommits()
    {
        await using var database = SqliteFixture.Open(_folder.File("a.db"));
        var table = new SqliteLabelTable(database);
        using var started = new ManualResetEventSlim();
        // Holds the writer until all are queued: what then comes is one commit, which is what group commit is for.
        var blocker = database.WriteAsync(_ => { started.Wait(Cancellation); return true; }, Cancellation);
        var writes = Enumerable.Range(0, 100).Select(number => table.InsertAsync([Row(number)], Cancellation)).ToList();
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

    private static LabelRow Row(int number) => new(
        new ImageAddress(new ClassAddress(Incarnation.Parse("job~0123456789ab"), Label.Create("Dog")), ImageUrl.Create($"s3://b/{number:D5}-{new string('x', 500)}")),
        Percent.Create(90), VoteSet.Empty, Verdict.Unreviewed, 1, null);
}
