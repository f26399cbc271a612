using CsCheck;

namespace BulkQA.Core.Tests;

/// <summary>Of the answers to a task each team gives as many as it may, and no more.</summary>
public sealed class TeamDispatchTests
{
    private static readonly TimeSpan _duration = TimeSpan.FromMinutes(10);
    private static readonly TeamName _dogs = TeamName.Create("dogs");
    private static readonly TeamName _vets = TeamName.Create("vets");
    private static readonly TeamName?[] _teams = [_dogs, _vets, null];

    /// <summary>What a step of the model test may do; the numbers choose worker, task, team and time.</summary>
    private enum Step { Ask, AskAgain, AnswerHeld, AnswerHeldAgain, AnswerAny, Wait, Pass, Move, AskElsewhere, ChangeNumber, SetAside, Restart, AskForNobody, Look, LookAgain }

    [Fact]
    public void Lease_OfATeamThatHasGivenItsPart_LeavesTheRestToOthers()
    {
        var desk = new Desk(workersPerTask: 3, tasks: 2);
        desk.Join(_dogs, 0, 1, 2);
        desk.Join(_vets, 3, 4);
        Assert.Equal([0, 0, 1, 0, 1], Enumerable.Range(0, 5).Select(desk.Ask));
        desk.Answer(0, 0);
        desk.Answer(0, 1);
        Assert.Equal([1, null], [desk.Ask(0), desk.Ask(1)]);
        desk.Answer(0, 3);
        Assert.Null(desk.Ask(3));
    }

    [Fact]
    public void Lease_BySomebodyOfNoTeam_TakesAnyPlaceAndCountsForNone()
    {
        var desk = new Desk(workersPerTask: 3, tasks: 1);
        desk.Join(_dogs, 0, 1, 2);
        Assert.Equal([0, 0, null, 0, null], ((int[])[0, 1, 2, 4, 5]).Select(desk.Ask));
    }

    [Fact]
    public void Lease_ThatRanOutOrWasPassed_IsForTheTeamAgain()
    {
        var desk = new Desk(workersPerTask: 3, tasks: 1);
        desk.Join(_dogs, 0, 1, 2, 3);
        Assert.Equal([0, 0, null], [desk.Ask(0), desk.Ask(1), desk.Ask(2)]);
        desk.Dispatch.Pass(new TaskNumber(0), Desk.Worker(0), desk.Now + _duration);
        Assert.Equal([0, null], [desk.Ask(2), desk.Ask(3)]);
        desk.Now += _duration;
        Assert.Equal(0, desk.Ask(3));
    }

    [Fact]
    public void Lease_AfterItsHolderMoved_CountsForTheTeamThatItWasGivenFor()
    {
        var desk = new Desk(workersPerTask: 3, tasks: 2);
        desk.Join(_dogs, 0, 1, 2);
        Assert.Equal([0, 0], [desk.Ask(0), desk.Ask(1)]);
        desk.Join(_vets, 0);
        desk.Answer(0, 0);
        Assert.Equal(1, desk.Ask(0));
        Assert.Equal(1, desk.Ask(2));
        desk.Join(_vets, 5);
        Assert.Equal(0, desk.Ask(5));
    }

    [Fact]
    public void Answer_OfWhatIsNotHeldByWhoeverMovedElsewhere_CountsForTheNewTeam()
    {
        var desk = new Desk(workersPerTask: 3, tasks: 2);
        desk.Join(_dogs, 0);
        desk.Join(_vets, 3);
        Assert.Equal([0, 0], [desk.Ask(0), desk.Ask(3)]);
        desk.Answer(0, 0);
        desk.Answer(0, 3);
        desk.Join(_vets, 0);
        desk.Later().AskElsewhere(0);
        desk.Answer(1, 0);
        Assert.Null(desk.Ask(3));
        desk.Numbers[_vets] = 2;
        Assert.Equal(1, desk.Ask(3));
    }

    [Fact]
    public void Answer_GivenAgainAfterMoving_LeavesItsPlaceToTheFormerTeam()
    {
        var desk = new Desk(workersPerTask: 3, tasks: 2);
        desk.Numbers[_dogs] = 1;
        desk.Join(_dogs, 0, 1, 2);
        Assert.Equal(0, desk.Ask(0));
        desk.Answer(0, 0);
        Assert.Equal(1, desk.Ask(1));
        Assert.Null(desk.Ask(2));
        desk.Join(_vets, 0);
        Assert.Equal(1, desk.Later().Ask(0));
        Assert.Null(desk.Ask(2));
        desk.Later().Answer(0, 0);
        Assert.Equal(0, desk.Ask(2));
    }

    [Fact]
    public void Dispatch_WithAnySteps_GivesWhatAWalkOverAllTasksGives() => Gen.Select(
        Gen.Int[1, 3], Gen.Int[1, 5], Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 5], Gen.Int[0, 40]).Array[0, 120]).Sample((workersPerTask, tasks, steps) =>
    {
        var desk = new Desk(workersPerTask, tasks);
        desk.Join(_dogs, 0, 1);
        desk.Join(_vets, 2, 3);
        foreach (var (step, who, number) in steps)
        {
            desk.Later();
            var task = number % tasks;
            if (step is Step.Ask or Step.AskAgain) Assert.Equal(desk.Expect(who, desk.TeamOf(who)), desk.Ask(who));
            else if (step is Step.Look or Step.LookAgain) Assert.Equal(desk.Expect(Desk.Stranger, _teams[number % 2]) is not null, desk.IsWanted(_teams[number % 2]!.Value));
            else if (step == Step.AskForNobody) Assert.Equal(desk.Expect(who, null), desk.Dispatch.Lease(Desk.Worker(who), desk.Now)?.Task.Value);
            else if (step is Step.AnswerHeld or Step.AnswerHeldAgain && desk.HeldBy(who) is { } held) desk.Answer(held.Task.Value, who);
            else if (step == Step.AnswerAny) desk.Answer(task, who);
            else if (step == Step.Wait) desk.Now += number * _duration / 20;
            else if (step == Step.Pass) desk.Pass(task, who, desk.Now + (_duration / 4));
            else if (step == Step.Move) desk.Join(_teams[number % 3], who);
            else if (step == Step.AskElsewhere) desk.AskElsewhere(who);
            else if (step == Step.ChangeNumber) desk.Numbers[_teams[number % 2]!.Value] = 1 + (number % 4);
            else if (step == Step.SetAside) desk.SetAside(who);
            else if (step == Step.Restart) desk.Restart();
        }
    }, iter: 2_000);

    /// <summary>A partition's dispatch, and what is known elsewhere: who is in which team, and for whom everybody answers.</summary>
    private sealed class Desk
    {
        /// <summary>Who has answered nothing.</summary>
        public const int Stranger = 99;

        private readonly int _workersPerTask;
        private readonly int _tasks;
        private readonly Dictionary<WorkerId, TeamName?> _teamOf = [];
        private readonly Dictionary<WorkerId, WorkerTeams> _noted = [];
        private readonly Dictionary<(int, WorkerId), DateTimeOffset> _passes = [];
        private readonly HashSet<WorkerId> _setAside = [];

        public Desk(int workersPerTask, int tasks)
        {
            (_workersPerTask, _tasks) = (workersPerTask, tasks);
            Fold = new PartitionFold(new JobSettings { WorkersPerTask = workersPerTask });
            for (var task = 0; task < tasks; task++) Fold.AddTask(new TaskNumber(task), [90]);
            Dispatch = NewDispatch();
        }

        public PartitionFold Fold { get; }

        public TaskDispatch Dispatch { get; private set; }

        public Dictionary<TeamName, int> Numbers { get; } = new() { [_dogs] = 2, [_vets] = 1 };

        public DateTimeOffset Now { get; set; } = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

        public static WorkerId Worker(int number) => WorkerId.Create($"w{number}");

        public TeamName? TeamOf(int who) => _teamOf.GetValueOrDefault(Worker(who));

        public Lease? HeldBy(int who) => Dispatch.Leases.Where(lease => lease.Worker == Worker(who) && lease.ExpiresAt > Now).Select(lease => (Lease?)lease).FirstOrDefault();

        public void Join(TeamName? team, params int[] workers)
        {
            foreach (var who in workers) _teamOf[Worker(who)] = team;
        }

        public Desk Later()
        {
            Now += TimeSpan.FromTicks(1);
            return this;
        }

        public bool IsWanted(TeamName team)
        {
            TellUnknown();
            return Dispatch.IsWanted(team, Numbers[team], Now);
        }

        public int? Ask(int who)
        {
            TellUnknown();
            var (asks, team) = (Worker(who), TeamOf(who));
            if (Dispatch.Lease(asks, Now, new TeamShare(team, team is { } of ? Numbers[of] : null)) is not { } lease) return null;
            // What was held before is not given.
            if (lease.ExpiresAt != Now + _duration || lease.Team != team) return lease.Task.Value;
            _noted[asks] = NotedOf(asks).Then(team, SubmissionTime.From(Now));
            Dispatch.Tell(asks, _noted[asks]);
            return lease.Task.Value;
        }

        /// <summary>A lease in another partition: nobody tells this one. Whoever has answered here before for no team at all is looked at again only once it asks here.</summary>
        public void AskElsewhere(int who)
        {
            if (NotedOf(Worker(who)).Equals(WorkerTeams.None) && Fold.CountAnswered(Worker(who)) > 0) return;
            _noted[Worker(who)] = NotedOf(Worker(who)).Then(TeamOf(who), SubmissionTime.From(Now));
        }

        public void Answer(int task, int who)
        {
            Fold.Apply(new Submission(new TaskNumber(task), Worker(who), SubmissionTime.From(Now), TaskAnswers.Parse("c")));
            Dispatch.Answered(new TaskNumber(task), Worker(who));
        }

        public void Pass(int task, int who, DateTimeOffset until)
        {
            Dispatch.Pass(new TaskNumber(task), Worker(who), until);
            _passes[(task, Worker(who))] = until;
        }

        public void SetAside(int who)
        {
            if (!_setAside.Add(Worker(who))) _setAside.Remove(Worker(who));
            Fold.ChangeRules(new VerdictRules(Fold.Rules.Revision + 1, VerdictPolicy.Unanimous, _setAside));
            Dispatch.LookAgain();
        }

        public void Restart()
        {
            var leases = Dispatch.Leases.ToList();
            Dispatch = NewDispatch();
            foreach (var lease in leases) Dispatch.Restore(lease);
            _passes.Clear();
        }

        /// <summary>By walking over everything: what is held, otherwise the first task that lacks an answer, and one of the team.</summary>
        public int? Expect(int who, TeamName? team)
        {
            var worker = Worker(who);
            if (_setAside.Contains(worker)) return null;
            if (HeldBy(who) is { } held) return held.Task.Value;
            for (var task = 0; task < _tasks; task++)
            {
                if (Fold.HasAnswered(new TaskNumber(task), worker) || _passes.GetValueOrDefault((task, worker)) > Now) continue;
                var answers = Fold.WorkersOf(new TaskNumber(task)).Where(other => !_setAside.Contains(other)).Select(other => NotedOf(other).At(Fold.AnsweredAt(new TaskNumber(task), other)!.Value)).ToList();
                var leases = Dispatch.Leases.Where(lease => lease.Task.Value == task && lease.ExpiresAt > Now).Select(lease => lease.Team).ToList();
                if (answers.Count + leases.Count < _workersPerTask && !(team is { } of && answers.Concat(leases).Count(other => other == of) >= Numbers[of])) return task;
            }
            return null;
        }

        private void TellUnknown()
        {
            foreach (var worker in Dispatch.UnknownTeams.ToList()) Dispatch.Tell(worker, NotedOf(worker));
        }

        private WorkerTeams NotedOf(WorkerId worker) => _noted.GetValueOrDefault(worker, WorkerTeams.None);

        private TaskDispatch NewDispatch()
        {
            var dispatch = new TaskDispatch(Fold, _workersPerTask, TaskOrder.AsCut, _duration);
            for (var task = 0; task < _tasks; task++) dispatch.Add(new TaskNumber(task));
            return dispatch;
        }
    }
}
