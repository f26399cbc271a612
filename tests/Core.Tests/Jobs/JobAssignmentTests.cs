namespace BulkQA.Core.Tests;

public sealed class JobAssignmentTests
{
    [Fact]
    public void Text_WrittenAndRead_IsTheSame()
    {
        var full = new JobAssignment { Teams = [TeamName.Create("Dogs"), TeamName.Create("cats")], Priority = 7, Deadline = new DateTimeOffset(2026, 12, 24, 18, 0, 0, TimeSpan.FromHours(2)), MaxTasksPerWorker = 100, MaxTasksPerDay = 20, Portion = new WorkPortion(10, 15), MinExperience = 50, Answers = [new(TeamName.Create("cats"), 1), new(TeamName.Create("Dogs"), 2)] };
        JobAssignment[] others = [JobAssignment.None, full with { Teams = [] }, full with { Deadline = null }, full with { MaxTasksPerWorker = null }, full with { MaxTasksPerDay = 21 }, full with { Portion = null }, full with { MinExperience = null }, full with { Answers = [] }, full with { Answers = [new(TeamName.Create("cats"), 2), new(TeamName.Create("Dogs"), 2)] }];
        foreach (var assignment in (JobAssignment[])[full, .. others])
        {
            Assert.True(JobAssignment.TryParse(assignment.ToString(), out var read));
            Assert.Equal(assignment, read);
            Assert.Equal(assignment.GetHashCode(), read!.GetHashCode());
        }
        Assert.All(others, other => Assert.NotEqual(full, other));
        Assert.NotEqual(full, full with { Priority = 8 });
        Assert.Equal("50 -  portion=10/15", new JobAssignment { Priority = 50, Portion = new WorkPortion(10, 15) }.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("7 -")]
    [InlineData("x - dogs")]
    [InlineData("7 tomorrow dogs")]
    [InlineData("7 - dogs perWorker")]
    [InlineData("7 - dogs perWorker=x")]
    [InlineData("7 - dogs portion=10")]
    [InlineData("7 - dogs other=10")]
    [InlineData("7 - dogs answers=")]
    [InlineData("7 - dogs answers=dogs")]
    [InlineData("7 - dogs answers=dogs:x")]
    [InlineData("7 - dogs answers=dogs:1,")]
    public void Text_OfSomethingElse_IsNone(string? text) => Assert.False(JobAssignment.TryParse(text, out _));

    [Theory]
    [InlineData(0)]
    [InlineData(1_001)]
    public void Problems_OfAPriorityThatIsNone_AreTold(int priority) =>
        Assert.Equal("assignment.priority", Assert.Single(new JobSettings { Assignment = new JobAssignment { Priority = priority } }.Problems()).Field);

    [Fact]
    public void Problems_OfLimitsThatAreNone_AreToldAllAtOnce()
    {
        var low = new JobAssignment { MaxTasksPerWorker = 0, MaxTasksPerDay = 0, MinExperience = -1, Portion = new WorkPortion(0, 0) };
        var high = new JobAssignment { MaxTasksPerWorker = 1_000_001, MaxTasksPerDay = 1_000_001, MinExperience = 1_000_001, Portion = new WorkPortion(10_001, 1_441) };
        foreach (var assignment in (JobAssignment[])[low, high])
            Assert.Equal(["assignment.maxTasksPerWorker", "assignment.maxTasksPerDay", "assignment.minExperience", "assignment.portion.tasks", "assignment.portion.pauseMinutes"], assignment.Problems().Select(problem => problem.Field));
        Assert.Empty(new JobAssignment { MaxTasksPerWorker = 1, MaxTasksPerDay = 1_000_000, MinExperience = 1, Portion = new WorkPortion(10_000, 1_440) }.Problems());
    }

    [Theory]
    [InlineData("7 - cats,dogs answers=cats:1,dogs:2", 3)]
    [InlineData("7 - cats,dogs answers=cats:3,dogs:3", 3)]
    [InlineData("7 - dogs answers=dogs:1", 1)]
    [InlineData("7 - cats,dogs", 3)]
    [InlineData("7 - cats,dogs answers=Birds:0,cats:4", 3, "'Birds' is not among assignment.teams", "'dogs' is among assignment.teams and has no number here; give each team one", "'Birds': 0 is not from 1 to the 3 of workersPerTask", "'cats': 4 is not from 1 to the 3 of workersPerTask")]
    [InlineData("7 - cats,dogs answers=cats:1,dogs:1", 3, "the teams give 2 answers together, and each task wants 3; give numbers that come to workersPerTask at least")]
    [InlineData("7 - cats answers=cats:3,CATS:3", 3, "'cats' is given twice")]
    [InlineData("7 -  answers=cats:3", 3, "'cats' is not among assignment.teams")]
    public void Problems_OfWhatTeamsGive_AreToldAllAtOnce(string text, int workersPerTask, params string[] problems)
    {
        Assert.True(JobAssignment.TryParse(text, out var assignment));
        Assert.Equal(problems.Select(problem => ("assignment.answers", problem)), new JobSettings { WorkersPerTask = workersPerTask, Assignment = assignment! }.Problems());
    }

    [Fact]
    public void Problems_OfWhatTeamsGiveWhereFollowUpsAsk_AreTold()
    {
        Assert.True(JobAssignment.TryParse("7 - cats answers=cats:3", out var assignment));
        var (field, problem) = Assert.Single(new JobSettings { Policy = VerdictPolicy.Majority, MaxWorkersPerTask = 5, Assignment = assignment! }.Problems());
        Assert.Equal(("assignment.answers", "whom follow-ups ask goes by no team; leave out answers or maxWorkersPerTask"), (field, problem));
    }

    [Theory]
    [InlineData("7 - dogs experience=3", false)]
    [InlineData("7 - dogs perDay=3", true)]
    [InlineData("7 - dogs answers=dogs:3", true)]
    public void IsNoted_OfEachSetting_SaysWhetherAnythingIsKeptOfAWorker(string text, bool isNoted)
    {
        Assert.True(JobAssignment.TryParse(text, out var assignment));
        Assert.Equal(isNoted, assignment!.IsNoted);
    }

    [Theory]
    [InlineData("7 - dogs answers=dogs:3", false, false)]
    [InlineData("7 - dogs", false, false)]
    [InlineData("7 - dogs perWorker=3", true, true)]
    [InlineData("7 - dogs perDay=3", true, true)]
    [InlineData("7 - dogs portion=3/5", true, true)]
    [InlineData("7 - dogs experience=3", false, true)]
    public void HasLimits_OfEachSetting_SaysWhetherAnythingIsCounted(string text, bool hasLimits, bool mayRefuse)
    {
        Assert.True(JobAssignment.TryParse(text, out var assignment));
        Assert.Equal((hasLimits, mayRefuse), (assignment!.HasLimits, assignment.MayRefuse));
    }

    [Fact]
    public void Draft_WithAnotherAssignment_Differs()
    {
        var draft = new JobDraft { Assignment = new JobAssignment { Priority = 7 } };
        Assert.Contains("assignment", Assert.Single(draft.DifferencesFrom(new JobSettings())), StringComparison.Ordinal);
        Assert.Empty(draft.DifferencesFrom(draft.ToSettings(new JobSettings())));
    }
}
