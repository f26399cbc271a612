using System.Globalization;

namespace BulkQA.Corpora;

/// <summary>
/// Numbers as corpora write confidences: <c>87.5</c>, <c>87,5</c>, <c>8.75e1</c>, <c>87.5%</c>. A percent sign says what the number
/// is; any other is what the corpus' scale makes of it.
/// </summary>
internal static class Confidences
{
    /// <summary>The confidence that a text stands for.</summary>
    public static bool TryParse(string text, ConfidenceScale scale, out Percent confidence)
    {
        var number = Number(text, out var isPercent);
        if (scale == ConfidenceScale.Percent || isPercent) return Percent.TryParse(number, out confidence);
        confidence = default;
        // By decimals: 0.29 times a hundred is 28.999999999999996 in doubles.
        return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction) && fraction is >= 0 and <= 1
            && Percent.TryCreate(decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) ? (double)(exact * 100) : fraction * 100, out confidence);
    }

    /// <summary>What a text says of the scale: percent where it is above 1 or has a percent sign; null where it is no number.</summary>
    public static bool? SaysPercent(string text) =>
        double.TryParse(Number(text, out var isPercent), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? isPercent || value > 1
            : null;

    /// <summary>Whether it is meant as a number, if not as a confidence.</summary>
    public static bool IsNumber(string text) => double.TryParse(Number(text, out _), NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    /// <summary>The text with a point where it has a decimal comma, without its percent sign.</summary>
    private static string Number(string text, out bool isPercent)
    {
        text = text.Trim();
        isPercent = text.EndsWith('%');
        if (isPercent) text = text[..^1].TrimEnd();
        return text.Contains(',', StringComparison.Ordinal) && !text.Contains('.', StringComparison.Ordinal) ? text.Replace(',', '.') : text;
    }
}
