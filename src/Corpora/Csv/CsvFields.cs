using System.Text;

namespace BulkQA.Corpora;

/// <summary>
/// RFC 4180 over bytes, with any delimiter: where a record ends, and what its fields are. One small scanner for both, so that they can't
/// disagree; a library's parser can't resume after an unclosed quote without reading on to the end of the file.
/// Spaces around an unquoted field are dropped, as is usual; quotes inside one are literal.
/// </summary>
internal static class CsvFields
{
    /// <summary>The length of the record at the start of <paramref name="bytes"/>, without its line break.</summary>
    public static Framing Frame(ReadOnlySpan<byte> bytes, byte delimiter, out int length)
    {
        var position = 0;
        while (true)
        {
            var framing = Field(bytes, delimiter, ref position, out _);
            length = position;
            if (framing != Framing.Line || position >= bytes.Length || bytes[position] is (byte)'\n' or (byte)'\r') return framing;
            position++;
        }
    }

    /// <summary>The fields of one framed record.</summary>
    /// <exception cref="DecoderFallbackException">A field is not in the encoding, where that is strict.</exception>
    public static void Split(ReadOnlySpan<byte> record, byte delimiter, List<string> fields, Encoding encoding)
    {
        fields.Clear();
        var position = 0;
        while (true)
        {
            Field(record, delimiter, ref position, out var content);
            fields.Add(Decode(record[content], encoding));
            if (position >= record.Length) return;
            position++;
        }
    }

    /// <summary>
    /// Scans one field from <paramref name="position"/> and leaves it on the delimiter or line break behind, or at the end.
    /// </summary>
    private static Framing Field(ReadOnlySpan<byte> bytes, byte delimiter, ref int position, out Range content)
    {
        var start = position;
        while (start < bytes.Length && bytes[start] == ' ') start++;
        if (start >= bytes.Length || bytes[start] != '"')
        {
            var length = bytes[start..].IndexOfAny(delimiter, (byte)'\n', (byte)'\r');
            position = length < 0 ? bytes.Length : start + length;
            var end = position;
            while (end > start && bytes[end - 1] == ' ') end--;
            content = start..end;
            return Framing.Line;
        }
        var scan = start + 1;
        while (true)
        {
            var quote = bytes[scan..].IndexOf((byte)'"');
            if (quote < 0)
            {
                position = bytes.Length;
                content = start..position;
                return Framing.Quoted;
            }
            scan += quote + 1;
            if (scan >= bytes.Length || bytes[scan] != '"') break;
            scan++;
        }
        content = start..scan;
        position = scan;
        while (position < bytes.Length && bytes[position] == ' ') position++;
        return position >= bytes.Length || bytes[position] == delimiter || bytes[position] is (byte)'\n' or (byte)'\r' ? Framing.Line : Framing.Broken;
    }

    private static string Decode(ReadOnlySpan<byte> field, Encoding encoding) =>
        field.Length > 0 && field[0] == '"'
            ? encoding.GetString(field[1..^1]).Replace("\"\"", "\"", StringComparison.Ordinal)
            : encoding.GetString(field);
}

/// <summary>UTF-8 that refuses invalid bytes instead of replacing them.</summary>
internal static class Utf8
{
    public static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
