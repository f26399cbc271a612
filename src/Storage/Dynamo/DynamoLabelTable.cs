using System.Globalization;
using BulkQA.Core;
using Microsoft.Extensions.Options;
using Item = System.Collections.Generic.Dictionary<string, Amazon.DynamoDBv2.Model.AttributeValue>;

namespace BulkQA.Storage;

/// <summary>The label table in DynamoDB: one item an image, one write unit a write as long as it has less than 1 KB.</summary>
public sealed class DynamoLabelTable(DynamoConnection dynamo, IOptions<DynamoOptions> options) : ILabelTable
{
    internal const string Url = "s3_image_url";

    private readonly DynamoTable _table = new(dynamo, options.Value.LabelTable, Url);

    public Task WriteAsync(ClassAddress address, IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default) =>
        _table.PutManyAsync(rows.Select(row => Write(address, row)), cancellation);

    public async Task<LabelRow?> ReadAsync(ImageAddress address, CancellationToken cancellation = default) =>
        await _table.GetAsync(Key(address.Class, address.Url), null, cancellation) is { } item ? Read(item) : null;

    public Task<int> DeleteAsync(ClassAddress address, int limit, CancellationToken cancellation = default) =>
        _table.DeleteAllAsync(Shard.All.Select(address.RowKey), limit, cancellation);

    private static Item Key(ClassAddress address, ImageUrl url) => new() { [DynamoTable.HashKey] = new(address.RowKey(Shard.Of(url))), [Url] = new(url.Value) };

    private static Item Write(ClassAddress address, LabelRow row)
    {
        var item = Key(address, row.Url);
        item["label"] = new(address.Label.Value);
        item["WorkerConfirmCount"] = DynamoTable.Number(row.Confirms);
        item["WorkerDisconfirmCount"] = DynamoTable.Number(row.Disconfirms);
        item["Verdict"] = new(row.Verdict.ToString());
        if (row.Confidence is { } confidence) item["confidence"] = new() { N = confidence.ToString() };
        return item;
    }

    private static LabelRow Read(Item item) => new(
        ImageUrl.Create(item[Url].S),
        item.TryGetValue("confidence", out var confidence) ? Percent.Create(double.Parse(confidence.N, CultureInfo.InvariantCulture)) : null,
        (int)DynamoTable.ReadNumber(item["WorkerConfirmCount"]),
        (int)DynamoTable.ReadNumber(item["WorkerDisconfirmCount"]),
        Enum.Parse<Verdict>(item["Verdict"].S));
}
