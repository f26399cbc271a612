using System.Globalization;

namespace BulkQA.Core;

/// <summary>
/// A percentage from 0 to 100, both included; never NaN. Confidences and thresholds are given in it. What is smaller than
/// 1e-100 is 0: DynamoDB's numbers end at 1e-130.
/// </summary>
public readonly record struct Percent : IComparable<Percent>
{
    private const double Smallest = 1e-100;

    private Percent(double value) => Value = value;

    public double Value { get; }

    /// <exception cref="ArgumentOutOfRangeException">The value is not from 0 to 100.</exception>
    public static Percent Create(double value) =>
        TryCreate(value, out var percent) ? percent : throw new ArgumentOutOfRangeException(nameof(value), value, "not from 0 to 100");

    public static bool TryCreate(double value, out Percent percent)
    {
        var valid = value is >= 0 and <= 100;
        percent = valid ? new Percent(value < Smallest ? 0 : value) : default;
        return valid;
    }

    /// <summary>Parses an invariant decimal number such as <c>87.27</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Percent percent)
    {
        percent = default;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && TryCreate(value, out percent);
    }

    /// <summary>
    /// Whether two numbers are one score, written with different precision: a score computed in float32 and one in float64,
    /// or rounded on the way to percent, differ by at most one step of float32 (some 0.000008 near 100).
    /// </summary>
    public bool IsSameScore(Percent other) =>
        // The bits of floats that are not negative are in the order of the floats.
        Math.Abs(BitConverter.SingleToInt32Bits((float)Value) - BitConverter.SingleToInt32Bits((float)other.Value)) <= 1;

    public int CompareTo(Percent other) => Value.CompareTo(other.Value);

    public static bool operator <(Percent left, Percent right) => left.Value < right.Value;

    public static bool operator >(Percent left, Percent right) => left.Value > right.Value;

    public static bool operator <=(Percent left, Percent right) => left.Value <= right.Value;

    public static bool operator >=(Percent left, Percent right) => left.Value >= right.Value;

    /// <summary>The shortest text that parses back to the same number.</summary>
    public override string ToString() => Value.ToString("R", CultureInfo.InvariantCulture);
}
