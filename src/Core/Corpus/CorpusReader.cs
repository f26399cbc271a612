using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace BulkQA.Core;

/// <summary>
/// Reads a corpus as a stream, line by line, in bounded memory. A bad line is reported with its number and reason and
/// never stops the rest.
/// </summary>
public static class CorpusReader
{
    /// <param name="stream">UTF-8, with or without byte order mark; lines end in LF, CR or CRLF.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="imageBase">What paths are appended to.</param>
    /// <param name="cancellation">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="BadInputException">
    /// Before any line: the stream is UTF-16, holds no line that could be an item, or its first line leaves open what the columns are.
    /// </exception>
    public static async IAsyncEnumerable<CorpusLine> ReadAsync(
        Stream stream, CorpusFormat format, string imageBase, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var records = new RecordReader(stream, format);
        var root = new ImageBase(imageBase);
        var parser = format == CorpusFormat.Csv ? (ICorpusLineParser)new CsvLineParser(root) : new JsonLineParser(root);
        var any = false;
        while (await records.ReadAsync(cancellation))
        {
            if (Read(parser, records) is not { } line) continue;
            any = true;
            yield return line;
        }
        if (!any) throw new BadInputException(parser.NothingToImport);
    }

    /// <summary>What the record is; null where it is blank or a header.</summary>
    private static CorpusLine? Read(ICorpusLineParser parser, RecordReader records)
    {
        if (records.Problem is { } problem)
        {
            parser.Skip(records.Line, problem);
            return new CorpusLine(records.Line, null, problem);
        }
        return records.Record.Span.ContainsAnyExcept((byte)' ', (byte)'\t') ? Parse(parser, records) : null;
    }

    private static CorpusLine? Parse(ICorpusLineParser parser, RecordReader records)
    {
        try
        {
            return parser.Parse(records.Record.Span, records.Line, out var problem) is { } item ? new CorpusLine(records.Line, item, null)
                : problem is not null ? new CorpusLine(records.Line, null, problem)
                : null;
        }
        catch (DecoderFallbackException)
        {
            return new CorpusLine(records.Line, null, "the line is not valid UTF-8");
        }
    }
}

internal interface ICorpusLineParser
{
    /// <summary>Why a corpus in which there was neither an item nor a bad line is refused, and what to do.</summary>
    string NothingToImport { get; }

    /// <summary>The item of a record; null with a problem for a bad one, null without one for a header.</summary>
    /// <exception cref="BadInputException">It is the first, and leaves open how to read the others.</exception>
    CorpusItem? Parse(ReadOnlySpan<byte> record, long line, out string? problem);

    /// <summary>Passes over a record that could not be framed.</summary>
    /// <exception cref="BadInputException">As for <see cref="Parse"/>.</exception>
    void Skip(long line, string problem);
}

internal static class CorpusFields
{
    public const string LocalPath = "image_local_path";
    public const string Url = "s3_image_url";
    public const string Label = "label";
    public const string Confidence = "confidence";
    public const string Confirms = "WorkerConfirmCount";
    public const string Disconfirms = "WorkerDisconfirmCount";

    public const string EmptyBody = "The body is empty: there is nothing to import. With curl, send a file with --data-binary @file.";
    public const string LostLineBreaks = "If the file has more lines, its line breaks were lost on the way: curl takes them out with -d and keeps them with --data-binary.";

    /// <summary>Makes an item of a line's texts.</summary>
    public static CorpusItem? Item(string? url, string? label, string? confidence, string? confirms, string? disconfirms, out string? problem)
    {
        if (!ImageUrl.TryCreate(url, out var imageUrl, out problem) || !Core.Label.TryCreate(label, out var name, out problem))
            return null;
        if (string.IsNullOrWhiteSpace(confidence))
        {
            problem = "the confidence is missing";
            return null;
        }
        if (!Percent.TryParse(confidence, out var percent)) problem = $"the confidence '{Excerpt(confidence)}' is not a number from 0 to 100";
        else if (!TryCount(confirms, out var confirmed)) problem = $"{Confirms} '{Excerpt(confirms!)}' is not a whole number from 0 to {AnonymousVotes.Max}";
        else if (!TryCount(disconfirms, out var disconfirmed)) problem = $"{Disconfirms} '{Excerpt(disconfirms!)}' is not a whole number from 0 to {AnonymousVotes.Max}";
        else return new CorpusItem(imageUrl, name, percent, confirmed + disconfirmed > 0 ? new AnonymousVotes(confirmed, disconfirmed) : null);
        return null;
    }

    /// <summary>A missing count is none.</summary>
    private static bool TryCount(string? text, out int count)
    {
        count = 0;
        return string.IsNullOrWhiteSpace(text)
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count <= AnonymousVotes.Max);
    }

    /// <summary>Enough of a hostile text for a person to recognise it.</summary>
    public static string Excerpt(string text) => text.Length <= 40 ? text : $"{text[..40]}…";
}
