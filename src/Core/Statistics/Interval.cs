namespace BulkQA.Core;

/// <summary>Both ends belong to it.</summary>
public readonly record struct Interval(double Lower, double Upper)
{
    /// <summary>Its error, too, has to be a number that differs from 0 and 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The level is not above 0 and below 1.</exception>
    internal static void CheckLevel(double level)
    {
        if (!(1 - level is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(level), level, "not above 0 and below 1");
    }
}
