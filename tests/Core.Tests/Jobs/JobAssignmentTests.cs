namespace BulkQA.Core.Tests;

public sealed class JobAssignmentTests
{
    [Fact]
    public void Text_WrittenAndRead_IsTheSame()
    {
        var full = new JobAssignment { Teams = [TeamName.Create("Dogs"), TeamName.Create("cats")], Priority = 7, Deadline = new DateTimeOffset(2026, 12, 24, 18, 0, 0, TimeSpan.FromHours(2)) };
        foreach (var assignment in (JobAssignment[])[JobAssignment.None, full, full with { Teams = [] }, full with { Deadline = null }])
        {
            Assert.True(JobAssignment.TryParse(assignment.ToString(), out var read));
            Assert.Equal(assignment, read);
            Assert.Equal(assignment.GetHashCode(), read!.GetHashCode());
        }
        Assert.NotEqual(full, full with { Priority = 8 });
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("7 -")]
    [InlineData("x - dogs")]
    [InlineData("7 tomorrow dogs")]
    public void Text_OfSomethingElse_IsNone(string? text) => Assert.False(JobAssignment.TryParse(text, out _));

    [Theory]
    [InlineData(0)]
    [InlineData(1_001)]
    public void Problems_OfAPriorityThatIsNone_AreTold(int priority) =>
        Assert.Equal("assignment.priority", Assert.Single(new JobSettings { Assignment = new JobAssignment { Priority = priority } }.Problems()).Field);

    [Fact]
    public void Draft_WithAnotherAssignment_Differs()
    {
        var draft = new JobDraft { Assignment = new JobAssignment { Priority = 7 } };
        Assert.Contains("assignment", Assert.Single(draft.DifferencesFrom(new JobSettings())), StringComparison.Ordinal);
        Assert.Empty(draft.DifferencesFrom(draft.ToSettings(new JobSettings())));
    }
}
