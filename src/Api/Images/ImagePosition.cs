using System.Globalization;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>An image's place in a listing that goes class by class, in the order of tasks and boxes: itself the first of the page that begins there.</summary>
internal readonly record struct ImagePosition(Label Label, int Partition, int Task, int Index)
{
    /// <summary>The position of a cursor.</summary>
    /// <param name="cursor">Null for the beginning.</param>
    /// <param name="boundTo">What the listing is of.</param>
    /// <exception cref="BadInputException">The cursor is not one of that listing.</exception>
    public static ImagePosition? Read(string? cursor, string boundTo)
    {
        if (cursor is null) return null;
        return Cursor.Read(cursor, boundTo, 4) is [var label, var partition, var task, var index]
            && Core.Label.TryCreate(label, out var name, out _)
            && TryParse(partition, out var inClass) && TryParse(task, out var number) && TryParse(index, out var inTask)
            ? new ImagePosition(name, inClass, number, inTask)
            : throw new BadInputException("cursor: not one of this job's");
    }

    public string Write(string boundTo) => Cursor.Write(boundTo, Label.Value, Text(Partition), Text(Task), Text(Index));

    private static bool TryParse(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
