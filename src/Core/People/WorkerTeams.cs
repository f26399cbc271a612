using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace BulkQA.Core;

/// <summary>
/// For which team a worker answers in a job: one at a time, so that each answer counts for one team and goes on to do so whatever becomes of the worker. Written
/// <c>dogs@638000000000000000,-@638000000000000001</c>, by teams and the ticks from which on they are the worker's.
/// </summary>
public sealed record WorkerTeams
{
    /// <summary>Changes that are remembered; of more the earliest are forgotten, and the first one left counts for all before it.</summary>
    public const int MaxSpells = 20;

    /// <summary>The worker has never been asked for a team's answer: what it answered counts for none.</summary>
    public static WorkerTeams None { get; } = new();

    private ImmutableArray<(TeamName? Team, long Since)> Spells { get => field.IsDefault ? [] : field; init; }

    /// <summary>The team that the worker answers for now; null for none.</summary>
    public TeamName? Present => Spells.IsEmpty ? null : Spells[^1].Team;

    /// <summary>The team that an answer of this time counts for; null for none. The first counts for what was answered before it as well.</summary>
    public TeamName? At(SubmissionTime time)
    {
        if (Spells.IsEmpty) return null;
        var at = Spells.Length - 1;
        while (at > 0 && Spells[at].Since > time.UtcTicks) at--;
        return Spells[at].Team;
    }

    /// <summary>The same worker, who answers for a team from a time on. Where that is the team now, nothing changes; nor does it for one who never had a team and gets none.</summary>
    public WorkerTeams Then(TeamName? team, SubmissionTime since)
    {
        if (team == Present) return this;
        var next = Spells.Add((team, Spells.IsEmpty ? since.UtcTicks : Math.Max(since.UtcTicks, Spells[^1].Since + 1)));
        return new WorkerTeams { Spells = next.Length > MaxSpells ? next.RemoveAt(0) : next };
    }

    /// <param name="text">As <see cref="ToString"/> writes it.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WorkerTeams? teams)
    {
        teams = null;
        if (text is null) return false;
        var spells = ImmutableArray.CreateBuilder<(TeamName?, long)>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split('@') is not [var name, var since] || !long.TryParse(since, CultureInfo.InvariantCulture, out var ticks)) return false;
            TeamName team = default;
            if (name != "-" && !TeamName.TryCreate(name, out team, out _)) return false;
            spells.Add((name == "-" ? null : team, ticks));
        }
        teams = new WorkerTeams { Spells = spells.ToImmutable() };
        return true;
    }

    public override string ToString() => string.Join(',', Spells.Select(spell => string.Create(CultureInfo.InvariantCulture, $"{spell.Team?.Value ?? "-"}@{spell.Since}")));

    public bool Equals(WorkerTeams? other) => other is not null && Spells.SequenceEqual(other.Spells);

    public override int GetHashCode() => HashCode.Combine(Spells.Length, Present);
}
