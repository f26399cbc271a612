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

    /// <summary>What records that wait for the scale to be known may weigh: characters, and <see cref="RecordWeight"/> for each record. At most some 20 MB.</summary>
    private const int MaxWaiting = 8_000_000;

    private const int RecordWeight = 100;

    /// <summary>Texts longer than this are neither an image nor a label, and don't wait.</summary>
    private const int MaxTextLength = 4_096;

    internal const string EmptyBody = "The body is empty: there is nothing to import. With curl, send a file with --data-binary @file.";

    /// <param name="body">Read once, to its end.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="reading">What is known of it; after the last line it says what was found.</param>
    /// <param name="cancellation">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="BadInputException">
    /// Nothing can be made of the whole: it holds no record, leaves open what its columns are, or whether its confidences are percents
    /// or fractions. Comes before any line, unless the body breaks off, or tens of thousands of records without a confidence come before the first
    /// with one: those are read by then.
    /// </exception>
    public static async IAsyncEnumerable<CorpusLine> ReadAsync(
        Stream body, ICorpusFormat format, CorpusReading reading, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        if (format.IsText) (body, reading.Encoding) = await TextEncodings.ToUtf8Async(body, reading.Options.Encoding, cancellation);
        var scale = new ScaleSearch(reading.Options.Scale ?? format.Scale);
        var (waiting, weight) = (new List<CorpusRecord>(), 0L);
        var any = false;
        await foreach (var found in format.ReadAsync(body, reading, cancellation))
        {
            any = true;
            var record = Bounded(found);
            if (scale.Known is null)
            {
                scale.Look(record);
                waiting.Add(record);
                weight += RecordWeight + LengthOf(record);
                // Once more have gone by than can wait, those without a confidence need no scale.
                if (scale.Known is null && scale.Seen < ScaleSample && weight < MaxWaiting && !(scale.AnyBefore && scale.Seen == 0)) continue;
                if (scale is { Known: null, Seen: 0 }) scale.AnyBefore = true;
                else await scale.SettleAsync(reading);
                foreach (var earlier in waiting) yield return Read(earlier, scale.Known ?? ConfidenceScale.Percent, reading);
                waiting.Clear();
                weight = 0;
                continue;
            }
            yield return Read(record, scale.Known.Value, reading);
        }
        if (!any) throw new BadInputException(EmptyBody);
        if (scale.Known is null) await scale.SettleAsync(reading);
        foreach (var earlier in waiting) yield return Read(earlier, scale.Known!.Value, reading);
    }

    private static CorpusRecord Bounded(CorpusRecord record) =>
        record.Image?.Length > MaxTextLength || record.Label?.Length > MaxTextLength || record.Confidence?.Length > MaxTextLength || record.Gold?.Length > MaxTextLength || record.Version?.Length > MaxTextLength
            ? CorpusRecord.Bad(record.Line, $"its image, label, confidence, gold or model version is longer than {MaxTextLength} characters") : record;

    private static long LengthOf(CorpusRecord record) =>
        (long)(record.Image?.Length ?? 0) + (record.Label?.Length ?? 0) + (record.Confidence?.Length ?? 0) + (record.Confirms?.Length ?? 0) + (record.Disconfirms?.Length ?? 0) + (record.Gold?.Length ?? 0) + (record.Version?.Length ?? 0) + (record.Problem?.Length ?? 0);

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
        if (problem is not null || !TryGold(record.Gold, reading.Options.Gold is not null, out var gold, out problem) || !TryCount(record.Confirms, CorpusRecord.ConfirmsField, out var confirms, out problem) || !TryCount(record.Disconfirms, CorpusRecord.DisconfirmsField, out var disconfirms, out problem)
            || !TryVersion(record.Version, reading, out var version, out problem))
            return null;
        return new CorpusItem(url, label, confidence, confirms + disconfirms > 0 ? new AnonymousVotes(confirms, disconfirms) : null, gold, version);
    }

    /// <summary>
    /// What is empty is to be judged. A column that nobody named may say by true and false which images are gold, and not what is known of them.
    /// </summary>
    private static bool TryGold(string? text, bool isNamed, out bool? isRight, out string? problem)
    {
        (isRight, problem) = (null, null);
        if (string.IsNullOrWhiteSpace(text)) return true;
        isRight = text.Trim().ToLowerInvariant() switch
        {
            "right" or "correct" => true,
            "wrong" or "incorrect" => false,
            "true" or "yes" or "1" when isNamed => true,
            "false" or "no" or "0" when isNamed => false,
            _ => null,
        };
        if (isRight is null)
        {
            problem = $"gold '{Text.Excerpt(text)}' is neither right nor wrong; leave it empty where the label is to be judged"
                + (isNamed ? "" : ", or name the column by ?gold= where true means that the label is right");
        }
        return isRight is not null;
    }

    /// <summary>What is said of the whole corpus goes before what a record says; what is empty is none.</summary>
    private static bool TryVersion(string? text, CorpusReading reading, out ModelVersion? version, out string? problem)
    {
        (version, problem) = (null, null);
        if ((reading.Options.Version ?? text) is not { } said || string.IsNullOrWhiteSpace(said)) return true;
        if (said is CorpusRecord.AnArray or CorpusRecord.AnObject)
        {
            problem = $"the model version is {(said == CorpusRecord.AnArray ? "an array" : "an object")}, and not a text or a number; name its text by modelVersionColumn, as in by.name";
            return false;
        }
        if (!ModelVersion.TryCreate(said, out var known, out problem)) return false;
        version = known;
        return true;
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

        /// <summary>Whether more records without a confidence came first than can wait: they may be stored.</summary>
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
