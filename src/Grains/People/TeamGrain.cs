using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <inheritdoc cref="ITeamGrain"/>
internal sealed class TeamGrain([PersistentState("team")] IPersistentState<TeamRecord> record, IListings listings, TimeProvider time) : Grain, ITeamGrain
{
    private DurableState<TeamRecord> State => field ??= new(record, DeactivateOnIdle);

    public Task<Team?> GetAsync() => Task.FromResult(State.Value.Team);

    public async Task<(Team Team, bool IsNew)> PutAsync(TeamName name, string description)
    {
        var before = State.Value.Team;
        var team = before is null ? new Team(name, description, time.GetUtcNow()) : before with { Description = description };
        if (team == before) return (team, false);
        if (before is null) await listings.AddAsync(PeopleListings.Teams, name.Key);
        await State.SaveAsync(new TeamRecord { Team = team });
        return (team, before is null);
    }

    public async Task DeleteAsync()
    {
        await State.ClearAsync();
        await listings.RemoveAsync(PeopleListings.Teams, this.GetPrimaryKeyString());
        DeactivateOnIdle();
    }
}

/// <summary>What a team's grain stores.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.TeamRecord")]
public sealed record TeamRecord
{
    [Id(0)] public Team? Team { get; init; }
}
