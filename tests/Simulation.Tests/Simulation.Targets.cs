using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Simulation.Tests;

/// <content>A target: what is decided under it could be decided by numbers that there were, and stays; what is decided is not handed out.</content>
internal sealed partial class Simulation
{
    /// <summary>Leases that are looked at in the end.</summary>
    private const int MaxLeases = 20;

    /// <summary>What was told of decisions, by the target's revision.</summary>
    private readonly Dictionary<(int Revision, TargetMember Member), ClassDecision> _told = [];

    private readonly Random _looks = new(seed + 1);

    private ITargetGrain Target(JobInfo job) => cluster.Grains.GetGrain<ITargetGrain>(job.Incarnation.Value);

    private async Task SetTargetAsync(JobInfo job)
    {
        if (_work.Target is { } target) await Calls.UntilDoneAsync(() => Job.SetTargetAsync(job.Incarnation, target, "lead"));
    }

    /// <summary>Somebody looks, and now and then wants another target.</summary>
    private async Task LookNowAndThenAsync(JobInfo job)
    {
        if (_work.Target is not { } target || _looks.Next(3) > 0) return;
        if (_looks.Next(10) == 0) await Calls.UntilDoneAsync(() => Job.SetTargetAsync(job.Incarnation, target with { MaxIncorrectPerCorrect = _looks.Next(5) / 2.0 }, "lead"));
        var page = await LookAsync(job);
        var changes = (await Calls.UntilDoneAsync(() => Job.GetTargetChangesAsync(job.Incarnation))).Select(change => change.Revision).ToList();
        Calls.Require(changes.SequenceEqual(Enumerable.Range(1, changes.Count)) && changes.Count >= page.Setting.Revision, $"the target is of revision {page.Setting.Revision}, and its changes are {string.Join(", ", changes)}");
    }

    private async Task<TargetPage> LookAsync(JobInfo job)
    {
        var page = (await Calls.UntilDoneAsync(() => Target(job).ListAsync(null, 1_000)))!;
        var target = page.Setting.Target!;
        foreach (var item in page.Items)
        {
            var key = (page.Setting.Revision, item.Member);
            if (_told.TryGetValue(key, out var earlier)) Calls.Require(item.Decision == earlier, $"{item.Member} was decided {earlier}, and is {item.Decision?.ToString() ?? "open"}");
            if (item.Decision is not { } decision || earlier is not null) continue;
            var counts = new ReviewCounts(decision.Images, decision.Reviewed, decision.Reviewed - decision.Incorrect);
            Calls.Require(decision.Incorrect <= decision.Reviewed && decision.Reviewed <= decision.Images && decision.Images <= item.Images, $"{item.Member} has numbers that can't be: {decision}, of {item.Images}");
            Calls.Require(TargetTest.Decide(counts, target.MaxIncorrectPerCorrect, target.ErrorOfEach(page.Progress.Members)) == decision.Verdict, $"{item.Member} was decided {decision} among {page.Progress.Members}, which its numbers don't say");
            Calls.Require(item.Standing is FamilyStanding.Shuffled or FamilyStanding.Grown, $"{item.Member} was decided, and is {item.Standing}");
            _told[key] = decision;
        }
        return page;
    }

    /// <summary>Once nothing changes any more.</summary>
    private async Task CheckTargetAsync(JobInfo job)
    {
        if (_work.Target is null) return;
        var page = await LookAsync(job);
        var edges = job.Settings.BucketEdges;
        var tasks = (await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation, _setAside)).Tasks;
        foreach (var item in page.Items)
        {
            var counts = Fold(job, [.. tasks.Where(task => task.Label == item.Member.Label)]).ReviewsOfDone(item.Member.Bucket);
            Calls.Require((item.Images, item.Reviewed, item.Incorrect) == (counts.Images, counts.Reviewed, counts.Incorrect), $"{item} should be of {counts}");
            if (item is { Decision: null, Standing: FamilyStanding.Shuffled })
                Calls.Require(TargetTest.Decide(counts, page.Setting.Target!.MaxIncorrectPerCorrect, page.Setting.Target.ErrorOfEach(page.Progress.Members)) == TargetVerdict.Open, $"{item} is open, and could be decided");
        }
        // Somebody new gets gold alone there, until it is answered.
        if (job.Settings.PassMark is not null) return;
        var decided = page.Items.Where(item => item is { Decision: not null, Standing: FamilyStanding.Shuffled }).Select(item => item.Member).ToHashSet();
        for (var number = 0; number < MaxLeases; number++)
        {
            if (await Calls.UntilDoneAsync(() => Dispatch(job).LeaseAsync(WorkerId.Create($"looks-{_told.Count}-{_looks.Next()}"))) is not { } lease) break;
            var task = tasks.Single(task => task.Content.Number == lease.Task);
            Calls.Require(
                !decided.Contains(new TargetMember(task.Label, null)) && (task.Judged.Any(image => !decided.Contains(new TargetMember(task.Label, edges.IndexOf(task.Content.Images[image].Confidence))))),
                $"task {lease.Task} of {task.Label} was handed out, and all of it is decided");
        }
    }
}
