namespace BulkQA.Core;

/// <summary>One line of a corpus, understood.</summary>
/// <param name="Anonymous">Counts that it brought from another system; null where it brought none.</param>
public sealed record CorpusItem(ImageUrl Url, Label Label, Percent Confidence, AnonymousVotes? Anonymous = null);

/// <summary>One line of a corpus: an item, or why it is none. Lines count from 1, the header among them.</summary>
/// <param name="Number">Where the record begins.</param>
/// <param name="Item">Null where the line was rejected.</param>
/// <param name="Problem">Null where it was not.</param>
public readonly record struct CorpusLine(long Number, CorpusItem? Item, string? Problem);

/// <summary>How a corpus is written.</summary>
public enum CorpusFormat
{
    /// <summary>RFC 4180, comma separated.</summary>
    Csv,

    /// <summary>One JSON object a line.</summary>
    NdJson,
}
