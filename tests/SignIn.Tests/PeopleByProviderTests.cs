using BulkQA.Core;

namespace BulkQA.Api.Tests;

/// <summary>What an identity provider's groups stand for.</summary>
public sealed class PeopleByProviderTests
{
    [Theory]
    [InlineData("viewer", "", false, "viewer")]
    [InlineData("operator,viewer", "", false, "operator viewer")]
    [InlineData("worker,lead", "dogs,Cats", true, "worker@team/dogs worker@team/cats lead@team/dogs lead@team/cats")]
    [InlineData("", "dogs", true, "worker@team/dogs")]
    [InlineData("operator,adjudicator", "dogs", true, "operator adjudicator@team/dogs")]
    // Whoever has left every team has lost what was for teams, and not won all of it.
    [InlineData("adjudicator", "", true, "")]
    [InlineData("operator", "", true, "operator")]
    [InlineData("lead", "", false, "")]
    [InlineData("", "", false, "")]
    [InlineData("king", "", false, "")]
    public void GrantsOf_RolesAndTeams_HoldInTheTeams(string roles, string teams, bool hasTeams, string expected) => Assert.Equal(
        expected, string.Join(' ', PeopleByProvider.GrantsOf(new ExternalIdentity("https://issuer", "1", null, null, Split(roles), Split(teams)), hasTeams).Select(grant => grant.ToString())));

    [Theory]
    [InlineData("worker")]
    [InlineData("lead@team/dogs")]
    [InlineData("viewer@job/march-2")]
    public void Grant_WrittenAndRead_IsTheSame(string text) => Assert.Equal(text, Grant.TryParse(text, out var grant) ? grant!.ToString() : null);

    [Theory]
    [InlineData("")]
    [InlineData("king")]
    [InlineData("7")]
    [InlineData("worker@team")]
    [InlineData("worker@team/a b")]
    [InlineData("worker@city/dogs")]
    public void Grant_OfOtherText_IsNone(string text) => Assert.False(Grant.TryParse(text, out _));

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
