using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Core;

/// <summary>A team's name, by the rule of jobs' names (<see cref="JobName"/>): it stands in addresses. Case is kept for display and ignored in comparison.</summary>
public readonly struct TeamName : IEquatable<TeamName>
{
    public const int MaxLength = JobName.MaxLength;

    private TeamName(string value) => Value = value;

    public string Value { get; }

    /// <summary>What identifies the team: the name in lower case.</summary>
    public string Key => Value.ToLowerInvariant();

    /// <exception cref="BadInputException">The value is not a team's name.</exception>
    public static TeamName Create(string? value) => TryCreate(value, out var name, out var problem) ? name : throw new BadInputException(problem);

    public static bool TryCreate(string? value, out TeamName name, [NotNullWhen(false)] out string? problem)
    {
        var valid = JobName.TryCreate(value, out _, out _);
        name = valid ? new TeamName(value!) : default;
        problem = valid ? null : $"a team's name has 1 to {MaxLength} letters, digits and dashes, and neither starts nor ends with a dash";
        return valid;
    }

    public bool Equals(TeamName other) => string.Equals(Value, other.Value, StringComparison.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => obj is TeamName other && Equals(other);

    public override int GetHashCode() => Value is null ? 0 : StringComparer.OrdinalIgnoreCase.GetHashCode(Value);

    public static bool operator ==(TeamName left, TeamName right) => left.Equals(right);

    public static bool operator !=(TeamName left, TeamName right) => !left.Equals(right);

    public override string ToString() => Value;
}
