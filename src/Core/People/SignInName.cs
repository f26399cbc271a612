using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Core;

/// <summary>
/// What somebody types to sign in: an e-mail address, or a name without white space. Compared without regard to case, in Unicode's
/// compatibility form (NFKC), so that two that look alike on most screens are one.
/// </summary>
public readonly record struct SignInName
{
    public const int MaxBytes = 254;

    private SignInName(string value) => Value = value;

    /// <summary>As it was given.</summary>
    public string Value { get; }

    /// <summary>What identifies it.</summary>
    public string Key => Value.Normalize(System.Text.NormalizationForm.FormKC).ToLowerInvariant();

    public static bool TryCreate(string? value, out SignInName name, [NotNullWhen(false)] out string? problem)
    {
        var text = value?.Trim();
        problem = Text.Problem(text, "the name to sign in with", MaxBytes);
        if (problem is null && text!.Any(char.IsWhiteSpace)) problem = "the name to sign in with has white space";
        // Accounts without a name are known by their id.
        if (problem is null && PersonId.TryParse(text!.ToLowerInvariant(), out _)) problem = "the name to sign in with looks like somebody's id; choose another";
        name = problem is null ? new SignInName(text!) : default;
        return problem is null;
    }

    /// <exception cref="BadInputException">The value is empty, too long, or has white space or control characters.</exception>
    public static SignInName Create(string? value) => TryCreate(value, out var name, out var problem) ? name : throw new BadInputException(problem);

    public bool Equals(SignInName other) => Value is null || other.Value is null ? Value == other.Value : Key == other.Key;

    public override int GetHashCode() => Value is null ? 0 : Key.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Value;
}
