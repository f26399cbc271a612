using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Core;

/// <summary>
/// The field a labeling job writes its result under: letters, digits and inner dashes, at most 127; it does not end in
/// <c>-metadata</c> and is neither <c>source</c> nor <c>source-ref</c>.
/// </summary>
public readonly record struct LabelAttributeName
{
    public const int MaxLength = 127;

    private LabelAttributeName(string value) => Value = value;

    public string Value { get; }

    public static bool TryCreate(string? text, out LabelAttributeName name, [NotNullWhen(false)] out string? problem)
    {
        name = default;
        problem = text is not { Length: > 0 and <= MaxLength }
            || !char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1])
            || text.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-')
                ? $"a label attribute has 1 to {MaxLength} letters, digits and inner dashes"
                : text.EndsWith("-metadata", StringComparison.Ordinal) ? "a label attribute does not end in -metadata"
                : text is "source" or "source-ref" ? $"'{text}' is the name of the input, not of a label attribute"
                : null;
        if (problem is null) name = new LabelAttributeName(text!);
        return problem is null;
    }

    public override string ToString() => Value;
}
