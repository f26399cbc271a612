namespace BulkQA.Web;

/// <summary>Names that people gave, such as labels, within texts that may be written in the other direction.</summary>
public static class Directions
{
    /// <summary>What follows is laid out by its own first letter (U+2068), until <see cref="End"/>.</summary>
    private const char Begin = '\u2068';

    /// <summary>U+2069.</summary>
    private const char End = '\u2069';

    /// <summary>
    /// A value as it stands in a text: between isolates where it has letters that are written the other way than the text, so that neither tears the other
    /// apart; otherwise as it is.
    /// </summary>
    /// <param name="value">What is put in.</param>
    /// <param name="isTextRightToLeft">Of the text that it is put in.</param>
    public static string Isolate(string value, bool isTextRightToLeft = false)
    {
        foreach (var rune in value.EnumerateRunes())
            if (System.Text.Rune.IsLetter(rune) && IsRightToLeft(rune.Value) != isTextRightToLeft) return $"{Begin}{value}{End}";
        return value;
    }

    /// <summary>The blocks of Unicode that are kept for scripts written from right to left.</summary>
    private static bool IsRightToLeft(int character) => character is >= 0x590 and <= 0x8FF or >= 0xFB1D and <= 0xFDFF or >= 0xFE70 and <= 0xFEFF or >= 0x10800 and <= 0x10FFF or >= 0x1E800 and <= 0x1EFFF;
}
