using BulkQA.Core;

namespace BulkQA.Grains;

[RegisterConverter]
internal sealed class PersonIdConverter : IConverter<PersonId, TextSurrogate>
{
    public PersonId ConvertFromSurrogate(in TextSurrogate surrogate) => PersonId.Parse(surrogate.Text);

    public TextSurrogate ConvertToSurrogate(in PersonId value) => new(value.Value);
}

[RegisterConverter]
internal sealed class TeamNameConverter : IConverter<TeamName, TextSurrogate>
{
    public TeamName ConvertFromSurrogate(in TextSurrogate surrogate) => TeamName.Create(surrogate.Text);

    public TextSurrogate ConvertToSurrogate(in TeamName value) => new(value.Value);
}

[RegisterConverter]
internal sealed class SignInNameConverter : IConverter<SignInName, TextSurrogate>
{
    public SignInName ConvertFromSurrogate(in TextSurrogate surrogate) => SignInName.Create(surrogate.Text);

    public TextSurrogate ConvertToSurrogate(in SignInName value) => new(value.Value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.Grant")]
internal readonly struct GrantSurrogate(Grant value)
{
    [Id(0)] public readonly byte Role = (byte)value.Role;
    [Id(1)] public readonly TeamName? Team = value.Team;
    [Id(2)] public readonly JobName? Job = value.Job;
}

[RegisterConverter]
internal sealed class GrantConverter : IConverter<Grant, GrantSurrogate>
{
    public Grant ConvertFromSurrogate(in GrantSurrogate surrogate) => new((PersonRole)surrogate.Role, surrogate.Team, surrogate.Job);

    public GrantSurrogate ConvertToSurrogate(in Grant value) => new(value);
}

[RegisterConverter]
internal sealed class JobAssignmentConverter : IConverter<JobAssignment, TextSurrogate>
{
    public JobAssignment ConvertFromSurrogate(in TextSurrogate surrogate) =>
        JobAssignment.TryParse(surrogate.Text, out var assignment) ? assignment : throw new BadInputException($"'{surrogate.Text}' does not say whom a job is for");

    public TextSurrogate ConvertToSurrogate(in JobAssignment value) => new(value.ToString());
}

[RegisterConverter]
internal sealed class WorkerTeamsConverter : IConverter<WorkerTeams, TextSurrogate>
{
    public WorkerTeams ConvertFromSurrogate(in TextSurrogate surrogate) =>
        WorkerTeams.TryParse(surrogate.Text, out var teams) ? teams : throw new BadInputException($"'{surrogate.Text}' does not say for whom a worker answers");

    public TextSurrogate ConvertToSurrogate(in WorkerTeams value) => new(value.ToString());
}
