using System.Collections.Immutable;
using System.ComponentModel;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>How much somebody does of a job in one sitting.</summary>
public sealed record PortionSettings
{
    [Description("Batches of a sitting, from 1 to 10,000")]
    public int? Tasks { get; init; }

    [Description("How long the pause after them is at least, in minutes from 1 to 1,440. Whoever makes such a pause before begins a new sitting with it")]
    public int? PauseMinutes { get; init; }

    internal WorkPortion? Read(List<(string Field, string Problem)> problems)
    {
        if (Tasks is null) problems.Add(("assignment.portion.tasks", "missing"));
        if (PauseMinutes is null) problems.Add(("assignment.portion.pauseMinutes", "missing"));
        return Tasks is { } tasks && PauseMinutes is { } minutes ? new WorkPortion(tasks, minutes) : null;
    }
}

/// <summary>Whom a job is for, how much it matters beside others, and how much of it one worker gets.</summary>
public sealed record AssignmentSettings
{
    [Description("Teams whose people may do in the job what their grants for the team say; at most 50, default none")]
    public IReadOnlyList<string>? Teams { get; init; }

    [Description("From 1 to 1000, default 100: where somebody may answer several jobs, one of 200 comes up twice as often as one of 100")]
    public int? Priority { get; init; }

    [Description("Until when the job is to be done; the portal shows it. Default none")]
    public DateTimeOffset? Deadline { get; init; }

    [Description("How many batches of the job one worker may answer, from 1 to 1,000,000; default any number")]
    public int? MaxTasksPerWorker { get; init; }

    [Description("How many of them on one day (UTC), from 1 to 1,000,000; default any number")]
    public int? MaxTasksPerDay { get; init; }

    [Description("How many of them in one sitting, and how long the pause after it is; default any number")]
    public PortionSettings? Portion { get; init; }

    [Description("How many batches of any jobs of the deployment somebody must have answered to get one of this, from 1 to 1,000,000; default none")]
    public int? MinExperience { get; init; }

    [Description("Of the workersPerTask answers that each batch gets, how many each team gives at most, by the names of teams: every one of teams with a number from 1 to workersPerTask that come to workersPerTask at least. Default whoever comes. Not with maxWorkersPerTask")]
    public IReadOnlyDictionary<string, int>? Answers { get; init; }

    internal JobAssignment Read(List<(string Field, string Problem)> problems)
    {
        var teams = ImmutableArray.CreateBuilder<TeamName>();
        foreach (var given in Teams ?? [])
        {
            if (TeamName.TryCreate(given, out var team, out var problem)) teams.Add(team);
            else problems.Add(("assignment.teams", $"'{given}': {problem}"));
        }
        var answers = ImmutableArray.CreateBuilder<TeamQuota>();
        foreach (var (given, number) in Answers ?? new Dictionary<string, int>())
        {
            if (TeamName.TryCreate(given, out var team, out var problem)) answers.Add(new TeamQuota(team, number));
            else problems.Add(("assignment.answers", $"'{given}': {problem}"));
        }
        var assignment = new JobAssignment
        {
            Teams = [.. teams.Distinct().OrderBy(team => team.Key, StringComparer.Ordinal)],
            Priority = Priority ?? JobAssignment.DefaultPriority,
            Deadline = Deadline,
            MaxTasksPerWorker = MaxTasksPerWorker,
            MaxTasksPerDay = MaxTasksPerDay,
            Portion = Portion?.Read(problems),
            MinExperience = MinExperience,
            Answers = [.. answers.OrderBy(quota => quota.Team.Key, StringComparer.Ordinal)],
        };
        problems.AddRange(assignment.Problems());
        return assignment;
    }

    internal static AssignmentSettings? Of(JobAssignment assignment) => assignment == JobAssignment.None ? null
        : new()
        {
            Teams = [.. assignment.Teams.Select(team => team.Value)],
            Priority = assignment.Priority,
            Deadline = assignment.Deadline,
            MaxTasksPerWorker = assignment.MaxTasksPerWorker,
            MaxTasksPerDay = assignment.MaxTasksPerDay,
            Portion = assignment.Portion is { } portion ? new PortionSettings { Tasks = portion.Tasks, PauseMinutes = portion.PauseMinutes } : null,
            MinExperience = assignment.MinExperience,
            Answers = assignment.Answers.IsEmpty ? null : assignment.Answers.ToDictionary(quota => quota.Team.Value, quota => quota.Answers),
        };
}
