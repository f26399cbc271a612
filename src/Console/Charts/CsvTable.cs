using System.Globalization;
using CsvHelper;

namespace BulkQA.Web;

/// <summary>A view's numbers as a file for spreadsheets and data frames.</summary>
/// <param name="Columns">The names of the columns.</param>
/// <param name="Rows">A value a column: a text, a number, or null for none. Percentages go from 0 to 100.</param>
public sealed record CsvTable(IReadOnlyList<string> Columns, IEnumerable<IReadOnlyList<object?>> Rows)
{
    /// <summary>Whether there is more than it has.</summary>
    public bool IsCut { get; init; }

    /// <summary>Of a whole listing.</summary>
    /// <param name="listing">Its entries, and whether there are more.</param>
    /// <param name="numbersOf">What is saved of the entries.</param>
    public static async Task<CsvTable> OfAsync<T>(Task<(IReadOnlyList<T> Items, bool IsCut)> listing, Func<IReadOnlyList<T>, CsvTable> numbersOf)
    {
        var (items, isCut) = await listing;
        return numbersOf(items) with { IsCut = isCut };
    }

    /// <summary>As CSV. A text that a spreadsheet would run as a formula has an apostrophe before it, as in the CSV of REST; numbers stay numbers.</summary>
    public string Write()
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using var csv = new CsvWriter(text, CultureInfo.InvariantCulture);
        WriteRow(Columns);
        foreach (var row in Rows) WriteRow(row);
        csv.Flush();
        return text.ToString();

        void WriteRow(IEnumerable<object?> values)
        {
            foreach (var value in values) csv.WriteField(value is string words ? Harmless(words) : Convert.ToString(value, CultureInfo.InvariantCulture));
            csv.NextRecord();
        }
    }

    private static string Harmless(string text) => text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? $"'{text}" : text;
}
