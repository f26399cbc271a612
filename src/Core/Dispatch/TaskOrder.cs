using System.Globalization;

namespace BulkQA.Core;

/// <summary>
/// In which order a class's tasks are handed out. Written <c>asCut</c>, <c>byValue</c> or <c>random(seed)</c>.
/// </summary>
public sealed record TaskOrder
{
    private TaskOrder(bool byValue, int? seed) => (ByValue, Seed) = (byValue, seed);

    /// <summary>As the corpus was cut into tasks.</summary>
    public static TaskOrder AsCut { get; } = new(false, null);

    /// <summary>
    /// Tasks that teach most first: those with the greatest number of wrong labels, as their confidences say it (the sum of
    /// 1 - confidence over their images).
    /// </summary>
    public static TaskOrder MostErrorsFirst { get; } = new(true, null);

    /// <summary>Whether tasks are handed out by what they teach.</summary>
    public bool ByValue { get; }

    /// <summary>
    /// Null unless images are shuffled before they are cut into tasks: then the first tasks of a class are a random sample of an
    /// import, another one for each seed.
    /// </summary>
    public int? Seed { get; }

    /// <summary>Images are shuffled by this seed (0 or more) before they are cut.</summary>
    public static TaskOrder Random(int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seed);
        return new(false, seed);
    }

    public static bool TryParse(string? text, out TaskOrder order)
    {
        order = AsCut;
        if (text == "asCut") return true;
        if (text == "byValue")
        {
            order = MostErrorsFirst;
            return true;
        }
        if (text is null || !text.StartsWith("random(", StringComparison.Ordinal) || !text.EndsWith(')')
            || !int.TryParse(text.AsSpan(7, text.Length - 8), NumberStyles.None, CultureInfo.InvariantCulture, out var seed))
            return false;
        order = Random(seed);
        return true;
    }

    public override string ToString() => ByValue ? "byValue" : Seed is { } seed ? string.Create(CultureInfo.InvariantCulture, $"random({seed})") : "asCut";
}
