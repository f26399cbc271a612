using BulkQA.Core;

namespace BulkQA.Grains.Tests;

public sealed class TaskBoardTests
{
    private static readonly TaskNumber _task = new(1);
    private static readonly WorkerId _ann = WorkerId.Create("ann");
    private static readonly WorkerId _bob = WorkerId.Create("bob");
    private static readonly DateTimeOffset _now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TaskBoard _board = new(TimeSpan.FromMinutes(10));

    [Fact]
    public void Lend_UntilItExpires_KeepsTheTaskFromOthers()
    {
        Assert.Equal(_now.AddMinutes(10), _board.Lend(_task, _ann, _now));
        Assert.False(_board.IsWanted(_task, _bob, 1, _now.AddMinutes(9)));
        Assert.True(_board.IsWanted(_task, _bob, 2, _now.AddMinutes(9)));
        Assert.Equal(_task, _board.HeldBy(_ann, _now.AddMinutes(9))!.Value.Task);
        Assert.Null(_board.HeldBy(_ann, _now.AddMinutes(10)));
        Assert.True(_board.IsWanted(_task, _bob, 1, _now.AddMinutes(10)));
    }

    [Fact]
    public void Answered_Twice_CountsOnceAndEndsTheLoan()
    {
        _board.Lend(_task, _ann, _now);
        _board.Answered(_task, _ann);
        _board.Answered(_task, _ann);
        Assert.Null(_board.HeldBy(_ann, _now));
        Assert.Equal((1, 0), (_board.CountAnswered(_ann), _board.CountAnswered(_bob)));
        Assert.False(_board.IsWanted(_task, _ann, 9, _now));
        Assert.False(_board.IsWanted(_task, _bob, 1, _now));
        Assert.Equal([_ann], _board.WorkersOf(_task));
    }
}
