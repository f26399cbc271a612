using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace BulkQA.Core;

/// <summary>
/// Whom a job is for, and how much it matters beside others. Written <c>50 - dogs,cats</c>, or <c>50 2026-12-24T18:00:00.0000000+00:00 dogs</c>.
/// </summary>
public sealed record JobAssignment
{
    public const int MaxTeams = 50;
    public const int MaxPriority = 1_000;
    public const int DefaultPriority = 100;

    /// <summary>Nobody in particular, as much as any other job.</summary>
    public static JobAssignment None { get; } = new();

    /// <summary>Teams whose people may do in the job what they may do in their team's jobs; no two the same.</summary>
    public ImmutableArray<TeamName> Teams { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>
    /// From 1 to <see cref="MaxPriority"/>. Of jobs between which somebody has the choice, each comes up as often as its priority says: one of 200
    /// twice as often as one of 100, and none never.
    /// </summary>
    public int Priority { get; init; } = DefaultPriority;

    /// <summary>Until when it is to be done; null for no such time. Of jobs of the same priority the more urgent is shown first.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>What is wrong with it, each with its field; empty where all is well.</summary>
    public IEnumerable<(string Field, string Problem)> Problems()
    {
        if (Teams.Length > MaxTeams) yield return ("assignment.teams", $"{Teams.Length} are given, {MaxTeams} is the most");
        if (Priority is < 1 or > MaxPriority) yield return ("assignment.priority", $"{Priority} is not from 1 to {MaxPriority}");
    }

    /// <param name="text">As <see cref="ToString"/> writes it.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out JobAssignment? assignment)
    {
        assignment = null;
        if (text?.Split(' ') is not [var priority, var deadline, var teams] || !int.TryParse(priority, CultureInfo.InvariantCulture, out var weight)) return false;
        DateTimeOffset at = default;
        if (deadline != "-" && !DateTimeOffset.TryParseExact(deadline, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out at)) return false;
        assignment = new JobAssignment { Priority = weight, Deadline = deadline == "-" ? null : at, Teams = [.. teams.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(TeamName.Create)] };
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Priority} {(Deadline is { } at ? at.ToString("O", CultureInfo.InvariantCulture) : "-")} {string.Join(',', Teams.Select(team => team.Value))}");

    public bool Equals(JobAssignment? other) => other is not null && Priority == other.Priority && Deadline == other.Deadline && Teams.SequenceEqual(other.Teams);

    public override int GetHashCode() => HashCode.Combine(Priority, Deadline, Teams.Length);
}
