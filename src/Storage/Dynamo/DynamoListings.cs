using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using static BulkQA.Storage.DynamoFactItems;

namespace BulkQA.Storage;

/// <summary>Listings in the fact table: a listing's keys under <c>listing!{name}</c>, which is no key of a job's life.</summary>
public sealed class DynamoListings(DynamoConnection dynamo, IOptions<DynamoOptions> options) : IListings
{
    private const string Listings = "listing!";

    private readonly DynamoTable _table = new(dynamo, options.Value.FactTable, RangeKey);

    public Task AddAsync(string listing, string key, CancellationToken cancellation = default) => _table.PutManyAsync([Key(Listings + listing, key)], cancellation);

    public Task RemoveAsync(string listing, string key, CancellationToken cancellation = default) => _table.DeleteManyAsync([Key(Listings + listing, key)], cancellation);

    public async IAsyncEnumerable<string> ReadAsync(string listing, string prefix, string? after, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        // Between takes both ends in, and no key is empty.
        var first = after is null ? prefix : string.CompareOrdinal(after, prefix) > 0 ? after : prefix;
        var range = Between(Listings + listing, first.Length == 0 ? "\u0001" : first, prefix + "\U0010FFFF");
        await foreach (var item in _table.QueryAsync(range, RangeKey, null, cancellation))
            if (item[RangeKey].S != after) yield return item[RangeKey].S;
    }
}
