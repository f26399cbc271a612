using System.Globalization;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>In which order classes are listed: by a number of theirs and then by label, or by label alone. Rows without the number come last either way.</summary>
internal sealed class ClassOrder : IComparer<ClassRow>
{
    private static readonly Dictionary<string, Func<ClassRow, double?>> _keys = new(StringComparer.Ordinal)
    {
        ["label"] = _ => 0,
        ["total"] = row => row.Total,
        ["reviewed"] = row => row.Reviewed,
        ["correctPercent"] = row => row.CorrectPercent,
        ["disconfirmed"] = row => row.Disconfirmed,
    };

    private readonly Func<ClassRow, double?> _key;
    private readonly bool _isByLabel;
    private readonly bool _isDescending;

    private ClassOrder(string name, Func<ClassRow, double?> key, bool isDescending) => (_key, _isByLabel, _isDescending, Name) = (key, name == "label", isDescending, isDescending ? "-" + name : name);

    /// <summary>The names of all orders, for a person.</summary>
    public static string Known => string.Join(", ", _keys.Keys);

    /// <summary>As it is asked for.</summary>
    public string Name { get; }

    /// <summary>The order of that name; null where there is none.</summary>
    public static ClassOrder? Of(string name)
    {
        var isDescending = name.StartsWith('-');
        var plain = isDescending ? name[1..] : name;
        return _keys.TryGetValue(plain, out var key) ? new ClassOrder(plain, key, isDescending) : null;
    }

    public int Compare(ClassRow? x, ClassRow? y) => Compare(_key(x!), x!.Label!, _key(y!), y!.Label!);

    /// <summary>Orders the table's classes, and keeps a page of them where one is asked for.</summary>
    /// <param name="table">With all classes.</param>
    /// <param name="size">Classes on the page; null for all of them.</param>
    /// <param name="cursor">Null for the first page.</param>
    /// <param name="boundTo">What cursors are made for.</param>
    /// <returns>Null where the cursor is not one of this listing.</returns>
    public ClassTable? Page(ClassTable table, int? size, string? cursor, string boundTo)
    {
        IEnumerable<ClassRow> rows = table.Classes.Sort(this);
        if (cursor is not null)
        {
            if (Cursor.Read(cursor, boundTo, 2) is not [var value, var label]) return null;
            double? after = null;
            if (value.Length > 0)
            {
                if (!double.TryParse(value, CultureInfo.InvariantCulture, out var number)) return null;
                after = number;
            }
            // From the place on, and not by counting: a class that moves meanwhile moves no other to another page.
            rows = rows.SkipWhile(row => Compare(_key(row), row.Label!, after, label) <= 0);
        }
        var page = (size is { } most ? rows.Take(most + 1) : rows).ToList();
        if (page.Count <= size || size is null) return table with { Classes = [.. page] };
        var last = page[size.Value - 1];
        return table with
        {
            Classes = [.. page.Take(size.Value)],
            NextCursor = Cursor.Write(boundTo, _key(last)?.ToString("R", CultureInfo.InvariantCulture) ?? "", last.Label!),
        };
    }

    private int Compare(double? x, string xLabel, double? y, string yLabel)
    {
        if ((x ?? y) is not null && (x is null || y is null)) return x is null ? 1 : -1;
        var byKey = (x ?? 0).CompareTo(y ?? 0);
        if (byKey != 0) return _isDescending ? -byKey : byKey;
        var byLabel = string.CompareOrdinal(xLabel, yLabel);
        return _isByLabel && _isDescending ? -byLabel : byLabel;
    }
}
