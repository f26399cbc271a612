using System.Collections.Concurrent;
using System.Collections.Frozen;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>
/// Which jobs are listed for teams: all of them. Of a team that has many, names are as this process has read them within the last <see cref="MaxAge"/>; of any other, as they
/// are. Thread-safe.
/// </summary>
internal sealed class TeamJobs(IListings listings, TimeProvider time)
{
    /// <summary>Up to so many names are read each time they are asked for.</summary>
    public const int Many = 1_000;

    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(10);

    /// <summary>Teams that are remembered, each with at most <see cref="JobLimits.MaxJobs"/> names; beyond that the memory starts afresh.</summary>
    private const int MaxTeams = 100;

    private readonly ConcurrentDictionary<TeamName, (FrozenSet<string> Names, DateTimeOffset Until)> _many = new();

    /// <summary>The names of the jobs that grants name, and of those that are listed for their teams: some may be in several of the sets.</summary>
    public async Task<IReadOnlyList<IReadOnlySet<string>>> OfAsync(IReadOnlyCollection<Grant> grants, CancellationToken cancellation)
    {
        var sets = new List<IReadOnlySet<string>> { grants.Select(grant => grant.Job?.Key).OfType<string>().ToHashSet() };
        foreach (var team in Grant.TeamsOf(grants)) sets.Add(await OfAsync(team, cancellation));
        return sets;
    }

    private async ValueTask<IReadOnlySet<string>> OfAsync(TeamName team, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (_many.TryGetValue(team, out var known) && now < known.Until) return known.Names;
        var names = await listings.ReadAsync(PeopleListings.JobsOf(team), "", null, cancellation).ToHashSetAsync(cancellationToken: cancellation);
        if (names.Count <= Many) return names;
        if (_many.Count >= MaxTeams) _many.Clear();
        var many = names.ToFrozenSet();
        _many[team] = (many, now + MaxAge);
        return many;
    }
}

/// <summary>A caller that is confined to jobs, however many they are.</summary>
internal sealed class ConfinedIdentity : System.Security.Claims.ClaimsIdentity
{
    public ConfinedIdentity(System.Security.Claims.ClaimsIdentity identity, IReadOnlyList<IReadOnlySet<string>> jobs)
        : base(identity)
    {
        Jobs = jobs;
        // Confined to none but those: no job has this name.
        AddClaim(new System.Security.Claims.Claim(Caller.JobClaim, ""));
    }

    /// <summary>By <see cref="JobName.Key"/>.</summary>
    public IReadOnlyList<IReadOnlySet<string>> Jobs { get; }
}

/// <summary>That an endpoint outside of single jobs tells of several: then it is known which are the caller's, and otherwise that none is.</summary>
internal sealed record TellsOfJobs
{
    public static readonly TellsOfJobs Metadata = new();
}

internal static class TellsOfJobsExtensions
{
    public static TBuilder TellsOfJobs<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(Api.TellsOfJobs.Metadata);
}
