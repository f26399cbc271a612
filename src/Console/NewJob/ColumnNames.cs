using System.Text;
using System.Text.Json;

namespace BulkQA.Web.NewJob;

/// <summary>What of a corpus could be the image, the label or the confidence, by its first line.</summary>
public static class ColumnNames
{
    private const int Most = 100;
    private const int Depth = 4;

    /// <summary>What REST takes for it, and how it is shown; nothing where the line says nothing.</summary>
    /// <param name="choice">How the corpus is read.</param>
    /// <param name="delimiter">Between fields; null where it is not known.</param>
    /// <param name="header">Whether the line names the columns.</param>
    /// <param name="line">The first line; null where there is none.</param>
    public static IReadOnlyList<(string Value, string Words)> Of(CorpusReadingChoice choice, string? delimiter, bool header, string? line)
    {
        if (string.IsNullOrWhiteSpace(line)) return [];
        if (choice.Format == "ndjson") return [.. OfJson(line).Distinct().Take(Most).Select(name => (name, name))];
        if (!choice.HasColumns) return [];
        var fields = Split(line, SeparatorOf(choice, delimiter, line)).Take(Most);
        return [.. fields.Select((field, index) => header && field.Length > 0 ? (field, field) : (Words.Number(index + 1), field.Length == 0 ? $"column {index + 1}" : $"column {index + 1}: {Cut(field)}"))];
    }

    private static string Cut(string field) => field.Length > 40 ? field[..39] + "…" : field;

    private static char SeparatorOf(CorpusReadingChoice choice, string? delimiter, string line) =>
        choice.Format == "tsv" ? '\t' : delimiter switch
        {
            "comma" => ',',
            "semicolon" => ';',
            "tab" => '\t',
            "pipe" => '|',
            [var known] => known,
            _ => ((char[])[',', ';', '\t', '|']).MaxBy(candidate => line.Count(letter => letter == candidate)),
        };

    /// <summary>RFC 4180, of one line.</summary>
    private static List<string> Split(string line, char separator)
    {
        var (fields, field, isQuoted) = (new List<string>(), new StringBuilder(), false);
        for (var at = 0; at < line.Length; at++)
        {
            if (line[at] == '"' && isQuoted && at + 1 < line.Length && line[at + 1] == '"') field.Append(line[++at]);
            else if (line[at] == '"' && (isQuoted || string.IsNullOrWhiteSpace(field.ToString()))) isQuoted = !isQuoted;
            else if (line[at] == separator && !isQuoted)
            {
                fields.Add(field.ToString().Trim());
                field.Clear();
            }
            else field.Append(line[at]);
        }
        return [.. fields, field.ToString().Trim()];
    }

    private static IEnumerable<string> OfJson(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return [.. Leaves(document.RootElement, "", Depth)];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>As REST names them: <c>a.b</c> within an object, <c>a[0]</c> for the first of a list.</summary>
    private static IEnumerable<string> Leaves(JsonElement element, string path, int depth) => element.ValueKind switch
    {
        _ when depth == 0 => [],
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Leaves(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}", depth - 1)),
        JsonValueKind.Array => element.GetArrayLength() > 0 ? Leaves(element[0], $"{path}[0]", depth - 1) : [],
        _ => path.Length == 0 ? [] : [path],
    };
}
