using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.Extensions.Time.Testing;

namespace BulkQA.Api.Tests;

/// <summary>Which jobs grants reach, by what is listed for their teams.</summary>
public sealed class TeamJobsTests
{
    private static readonly TeamName _dogs = TeamName.Create("Dogs");

    private readonly FakeTimeProvider _time = new();
    private readonly CountedListings _listings = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(3)]
    [InlineData(TeamJobs.Many)]
    public async Task Of_ATeamWithFewJobs_AreThoseListedNow(int jobs)
    {
        var team = Team(jobs);
        Assert.Equal(jobs, await CountAsync(team));
        _listings.Keys.Add("one-more");
        Assert.Equal(jobs + 1, await CountAsync(team));
    }

    [Fact]
    public async Task Of_ATeamWithManyJobs_AreAllOfThemReadOnceInAWhile()
    {
        var team = Team((3 * TeamJobs.Many) + 1);
        for (var request = 0; request < 5; request++) Assert.Equal((3 * TeamJobs.Many) + 1, await CountAsync(team));
        Assert.Equal(1, _listings.Reads);
        _listings.Keys.Add("one-more");
        _time.Advance(TeamJobs.MaxAge);
        Assert.Equal((3 * TeamJobs.Many) + 2, await CountAsync(team));
        Assert.Equal(2, _listings.Reads);
    }

    [Fact]
    public async Task Of_GrantsForJobs_NeedNoListing()
    {
        var jobs = await new TeamJobs(_listings, _time).OfAsync([new Grant(PersonRole.Viewer, Job: JobName.Create("March"))], Cancellation);
        Assert.Equal(["march"], jobs.SelectMany(names => names));
        Assert.Equal(0, _listings.Reads);
        var caller = new ClaimsPrincipal(new ConfinedIdentity(new ClaimsIdentity("test"), jobs));
        Assert.Equal((true, true, false, false), (caller.IsConfined(), caller.MayUse("MARCH"), caller.MayUse("april"), new ClaimsPrincipal(new ConfinedIdentity(new ClaimsIdentity("test"), [])).MayUse("march")));
    }

    private TeamJobs Team(int jobs)
    {
        _listings.Keys.AddRange(Enumerable.Range(0, jobs).Select(number => $"job-{number}"));
        return new TeamJobs(_listings, _time);
    }

    private static async Task<int> CountAsync(TeamJobs jobs) => (await jobs.OfAsync([new Grant(PersonRole.Worker, _dogs), new Grant(PersonRole.Viewer, _dogs)], Cancellation)).SelectMany(names => names).Distinct().Count();

    private sealed class CountedListings : IListings
    {
        public List<string> Keys { get; } = [];

        public int Reads { get; private set; }

        public Task AddAsync(string listing, string key, CancellationToken cancellation = default) => throw new NotSupportedException();

        public Task RemoveAsync(string listing, string key, CancellationToken cancellation = default) => throw new NotSupportedException();

        public IAsyncEnumerable<string> ReadAsync(string listing, string prefix, string? after, CancellationToken cancellation = default)
        {
            Assert.Equal((PeopleListings.JobsOf(_dogs), "", null), (listing, prefix, after));
            Reads++;
            return Keys.ToAsyncEnumerable();
        }
    }
}
