using System.Collections.Immutable;
using System.Globalization;

namespace BulkQA.Core;

/// <summary>An image of a partition: the task in which it has its place, and its index there.</summary>
public readonly record struct ImageSpot(TaskNumber Task, int Index)
{
    /// <summary>A text for stores: each spot, as in <c>17.4 17.9</c>, one for each image of a task, all of which have their place elsewhere. Null for none.</summary>
    public static string? Write(IEnumerable<ImageSpot> spots) =>
        string.Join(' ', spots.Select(spot => string.Create(CultureInfo.InvariantCulture, $"{spot.Task.Value}.{spot.Index}"))) is { Length: > 0 } text ? text : null;

    /// <summary>What <see cref="Write"/> wrote.</summary>
    /// <exception cref="BadInputException">It is no such text.</exception>
    public static ImmutableArray<ImageSpot> Read(string? text) => text is null ? [] : [.. text.Split(' ').Select(ReadOne)];

    private static ImageSpot ReadOne(string text) =>
        text.Split('.') is [var task, var index] && int.TryParse(task, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? new(new TaskNumber(number), at)
            : throw new BadInputException($"'{text}' is not where an image is");
}
