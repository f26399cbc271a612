using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Core;

/// <summary>
/// Where an image lies, such as <c>s3://bucket/key</c>. Compared ordinally and never normalised: two spellings are two
/// images. At most <see cref="MaxBytes"/> UTF-8 bytes, because it is a DynamoDB range key.
/// </summary>
public readonly record struct ImageUrl
{
    public const int MaxBytes = 1_000;

    private static readonly SearchValues<char> _schemeCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    private ImageUrl(string value) => Value = value;

    public string Value { get; }

    /// <exception cref="BadInputException">The value is empty, too long, or holds control characters.</exception>
    public static ImageUrl Create(string? value) =>
        TryCreate(value, out var url, out var problem) ? url : throw new BadInputException(problem);

    public static bool TryCreate(string? value, out ImageUrl url, [NotNullWhen(false)] out string? problem)
    {
        problem = Text.Problem(value, "the image URL", MaxBytes);
        url = problem is null ? new ImageUrl(value!) : default;
        return problem is null;
    }

    /// <summary>Whether a text begins as a URL does (RFC 3986: <c>scheme://</c>), not as a path.</summary>
    internal static bool HasScheme(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf("://", StringComparison.Ordinal);
        return end > 0 && char.IsAsciiLetter(text[0]) && !text[..end].ContainsAnyExcept(_schemeCharacters);
    }

    public override string ToString() => Value;
}
