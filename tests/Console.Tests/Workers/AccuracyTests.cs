using BulkQA.Web.Workers;

namespace BulkQA.Web.Tests;

public sealed class AccuracyTests
{
    private static readonly ShareModel _missed = new() { Count = 3, Of = 4, Percent = 75, Lower = 19, Upper = 99 };
    private static readonly ShareModel _unticked = new() { Count = 1, Of = 10, Percent = 10, Lower = 0, Upper = 45 };
    private static readonly ShareModel _nothing = new() { Upper = 100 };

    [Fact]
    public void Of_Others_IsWhatTheOthersSay()
    {
        var worker = new WorkerModel { FalselyUnticked = _unticked, MissedWrong = _missed };
        Assert.Equal(new Accuracy(worker, 14, new(10, 0, 45), new(75, 19, 99)), Accuracy.Of(worker, Accuracy.ByOthers));
        Assert.Equal(Accuracy.ByOthers, Accuracy.Best([worker]));
    }

    [Fact]
    public void Of_GoldOfOneKindAlone_IsNothing()
    {
        var worker = new WorkerModel { FalselyUnticked = _unticked, MissedWrong = _missed, Gold = new GoldModel { FalselyUnticked = _unticked, MissedWrong = _nothing } };
        Assert.Null(Accuracy.Of(worker, Accuracy.ByGold));
        Assert.Equal(Accuracy.ByOthers, Accuracy.Best([worker]));
        var both = worker with { Gold = worker.Gold with { MissedWrong = _missed } };
        Assert.Equal(Accuracy.ByGold, Accuracy.Best([worker, both]));
    }

    /// <summary>The chance to be wrong is one less that to be right, and so its interval is turned round.</summary>
    [Fact]
    public void Of_AModel_TurnsCoinsAndTheirIntervalsRound()
    {
        var worker = new WorkerModel { Reliability = new() { Votes = 9, ConfirmsRight = new() { Value = 0.75, Lower = 0.5, Upper = 0.875 }, CatchesWrong = new() { Value = 0.25, Lower = 0.125, Upper = 0.5 } } };
        Assert.Equal(new Accuracy(worker, 9, new(25, 12.5, 50), new(75, 50, 87.5)), Accuracy.Of(worker, Accuracy.ByModel));
        Assert.Null(Accuracy.Of(new WorkerModel(), Accuracy.ByModel));
    }
}
