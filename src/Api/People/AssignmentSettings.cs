using System.Collections.Immutable;
using System.ComponentModel;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>Whom a job is for, and how much it matters beside others.</summary>
public sealed record AssignmentSettings
{
    [Description("Teams whose people may do in the job what their grants for the team say; at most 50, default none")]
    public IReadOnlyList<string>? Teams { get; init; }

    [Description("From 1 to 1000, default 100: where somebody may answer several jobs, one of 200 comes up twice as often as one of 100")]
    public int? Priority { get; init; }

    [Description("Until when the job is to be done; the portal shows it. Default none")]
    public DateTimeOffset? Deadline { get; init; }

    internal JobAssignment Read(List<(string Field, string Problem)> problems)
    {
        var teams = ImmutableArray.CreateBuilder<TeamName>();
        foreach (var given in Teams ?? [])
        {
            if (TeamName.TryCreate(given, out var team, out var problem)) teams.Add(team);
            else problems.Add(("assignment.teams", $"'{given}': {problem}"));
        }
        var assignment = new JobAssignment { Teams = [.. teams.Distinct().OrderBy(team => team.Key, StringComparer.Ordinal)], Priority = Priority ?? JobAssignment.DefaultPriority, Deadline = Deadline };
        problems.AddRange(assignment.Problems());
        return assignment;
    }

    internal static AssignmentSettings? Of(JobAssignment assignment) => assignment == JobAssignment.None ? null
        : new() { Teams = [.. assignment.Teams.Select(team => team.Value)], Priority = assignment.Priority, Deadline = assignment.Deadline };
}
