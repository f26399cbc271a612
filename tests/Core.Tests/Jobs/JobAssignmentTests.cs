namespace BulkQA.Core.Tests;

public sealed class JobAssignmentTests
{
    [Fact]
    public void Text_WrittenAndRead_IsTheSame()
    {
        var full = new JobAssignment { Teams = [TeamName.Create("Dogs"), TeamName.Create("cats")], Priority = 7, Deadline = new DateTimeOffset(2026, 12, 24, 18, 0, 0, TimeSpan.FromHours(2)), MaxTasksPerWorker = 100, MaxTasksPerDay = 20, Portion = new WorkPortion(10, 15), MinExperience = 50 };
        JobAssignment[] others = [JobAssignment.None, full with { Teams = [] }, full with { Deadline = null }, full with { MaxTasksPerWorker = null }, full with { MaxTasksPerDay = 21 }, full with { Portion = null }, full with { MinExperience = null }];
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
