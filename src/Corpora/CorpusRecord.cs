namespace BulkQA.Corpora;

/// <summary>What a format finds in one record, before anybody knows what the texts are worth.</summary>
/// <param name="Line">As <see cref="CorpusLine.Number"/>.</param>
/// <param name="Image">A URL, or a path below the job's image base.</param>
/// <param name="ImageIsUrl">Whether the image is a URL whatever it looks like.</param>
/// <param name="Confidence">A number as the corpus writes it; null or white space for none.</param>
/// <param name="Gold">Whether the label is known to be right or wrong, as the corpus writes it; null or white space where that is to be judged.</param>
/// <param name="Version">Of the model, as the corpus writes it; null or white space for none.</param>
/// <param name="Problem">Why nothing can be made of the record; null where something may.</param>
public readonly record struct CorpusRecord(
    long Line, string? Image, string? Label, string? Confidence, string? Confirms = null, string? Disconfirms = null, bool ImageIsUrl = false, string? Problem = null,
    string? Gold = null, string? Version = null)
{
    /// <summary>The counts of another system's table, as its columns are called.</summary>
    public const string ConfirmsField = "WorkerConfirmCount";

    public const string DisconfirmsField = "WorkerDisconfirmCount";

    /// <summary>What stands in the place of a value that is no text, so that whoever reads why it is refused sees it.</summary>
    public const string AnArray = "[…]", AnObject = "{…}";

    /// <summary>A record that is none.</summary>
    public static CorpusRecord Bad(long line, string problem) => new(line, null, null, null, Problem: problem);
}
