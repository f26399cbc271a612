using System.Collections.Immutable;
using System.Diagnostics;
using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class FollowUpDispatchTests
{
    private static readonly TimeSpan _duration = TimeSpan.FromMinutes(10);
    private static readonly DateTimeOffset _start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly WorkerId _ann = WorkerId.Create("ann");
    private static readonly WorkerId _bob = WorkerId.Create("bob");
    private static readonly WorkerId _carl = WorkerId.Create("carl");
    private static readonly WorkerId _dora = WorkerId.Create("dora");

    private enum Step { Lease, LeaseFew, AnswerHeld, AnswerAny, AnswerWhole, Adjudicate, Wait, Pass, SetAside, Move }

    [Fact]
    public void Find_AfterDisagreement_GathersTheImagesInDoubtOfSeveralTasksForWhoHasNotAnsweredThem()
    {
        var desk = new Desk(batchSize: 3, tasks: 2);
        desk.Answer(0, _ann, "cccd");
        Assert.False(desk.Dispatch.IsWanted(desk.Now));
        desk.Answer(0, _bob, "cdcd");
        desk.Answer(1, _ann, "ccct");
        desk.Answer(1, _bob, "dccc");
        Assert.True(desk.Dispatch.IsWanted(desk.Now));
        // Whoever has answered them is asked no more.
        Assert.Null(desk.Lease(_ann, mayBeFew: true));
        Assert.Equal([(0, 1), (1, 0), (1, 3)], desk.Lease(_carl, mayBeFew: false)!);
        Assert.False(desk.Dispatch.IsWanted(desk.Now));
        Assert.Null(desk.Lease(_dora, mayBeFew: true));
    }

    [Fact]
    public void Find_ImageWithAllItsFirstAnswersInATaskWithout_IsGathered()
    {
        var desk = new Desk(batchSize: 3, tasks: 1);
        desk.Answer(0, _ann, "cccc");
        desk.AnswerOne(new ImageSpot(new TaskNumber(0), 1), _bob, AnswerKind.Disconfirm);
        desk.AnswerOne(new ImageSpot(new TaskNumber(0), 2), _bob, AnswerKind.Confirm);
        Assert.Equal([(0, 1)], desk.Lease(_carl, mayBeFew: true)!);
    }

    [Fact]
    public void Renew_WhileSomebodyWorks_KeepsTheFollowUpUpToSixLeases()
    {
        var desk = new Desk(batchSize: 3, tasks: 1);
        desk.Answer(0, _ann, "cccc");
        desk.Answer(0, _bob, "ddcc");
        var held = desk.Held(_carl)!;
        var end = _start + (TaskDispatch.MaxLeases * _duration);
        Assert.Equal(end, held.EndsAt);
        Assert.Null(desk.Dispatch.Renew(held.FollowUp.Task, _dora, desk.Now));
        Assert.Null(desk.Dispatch.Renew(new TaskNumber(0), _carl, desk.Now));
        while (desk.Now + (_duration / 2) < end)
        {
            desk.Now += _duration / 2;
            Assert.Equal(desk.Now + _duration < end ? desk.Now + _duration : end, desk.Dispatch.Renew(held.FollowUp.Task, _carl, desk.Now)?.ExpiresAt);
            if (desk.Now == _start + _duration) desk.Move();
            Assert.False(desk.Dispatch.IsWanted(desk.Now));
            Assert.Null(desk.Lease(_dora, mayBeFew: true));
        }
        desk.Now = end;
        Assert.Null(desk.Dispatch.Renew(held.FollowUp.Task, _carl, desk.Now));
        Assert.Equal([(0, 0), (0, 1)], desk.Lease(_dora, mayBeFew: true)!);
    }

    [Fact]
    public void Find_FewerThanABatch_WaitsUnlessFewWillDo()
    {
        var desk = new Desk(batchSize: 3, tasks: 1);
        desk.Answer(0, _ann, "cccc");
        desk.Answer(0, _bob, "ddcc");
        Assert.Null(desk.Lease(_carl, mayBeFew: false));
        Assert.Equal([(0, 0), (0, 1)], desk.Lease(_carl, mayBeFew: true)!);
    }

    [Fact]
    public void Find_FewerThanABatchThatHaveWaitedLongEnough_WaitNoLonger()
    {
        var desk = new Desk(batchSize: 3, tasks: 2);
        desk.Answer(0, _ann, "cccc");
        desk.Answer(0, _bob, "dccc");
        Assert.Null(desk.Lease(_carl, mayBeFew: false));
        desk.Now += FollowUpDispatch.LongestWait - TimeSpan.FromSeconds(1);
        desk.Answer(1, _ann, "cccc");
        desk.Answer(1, _bob, "cdcc");
        Assert.Null(desk.Lease(_carl, mayBeFew: false));
        desk.Now += TimeSpan.FromSeconds(1);
        // One that waits goes with those that have not waited yet.
        Assert.Equal([(0, 0), (1, 1)], desk.Lease(_carl, mayBeFew: false)!);
    }

    [Fact]
    public void Lease_Unanswered_EndsAndTheSameFollowUpGoesToAnother()
    {
        var desk = new Desk(batchSize: 3, tasks: 1);
        desk.Answer(0, _ann, "cccc");
        desk.Answer(0, _bob, "dccc");
        var first = desk.Held(_carl)!;
        Assert.Null(desk.Held(_dora));
        Assert.Equal(first.ExpiresAt, desk.Dispatch.NextExpiry);
        desk.Now += _duration;
        Assert.Same(first.FollowUp, desk.Held(_dora)!.FollowUp);
        Assert.Null(desk.Dispatch.HeldBy(_carl, desk.Now));
    }

    [Fact]
    public void Lease_Answered_EndsAndWhatIsStillInDoubtIsWantedOnceMore()
    {
        var desk = new Desk(batchSize: 3, tasks: 1, workers: 2, most: 5);
        desk.Answer(0, _ann, "cccc");
        desk.Answer(0, _bob, "ddcc");
        desk.Lease(_carl, mayBeFew: true);
        // One is led by a single vote, as many as it takes; the other is as it was.
        desk.AnswerOne(new ImageSpot(new TaskNumber(0), 0), _carl, AnswerKind.Confirm);
        Assert.NotNull(desk.Dispatch.HeldBy(_carl, desk.Now));
        desk.AnswerOne(new ImageSpot(new TaskNumber(0), 1), _carl, AnswerKind.CantTell);
        Assert.Null(desk.Dispatch.HeldBy(_carl, desk.Now));
        Assert.Equal([(0, 0), (0, 1)], desk.Lease(_dora, mayBeFew: true)!);
    }

    [Fact]
    public void HeldBy_WhatIsLeftOfItIsInDoubtNoLonger_Ends()
    {
        var desk = new Desk(batchSize: 3, tasks: 1, workers: 2, most: 5);
        desk.Answer(0, _ann, "cccc");
        desk.Answer(0, _bob, "ddcc");
        desk.Lease(_carl, mayBeFew: true);
        desk.AnswerOne(new ImageSpot(new TaskNumber(0), 0), _carl, AnswerKind.Confirm);
        Assert.NotNull(desk.Dispatch.HeldBy(_carl, desk.Now));
        desk.Fold.Apply(new Adjudication(new TaskNumber(0), 1, new SubmissionTime(9), "op", Verdict.Confirmed));
        Assert.Null(desk.Dispatch.HeldBy(_carl, desk.Now));
    }

    [Fact]
    public void Pass_FollowUp_GoesToOthersAndThisWorkerGetsTheOtherImages()
    {
        var desk = new Desk(batchSize: 2, tasks: 1);
        desk.Answer(0, _ann, "cccc");
        desk.Answer(0, _bob, "dddc");
        var held = desk.Held(_carl)!;
        Assert.Equal([new ImageSpot(new TaskNumber(0), 0), new ImageSpot(new TaskNumber(0), 1)], held.FollowUp.Images);
        desk.Dispatch.Pass(held.FollowUp.Task, _carl, desk.Now + _duration);
        Assert.Equal([(0, 2)], desk.Lease(_carl, mayBeFew: true)!);
        Assert.Same(held.FollowUp, desk.Held(_dora)!.FollowUp);
        desk.Dispatch.Pass(held.FollowUp.Task, _dora, desk.Now + (_duration * 2));
        desk.Now += _duration;
        Assert.Same(held.FollowUp, desk.Held(_carl)!.FollowUp);
        Assert.Equal([(0, 2)], desk.Lease(_dora, mayBeFew: true)!);
    }

    [Fact]
    public void Find_WhateverHappens_IsWhatALookAtAllImagesFinds() => Gen.Select(
        Gen.Int[1, 3], Gen.Int[1, 2], Gen.Int[1, 4], Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 5], Gen.Int[0, 40]).Array[0, 150]).Sample((workers, further, batchSize, steps) =>
    {
        var (desk, passes) = (new Desk(batchSize, tasks: 5, workers, workers + further), new Dictionary<(WorkerId, ImageSpot), DateTimeOffset>());
        var since = new Dictionary<ImageSpot, DateTimeOffset>();
        foreach (var (step, which, number) in steps)
        {
            var worker = WorkerId.Create($"w{which}");
            var spot = new ImageSpot(new TaskNumber(number % 5), number % Desk.Images);
            if (step is Step.Lease or Step.LeaseFew) AssertLeases(worker, step == Step.LeaseFew);
            else if (step == Step.Wait) desk.Now += number * _duration / 20;
            else if (step == Step.AnswerHeld && desk.Dispatch.HeldBy(worker, desk.Now) is { } held)
                foreach (var image in held.FollowUp.Images) desk.AnswerOne(image, worker, (image.Index + number) % 3 == 0 ? AnswerKind.Disconfirm : AnswerKind.Confirm);
            else if (step == Step.AnswerAny) desk.AnswerOne(spot, worker, number % 2 == 0 ? AnswerKind.Disconfirm : AnswerKind.CantTell);
            else if (step == Step.AnswerWhole) desk.Answer(number % 5, worker, number % 3 == 0 ? "dcdc" : "cccc");
            else if (step == Step.Adjudicate) desk.Fold.Apply(new Adjudication(spot.Task, spot.Index, new SubmissionTime(number), "op", number % 3 == 0 ? null : Verdict.Confirmed));
            else if (step == Step.Pass && desk.Dispatch.HeldBy(worker, desk.Now) is { } passed)
            {
                var until = desk.Now + (number * _duration / 20);
                desk.Dispatch.Pass(passed.FollowUp.Task, worker, until);
                foreach (var image in passed.FollowUp.Images) passes[(worker, image)] = until;
            }
            else if (step == Step.SetAside) desk.Fold.ChangeRules(new VerdictRules(number, VerdictPolicy.Majority, number % 2 == 0 ? [worker] : []));
            else if (step == Step.Move)
            {
                desk.Move();
                passes.Clear();
            }
            Assert.Equal(Free().Count > 0, desk.Dispatch.IsWanted(desk.Now));
            // Another silo begins to wait anew.
            since = Free().ToDictionary(free => free, free => step == Step.Move ? desk.Now : since.GetValueOrDefault(free, desk.Now));
            var leased = desk.Dispatch.Leases.SelectMany(lease => lease.FollowUp.Images).ToList();
            Assert.Equal(leased.Count, leased.Distinct().Count());
        }

        void AssertLeases(WorkerId worker, bool mayBeFew)
        {
            if (desk.Dispatch.HeldBy(worker, desk.Now) is not null) return;
            var suit = desk.Fold.Rules.IsSetAside(worker) ? [] : Free().FindAll(spot => !desk.Fold.HasAnswered(spot, worker) && !(passes.GetValueOrDefault((worker, spot)) > desk.Now));
            if (desk.Dispatch.FindUnused(worker, desk.Now) is { } unused)
            {
                Assert.Subset(suit.ToHashSet(), unused.Images.ToHashSet());
                desk.Dispatch.Keep(unused, worker, desk.Now);
                return;
            }
            var found = desk.Dispatch.Find(worker, mayBeFew, desk.Now);
            var hasWaited = suit.Exists(spot => desk.Now - since[spot] >= FollowUpDispatch.LongestWait);
            Assert.Equal(suit.Count >= batchSize ? batchSize : mayBeFew || hasWaited ? suit.Count : 0, found.Length);
            Assert.Equal(found.Length, found.Distinct().Count());
            Assert.Subset(suit.ToHashSet(), found.ToHashSet());
            if (found.Length > 0 && mayBeFew) desk.Dispatch.Keep(desk.Gather(found), worker, desk.Now);
            // As where it could not be stored.
            else
            {
                desk.Dispatch.Free(found);
                foreach (var spot in found) since[spot] = desk.Now;
            }
        }

        List<ImageSpot> Free()
        {
            var leased = desk.Dispatch.Leases.Where(lease => lease.ExpiresAt > desk.Now).SelectMany(lease => lease.FollowUp.Images).ToHashSet();
            return [.. Enumerable.Range(0, 5).SelectMany(task => Enumerable.Range(0, Desk.Images).Select(image => new ImageSpot(new TaskNumber(task), image)))
                .Where(spot => desk.Fold.IsInDoubt(spot) && !leased.Contains(spot))];
        }
    }, iter: 3_000);

    [Fact]
    public void Drain_ManyImages_AsksNobodyTwiceAndOfEachAsManyAsDoubtNeedsInBoundedTime()
    {
        const int Tasks = 5_000;
        var desk = new Desk(batchSize: 25, Tasks, workers: 2, most: 5);
        for (var task = 0; task < Tasks; task++)
        {
            desk.Answer(task, _ann, "cccc");
            desk.Answer(task, _bob, "dddd");
        }
        var (random, asked, began) = (new Random(5), new HashSet<(ImageSpot, WorkerId)>(), Stopwatch.GetTimestamp());
        var workers = Enumerable.Range(0, 40).Select(number => WorkerId.Create($"w{number}")).ToList();
        for (var (turn, idle) = (0, 0); idle < workers.Count; turn++)
        {
            var worker = workers[turn % workers.Count];
            idle = desk.Held(worker) is null ? idle + 1 : 0;
            if (idle > 0) continue;
            // Now and then nobody answers.
            if (random.Next(50) == 0) desk.Now += _duration;
            if (desk.Dispatch.HeldBy(worker, desk.Now) is not { } held) continue;
            foreach (var spot in held.FollowUp.Images)
            {
                Assert.True(asked.Add((spot, worker)), $"{worker} was asked about {spot} twice");
                desk.AnswerOne(spot, worker, random.Next(10) < 7 ? AnswerKind.Confirm : AnswerKind.Disconfirm);
            }
        }
        Assert.Equal(0, desk.Fold.Tally().InDoubt);
        Assert.All(asked.CountBy(pair => pair.Item1), image => Assert.InRange(image.Value, 2, 3));
        Assert.Equal(Tasks * Desk.Images, asked.Select(pair => pair.Item1).Distinct().Count());
        // A look at all images at each of 2,000 leases would be 40 million looks, and four of them at each.
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    private sealed class Desk
    {
        public const int Images = 4;

        private readonly JobSettings _settings;
        private readonly int _batchSize;
        private long _ticks;
        private int _numbers = 1_000_000;

        public Desk(int batchSize, int tasks, int workers = 2, int most = 3)
        {
            (_settings, _batchSize) = (new JobSettings { Policy = VerdictPolicy.Majority, WorkersPerTask = workers, MaxWorkersPerTask = most }, batchSize);
            Fold = new PartitionFold(_settings);
            for (var task = 0; task < tasks; task++) Fold.AddTask(new TaskNumber(task), [90, 90, 90, 90]);
            Dispatch = new FollowUpDispatch(Fold, batchSize, _duration);
        }

        public PartitionFold Fold { get; private set; }

        public FollowUpDispatch Dispatch { get; private set; }

        public DateTimeOffset Now { get; set; } = _start;

        public (int Task, int Image)[]? Lease(WorkerId worker, bool mayBeFew) =>
            Held(worker, mayBeFew)?.FollowUp.Images.Select(spot => (spot.Task.Value, spot.Index)).ToArray();

        public FollowUpLease? Held(WorkerId worker, bool mayBeFew = true)
        {
            if (Dispatch.HeldBy(worker, Now) is { } held) return held;
            if (Dispatch.FindUnused(worker, Now) is { } unused) return Dispatch.Keep(unused, worker, Now);
            return Dispatch.Find(worker, mayBeFew, Now) is { IsEmpty: false } found ? Dispatch.Keep(Gather(found), worker, Now) : null;
        }

        public FollowUp Gather(ImmutableArray<ImageSpot> images) => new(new TaskNumber(_numbers++), images);

        public void Answer(int task, WorkerId worker, string answers) => Apply(new Submission(new TaskNumber(task), worker, new SubmissionTime(++_ticks), TaskAnswers.Parse(answers)));

        public void AnswerOne(ImageSpot spot, WorkerId worker, AnswerKind kind)
        {
            var kinds = new AnswerKind[Images];
            kinds[spot.Index] = kind;
            Apply(new Submission(spot.Task, worker, new SubmissionTime(++_ticks), TaskAnswers.Of(kinds)));
        }

        /// <summary>As from one silo to another.</summary>
        public void Move()
        {
            var leases = Dispatch.Leases.ToList();
            Fold = PartitionFold.Unpack(Fold.Pack(), _settings, Fold.Rules);
            Dispatch = new FollowUpDispatch(Fold, _batchSize, _duration);
            foreach (var lease in leases) Dispatch.Restore(lease);
        }

        private void Apply(Submission submission)
        {
            Fold.Apply(submission);
            Dispatch.Answered(submission.Worker);
        }
    }
}
