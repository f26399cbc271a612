using System.Globalization;
using System.Runtime.CompilerServices;

namespace BulkQA.Corpora;

/// <summary>
/// Reads a corpus as a stream, record by record, in bounded memory, whatever its format. A bad record is reported with its place
/// and reason and never stops the rest.
/// </summary>
public static class CorpusReader
{
    /// <summary>Confidences that must all lie within 0 and 1 before a corpus is refused for it.</summary>
    public const int ScaleSample = 1_000;

    /// <summary>Records that wait for the scale to be known, at most.</summary>
    private const int MaxWaiting = 2_000;

    /// <summary>Texts longer than this are neither an image nor a label, and don't wait.</summary>
    private const int MaxTextLength = 4_096;

    internal const string EmptyBody = "The body is empty: there is nothing to import. With curl, send a file with --data-binary @file.";

    /// <param name="body">Read once, to its end.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="reading">What is known of it; after the last line it says what was found.</param>
    /// <param name="cancellation">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="BadInputException">
    /// Nothing can be made of the whole: it holds no record, leaves open what its columns are, or whether its confidences are percents
    /// or fractions. Comes before any line with a confidence, unless the body breaks off.
    /// </exception>
    public static async IAsyncEnumerable<CorpusLine> ReadAsync(
        Stream body, ICorpusFormat format, CorpusReading reading, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        if (format.IsText) (body, reading.Encoding) = await TextEncodings.ToUtf8Async(body, reading.Options.Encoding, cancellation);
        var scale = new ScaleSearch(reading.Options.Scale ?? format.Scale);
        var waiting = new List<CorpusRecord>();
        var any = false;
        await foreach (var found in format.ReadAsync(body, reading, cancellation))
        {
            any = true;
            var record = Bounded(found);
            if (scale.Known is null)
            {
                scale.Look(record);
                // What comes before the first confidence needs no scale.
                if (scale is { Known: null, Seen: 0 })
                {
                    scale.AnyBefore = true;
                    yield return Read(record, ConfidenceScale.Percent, reading);
                    continue;
                }
                waiting.Add(record);
                if (scale.Known is null && scale.Seen < ScaleSample && waiting.Count < MaxWaiting) continue;
                await scale.SettleAsync(reading);
                foreach (var earlier in waiting) yield return Read(earlier, scale.Known!.Value, reading);
                waiting.Clear();
                continue;
            }
            yield return Read(record, scale.Known.Value, reading);
        }
        if (!any) throw new BadInputException(EmptyBody);
        if (scale.Known is null) await scale.SettleAsync(reading);
        foreach (var earlier in waiting) yield return Read(earlier, scale.Known!.Value, reading);
    }

    private static CorpusRecord Bounded(CorpusRecord record) =>
        record.Image?.Length > MaxTextLength || record.Label?.Length > MaxTextLength || record.Confidence?.Length > MaxTextLength
            ? CorpusRecord.Bad(record.Line, $"its image, label or confidence is longer than {MaxTextLength} characters") : record;

    private static CorpusLine Read(CorpusRecord record, ConfidenceScale scale, CorpusReading reading) =>
        record.Problem is { } known ? new CorpusLine(record.Line, null, known)
        : Item(record, scale, reading, out var problem) is { } item ? new CorpusLine(record.Line, item, null)
        : new CorpusLine(record.Line, null, problem);

    private static CorpusItem? Item(CorpusRecord record, ConfidenceScale scale, CorpusReading reading, out string? problem)
    {
        var image = S3Address.Normalize(record.Image?.Trim() ?? "", reading.PictureHosts);
        if (!record.ImageIsUrl && !reading.ImageBase.TryResolve(image, out image, out problem)) return null;
        if (!ImageUrl.TryCreate(image, out var url, out problem) || !Label.TryCreate(record.Label, out var label, out problem)) return null;
        Percent? confidence = null;
        if (!string.IsNullOrWhiteSpace(record.Confidence))
        {
            reading.Scale = scale;
            if (Confidences.TryParse(record.Confidence, scale, out var found)) confidence = found;
            else problem = $"the confidence '{Text.Excerpt(record.Confidence)}' is not a number from 0 to {(scale == ConfidenceScale.Percent ? 100 : 1)}";
        }
        if (problem is not null || !TryCount(record.Confirms, CorpusRecord.ConfirmsField, out var confirms, out problem) || !TryCount(record.Disconfirms, CorpusRecord.DisconfirmsField, out var disconfirms, out problem))
            return null;
        return new CorpusItem(url, label, confidence, confirms + disconfirms > 0 ? new AnonymousVotes(confirms, disconfirms) : null);
    }

    /// <summary>A missing count is none.</summary>
    private static bool TryCount(string? text, string field, out int count, out string? problem)
    {
        count = 0;
        problem = string.IsNullOrWhiteSpace(text) || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count <= AnonymousVotes.Max)
            ? null
            : $"{field} '{Text.Excerpt(text)}' is not a whole number from 0 to {AnonymousVotes.Max}";
        return problem is null;
    }

    /// <summary>Finds out what a corpus' confidences are: percents as soon as one is above 1.</summary>
    private sealed class ScaleSearch(ConfidenceScale? said)
    {
        public ConfidenceScale? Known { get; private set; } = said;

        /// <summary>Confidences that were looked at.</summary>
        public int Seen { get; private set; }

        /// <summary>Whether records without a confidence came before the first with one; they may be stored.</summary>
        public bool AnyBefore { get; set; }

        public void Look(CorpusRecord record)
        {
            if (string.IsNullOrWhiteSpace(record.Confidence) || Confidences.SaysPercent(record.Confidence) is not { } isPercent) return;
            Seen++;
            if (isPercent) Known = ConfidenceScale.Percent;
        }

        /// <exception cref="BadInputException">Everything may be a fraction.</exception>
        public async ValueTask SettleAsync(CorpusReading reading)
        {
            if (Known is null && Seen > 0)
            {
                if (!await reading.HoldsPercents())
                {
                    throw new BadInputException(
                        $"scale: the first {(Seen == 1 ? "confidence lies" : $"{Seen} confidences lie")} between 0 and 1, and nothing says whether they are fractions or percents. "
                        + (AnyBefore ? "Nothing from there on was imported. " : "Nothing was imported. ")
                        + "Add ?scale=fraction where 1 means certain, or ?scale=percent where 1 means one percent.");
                }
                reading.TakenAsTheJobHolds = true;
            }
            Known ??= ConfidenceScale.Percent;
        }
    }
}
