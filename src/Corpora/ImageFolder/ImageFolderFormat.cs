using System.Runtime.CompilerServices;

namespace BulkQA.Corpora;

/// <summary>
/// Folders whose names are labels, as torchvision and Hugging Face have them: <c>train/Dog/1.jpg</c> is a Dog. A zip of them, or a list of
/// their paths, one a line, perhaps each with a tab and the URL at which the picture lies. There is no confidence. Of a zip the names alone are read here; its pictures are uploaded by another call.
/// </summary>
internal sealed class ImageFolderFormat : ICorpusFormat
{
    private const int MaxEntries = 2_000_000;

    private static readonly string[] _notPictures = [".txt", ".csv", ".json", ".jsonl", ".md", ".xml", ".yaml", ".yml", ".db", ".zip", ".ini"];

    public string Name => "imagefolder";

    public IReadOnlyList<string> MediaTypes { get; } = ["application/zip", "application/x-zip-compressed"];

    public bool IsText => false;

    public ConfidenceScale? Scale => null;

    public async IAsyncEnumerable<CorpusRecord> ReadAsync(Stream body, CorpusReading reading, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var begin = new byte[4];
        var length = await body.ReadAtLeastAsync(begin, begin.Length, throwOnEndOfStream: false, cancellation);
        body = new PrefixedStream(begin.AsMemory(0, length), body);
        if (begin is [(byte)'P', (byte)'K', 3, 4] or [(byte)'P', (byte)'K', 5, 6])
        {
            await foreach (var record in ReadZipAsync(body, cancellation)) yield return record;
            yield break;
        }
        var lines = new RecordReader(body);
        while (await lines.ReadAsync(cancellation))
        {
            if (lines.Problem is { } problem) yield return CorpusRecord.Bad(lines.Line, problem);
            else if (lines.Record.Span.ContainsAnyExcept((byte)' ', (byte)'\t')) yield return ReadLine(lines.Record.Span, lines.Line);
        }
    }

    private static async IAsyncEnumerable<CorpusRecord> ReadZipAsync(Stream body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var spool = await Spool.TakeAsync(body, cancellation);
        var zip = ZipReader.Open(spool.File);
        if (zip.Count > MaxEntries) throw new BadInputException($"The zip has {zip.Count} entries, and {MaxEntries} are the most. Nothing was imported. Send it in parts.");
        var number = 0L;
        foreach (var entry in zip.Entries())
        {
            number++;
            var name = entry.Name[(entry.Name.LastIndexOf('/') + 1)..];
            // Folders, and what systems and people leave beside pictures.
            if (name.Length == 0 || name.StartsWith('.') || entry.Name.StartsWith("__MACOSX/", StringComparison.Ordinal)) continue;
            if (entry.Problem is { } problem) yield return CorpusRecord.Bad(number, $"'{Text.Excerpt(entry.Name)}' {problem}");
            else if (Array.Exists(_notPictures, type => name.EndsWith(type, StringComparison.OrdinalIgnoreCase)))
                yield return CorpusRecord.Bad(number, $"'{Text.Excerpt(entry.Name)}' is no picture");
            else
                yield return Read(entry.Name, number);
        }
    }

    private static CorpusRecord ReadLine(ReadOnlySpan<byte> line, long number)
    {
        try
        {
            var text = Utf8.Strict.GetString(line);
            if (text.IndexOf('\t', StringComparison.Ordinal) is not (var tab and >= 0)) return Read(text, number);
            // As our own export writes them: the folder has the label, encoded, and the picture lies where the URL says.
            var record = Read(text[..tab], number);
            return record with { Image = text[(tab + 1)..].Trim(), Label = record.Label is null ? null : Uri.UnescapeDataString(record.Label) };
        }
        catch (System.Text.DecoderFallbackException)
        {
            return CorpusRecord.Bad(number, "the line is not valid UTF-8");
        }
    }

    private static CorpusRecord Read(string path, long number)
    {
        // As "find . -name '*.jpg'" writes them.
        if (path.StartsWith("./", StringComparison.Ordinal)) path = path[2..];
        return path.Split('/') is [.., var label, _] ? new CorpusRecord(number, path, label, null)
            : CorpusRecord.Bad(number, $"'{Text.Excerpt(path)}' lies in no folder whose name could be the label");
    }
}
