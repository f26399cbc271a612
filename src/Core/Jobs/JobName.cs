using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Core;

/// <summary>
/// A job's name, by the rule of Ground Truth's labeling jobs: ASCII letters, digits and inner dashes, at most
/// <see cref="MaxLength"/>. Case is kept for display and ignored in comparison.
/// </summary>
public readonly struct JobName : IEquatable<JobName>
{
    public const int MaxLength = 63;

    private JobName(string value) => Value = value;

    public string Value { get; }

    /// <summary>What identifies the job: the name in lower case.</summary>
    public string Key => Value.ToLowerInvariant();

    /// <exception cref="BadInputException">The value is not a job name.</exception>
    public static JobName Create(string? value) =>
        TryCreate(value, out var name, out var problem) ? name : throw new BadInputException(problem);

    public static bool TryCreate(string? value, out JobName name, [NotNullWhen(false)] out string? problem)
    {
        var valid = value is { Length: > 0 and <= MaxLength }
            && char.IsAsciiLetterOrDigit(value[0]) && char.IsAsciiLetterOrDigit(value[^1])
            && value.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
        name = valid ? new JobName(value!) : default;
        problem = valid ? null : $"a job's name has 1 to {MaxLength} letters, digits and dashes, and neither starts nor ends with a dash";
        return valid;
    }

    public bool Equals(JobName other) => string.Equals(Value, other.Value, StringComparison.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => obj is JobName other && Equals(other);

    public override int GetHashCode() => Value is null ? 0 : StringComparer.OrdinalIgnoreCase.GetHashCode(Value);

    public static bool operator ==(JobName left, JobName right) => left.Equals(right);

    public static bool operator !=(JobName left, JobName right) => !left.Equals(right);

    public override string ToString() => Value;
}
