using System.Globalization;
using BulkQA.Core;
using Item = System.Collections.Generic.Dictionary<string, Amazon.DynamoDBv2.Model.AttributeValue>;

namespace BulkQA.Storage;

/// <summary>What an adjudication's item has beside its key.</summary>
internal static class DynamoAdjudicationItem
{
    public static void Write(Item item, Adjudication adjudication)
    {
        item["by"] = new(adjudication.By);
        if (adjudication.Verdict is { } verdict) item["verdict"] = DynamoTable.Number((long)verdict);
        if (adjudication.RightLabel is { } label) item["rightLabel"] = new(label.Value);
        if (adjudication.Note is { } note) item["note"] = new(note);
        if (adjudication.AskedAt != SubmissionTime.None) item["asked"] = DynamoTable.Number(adjudication.AskedAt.UtcTicks);
    }

    /// <param name="key">The parts of the item's range key.</param>
    /// <param name="item">The item.</param>
    public static Adjudication Read(string[] key, Item item) => new(
        new TaskNumber(int.Parse(key[1], CultureInfo.InvariantCulture)), int.Parse(key[2], CultureInfo.InvariantCulture),
        new SubmissionTime(long.Parse(key[3], CultureInfo.InvariantCulture)), item["by"].S,
        item.TryGetValue("verdict", out var verdict) ? (Verdict)DynamoTable.ReadNumber(verdict) : null,
        item.TryGetValue("rightLabel", out var label) ? Label.Create(label.S) : null,
        item.TryGetValue("note", out var note) ? note.S : null)
    {
        AskedAt = item.TryGetValue("asked", out var asked) ? new SubmissionTime(DynamoTable.ReadNumber(asked)) : SubmissionTime.None,
    };
}
