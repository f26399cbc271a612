using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace BulkQA.Core;

/// <summary>The name of a class, as the model gave it. Any Unicode but control characters; compared ordinally.</summary>
public readonly record struct Label : IComparable<Label>
{
    public const int MaxBytes = 256;

    private Label(string value) => Value = value;

    public string Value { get; }

    /// <summary>
    /// The label with the characters that separate key parts (<c>% / # @ |</c>) percent-encoded, so that no label can
    /// forge another's key. Reversible: see <see cref="Unescape"/>.
    /// </summary>
    public string Escaped
    {
        get
        {
            if (Value.AsSpan().IndexOfAny("%/#@|") < 0) return Value;
            var escaped = new StringBuilder(Value.Length + 8);
            foreach (var c in Value)
                _ = c is '%' or '/' or '#' or '@' or '|' ? escaped.Append('%').Append(((int)c).ToString("X2")) : escaped.Append(c);
            return escaped.ToString();
        }
    }

    /// <exception cref="BadInputException">The value is empty, too long, or holds control characters.</exception>
    public static Label Create(string? value) =>
        TryCreate(value, out var label, out var problem) ? label : throw new BadInputException(problem);

    public static bool TryCreate(string? value, out Label label, [NotNullWhen(false)] out string? problem)
    {
        problem = Text.Problem(value, "the label", MaxBytes);
        label = problem is null ? new Label(value!) : default;
        return problem is null;
    }

    /// <summary>The label whose <see cref="Escaped"/> form is <paramref name="escaped"/>.</summary>
    public static Label Unescape(string escaped) => Create(Uri.UnescapeDataString(escaped));

    public int CompareTo(Label other) => string.CompareOrdinal(Value, other.Value);

    public static bool operator <(Label left, Label right) => left.CompareTo(right) < 0;

    public static bool operator >(Label left, Label right) => left.CompareTo(right) > 0;

    public static bool operator <=(Label left, Label right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Label left, Label right) => left.CompareTo(right) >= 0;

    public override string ToString() => Value;
}
