using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Simulation.Tests;

/// <content>What verdicts are decided by, changed on the way, and what facts come to under it, written down once more.</content>
internal sealed partial class Simulation
{
    /// <summary>No level that simple coins reach exactly: there the last digit would decide.</summary>
    private const double Level = 0.8137;

    /// <summary>Workers whose votes do not count.</summary>
    private readonly HashSet<WorkerId> _setAside = [];

    /// <summary>What was last decided about images apart from votes; null where it was withdrawn.</summary>
    private readonly Dictionary<(Label, ImageUrl), Verdict?> _adjudicated = [];

    /// <summary>Models that were cancelled.</summary>
    private readonly HashSet<int> _cancelled = [];

    /// <summary>The model that was adopted last.</summary>
    private StoredModel? _model;

    private IReliabilityGrain Reliability(JobInfo job) => cluster.Grains.GetGrain<IReliabilityGrain>(job.Incarnation.Value);

    private async Task ChangeRulesAsync()
    {
        _policy = _work.AnyPolicy();
        _policyChanges++;
        var changes = new JobChanges(_policy) { Change = new Guid(_random.Next(), 0, 0, new byte[8]) };
        await Calls.UntilDoneAsync(() => Job.ChangeAsync(changes));
    }

    private async Task SetAsideAsync(JobInfo job)
    {
        var worker = _work.AnyWorker();
        _policyChanges++;
        var setAside = _setAside.Add(worker) ? new SetAsideWorker(worker, "tried", "simulation", TimeProvider.System.GetUtcNow()) : null;
        if (setAside is null) _setAside.Remove(worker);
        if (_random.Next(2) == 0)
        {
            await Calls.UntilDoneAsync(() => Job.SetAsideAsync(job.Incarnation, worker, setAside));
            return;
        }
        var decision = new WorkerDecision(0, worker, setAside is not null, setAside?.Reason, "simulation", TimeProvider.System.GetUtcNow());
        var decided = await Calls.UntilDoneAsync(() => Job.DecideAsync(job.Incarnation, decision, null));
        Calls.Require(decided is { IsRefused: false }, $"{decision} was answered {decided}");
        var decisions = await Calls.UntilDoneAsync(() => Job.GetDecisionsAsync(job.Incarnation));
        Calls.Require(decisions.Count(known => known with { Number = 0 } == decision) == 1, $"{decision} is {decisions.Count(known => known with { Number = 0 } == decision)} times among the decisions");
    }

    /// <summary>From here on the model is the one that the job has now, whoever chose it.</summary>
    private async Task StopReestimatingAsync()
    {
        var job = (await Calls.UntilDoneAsync(() => Job.ChangeAsync(new JobChanges(StopsReestimating: true))))!;
        if (job.Model is { } model) _model = await Calls.UntilDoneAsync(() => cluster.Models.ReadAsync(job.Incarnation, model.Name).AsTask());
    }

    /// <summary>Nothing that was cancelled comes to anything after all.</summary>
    private async Task CheckCancelledAsync(JobInfo job)
    {
        foreach (var number in _cancelled)
            if (await Calls.UntilDoneAsync(() => Reliability(job).GetAsync(number)) is { } model)
                Calls.Require(model is { State: ModelState.Cancelled, Result: null }, $"model {number} was cancelled, and is {model.State}");
    }

    private async Task AdjudicateAsync(JobInfo job)
    {
        if (await AnyTaskAsync(job) is not { } task) return;
        var chosen = task.Content.Images[_random.Next(task.Content.Images.Length)];
        var url = chosen.Url;
        Verdict? verdict = _random.Next(3) switch { 0 => Verdict.Confirmed, 1 => Verdict.Disconfirmed, _ => null };
        var at = SubmissionTime.From(TimeProvider.System.GetUtcNow());
        var image = cluster.Grains.GetGrain<IImageGrain>(new ImageAddress(task.Partition.Class, url).GrainKey);
        var outcome = await Calls.UntilDoneAsync(() => image.AdjudicateAsync("simulation", at, verdict, null, null));
        if (chosen.Gold is not null)
        {
            Calls.Require(outcome == AdjudicationOutcome.Gold, $"the adjudication of {url}, which is gold, was answered {outcome}");
            return;
        }
        Calls.Require(outcome == AdjudicationOutcome.Accepted, $"the adjudication of {url} was answered {outcome}");
        if (verdict is not null || _adjudicated.ContainsKey((task.Label, url))) _adjudicated[(task.Label, url)] = verdict;
        if (await Calls.TryAsync(image.GetAsync) is { } found)
            Calls.Require(found.Adjudication?.Verdict == verdict, $"{url} was adjudicated {verdict}, and {found.Adjudication} stands");
    }

    /// <summary>Has a model estimated while all else goes on, and adopts the last that is done.</summary>
    private async Task EstimateAsync(JobInfo job)
    {
        if (await Calls.TryAsync(async () => (object)await Reliability(job).ListAsync()) is System.Collections.Immutable.ImmutableArray<ModelInfo> models
            && models.FirstOrDefault(model => model.Result is { LabelsSwitched: false }) is { } done)
            await AdoptAsync(job, done);
        var asked = _random.Next(4) == 0
            ? await Calls.TryAsync(() => Reliability(job).StartByItselfAsync(ReliabilityMethod.TwoCoin, _random.Next(5), 1))
            : await Calls.TryAsync(() => Reliability(job).StartAsync(new ReliabilitySettings()));
        // The job does not estimate by itself: it adopts none so.
        if (asked is { IsByItself: true }) await Calls.TryAsync(() => Job.AdoptReestimatedAsync(job.Incarnation, asked.Number));
        if (asked is not null && _random.Next(3) == 0 && await Calls.TryAsync(() => Reliability(job).CancelAsync(asked.Number)) is { State: ModelState.Cancelled }) _cancelled.Add(asked.Number);
    }

    private async Task EstimateAndAdoptAsync(JobInfo job)
    {
        var asked = (await Calls.UntilDoneAsync(() => Reliability(job).StartAsync(new ReliabilitySettings())))!;
        ModelInfo? model = null;
        await Calls.UntilRightAsync(async () =>
        {
            await Calls.UntilDoneAsync(Operations.ResumeAsync);
            model = await Calls.UntilDoneAsync(() => Reliability(job).GetAsync(asked.Number));
            return model is { State: ModelState.Running } ? $"model {asked.Number} is still being estimated" : null;
        });
        var votes = (await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation, _setAside)).Tasks
            .Sum(task => task.Judged.Sum(image => task.Count(image, AnswerKind.Confirm) + task.Count(image, AnswerKind.Disconfirm)));
        // A call to cancel it that was lost may have come all the same.
        if (model is { State: ModelState.Cancelled }) return;
        Calls.Require((model!.State == ModelState.Done) == votes > 0, $"of {votes} votes model {model.Number} is {model.State}: {model.Problem}");
        // One that was under way when this was asked for may be of votes before.
        if (asked.AskedAt == model.AskedAt && model.Result is { } result) Calls.Require(double.IsFinite(result.LogLikelihood), $"the likelihood of model {model.Number} is {result.LogLikelihood}");
        if (model.Result is { LabelsSwitched: false }) await AdoptAsync(job, model);
    }

    private async Task AdoptAsync(JobInfo job, ModelInfo model)
    {
        _model = (await Calls.UntilDoneAsync(() => cluster.Models.ReadAsync(job.Incarnation, model.Result!.Name).AsTask()))!;
        _policy = VerdictPolicy.Weighted(Level);
        _policyChanges++;
        var changes = new JobChanges(_policy, Model: model.Number) { Change = new Guid(_random.Next(), 0, 0, new byte[8]) };
        await Calls.UntilDoneAsync(() => Job.ChangeAsync(changes));
    }

    private ClassTally Fold(JobInfo job, IReadOnlyList<StoredTask> tasks)
    {
        var (voted, final) = (new BucketTally[job.Settings.BucketEdges.BucketCount], new BucketTally[job.Settings.BucketEdges.BucketCount]);
        var done = new BucketTally[job.Settings.BucketEdges.BucketCount];
        var adjudicated = 0;
        foreach (var task in tasks)
        {
            foreach (var image in task.Judged)
            {
                var bucket = job.Settings.BucketEdges.IndexOf(task.Content.Images[image].Confidence);
                var verdict = VerdictOf(task, image);
                var decided = _adjudicated.GetValueOrDefault((task.Label, task.Content.Images[image].Url));
                if (decided is not null) adjudicated++;
                voted[bucket] = voted[bucket].Add(verdict, 1);
                if (task.IsDone(job.Settings.WorkersPerTask)) done[bucket] = done[bucket].Add(verdict, 1);
                final[bucket] = final[bucket].Add(decided ?? verdict, 1);
            }
        }
        var times = tasks.SelectMany(task => task.Answers).SelectMany(image => image.Values).Select(answer => answer.At).ToList();
        return new ClassTally(
            [.. voted], tasks.Sum(task => task.Judged.Sum(image => task.Count(image, AnswerKind.Confirm) + task.Count(image, AnswerKind.Disconfirm))), tasks.Count,
            tasks.Count(task => task.IsDone(job.Settings.WorkersPerTask)), new SubmissionTime(times.DefaultIfEmpty().Max()),
            tasks.Sum(task => task.Judged.Count(image => task.Count(image, AnswerKind.NotSeen) > 0)))
        {
            Adjudicated = adjudicated,
            Final = [.. final],
            Done = [.. done],
            InDoubt = job.Settings.MaxWorkersPerTask is null ? null : tasks.Sum(task => task.Judged.Count(image => IsInDoubt(job, task, image))),
        };
    }

    /// <summary>Whether further workers are to be asked, written down once more.</summary>
    private bool IsInDoubt(JobInfo job, StoredTask task, int image)
    {
        if (job.Settings.MaxWorkersPerTask is not { } most || task.Counted(image).Count() < job.Settings.WorkersPerTask) return false;
        if (_adjudicated.GetValueOrDefault((task.Label, task.Content.Images[image].Url)) is not null) return false;
        var (lead, votes) = (Math.Abs(task.Count(image, AnswerKind.Confirm) - task.Count(image, AnswerKind.Disconfirm)), task.Count(image, AnswerKind.Confirm) + task.Count(image, AnswerKind.Disconfirm));
        var (left, needed) = (most - task.Counted(image).Count(), _policy.Equals(VerdictPolicy.Quorum(2)) ? 2 : 1);
        if (left <= 0 || votes + left < needed) return false;
        if (_policy.Level is not null) return VerdictOf(task, image) is Verdict.Unreviewed or Verdict.Split;
        return votes < needed || (lead < job.Settings.WorkersPerTask && lead <= left);
    }

    private static string Show(ClassTally tally) =>
        $"{tally.Votes} votes, {tally.Unseen} unseen, {tally.TasksDone} of {tally.Tasks} tasks done, last at {tally.LastVoteAt.UtcTicks}, [{string.Join(", ", tally.Buckets)}], {tally.Adjudicated} adjudicated, [{string.Join(", ", tally.Final)}], of done tasks [{string.Join(", ", tally.Done)}], {tally.InDoubt} in doubt";

    /// <summary>The rule of each policy, written down once more.</summary>
    private Verdict VerdictOf(StoredTask task, int image)
    {
        var (confirms, disconfirms) = (task.Count(image, AnswerKind.Confirm), task.Count(image, AnswerKind.Disconfirm));
        var votes = confirms + disconfirms;
        if (votes == 0 || (_policy.Equals(VerdictPolicy.Quorum(2)) && votes < 2)) return Verdict.Unreviewed;
        if (_policy.Level is not null) return PosteriorOf(task, image) is var posterior && posterior >= Level ? Verdict.Confirmed : posterior <= 1 - Level ? Verdict.Disconfirmed : Verdict.Split;
        if (_policy.Equals(VerdictPolicy.Unanimous) && confirms > 0 && disconfirms > 0) return Verdict.Split;
        return confirms > disconfirms ? Verdict.Confirmed : disconfirms > confirms ? Verdict.Disconfirmed : Verdict.Split;
    }

    /// <summary>By Bayes' rule.</summary>
    private double PosteriorOf(StoredTask task, int image)
    {
        var parameters = _model!.Model.Parameters;
        var (right, wrong) = (parameters.Prior, 1 - parameters.Prior);
        foreach (var (worker, answer) in task.Counted(image))
        {
            var coins = _model.Workers.FirstOrDefault(known => known.Worker == worker)?.Coins ?? parameters.Unknown;
            if (answer.Kind == AnswerKind.Confirm) (right, wrong) = (right * coins.ConfirmsRight, wrong * (1 - coins.CatchesWrong));
            if (answer.Kind == AnswerKind.Disconfirm) (right, wrong) = (right * (1 - coins.ConfirmsRight), wrong * coins.CatchesWrong);
        }
        return right / (right + wrong);
    }
}
