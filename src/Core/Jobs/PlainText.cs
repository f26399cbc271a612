namespace BulkQA.Core;

/// <summary>Text of several lines that pages show as it is: no markup.</summary>
public static class PlainText
{
    /// <summary>Without white space at its ends, its lines ended by a line feed alone; null where nothing is left.</summary>
    public static string? Tidy(string? text)
    {
        var tidy = text?.ReplaceLineEndings("\n").Trim();
        return string.IsNullOrEmpty(tidy) ? null : tidy;
    }

    /// <summary>Why a text can't be kept; null where it can.</summary>
    /// <param name="text">As <see cref="Tidy"/> gave it.</param>
    /// <param name="maxCharacters">How long it may be, in UTF-16 units.</param>
    public static string? Problem(string text, int maxCharacters) =>
        text.Length > maxCharacters ? $"it has {text.Length} characters, {maxCharacters} is the most"
        // Lines and columns are no more than white space here.
        : Text.Problem(text.Replace('\n', ' ').Replace('\t', ' '), "it", int.MaxValue);
}
