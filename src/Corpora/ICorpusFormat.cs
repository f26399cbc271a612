namespace BulkQA.Corpora;

/// <summary>
/// One way in which corpora are written. Each has a folder of its own, and knows nothing of the others. It finds records and
/// their texts; what an image, a label and a confidence are is the same for all (<see cref="CorpusReader"/>).
/// </summary>
public interface ICorpusFormat
{
    /// <summary>Its name in <c>?format=</c>.</summary>
    string Name { get; }

    /// <summary>The media types that mean this format where none is named; in lower case.</summary>
    IReadOnlyList<string> MediaTypes { get; }

    /// <summary>Whether it is text, whose encoding may be another than UTF-8.</summary>
    bool IsText { get; }

    /// <summary>What its confidences are where nobody says otherwise; null where that has to be found out.</summary>
    ConfidenceScale? Scale { get; }

    /// <summary>Whether its records may say of gold what is known, and which model version they are of.</summary>
    bool HasGold => false;

    /// <summary>Reads records in order, as they come, in bounded memory. A bad record is reported in its place and doesn't stop the rest.</summary>
    /// <param name="body">Text is UTF-8 here, without a byte order mark or with one.</param>
    /// <param name="reading">What the caller says of the corpus; the format adds what it finds.</param>
    /// <param name="cancellation">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="BadInputException">Nothing can be made of the whole: why, and what to do. Only before the first record, unless the body breaks off.</exception>
    IAsyncEnumerable<CorpusRecord> ReadAsync(Stream body, CorpusReading reading, CancellationToken cancellation);
}

/// <summary>What a confidence of 1 means.</summary>
public enum ConfidenceScale
{
    /// <summary>One percent: confidences go from 0 to 100.</summary>
    Percent,

    /// <summary>Certainty: confidences go from 0 to 1.</summary>
    Fraction,
}
