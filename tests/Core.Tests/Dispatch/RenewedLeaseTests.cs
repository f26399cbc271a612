namespace BulkQA.Core.Tests;

public sealed class RenewedLeaseTests
{
    private static readonly TimeSpan _duration = TimeSpan.FromMinutes(10);
    private static readonly DateTimeOffset _start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly WorkerId _ann = WorkerId.Create("ann");
    private static readonly WorkerId _bob = WorkerId.Create("bob");

    private readonly PartitionFold _fold = new(new JobSettings { WorkersPerTask = 1 });
    private readonly TaskDispatch _dispatch;

    public RenewedLeaseTests()
    {
        _dispatch = new TaskDispatch(_fold, workersPerTask: 1, TaskOrder.AsCut, _duration);
        foreach (var task in (TaskNumber[])[new(0), new(1)])
        {
            _fold.AddTask(task, [90]);
            _dispatch.Add(task);
        }
    }

    [Fact]
    public void Renew_WhileSomebodyWorks_KeepsTheTaskUpToSixLeases()
    {
        var (now, end) = (_start, _start + (6 * _duration));
        _dispatch.Lease(_ann, now);
        for (now += _duration / 2; now < end; now += _duration / 2)
        {
            var renewed = _dispatch.Renew(new TaskNumber(0), _ann, now);
            Assert.Equal(new Lease(new TaskNumber(0), _ann, now + _duration < end ? now + _duration : end, end), renewed);
            Assert.Equal(renewed, _dispatch.Lease(_ann, now));
            Assert.Equal(renewed!.Value.ExpiresAt, _dispatch.NextExpiry);
        }
        // Now it is anybody's, and whoever gets it has six leases again.
        Assert.Null(_dispatch.Renew(new TaskNumber(0), _ann, now));
        Assert.Equal(new Lease(new TaskNumber(0), _bob, now + _duration, now + (6 * _duration)), _dispatch.Lease(_bob, now));
        Assert.Null(_dispatch.Renew(new TaskNumber(0), _ann, now));
    }

    [Fact]
    public void Renew_ByWhoDoesNotHoldIt_ChangesNothing()
    {
        Assert.Null(_dispatch.Renew(new TaskNumber(0), _ann, _start));
        var lease = _dispatch.Lease(_ann, _start)!.Value;
        var later = _start + (_duration / 2);
        Assert.Null(_dispatch.Renew(new TaskNumber(0), _bob, later));
        Assert.Null(_dispatch.Renew(new TaskNumber(1), _ann, later));
        Assert.Null(_dispatch.Renew(new TaskNumber(7), _ann, later));
        Assert.Equal([lease], _dispatch.Leases);
        _fold.Apply(new Submission(new TaskNumber(0), _ann, new SubmissionTime(1), TaskAnswers.Parse("c")));
        _dispatch.Answered(new TaskNumber(0), _ann);
        Assert.Null(_dispatch.Renew(new TaskNumber(0), _ann, later));
    }

    [Fact]
    public void Renew_AllTheTime_KeepsFewEndsOfLeases()
    {
        _dispatch.Lease(_ann, _start);
        var ends = Enumerable.Range(0, 1_000).Select(step => _dispatch.Renew(new TaskNumber(0), _ann, _start + (step * _duration / 1_000))!.Value.ExpiresAt).Distinct().ToList();
        Assert.InRange(ends.Count, 2, 21);
        // And is never far behind.
        Assert.InRange(ends[^1], _start + (1.9 * _duration), _start + (2 * _duration));
    }
}
