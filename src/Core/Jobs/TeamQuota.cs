using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace BulkQA.Core;

/// <summary>How many of a task's answers a team gives at most. Written <c>dogs:2</c>.</summary>
/// <param name="Answers">From 1 to the job's workers per task.</param>
public readonly record struct TeamQuota(TeamName Team, int Answers)
{
    /// <summary>What is wrong with the numbers of a job's teams, beside their names; empty where all is well.</summary>
    /// <param name="quotas">Of the teams.</param>
    /// <param name="workersPerTask">Of the job.</param>
    /// <param name="maxWorkersPerTask">Of the job.</param>
    public static IEnumerable<string> Problems(ImmutableArray<TeamQuota> quotas, int workersPerTask, int? maxWorkersPerTask)
    {
        if (quotas.IsEmpty) yield break;
        foreach (var quota in quotas.Where(quota => quota.Answers < 1 || quota.Answers > workersPerTask))
            yield return $"'{quota.Team}': {quota.Answers} is not from 1 to the {workersPerTask} of workersPerTask";
        if (quotas.Sum(quota => (long)quota.Answers) is var sum && sum < workersPerTask)
            yield return $"the teams give {sum} answers together, and each task wants {workersPerTask}; give numbers that come to workersPerTask at least";
        if (maxWorkersPerTask is not null) yield return "whom follow-ups ask goes by no team; leave out answers or maxWorkersPerTask";
    }

    /// <param name="text">As <see cref="ToString"/> writes it.</param>
    public static bool TryParse(string text, out TeamQuota quota)
    {
        quota = default;
        if (text.Split(':') is not [var name, var number] || !TeamName.TryCreate(name, out var team, out _) || !int.TryParse(number, CultureInfo.InvariantCulture, out var answers)) return false;
        quota = new TeamQuota(team, answers);
        return true;
    }

    /// <param name="text">Several, between commas.</param>
    public static bool TryParseAll(string text, [NotNullWhen(true)] out ImmutableArray<TeamQuota>? quotas)
    {
        quotas = null;
        var found = ImmutableArray.CreateBuilder<TeamQuota>();
        foreach (var part in text.Split(','))
        {
            if (!TryParse(part, out var quota)) return false;
            found.Add(quota);
        }
        quotas = found.ToImmutable();
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Team}:{Answers}");
}
