using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Core;

/// <summary>Which version of a model gave an image its label, as the corpus calls it: short text, compared ordinally.</summary>
public readonly record struct ModelVersion : IComparable<ModelVersion>
{
    public const int MaxBytes = 100;

    /// <summary>Versions of a job at most: each partition counts for each of them.</summary>
    public const int MaxPerJob = 100;

    private ModelVersion(string value) => Value = value;

    public string Value { get; }

    /// <exception cref="BadInputException">The value is empty, too long, or holds control characters.</exception>
    public static ModelVersion Create(string? value) => TryCreate(value, out var version, out var problem) ? version : throw new BadInputException(problem);

    /// <summary>Reads a version, without white space at its ends.</summary>
    public static bool TryCreate(string? value, out ModelVersion version, [NotNullWhen(false)] out string? problem)
    {
        var trimmed = value?.Trim();
        problem = Text.Problem(trimmed, "the model version", MaxBytes);
        version = problem is null ? new ModelVersion(trimmed!) : default;
        return problem is null;
    }

    public int CompareTo(ModelVersion other) => string.CompareOrdinal(Value, other.Value);

    public static bool operator <(ModelVersion left, ModelVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(ModelVersion left, ModelVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(ModelVersion left, ModelVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ModelVersion left, ModelVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() => Value;
}
