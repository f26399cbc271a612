namespace BulkQA.Corpora;

/// <summary>One record of a corpus, understood.</summary>
/// <param name="Confidence">Null where the corpus gives none, as one that people labelled.</param>
/// <param name="Anonymous">Counts that it brought from another system; null where it brought none.</param>
/// <param name="Gold">Whether its label is known to be right or wrong; null where that is to be judged.</param>
/// <param name="Version">Of the model that gave the label; null where the corpus says none.</param>
public sealed record CorpusItem(ImageUrl Url, Label Label, Percent? Confidence, AnonymousVotes? Anonymous = null, bool? Gold = null, ModelVersion? Version = null);

/// <summary>One record of a corpus: an item, or why it is none.</summary>
/// <param name="Number">
/// Where it is, from 1: the line it begins on, the header among them; or, where a format has no lines, its place among the records.
/// </param>
/// <param name="Item">Null where the record was rejected.</param>
/// <param name="Problem">Null where it was not.</param>
public readonly record struct CorpusLine(long Number, CorpusItem? Item, string? Problem);
