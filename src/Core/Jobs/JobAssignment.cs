using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace BulkQA.Core;

/// <summary>
/// Whom a job is for, how much it matters beside others, and how much of it one worker gets. Written <c>50 - dogs,cats</c>, or
/// <c>50 2026-12-24T18:00:00.0000000+00:00 dogs perWorker=100 perDay=20 portion=10/15 experience=50 answers=dogs:2,cats:1</c>.
/// </summary>
public sealed record JobAssignment
{
    public const int MaxTeams = 50;
    public const int MaxPriority = 1_000;
    public const int DefaultPriority = 100;

    /// <summary>For <see cref="MaxTasksPerWorker"/>, <see cref="MaxTasksPerDay"/> and <see cref="MinExperience"/>.</summary>
    public const int MaxTasks = 1_000_000;

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

    /// <summary>How many tasks of the job one worker may answer, from 1 to <see cref="MaxTasks"/>; null for any number.</summary>
    public int? MaxTasksPerWorker { get; init; }

    /// <summary>How many of them on one day (UTC), from 1 to <see cref="MaxTasks"/>; null for any number.</summary>
    public int? MaxTasksPerDay { get; init; }

    /// <summary>How many of them in one sitting; null for any number.</summary>
    public WorkPortion? Portion { get; init; }

    /// <summary>How many tasks of any jobs somebody must have answered to get one of this, from 1 to <see cref="MaxTasks"/>; null for none.</summary>
    public int? MinExperience { get; init; }

    /// <summary>How many of the answers that a task gets the workers of each of <see cref="Teams"/> give at most; empty where it does not matter whose they are.</summary>
    public ImmutableArray<TeamQuota> Answers { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>Whether what a worker is given is noted: for limits, or because it answers for a team.</summary>
    public bool IsNoted => HasLimits || !Answers.IsEmpty;

    /// <summary>How many answers a team gives to a task at most; null for any number, and for no team.</summary>
    public int? AnswersOf(TeamName? team)
    {
        foreach (var quota in Answers)
            if (quota.Team == team) return quota.Answers;
        return null;
    }

    /// <summary>Whether it matters how much of the job a worker has answered, and when.</summary>
    public bool HasLimits => MaxTasksPerWorker is not null || MaxTasksPerDay is not null || Portion is not null;

    /// <summary>Whether somebody who may answer the job, and for whom it has tasks, may be given none.</summary>
    public bool MayRefuse => HasLimits || MinExperience is not null;

    /// <summary>What is wrong with it in any job, each with its field; empty where all is well. In one job <see cref="Problems(int, int?)"/> says the rest.</summary>
    public IEnumerable<(string Field, string Problem)> Problems()
    {
        if (Teams.Length > MaxTeams) yield return ("assignment.teams", $"{Teams.Length} are given, {MaxTeams} is the most");
        if (Priority is < 1 or > MaxPriority) yield return ("assignment.priority", $"{Priority} is not from 1 to {MaxPriority}");
        foreach (var (name, given) in ((string, int?)[])[("maxTasksPerWorker", MaxTasksPerWorker), ("maxTasksPerDay", MaxTasksPerDay), ("minExperience", MinExperience)])
            if (given is < 1 or > MaxTasks) yield return ($"assignment.{name}", $"{given} is not from 1 to {MaxTasks}");
        foreach (var found in Portion?.Problems() ?? []) yield return found;
        if (Answers.IsEmpty) yield break;
        foreach (var quota in Answers.Where(quota => !Teams.Contains(quota.Team))) yield return ("assignment.answers", $"'{quota.Team}' is not among assignment.teams");
        foreach (var team in Teams.Where(team => AnswersOf(team) is null)) yield return ("assignment.answers", $"'{team}' is among assignment.teams and has no number here; give each team one");
        foreach (var quota in Answers.GroupBy(quota => quota.Team).Where(group => group.Count() > 1)) yield return ("assignment.answers", $"'{quota.Key}' is given twice");
    }

    /// <summary>What is wrong with it in a job that asks for so many answers to a task, each with its field.</summary>
    public IEnumerable<(string Field, string Problem)> Problems(int workersPerTask, int? maxWorkersPerTask) =>
        TeamQuota.Problems(Answers, workersPerTask, maxWorkersPerTask).Select(problem => ("assignment.answers", problem));

    /// <param name="text">As <see cref="ToString"/> writes it.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out JobAssignment? assignment)
    {
        assignment = null;
        if (text?.Split(' ') is not [var priority, var deadline, var teams, .. var more] || !int.TryParse(priority, CultureInfo.InvariantCulture, out var weight)) return false;
        DateTimeOffset at = default;
        if (deadline != "-" && !DateTimeOffset.TryParseExact(deadline, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out at)) return false;
        var found = new JobAssignment { Priority = weight, Deadline = deadline == "-" ? null : at, Teams = [.. teams.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(TeamName.Create)] };
        foreach (var entry in more)
        {
            if (entry.Split('=') is not [var name, var value]) return false;
            int? number = int.TryParse(value, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
            switch (name)
            {
                case "perWorker" when number is not null: found = found with { MaxTasksPerWorker = number }; break;
                case "perDay" when number is not null: found = found with { MaxTasksPerDay = number }; break;
                case "experience" when number is not null: found = found with { MinExperience = number }; break;
                case "portion" when WorkPortion.TryParse(value, out var portion): found = found with { Portion = portion }; break;
                case "answers" when TeamQuota.TryParseAll(value, out var quotas): found = found with { Answers = quotas.Value }; break;
                default: return false;
            }
        }
        assignment = found;
        return true;
    }

    public override string ToString()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Priority} {(Deadline is { } at ? at.ToString("O", CultureInfo.InvariantCulture) : "-")} {string.Join(',', Teams.Select(team => team.Value))}");
        if (MaxTasksPerWorker is { } perWorker) text += string.Create(CultureInfo.InvariantCulture, $" perWorker={perWorker}");
        if (MaxTasksPerDay is { } perDay) text += string.Create(CultureInfo.InvariantCulture, $" perDay={perDay}");
        if (Portion is not null) text += $" portion={Portion}";
        if (MinExperience is { } least) text += string.Create(CultureInfo.InvariantCulture, $" experience={least}");
        if (!Answers.IsEmpty) text += $" answers={string.Join(',', Answers)}";
        return text;
    }

    public bool Equals(JobAssignment? other) => other is not null && Priority == other.Priority && Deadline == other.Deadline && Teams.SequenceEqual(other.Teams)
        && (MaxTasksPerWorker, MaxTasksPerDay, Portion, MinExperience) == (other.MaxTasksPerWorker, other.MaxTasksPerDay, other.Portion, other.MinExperience)
        && Answers.SequenceEqual(other.Answers);

    public override int GetHashCode() => HashCode.Combine(Priority, Deadline, Teams.Length);
}
