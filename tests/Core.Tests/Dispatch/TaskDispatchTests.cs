using System.Diagnostics;
using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class TaskDispatchTests
{
    private static readonly TimeSpan _duration = TimeSpan.FromMinutes(10);
    private static readonly DateTimeOffset _now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly WorkerId _ann = WorkerId.Create("ann");
    private static readonly WorkerId _bob = WorkerId.Create("bob");
    private static readonly WorkerId _carl = WorkerId.Create("carl");

    /// <summary>What a step of the model test may do; the numbers choose worker, task and time.</summary>
    private enum Step { Lease, AnswerHeld, AnswerAny, AnswerPart, Wait, AddTask, Pass, Renew }

    [Fact]
    public void Lease_SeveralTasks_GoInTheOrderOfTheirNumbersHoweverTheyCame()
    {
        var desk = new Desk(workersPerTask: 1);
        foreach (var number in (int[])[5, 2, 9]) desk.Add(number);
        Assert.Equal([2, 5, 9, null], Desk.Workers(4).Select(worker => desk.Lease(worker)));
    }

    [Fact]
    public void Lease_ByValue_GivesTheTaskWithMostWrongLabelsFirst()
    {
        var desk = new Desk(workersPerTask: 1, TaskOrder.MostErrorsFirst);
        desk.Add(0, 90, 90);
        desk.Add(1, 20, 99);
        // One without a confidence is as good as wrong by half.
        desk.Add(2, double.NaN, 99);
        desk.Add(3, 90, 90);
        // More images, and so more wrong ones.
        desk.Add(4, 70, 70, 70, 70);
        Assert.Equal([4, 1, 2, 0, 3], Desk.Workers(5).Select(worker => desk.Lease(worker)));
    }

    [Fact]
    public void Answered_BySomebodySetAsideMeanwhile_LeavesTheTaskToOthers()
    {
        var desk = new Desk(workersPerTask: 1, tasks: 2);
        Assert.Equal(0, desk.Lease(_ann));
        desk.Fold.ChangeRules(new VerdictRules(1, VerdictPolicy.Unanimous, [_ann]));
        desk.Dispatch.LookAgain();
        Assert.Equal(1, desk.Lease(_bob));
        desk.Answer(0, _ann);
        Assert.True(desk.Dispatch.IsWanted(desk.Now));
        Assert.Equal(0, desk.Lease(_carl));
    }

    [Fact]
    public void Lease_AskedAgain_IsTheSameTaskUntilItExpires()
    {
        var desk = new Desk(workersPerTask: 1, tasks: 3);
        var first = desk.Dispatch.Lease(_ann, _now);
        Assert.Equal(LeaseOf(0, _ann, _now), first);
        Assert.Equal(first, desk.Dispatch.Lease(_ann, _now + _duration - TimeSpan.FromTicks(1)));
        var again = desk.Dispatch.Lease(_ann, _now + _duration);
        Assert.Equal(LeaseOf(0, _ann, _now + _duration), again);
    }

    [Fact]
    public void Lease_Answered_IsReturnedAndTheNextIsGiven()
    {
        var desk = new Desk(workersPerTask: 2, tasks: 2);
        Assert.Equal((0, 0), (desk.Lease(_ann), desk.Lease(_bob)));
        desk.Answer(0, _ann);
        Assert.Equal(1, desk.Lease(_ann));
        // The place that was answered is taken, not free.
        Assert.Equal(1, desk.Lease(_carl));
        Assert.Null(desk.Lease(WorkerId.Create("dora")));
        Assert.Equal([(0, "bob"), (1, "ann"), (1, "carl")], desk.Dispatch.Leases.Select(lease => (lease.Task.Value, lease.Worker.Value)).Order());
    }

    [Fact]
    public void Lease_AnsweredInPart_IsKept()
    {
        var desk = new Desk(workersPerTask: 1);
        desk.Add(0, 90, 90);
        desk.Add(1, 90);
        Assert.Equal(0, desk.Lease(_ann));
        desk.Answer(0, _ann, "c-");
        Assert.Equal((0, 1), (desk.Lease(_ann), desk.Lease(_bob)));
        desk.Answer(0, _ann, "-c");
        Assert.Null(desk.Lease(_ann));
    }

    [Fact]
    public void Lease_AnsweredWithoutALease_IsNotGivenToThatWorkerAgain()
    {
        var desk = new Desk(workersPerTask: 2, tasks: 2);
        desk.Answer(0, _ann);
        Assert.Equal((1, 0), (desk.Lease(_ann), desk.Lease(_bob)));
        Assert.Equal(1, desk.Lease(_carl));
    }

    [Fact]
    public void Lease_ExpiredBehindTheOthersPlaces_IsGivenToThemBeforeWhatComesNext()
    {
        var desk = new Desk(workersPerTask: 1, tasks: 4);
        Assert.Equal((0, 1), (desk.Lease(_ann), desk.Lease(_bob)));
        desk.Answer(1, _bob);
        Assert.Equal(2, desk.Lease(_bob));
        desk.Answer(2, _bob);
        desk.Now += _duration;
        Assert.Equal(0, desk.Lease(_bob));
        desk.Answer(0, _bob);
        Assert.Equal(3, desk.Lease(_bob));
    }

    [Fact]
    public void Lease_ExpiredAheadOfAWorkersPlace_DoesNotComeBeforeEarlierTasks()
    {
        var desk = new Desk(workersPerTask: 2, tasks: 3);
        foreach (var task in (int[])[0, 1])
        {
            Assert.Equal(task, desk.Lease(_ann));
            desk.Answer(task, _ann);
        }
        Assert.Equal(2, desk.Lease(_ann));
        desk.Now += _duration;
        Assert.Equal(0, desk.Lease(_bob));
    }

    [Fact]
    public void Lease_ExpiredThenAnsweredByOthers_IsOverForAll()
    {
        var desk = new Desk(workersPerTask: 1, tasks: 1);
        desk.Lease(_ann);
        desk.Now += _duration;
        Assert.Equal(0, desk.Lease(_bob));
        desk.Answer(0, _bob);
        Assert.Equal((null, null), (desk.Lease(_ann), desk.Lease(_carl)));
        Assert.False(desk.Dispatch.IsWanted(desk.Now));
    }

    [Fact]
    public void Pass_TaskHeld_GoesToOthersAndComesAgainAfterAWhile()
    {
        var desk = new Desk(workersPerTask: 1, tasks: 3);
        Assert.Equal((0, 1), (desk.Lease(_ann), desk.Lease(_bob)));
        desk.Dispatch.Pass(new TaskNumber(0), _ann, desk.Now + _duration);
        Assert.Equal((2, 0), (desk.Lease(_ann), desk.Lease(_carl)));
        desk.Dispatch.Pass(new TaskNumber(2), _ann, desk.Now + (_duration / 2));
        desk.Dispatch.Pass(new TaskNumber(0), _carl, desk.Now + _duration);
        Assert.Null(desk.Lease(_ann));
        Assert.True(desk.Dispatch.IsWanted(desk.Now));
        desk.Now += _duration / 2;
        Assert.Equal(2, desk.Lease(_ann));
        desk.Answer(2, _ann);
        Assert.Null(desk.Lease(_ann));
        desk.Now += _duration / 2;
        Assert.Equal(0, desk.Lease(_ann));
        // Nothing becomes of a task that is not there.
        desk.Dispatch.Pass(new TaskNumber(9), _ann, desk.Now + _duration);
        Assert.Equal(0, desk.Lease(_ann));
    }

    [Fact]
    public void IsWanted_LeasesOutAndBack_SaysWhetherAnybodyNewCouldGetATask()
    {
        var desk = new Desk(workersPerTask: 2, tasks: 1);
        Assert.True(desk.Dispatch.IsWanted(desk.Now));
        desk.Answer(0, _ann);
        // Not by her, though by somebody.
        Assert.Null(desk.Lease(_ann));
        Assert.True(desk.Dispatch.IsWanted(desk.Now));
        desk.Lease(_bob);
        Assert.False(desk.Dispatch.IsWanted(desk.Now));
        Assert.True(desk.Dispatch.IsWanted(desk.Now + _duration));
        Assert.False(new Desk(workersPerTask: 1).Dispatch.IsWanted(_now));
    }

    [Fact]
    public void NextExpiry_OfLeasesThatLast_IsTheirFirst()
    {
        var desk = new Desk(workersPerTask: 1, tasks: 3);
        Assert.Null(desk.Dispatch.NextExpiry);
        desk.Lease(_ann);
        desk.Now += TimeSpan.FromMinutes(1);
        desk.Lease(_bob);
        Assert.Equal(_now + _duration, desk.Dispatch.NextExpiry);
        desk.Answer(0, _ann);
        Assert.Equal(desk.Now + _duration, desk.Dispatch.NextExpiry);
        desk.Answer(1, _bob);
        Assert.Null(desk.Dispatch.NextExpiry);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Add_WhileLeasing_GivesTheNewTasksTooAndForgetsNoLease(bool byValue)
    {
        var desk = new Desk(workersPerTask: 1, byValue ? TaskOrder.MostErrorsFirst : TaskOrder.AsCut);
        desk.Add(3, 90);
        Assert.Equal((3, null), (desk.Lease(_ann), desk.Lease(_bob)));
        desk.Add(4, 80);
        Assert.Equal(4, desk.Lease(_bob));
        // Of a lower number, and of a greater value: it comes before both of them.
        desk.Add(1, 10);
        desk.Add(2, 99);
        Assert.Equal((3, 4, 1), (desk.Lease(_ann), desk.Lease(_bob), desk.Lease(_carl)));
        desk.Now += _duration;
        Assert.Equal(byValue ? [1, 4, 3, 2] : [1, 2, 3, 4], Desk.Workers(4).Select(worker => desk.Lease(worker)!.Value));
    }

    [Fact]
    public void Lend_OfAnotherDispatch_IsKeptThereTooUntilItsOwnTime()
    {
        var (left, desk) = (new Desk(workersPerTask: 1, tasks: 2), new Desk(workersPerTask: 1, tasks: 2));
        left.Lease(_ann);
        foreach (var lease in left.Dispatch.Leases) desk.Dispatch.Restore(lease);
        desk.Now += TimeSpan.FromMinutes(9);
        Assert.Equal((1, 0), (desk.Lease(_bob), desk.Lease(_ann)));
        desk.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(0, desk.Lease(_carl));
    }

    [Fact]
    public void Lend_TaskNotKnownOrAnswered_IsNoLease()
    {
        var desk = new Desk(workersPerTask: 2, tasks: 1);
        desk.Answer(0, _ann);
        desk.Dispatch.Restore(LeaseOf(0, _ann, _now));
        desk.Dispatch.Restore(LeaseOf(7, _bob, _now));
        Assert.Empty(desk.Dispatch.Leases);
        Assert.Equal(0, desk.Lease(_bob));
        desk.Now += _duration;
        Assert.Equal(0, desk.Lease(_carl));
    }

    [Fact]
    public void Lease_WhateverHappens_IsWhatAWalkOverAllTasksFinds() => Gen.Select(
        Gen.Int[1, 3], Gen.Bool, Gen.Int[0, 8], Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 5], Gen.Int[0, 40]).Array[0, 120]).Sample((workersPerTask, byValue, tasks, steps) =>
    {
        var desk = new Desk(workersPerTask, byValue ? TaskOrder.MostErrorsFirst : TaskOrder.AsCut);
        var walk = new DispatchWalk(desk.Fold, workersPerTask, byValue, _duration);
        for (var task = 0; task < tasks; task++) AddTask(7 + task);
        foreach (var (step, which, number) in steps)
        {
            var worker = Desk.Workers(6).ElementAt(which);
            var known = desk.Fold.Tasks.Select(task => task.Value).Order().ToList();
            if (step == Step.Lease) Assert.Equal(walk.Lease(worker, desk.Now), desk.Dispatch.Lease(worker, desk.Now));
            else if (step == Step.Wait) desk.Now += number * _duration / 20;
            else if (step == Step.AddTask && !desk.Fold.Knows(new TaskNumber(number))) AddTask(number);
            else if (step == Step.AnswerHeld && desk.Dispatch.Leases.FirstOrDefault(lease => lease.Worker == worker) is { Worker.Value: not null } held) Answer(held.Task.Value, worker, "cc");
            else if (step == Step.AnswerAny && known.Count > 0) Answer(known[number % known.Count], worker, "cd");
            else if (step == Step.AnswerPart && known.Count > 0) Answer(known[number % known.Count], worker, number % 2 == 0 ? "c-" : "-c");
            else if (step == Step.Pass && known.Count > 0) Pass(known[number % known.Count], worker);
            else if (step == Step.Renew && known.Count > 0) Renew(desk.Dispatch.Leases.FirstOrDefault(lease => lease.Worker == worker) is { Worker.Value: not null } kept && number > 5 ? kept.Task : new TaskNumber(known[number % known.Count]), worker);
            Assert.Equal(walk.IsWanted(desk.Now), desk.Dispatch.IsWanted(desk.Now));
            Assert.Equal(walk.Leases.Select(lease => (DateTimeOffset?)lease.ExpiresAt).Min(), desk.Dispatch.NextExpiry);
            Assert.Equal(walk.Leases.OrderBy(lease => lease.Worker.Value), desk.Dispatch.Leases.OrderBy(lease => lease.Worker.Value));
        }

        // Confidences that make values go up and down with the numbers, and some the same.
        void AddTask(int task) => desk.Add(task, task * 37 % 5 * 20, 50);

        void Renew(TaskNumber task, WorkerId worker) => Assert.Equal(walk.Renew(task, worker, desk.Now), desk.Dispatch.Renew(task, worker, desk.Now));

        void Pass(int task, WorkerId worker)
        {
            desk.Dispatch.Pass(new TaskNumber(task), worker, desk.Now + (_duration / 4));
            walk.Pass(new TaskNumber(task), worker, desk.Now + (_duration / 4));
        }

        void Answer(int task, WorkerId worker, string answers)
        {
            desk.Answer(task, worker, answers);
            walk.Answered(task, worker);
        }
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Drain_ManyTasksAndWorkers_GivesEachTaskToAsManyAsItWantsAndEachWorkerNoneTwiceInBoundedTime(bool byValue)
    {
        const int Tasks = 40_000;
        const int PerTask = 3;
        var desk = new Desk(PerTask, byValue ? TaskOrder.MostErrorsFirst : TaskOrder.AsCut);
        for (var task = 0; task < Tasks; task++) desk.Add(task, task % 101);
        var workers = Desk.Workers(50).ToList();
        var (given, pairs) = (new int[Tasks], new HashSet<(int, WorkerId)>());
        var began = Stopwatch.GetTimestamp();
        for (var (turn, idle) = (0, 0); idle < workers.Count; turn++)
        {
            var worker = workers[turn % workers.Count];
            if (desk.Lease(worker) is not { } task)
            {
                idle++;
                continue;
            }
            idle = 0;
            // Now and then a lease ends before the answer comes, which counts all the same.
            if (turn % 1_009 == 0) desk.Now += _duration;
            given[task]++;
            Assert.True(pairs.Add((task, worker)), $"task {task} went to {worker} twice");
            desk.Answer(task, worker);
        }
        Assert.All(given, count => Assert.Equal(PerTask, count));
        // A walk over the answered tasks at each lease would take 120,000 x 20,000 looks on average: minutes.
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Drain_WorkersWhoLeaveTheirTasks_EndsWithEachTaskAnsweredByAsManyAsItWants()
    {
        const int Tasks = 300;
        var desk = new Desk(workersPerTask: 2, tasks: Tasks);
        var workers = Desk.Workers(20).ToList();
        var random = new Random(11);
        for (var idle = 0; idle < 3;)
        {
            var answered = 0;
            foreach (var worker in workers)
            {
                if (desk.Lease(worker) is not { } task || random.Next(3) == 0) continue;
                desk.Answer(task, worker);
                answered++;
            }
            idle = answered == 0 ? idle + 1 : 0;
            desk.Now += _duration / 4;
            Assert.All(Enumerable.Range(0, Tasks), task => Assert.InRange(desk.Fold.CountWhole(new TaskNumber(task)), 0, 2));
            if (!desk.Dispatch.IsWanted(desk.Now) && !desk.Dispatch.Leases.Any()) break;
        }
        Assert.All(Enumerable.Range(0, Tasks), task => Assert.Equal(2, desk.Fold.CountWhole(new TaskNumber(task))));
    }

    private static Lease LeaseOf(int task, WorkerId worker, DateTimeOffset at) => new(new TaskNumber(task), worker, at + _duration, at + (6 * _duration));

    /// <summary>A fold with its dispatch, and a clock.</summary>
    private sealed class Desk
    {
        private long _ticks;

        public Desk(int workersPerTask, TaskOrder? order = null, int tasks = 0)
        {
            Fold = new PartitionFold(new JobSettings { WorkersPerTask = workersPerTask });
            Dispatch = new TaskDispatch(Fold, workersPerTask, order ?? TaskOrder.AsCut, _duration);
            for (var task = 0; task < tasks; task++) Add(task, 90);
        }

        public PartitionFold Fold { get; }

        public TaskDispatch Dispatch { get; }

        public DateTimeOffset Now { get; set; } = _now;

        public static IEnumerable<WorkerId> Workers(int count) => Enumerable.Range(0, count).Select(number => WorkerId.Create($"w{number:d2}"));

        public void Add(int task, params double[] confidences)
        {
            Fold.AddTask(new TaskNumber(task), confidences.Length == 0 ? [90] : confidences);
            Dispatch.Add(new TaskNumber(task));
        }

        public int? Lease(WorkerId worker) => Dispatch.Lease(worker, Now)?.Task.Value;

        public void Answer(int task, WorkerId worker, string? answers = null)
        {
            var number = new TaskNumber(task);
            Fold.Apply(new Submission(number, worker, new SubmissionTime(++_ticks), TaskAnswers.Parse(answers ?? new string('c', Fold.ImagesOf(number)))));
            if (Fold.HasAnswered(number, worker)) Dispatch.Answered(number, worker);
        }
    }
}
