namespace BulkQA.Core;

/// <summary>Both ends belong to it.</summary>
public readonly record struct Interval(double Lower, double Upper)
{
    /// <exception cref="ArgumentOutOfRangeException">The level is not above 0 and below 1.</exception>
    internal static void CheckLevel(double level)
    {
        if (!(level > 0 && level < 1)) throw new ArgumentOutOfRangeException(nameof(level), level, "not above 0 and below 1");
    }
}
