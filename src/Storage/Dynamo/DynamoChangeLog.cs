using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using BulkQA.Core;
using Microsoft.Extensions.Options;
using static BulkQA.Storage.DynamoFactItems;
using Item = System.Collections.Generic.Dictionary<string, Amazon.DynamoDBv2.Model.AttributeValue>;

namespace BulkQA.Storage;

/// <summary>
/// The change log in the fact table: a day's records under <c>changes!{day}</c>, which is no key of a job's life, by position; and the days
/// that have any under <c>changes!</c>.
/// </summary>
public sealed class DynamoChangeLog(DynamoConnection dynamo, IOptions<DynamoOptions> options) : IChangeLog
{
    private const string Days = "changes!";
    private const string DayFormat = "yyyy-MM-dd";

    /// <summary>After every digit and hyphen.</summary>
    private const string End = "~";

    private readonly DynamoTable _table = new(dynamo, options.Value.FactTable, RangeKey);

    /// <summary>Days that are known to be listed. Grows by one a day.</summary>
    private readonly ConcurrentDictionary<string, bool> _listed = new();

    public async Task WriteAsync(ChangeRecord record, CancellationToken cancellation = default)
    {
        var day = DayOf(record.Position.At);
        // First: a record of a day that is not listed would not be found.
        if (!_listed.ContainsKey(day))
        {
            await _table.PutManyAsync([Key(Days, day)], cancellation);
            _listed[day] = true;
        }
        await _table.PutManyAsync([ToItem(day, record)], cancellation);
    }

    public Task RemoveAsync(ChangePosition position, CancellationToken cancellation = default) =>
        _table.DeleteManyAsync([Key(Days + DayOf(position.At), position.Key)], cancellation);

    public async IAsyncEnumerable<ChangeRecord> ReadAsync(ChangePosition? before, DateTimeOffset from, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var days = Between(Days, DayOf(from), before is { } last ? DayOf(last.At) : End);
        await foreach (var listed in _table.QueryPagesAsync(days, null, null, cancellation, isBackward: true))
            foreach (var day in listed.Select(item => item[RangeKey].S))
                await foreach (var page in _table.QueryPagesAsync(Between(Days + day, $"{from.UtcTicks:D19}", before is { } until && day == DayOf(until.At) ? until.Key : End), null, null, cancellation, isBackward: true))
                    foreach (var record in page.Select(Read))
                        if (before is not { } end || string.CompareOrdinal(record.Position.Key, end.Key) < 0) yield return record;
    }

    public async Task<int> DeleteAsync(DateTimeOffset before, int limit, CancellationToken cancellation = default)
    {
        var deleted = 0;
        await foreach (var listed in _table.QueryPagesAsync(Between(Days, "!", DayOf(before)), null, null, cancellation))
        {
            foreach (var day in listed)
            {
                await foreach (var page in _table.QueryPagesAsync(
                    Between(Days + day[RangeKey].S, "!", $"{before.UtcTicks:D19}"), $"{DynamoTable.HashKey}, {RangeKey}", limit - deleted, cancellation))
                {
                    await _table.DeleteManyAsync(page, cancellation);
                    deleted += page.Count;
                }
                if (deleted >= limit) return deleted;
                // The day of the end itself may get more.
                if (day[RangeKey].S != DayOf(before)) await _table.DeleteManyAsync([day], cancellation);
            }
        }
        return deleted;
    }

    private static Item ToItem(string day, ChangeRecord record)
    {
        var item = Key(Days + day, record.Position.Key);
        (item["caller"], item["via"], item["action"], item["request"]) = (new(record.By), new(record.Via), new(record.Action), new(record.Request));
        if (record.Job is not null) item["job"] = new(record.Job);
        if (record.Change is not null) item["change"] = new(record.Change);
        if (record.Status is { } status) item["status"] = DynamoTable.Number(status);
        return item;
    }

    private static ChangeRecord Read(Item item)
    {
        var key = item[RangeKey].S.Split('/');
        return new ChangeRecord(
            new ChangePosition(new DateTimeOffset(long.Parse(key[0], CultureInfo.InvariantCulture), TimeSpan.Zero), Guid.ParseExact(key[1], "N")),
            item["caller"].S, item["via"].S, item["action"].S, item.GetValueOrDefault("job")?.S, item["request"].S, item.GetValueOrDefault("change")?.S,
            item.GetValueOrDefault("status") is { } status ? (int)DynamoTable.ReadNumber(status) : null);
    }

    private static string DayOf(DateTimeOffset at) => at.UtcDateTime.ToString(DayFormat, CultureInfo.InvariantCulture);
}
