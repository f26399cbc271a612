using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <content>A look: what the counters decide.</content>
internal sealed partial class TargetGrain
{
    /// <summary>Classes that are asked or told something at the same time.</summary>
    private const int ClassesAtOnce = 200;

    /// <summary>Classes all of whose images are read at the same time.</summary>
    private const int ReadAtOnce = 8;

    /// <summary>Classes whose decisions are known here; null before any was asked.</summary>
    private HashSet<Label>? _asked;

    /// <summary>What of a class was tested last: as long as it is the same, nothing else comes of it.</summary>
    private readonly Dictionary<Label, ImmutableArray<BucketTally>> _tested = [];

    /// <summary>Tasks of a class that are not handed out any more, and by which of its counters and decisions.</summary>
    private readonly Dictionary<Label, (long Tasks, long Done, int Decisions, int Skipped)> _skipped = [];

    /// <summary>What was published last; null where that is not known.</summary>
    private byte[]? _published;

    private async Task<TargetProgress?> LookNowAsync()
    {
        if (await Job.GetAsync(_incarnation) is not { Target: { } setting } job) return null;
        if (await GrainFactory.GetGrain<IJobClassesGrain>(_incarnation.Value).GetTalliesAsync(null) is not { } tallies) return null;
        await AskAsync(tallies.Select(entry => entry.Key));
        if (State.Value.Revision != setting.Revision) await BeginAsync(setting);
        (_tallies, _setting) = (tallies, setting);
        if (setting.Target is { } target)
        {
            await FixAsync(job, target, tallies);
            if (_family is { } family) await DecideAsync(job, target, family, tallies);
        }
        var isPublished = await PublishAsync(job, setting);
        return await ProgressAsync(job, setting, isPublished);
    }

    /// <summary>Finds out what is decided of classes that nobody was asked about yet.</summary>
    private async Task AskAsync(IEnumerable<Label> labels)
    {
        var asked = _asked ?? [];
        foreach (var some in labels.Where(label => !asked.Contains(label)).ToList().Chunk(ClassesAtOnce))
            foreach (var (label, known) in some.Zip(await Task.WhenAll(some.Select(label => Class(label).GetDecisionsAsync()))))
            {
                if (known is not null) _decisions[label] = known;
                asked.Add(label);
            }
        _asked = asked;
    }

    /// <summary>Another target, or none: a new family, and what was decided under an earlier one is put away.</summary>
    private async Task BeginAsync(TargetSetting setting)
    {
        foreach (var some in _decisions.Where(entry => entry.Value.Revision < setting.Revision).Select(entry => entry.Key).ToList().Chunk(ClassesAtOnce))
            foreach (var (label, now) in some.Zip(await Task.WhenAll(some.Select(label => Class(label).DecideAsync(new ClassDecisions(setting.Revision, [], IsOpenAgain: false))))))
                _decisions[label] = now;
        await State.SaveAsync(new TargetRecord { Revision = setting.Revision });
        _family = null;
        _tested.Clear();
    }

    /// <summary>Fixes the family at the first look at which anything is reviewed.</summary>
    private async Task FixAsync(JobInfo job, JobTarget target, ImmutableArray<KeyValuePair<Label, ClassTally>> tallies)
    {
        // While silos of a release that does not count these run, nobody can tell.
        if (_family is not null || tallies.Any(entry => entry.Value.Done.IsDefault) || !tallies.Any(entry => entry.Value.ReviewsOfDone(null).Reviewed > 0)) return;
        var family = TargetFamily.Fix(target, tallies);
        await State.SaveAsync(State.Value with { Family = family.Pack(), FixedAt = time.GetUtcNow(), RulesRevision = job.RulesRevision });
        _family = family;
    }

    private async Task DecideAsync(JobInfo job, JobTarget target, TargetFamily family, ImmutableArray<KeyValuePair<Label, ClassTally>> tallies)
    {
        var reviewed = Compare(family, tallies, out var isChanged);
        foreach (var some in reviewed.Where(entry => family.Find(entry.Key)!.Value.Standing == FamilyStanding.Unchecked).ToList().Chunk(ReadAtOnce))
            foreach (var ((label, tally), isShuffled) in some.Zip(await Task.WhenAll(some.Select(entry => Class(entry.Key).IsShuffledAsync(job.Settings.Order.Seed ?? 0)))))
            {
                // It may have grown while it was read: then the next look finds that.
                isChanged |= Stand(family, label, tally, isShuffled ? FamilyStanding.Shuffled : FamilyStanding.NotShuffled);
            }
        if (isChanged) await State.SaveAsync(State.Value with { Family = family.Pack() });
        var found = new List<KeyValuePair<Label, ClassDecisions>>();
        foreach (var (label, tally) in tallies)
        {
            if (family.Find(label) is not { } known) continue;
            if (known.Standing == FamilyStanding.Grown)
            {
                // What is decided stands, and was of the images that there were.
                if (_decisions.TryGetValue(label, out var decided) && decided is { All.IsEmpty: false, IsOpenAgain: false } && decided.Revision == State.Value.Revision)
                    found.Add(new(label, decided with { IsOpenAgain = true }));
            }
            else if (known.Standing == FamilyStanding.Shuffled && !tally.Done.IsDefault && (!_tested.TryGetValue(label, out var before) || !before.AsSpan().SequenceEqual(tally.Done.AsSpan())))
            {
                var now = target.Test(tally, family.Members).Where(finding => finding.Verdict != TargetVerdict.Open && DecisionOf(label, finding.Bucket) is null)
                    .Select(finding => new ClassDecision(finding.Bucket, finding.Verdict, finding.Counts.Images, finding.Counts.Reviewed, finding.Counts.Incorrect, time.GetUtcNow()));
                if (now.ToImmutableArray() is { IsEmpty: false } decisions) found.Add(new(label, new ClassDecisions(State.Value.Revision, decisions, IsOpenAgain: false)));
                else _tested[label] = tally.Done;
            }
        }
        foreach (var some in found.Chunk(ClassesAtOnce))
            foreach (var ((label, wanted), held) in some.Zip(await Task.WhenAll(some.Select(entry => Class(entry.Key).DecideAsync(entry.Value)))))
                Hold(job, label, wanted, held);
    }

    /// <summary>The classes of the family that have reviews and as many images as when it was fixed. Notes which have others, or came later.</summary>
    private List<KeyValuePair<Label, ClassTally>> Compare(TargetFamily family, ImmutableArray<KeyValuePair<Label, ClassTally>> tallies, out bool isChanged)
    {
        var reviewed = new List<KeyValuePair<Label, ClassTally>>();
        isChanged = false;
        foreach (var (label, tally) in tallies)
        {
            if (tally.Done.IsDefault) continue;
            if (family.Find(label) is not { } known) isChanged |= tally.All.Total > 0 && Stand(family, label, tally, FamilyStanding.Late);
            else if (known.IsVoid) continue;
            else if (known.Images != tally.All.Total) isChanged |= Stand(family, label, tally, FamilyStanding.Grown);
            else if (tally.ReviewsOfDone(null).Reviewed > 0) reviewed.Add(new(label, tally));
        }
        return reviewed;
    }

    private bool Stand(TargetFamily family, Label label, ClassTally tally, FamilyStanding standing)
    {
        family.Set(label, new FamilyClass(family.Find(label)?.Images ?? 0, standing));
        if (family.Find(label)!.Value.IsVoid)
            foreach (var _ in _setting!.Target!.MembersOf(tally).Where(bucket => DecisionOf(label, bucket) is null)) metrics.Decisions.Add(1, new KeyValuePair<string, object?>("outcome", "void"));
        return true;
    }

    private void Hold(JobInfo job, Label label, ClassDecisions wanted, ClassDecisions held)
    {
        foreach (var decision in held.All.Where(decision => wanted.All.Contains(decision) && DecisionOf(label, decision.Bucket) is null))
        {
            var outcome = decision.Verdict == TargetVerdict.Pass ? "pass" : "fail";
            metrics.Decisions.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
            LogDecided(
                job.Name.Value, label.Value, decision.Bucket is { } bucket ? job.Settings.BucketEdges.NameOf(bucket) : "as a whole", outcome == "pass" ? "keeps" : "misses",
                decision.Reviewed, decision.Images, decision.Incorrect);
        }
        _decisions[label] = held;
    }

    /// <summary>Writes what is decided beside the labeling inputs, unless it is there. Trouble is noted, and leaves humans with more to review than they need.</summary>
    private async Task<bool> PublishAsync(JobInfo job, TargetSetting setting)
    {
        var edges = job.Settings.BucketEdges;
        var content = new DecidedLabels(
            DecidedLabels.PresentVersion, setting.Revision, edges.Values,
            [.. _decisions.Where(entry => entry.Value.Revision == setting.Revision && !entry.Value.Skipped.IsEmpty).OrderBy(entry => entry.Key).Select(entry => new DecidedLabel(
                entry.Key.Value, entry.Value.Find(null) is not null ? null : [.. entry.Value.All.Select(decision => edges.NameOf(decision.Bucket!.Value))]))]);
        try
        {
            // Nothing decided, and never was: the object's absence says the same.
            if (_published is null && _decisions.Count == 0) return true;
            var written = content.Write();
            if (_published?.AsSpan().SequenceEqual(written) is true) return true;
            // An activation whose object a deleted job no longer wants must not leave one behind.
            if (await Job.GetAsync(_incarnation) is null) return true;
            await store.WriteAsync(objects.Decisions(_incarnation), written);
            _published = written;
            return true;
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            LogNotPublished(e, job.Name.Value);
            return false;
        }
    }

    private async Task<TargetProgress> ProgressAsync(JobInfo job, TargetSetting setting, bool isPublished)
    {
        var (open, passed, failed, isVoid, reviewed, skipped) = (0, 0, 0, 0, 0L, 0L);
        foreach (var (label, tally) in _tallies)
        {
            if (!tally.Done.IsDefault) reviewed += tally.ReviewsOfDone(null).Reviewed;
            foreach (var bucket in setting.Target?.MembersOf(tally) ?? [])
            {
                if (DecisionOf(label, bucket) is { } decision) (passed, failed) = decision.Verdict == TargetVerdict.Pass ? (passed + 1, failed) : (passed, failed + 1);
                else if (_family?.Find(label)?.IsVoid is true) isVoid++;
                else open++;
            }
            skipped += await CountSkippedAsync(label, tally);
        }
        return new TargetProgress(setting.Revision, State.Value.FixedAt, _family?.Members ?? 0, open, passed, failed, isVoid, skipped, reviewed, isPublished, State.Value.RulesRevision is { } rules && rules != job.RulesRevision);
    }

    private async ValueTask<long> CountSkippedAsync(Label label, ClassTally tally)
    {
        if (!_decisions.TryGetValue(label, out var known) || known.Revision != State.Value.Revision || known.Skipped.IsEmpty || tally.Tasks == tally.TasksDone) return 0;
        if (known.Find(null) is not null) return tally.Tasks - tally.TasksDone;
        var now = (tally.Tasks, tally.TasksDone, known.All.Length);
        if (_skipped.TryGetValue(label, out var before) && (before.Tasks, before.Done, before.Decisions) == now) return before.Skipped;
        var counted = await Class(label).CountSkippedAsync();
        _skipped[label] = (now.Tasks, now.TasksDone, now.Length, counted);
        return counted;
    }

    private IClassGrain Class(Label label) => GrainFactory.GetGrain<IClassGrain>(new ClassAddress(_incarnation, label).Key);
}
