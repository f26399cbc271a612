using BulkQA.Core;

namespace BulkQA.Storage.Tests;

/// <summary>What every change log must do, whatever it is made of. A backend derives from this and names its log, which others may write to.</summary>
public abstract class ChangeLogCompliance
{
    private static int _century;

    /// <summary>Of a century of its own, so that tests on one log do not see each other's records.</summary>
    private readonly DateTimeOffset _start = new(1000 + (100 * Interlocked.Increment(ref _century)), 2, 28, 23, 0, 0, TimeSpan.Zero);

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract IChangeLog Log { get; }

    [Fact]
    public async Task Write_ThenRead_GivesTheRecord()
    {
        var full = new ChangeRecord(At(0), "Zoë 犬", "Bearer", "changeJob", "Job-1", "PATCH /v1/jobs/Job-1?a='; DROP TABLE changes; --", """{"policy":"majority"}""", 200);
        var bare = new ChangeRecord(At(1), "key", "ApiKey", "redriveDeadLetters", null, "POST /v1/dead-letters/redrive", null, null);
        await Log.WriteAsync(full, Cancellation);
        await Log.WriteAsync(bare, Cancellation);
        Assert.Equal([bare, full], await ReadAsync());
    }

    [Fact]
    public async Task Write_AgainWithItsEnd_IsOneRecordAndRemovedIsNone()
    {
        var record = Record(0);
        await Log.WriteAsync(record with { Status = null }, Cancellation);
        await Log.WriteAsync(record, Cancellation);
        await Log.WriteAsync(Record(1), Cancellation);
        Assert.Equal(2, (await ReadAsync()).Count);
        for (var call = 0; call < 2; call++) await Log.RemoveAsync(Record(1).Position, Cancellation);
        Assert.Equal([record], await ReadAsync());
    }

    /// <summary>Over several days, and several records of one time.</summary>
    [Fact]
    public async Task Read_FromAndBefore_GivesTheLatestFirstWithoutGapOrRepetition()
    {
        var records = Enumerable.Range(0, 60).Select(number => Record(number / 2 * 3, number)).ToList();
        await Parallel.ForEachAsync(records, Cancellation, async (record, token) => await Log.WriteAsync(record, token));
        var expected = records.OrderByDescending(record => record.Position.Key, StringComparer.Ordinal).ToList();
        Assert.Equal(expected, await ReadAsync());
        for (var at = 0; at < expected.Count; at += 7) Assert.Equal(expected[(at + 1)..], await ReadAsync(expected[at].Position));
        Assert.Equal(expected.Where(record => record.Position.At >= _start.AddHours(42)), await Log.ReadAsync(expected[0].Position with { Id = Guid.AllBitsSet }, _start.AddHours(42), Cancellation).ToListAsync(Cancellation));
        Assert.Equal(expected[..5], await Log.ReadAsync(new ChangePosition(_start.AddYears(50), default), _start, Cancellation).Take(5).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Read_MoreThanAPage_GivesAll()
    {
        for (var number = 0; number < 1_100; number++) await Log.WriteAsync(Record(0, number) with { Change = new string('x', 1_000) }, Cancellation);
        Assert.Equal(1_100, (await ReadAsync()).Select(record => record.Position).Distinct().Count());
    }

    [Fact]
    public async Task Delete_BeforeATime_TakesTheOldestUpToTheLimit()
    {
        for (var hours = 0; hours < 60; hours++) await Log.WriteAsync(Record(hours), Cancellation);
        var before = _start.AddHours(50);
        await DeleteOlderCenturiesAsync();
        Assert.Equal(20, await Log.DeleteAsync(before, 20, Cancellation));
        Assert.Equal(Enumerable.Range(20, 40).Reverse().Select(hours => Record(hours)), await ReadAsync());
        Assert.Equal(30, await Log.DeleteAsync(before, 100, Cancellation));
        Assert.Equal(0, await Log.DeleteAsync(before, 100, Cancellation));
        Assert.Equal(Enumerable.Range(50, 10).Reverse().Select(hours => Record(hours)), await ReadAsync());
        // What comes late, of a day that was emptied, is there, too.
        await Log.WriteAsync(Record(49), Cancellation);
        Assert.Equal(11, (await ReadAsync()).Count);
    }

    private async Task DeleteOlderCenturiesAsync()
    {
        while (await Log.DeleteAsync(_start, 1_000, Cancellation) > 0) { }
    }

    private async Task<List<ChangeRecord>> ReadAsync(ChangePosition? before = null) =>
        await Log.ReadAsync(before ?? new ChangePosition(_start.AddYears(50), default), _start, Cancellation).ToListAsync(Cancellation);

    private ChangePosition At(int hours, int id = 0) => new(_start.AddHours(hours), new Guid(id, 0, 0, new byte[8]));

    private ChangeRecord Record(int hours, int id = 0) => new(At(hours, id), "ann", "ApiKey", "changeJob", "job", "PATCH /v1/jobs/job", null, 200);
}
