using Microsoft.Extensions.Time.Testing;

namespace BulkQA.Web.Tests;

public sealed class PaceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Describe_SeenOnce_SaysNothing()
    {
        var pace = new Pace(_time);
        var job = new JobModel { Tasks = 10, TasksDone = 1 };
        pace.Note(job);
        Assert.Equal("–", pace.Describe(job));
    }

    [Fact]
    public void Remaining_AtASteadyPace_IsTheRestOverThePace()
    {
        var pace = new Pace(_time);
        pace.Note(new JobModel { Tasks = 100, TasksDone = 10, Votes = 250 });
        _time.Advance(TimeSpan.FromMinutes(2));
        var job = new JobModel { Tasks = 100, TasksDone = 20, Votes = 500 };
        Assert.Equal(TimeSpan.FromMinutes(16), pace.Remaining(job));
        Assert.Equal(125, pace.VotesPerMinute(job));
        Assert.Equal("125 votes/min, 16 min left at this pace", pace.Describe(job));
    }

    [Fact]
    public void Remaining_OfASample_CountsTheTasksThatAreAskedAbout()
    {
        var pace = new Pace(_time);
        pace.Note(new JobModel { Tasks = 100, TasksHeldBack = 80, TasksDone = 0 });
        _time.Advance(TimeSpan.FromMinutes(1));
        var job = new JobModel { Tasks = 100, TasksHeldBack = 80, TasksDone = 10 };
        Assert.Equal(TimeSpan.FromMinutes(1), pace.Remaining(job));
        Assert.Equal("done", pace.Describe(job with { TasksDone = 20 }));
    }

    [Fact]
    public void Rates_LookBackNoFurtherThanTheWindow()
    {
        var pace = new Pace(_time);
        pace.Note(new JobModel { Tasks = 9, Votes = 1_000 });
        _time.Advance(Pace.Window + TimeSpan.FromSeconds(1));
        pace.Note(new JobModel { Tasks = 9, Votes = 1_000 });
        _time.Advance(TimeSpan.FromMinutes(1));
        var job = new JobModel { Tasks = 9, Votes = 1_030 };
        pace.Note(job);
        Assert.Equal(30, pace.VotesPerMinute(job));
    }

    [Fact]
    public void Describe_WithoutVotes_SaysSo()
    {
        var pace = new Pace(_time);
        var job = new JobModel { Tasks = 9, Votes = 5 };
        pace.Note(job);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("no votes now", pace.Describe(job));
    }
}
