using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>How workers tell whether a picture is of a class: a text, and pictures that are and that are not.</summary>
public sealed record ClassGuidance
{
    /// <summary>Of <see cref="Text"/>, in characters.</summary>
    public const int MaxText = 2_000;

    /// <summary>Pictures on each side.</summary>
    public const int MaxExamples = 6;

    /// <summary>No text and no pictures.</summary>
    public static ClassGuidance None { get; } = new();

    /// <summary>Plain text with line breaks; null for none.</summary>
    public string? Text { get; init; }

    /// <summary>Pictures that are of the class, in the order in which they are shown; at most <see cref="MaxExamples"/>.</summary>
    public ImmutableArray<ImageUrl> Right { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>Pictures that are not, though somebody might think so; the same.</summary>
    public ImmutableArray<ImageUrl> Wrong { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>Whether it says nothing.</summary>
    public bool IsEmpty => Text is null && Right.IsEmpty && Wrong.IsEmpty;

    /// <summary>Everything that is wrong with it, each with its field.</summary>
    public IEnumerable<(string Field, string Problem)> Problems()
    {
        if (Text is not null && PlainText.Problem(Text, MaxText) is { } problem) yield return ("text", problem);
        foreach (var (field, examples) in ((string, ImmutableArray<ImageUrl>)[])[("right", Right), ("wrong", Wrong)])
        {
            if (examples.Length > MaxExamples) yield return (field, $"{examples.Length} pictures, {MaxExamples} is the most");
            if (examples.Distinct().Count() < examples.Length) yield return (field, "the same picture is there twice");
        }
        if (Right.Intersect(Wrong).FirstOrDefault() is { Value: { } both }) yield return ("wrong", $"{both} is a right example, too");
    }

    public bool Equals(ClassGuidance? other) => other is not null && Text == other.Text && Right.SequenceEqual(other.Right) && Wrong.SequenceEqual(other.Wrong);

    public override int GetHashCode() => HashCode.Combine(Text, Right.Length, Wrong.Length);
}
