using BulkQA.Core;
using Orleans.CodeGeneration;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <summary>People who work on the same jobs. Who belongs to it is said by their grants.</summary>
/// <param name="Description">In the words of whoever made it; at most 500 characters.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.Team")]
public sealed record Team([property: Id(0)] TeamName Name, [property: Id(1)] string Description, [property: Id(2)] DateTimeOffset CreatedAt)
{
    public const int MaxDescriptionLength = 500;
}

/// <summary>One team (<see cref="TeamName.Key"/> is the key).</summary>
[Alias("BulkQA.ITeamGrain"), Version(1)]
public interface ITeamGrain : IGrainWithStringKey
{
    /// <returns>Null where there is none.</returns>
    [Alias("Get"), SafeToRepeat, AlwaysInterleave]
    Task<Team?> GetAsync();

    /// <summary>Makes the team, or changes its description. Durable on return.</summary>
    /// <returns>The team, and whether it is new.</returns>
    [Alias("Put"), NotSafeToRepeat("would say that the team is not new, or undo a later description")]
    Task<(Team Team, bool IsNew)> PutAsync(TeamName name, string description);

    /// <summary>Deletes the team. Whoever calls has made sure that nobody belongs to it. Idempotent.</summary>
    [Alias("Delete"), SafeToRepeat]
    Task DeleteAsync();
}
