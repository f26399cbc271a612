using CsCheck;

namespace BulkQA.Core.Tests;

/// <summary>What a worker is told that it is likely to get next, of which nothing is kept for it.</summary>
public sealed class AheadDispatchTests
{
    private static readonly TimeSpan _duration = TimeSpan.FromMinutes(10);
    private static readonly WorkerId _ann = WorkerId.Create("ann");
    private static readonly WorkerId _bob = WorkerId.Create("bob");

    [Fact]
    public void LookAhead_WhileATaskIsHeld_IsWhatTheWorkerGetsNextThoughOthersAsk()
    {
        var desk = new Desk(workersPerTask: 1, tasks: 5);
        Assert.Equal(0, desk.Lease(_ann));
        Assert.Equal(1, desk.LookAhead(0, _ann));
        Assert.Equal(1, desk.LookAhead(0, _ann));
        // Another one is told of something else, and is given something else.
        Assert.Equal(2, desk.Lease(_bob));
        Assert.Equal(3, desk.LookAhead(2, _bob));
        desk.Answer(2, _bob);
        Assert.Equal(3, desk.Lease(_bob));
        desk.Answer(0, _ann);
        Assert.Equal(1, desk.Lease(_ann));
    }

    /// <summary>The task itself where it wants several answers.</summary>
    [Fact]
    public void LookAhead_OfATaskForSeveral_IsAnother()
    {
        var desk = new Desk(workersPerTask: 3, tasks: 2);
        Assert.Equal(0, desk.Lease(_ann));
        Assert.Equal(1, desk.LookAhead(0, _ann));
        // There is room for both.
        Assert.Equal(0, desk.Lease(_bob));
        Assert.Equal(1, desk.LookAhead(0, _bob));
    }

    [Fact]
    public void LookAhead_OfTheLastTask_KeepsItFromNobody()
    {
        var desk = new Desk(workersPerTask: 1, tasks: 2);
        Assert.Equal(0, desk.Lease(_ann));
        Assert.Equal(1, desk.LookAhead(0, _ann));
        Assert.True(desk.Dispatch.IsWanted(desk.Now));
        Assert.Equal(1, desk.Lease(_bob));
        Assert.Null(desk.LookAhead(0, _ann));
        desk.Answer(0, _ann);
        Assert.Null(desk.Lease(_ann));
    }

    [Fact]
    public void LookAhead_OfATaskThatIsNotHeld_IsNothing()
    {
        var desk = new Desk(workersPerTask: 1, tasks: 3);
        Assert.Null(desk.LookAhead(0, _ann));
        Assert.Equal(0, desk.Lease(_ann));
        Assert.Null(desk.LookAhead(1, _ann));
        Assert.Null(desk.LookAhead(0, _bob));
        desk.Now += _duration;
        Assert.Null(desk.LookAhead(0, _ann));
    }

    [Fact]
    public void LookAhead_OfALeaseThatIsRenewed_LastsAsLong()
    {
        var desk = new Desk(workersPerTask: 1, tasks: 4);
        Assert.Equal(0, desk.Lease(_ann));
        Assert.Equal(1, desk.LookAhead(0, _ann));
        desk.Now += _duration * 0.9;
        Assert.NotNull(desk.Dispatch.Renew(new TaskNumber(0), _ann, desk.Now));
        desk.Now += _duration * 0.5;
        Assert.Equal(2, desk.Lease(_bob));
        desk.Answer(0, _ann);
        Assert.Equal(1, desk.Lease(_ann));
    }

    /// <summary>Whoever closed the page without an answer holds the order up for nobody once the lease is over.</summary>
    [Fact]
    public void LookAhead_OfSomebodyWhoLeft_IsForgottenWithTheLease()
    {
        var desk = new Desk(workersPerTask: 1, tasks: 4);
        Assert.Equal(0, desk.Lease(_ann));
        Assert.Equal(1, desk.LookAhead(0, _ann));
        Assert.Equal(2, desk.Lease(_bob));
        desk.Now += _duration;
        desk.Answer(2, _bob);
        Assert.Equal(0, desk.Lease(_bob));
        desk.Answer(0, _bob);
        Assert.Equal(1, desk.Lease(_bob));
    }

    [Fact]
    public void LookAhead_OfATaskThatTheWorkerPassesOver_IsAnother()
    {
        var desk = new Desk(workersPerTask: 1, tasks: 4);
        Assert.Equal(0, desk.Lease(_ann));
        Assert.Equal(1, desk.LookAhead(0, _ann));
        desk.Dispatch.Pass(new TaskNumber(1), _ann, desk.Now + _duration);
        Assert.Equal(2, desk.LookAhead(0, _ann));
        // What was told is void where the order is found anew.
        desk.Dispatch.Skip([TaskDispatch.EveryBucket]);
        desk.Answer(0, _ann);
        Assert.Null(desk.Lease(_ann));
    }

    /// <summary>Whoever is told what, everybody is given a task as long as there is one for it, and all tasks get their answers.</summary>
    [Fact]
    public void LookAhead_InAnyOrder_LeavesNobodyWithoutATask() => Gen.Select(Gen.Int[1, 3], Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4]).List[1, 120]).Sample((workersPerTask, steps) =>
    {
        var desk = new Desk(workersPerTask, tasks: 6);
        foreach (var (who, what) in steps)
        {
            var worker = WorkerId.Create($"w{who}");
            if (what == 4) desk.Now += _duration / 3;
            if (what is 0 or 1 && desk.Dispatch.HeldBy(worker, desk.Now) is { } answered) desk.Answer(answered.Value, worker);
            if (what >= 2 && desk.Dispatch.HeldBy(worker, desk.Now) is { } task) desk.LookAhead(task.Value, worker);
            if (what is 1 or 2 or 3)
            {
                var isWanted = desk.IsWantedOf(worker);
                var before = desk.Dispatch.HeldBy(worker, desk.Now);
                var lease = desk.Lease(worker);
                Assert.Equal(isWanted || before is not null, lease is not null);
            }
        }
        // Whatever was told and never taken: all that is left is found.
        desk.Now += 2 * _duration;
        for (var round = 0; round < 100 && desk.Dispatch.IsWanted(desk.Now); round++)
            foreach (var worker in Enumerable.Range(5, workersPerTask).Select(number => WorkerId.Create($"w{number}")))
                if (desk.Lease(worker) is { } task) desk.Answer(task, worker);
        Assert.False(desk.Dispatch.IsWanted(desk.Now));
    }, iter: 2_000);

    private sealed class Desk
    {
        private readonly int _workersPerTask;
        private long _ticks;

        public Desk(int workersPerTask, int tasks)
        {
            _workersPerTask = workersPerTask;
            Fold = new PartitionFold(new JobSettings { WorkersPerTask = workersPerTask });
            Dispatch = new TaskDispatch(Fold, workersPerTask, TaskOrder.AsCut, _duration);
            for (var task = 0; task < tasks; task++)
            {
                Fold.AddTask(new TaskNumber(task), [90]);
                Dispatch.Add(new TaskNumber(task));
            }
        }

        public PartitionFold Fold { get; }

        public TaskDispatch Dispatch { get; }

        public DateTimeOffset Now { get; set; } = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

        public int? Lease(WorkerId worker) => Dispatch.Lease(worker, Now)?.Task.Value;

        public int? LookAhead(int held, WorkerId worker) => Dispatch.LookAhead(new TaskNumber(held), worker, Now)?.Value;

        /// <summary>Whether a task lacks an answer that this worker could give.</summary>
        public bool IsWantedOf(WorkerId worker) => Enumerable.Range(0, 6).Select(task => new TaskNumber(task))
            .Any(task => !Fold.HasAnswered(task, worker) && Fold.CountWhole(task) + Dispatch.HoldersOf(task, Now).Count(holder => holder != worker) < _workersPerTask);

        public void Answer(int task, WorkerId worker)
        {
            var number = new TaskNumber(task);
            Fold.Apply(new Submission(number, worker, new SubmissionTime(++_ticks), TaskAnswers.Parse(new string('c', Fold.ImagesOf(number)))));
            if (Fold.HasAnswered(number, worker)) Dispatch.Answered(number, worker);
        }
    }
}
