using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Core;

/// <summary>
/// Who somebody is here, for as long as the deployment lasts: random, so that it says nothing about the person. A person's answers are kept
/// under it (<see cref="WorkerId"/>), and stay when the person's name and address are erased.
/// </summary>
public readonly record struct PersonId
{
    private const string Prefix = "p-";

    private PersonId(string value) => Value = value;

    public string Value { get; }

    /// <summary>The id that the person's answers are kept under.</summary>
    public WorkerId Worker => WorkerId.Stored(Value);

    public static PersonId New() => new($"{Prefix}{Guid.NewGuid():N}");

    public static bool TryParse([NotNullWhen(true)] string? value, out PersonId person)
    {
        var valid = value is not null && value.StartsWith(Prefix, StringComparison.Ordinal) && Guid.TryParseExact(value[Prefix.Length..], "N", out _)
            && !value.AsSpan().ContainsAnyInRange('A', 'Z');
        person = valid ? new PersonId(value!) : default;
        return valid;
    }

    /// <exception cref="BadInputException">The value is not the id of a person.</exception>
    public static PersonId Parse(string? value) => TryParse(value, out var person) ? person : throw new BadInputException("not the id of a person");

    public override string ToString() => Value;
}
