using System.Globalization;
using Amazon.DynamoDBv2.Model;
using BulkQA.Core;

namespace BulkQA.Storage;

/// <summary>Rows of the label table as DynamoDB's items.</summary>
internal static class DynamoRows
{
    public const string Key = "pk";
    public const string Url = "s3_image_url";
    public const string Version = "Version";

    /// <summary>A random number that every write brings along, by which it is known again when its answer got lost.</summary>
    public const string WriteMark = "WriteMark";

    public static Dictionary<string, AttributeValue> Address(ImageAddress address) => new()
    {
        [Key] = new AttributeValue(address.RowKey),
        [Url] = new AttributeValue(address.Url.Value),
    };

    /// <summary>The row, with a mark of its own.</summary>
    public static Dictionary<string, AttributeValue> WriteMarked(LabelRow row)
    {
        var item = Address(row.Address);
        item["label"] = new AttributeValue(row.Address.Class.Label.Value);
        item["WorkerConfirmCount"] = Number(row.Votes.Confirms);
        item["WorkerDisconfirmCount"] = Number(row.Votes.Disconfirms);
        item["Verdict"] = new AttributeValue(row.Verdict.ToString());
        item[Version] = Number(row.Version);
        if (row.Confidence is { } confidence) item["confidence"] = new AttributeValue { N = confidence.ToString() };
        if (row.Task is { } task)
        {
            item["Task"] = Number(task.Number.Value);
            item["TaskHome"] = Number(task.Home.Number);
        }
        if (row.Anonymous is { } anonymous)
        {
            item["AnonymousConfirmCount"] = Number(anonymous.Confirms);
            item["AnonymousDisconfirmCount"] = Number(anonymous.Disconfirms);
        }
        if (row.Votes.Votes.Length > 0)
            item["Votes"] = new AttributeValue { M = row.Votes.Votes.ToDictionary(vote => vote.Worker.Value, Write) };
        item[WriteMark] = Number(Random.Shared.NextInt64());
        return item;
    }

    public static LabelRow Read(Dictionary<string, AttributeValue> item, ClassAddress address) => new(
        new ImageAddress(address, ImageUrl.Create(item[Url].S)),
        item.TryGetValue("confidence", out var confidence) ? Percent.Create(double.Parse(confidence.N, CultureInfo.InvariantCulture)) : null,
        item.TryGetValue("Votes", out var votes) ? VoteSet.Of(votes.M.Select(vote => Read(vote.Key, vote.Value.M))) : VoteSet.Empty,
        Enum.Parse<Verdict>(item["Verdict"].S),
        Number(item[Version]),
        item.TryGetValue("Task", out var task) ? new TaskPlace(new TaskNumber(Number(task)), new Shard(Number(item["TaskHome"]))) : null,
        item.TryGetValue("AnonymousConfirmCount", out var confirms) ? new AnonymousVotes(Number(confirms), Number(item["AnonymousDisconfirmCount"])) : null);

    public static AttributeValue Number(long value) => new() { N = value.ToString(CultureInfo.InvariantCulture) };

    private static AttributeValue Write(Vote vote)
    {
        var answer = new Dictionary<string, AttributeValue> { ["confirmed"] = new() { BOOL = vote.Confirmed } };
        if (vote.At != SubmissionTime.None) answer["at"] = Number(vote.At.UtcTicks);
        return new AttributeValue { M = answer };
    }

    private static Vote Read(string worker, Dictionary<string, AttributeValue> answer) => new(
        WorkerId.Create(worker),
        answer["confirmed"].BOOL is true,
        answer.TryGetValue("at", out var at) ? new SubmissionTime(long.Parse(at.N, CultureInfo.InvariantCulture)) : SubmissionTime.None);

    private static int Number(AttributeValue value) => int.Parse(value.N, CultureInfo.InvariantCulture);
}
