using System.Text;

namespace BulkQA.Corpora;

/// <summary>Finds out what is between the fields of a file, by its first lines.</summary>
internal static class Delimiters
{
    private const int Lines = 20;

    /// <summary>In order of preference where several fit alike.</summary>
    private static readonly char[] _known = [',', ';', '\t', '|'];

    public static string Known => "comma, semicolon, tab and pipe";

    public static bool TryParse(string text, out char delimiter)
    {
        delimiter = text.ToLowerInvariant() switch
        {
            "," or "comma" => ',',
            ";" or "semicolon" => ';',
            "\t" or "\\t" or "tab" => '\t',
            "|" or "pipe" => '|',
            _ => default,
        };
        return delimiter != default;
    }

    /// <summary>The delimiter by which most of the first lines have as many fields as the first one; a comma where none divides it.</summary>
    /// <param name="beginning">Of the file; its last line may be cut off.</param>
    public static char Detect(ReadOnlySpan<byte> beginning)
    {
        var (best, bestScore) = (',', (IsHeader: false, Lines: 0, Fields: 0));
        var fields = new List<string>();
        foreach (var delimiter in _known)
        {
            var rest = beginning;
            var (count, header, first, alike) = (0, false, 0, 0);
            while (count < Lines && !rest.IsEmpty)
            {
                var framing = CsvFields.Frame(rest, (byte)delimiter, out var length);
                // A broken quote, or a line of which the end may not have come.
                if (framing != Framing.Line || (count > 0 && length == rest.Length)) break;
                var line = rest[..length];
                rest = rest[Math.Min(rest.Length, length + 1)..];
                if (!line.ContainsAnyExcept((byte)' ', (byte)'\t')) continue;
                CsvFields.Split(line, (byte)delimiter, fields, Encoding.Latin1);
                if (count++ == 0) (first, header) = (fields.Count, CsvColumns.LooksLikeHeader(fields));
                if (fields.Count == first) alike++;
            }
            var score = (header, alike, first);
            if (first > 1 && score.CompareTo(bestScore) > 0) (best, bestScore) = (delimiter, score);
        }
        return best;
    }
}
