namespace BulkQA.Core.Tests;

public sealed class WorkerTeamsTests
{
    private static readonly TeamName _dogs = TeamName.Create("Dogs");
    private static readonly TeamName _vets = TeamName.Create("vets");

    [Fact]
    public void At_AnyTime_IsTheTeamOfThenAndTheFirstBeforeAll()
    {
        var teams = WorkerTeams.None.Then(_dogs, new SubmissionTime(10)).Then(null, new SubmissionTime(20)).Then(_vets, new SubmissionTime(30));
        Assert.Equal([_dogs, _dogs, _dogs, null, null, _vets, _vets], ((long[])[0, 10, 19, 20, 29, 30, 99]).Select(ticks => teams.At(new SubmissionTime(ticks))));
        Assert.Equal((_vets, null, null), (teams.Present, WorkerTeams.None.Present, WorkerTeams.None.At(new SubmissionTime(5))));
    }

    [Fact]
    public void Then_TheSameTeam_ChangesNothing()
    {
        var teams = WorkerTeams.None.Then(_dogs, new SubmissionTime(10));
        Assert.Same(teams, teams.Then(TeamName.Create("dogs"), new SubmissionTime(20)));
        Assert.Same(WorkerTeams.None, WorkerTeams.None.Then(null, new SubmissionTime(20)));
    }

    [Fact]
    public void Then_EarlierThanTheLast_ComesAfterItAllTheSame() =>
        Assert.Equal([_dogs, _vets], ((long[])[10, 11]).Select(ticks => WorkerTeams.None.Then(_dogs, new SubmissionTime(10)).Then(_vets, new SubmissionTime(5)).At(new SubmissionTime(ticks))));

    [Fact]
    public void Then_MoreOftenThanIsRemembered_ForgetsTheEarliest()
    {
        var teams = WorkerTeams.None;
        for (var turn = 0; turn < WorkerTeams.MaxSpells + 1; turn++) teams = teams.Then(turn % 2 == 0 ? _dogs : _vets, new SubmissionTime(turn));
        Assert.Equal((_vets, _vets, _dogs), (teams.At(new SubmissionTime(0)), teams.At(new SubmissionTime(1)), teams.Present));
        Assert.Equal(WorkerTeams.MaxSpells, teams.ToString().Split(',').Length);
    }

    [Fact]
    public void Text_WrittenAndRead_IsTheSame()
    {
        var teams = WorkerTeams.None.Then(_dogs, new SubmissionTime(10)).Then(null, new SubmissionTime(20));
        Assert.Equal("Dogs@10,-@20", teams.ToString());
        foreach (var some in (WorkerTeams[])[teams, WorkerTeams.None])
        {
            Assert.True(WorkerTeams.TryParse(some.ToString(), out var read));
            Assert.Equal(some, read);
        }
        Assert.NotEqual(teams, WorkerTeams.None);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("dogs")]
    [InlineData("dogs@x")]
    [InlineData("dogs@1@2")]
    [InlineData("a b@1")]
    public void Text_OfSomethingElse_IsNone(string? text) => Assert.False(WorkerTeams.TryParse(text, out _));
}
