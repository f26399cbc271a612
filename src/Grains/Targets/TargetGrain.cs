using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <inheritdoc cref="ITargetGrain"/>
[Reentrant]
internal sealed partial class TargetGrain(
    [PersistentState("target")] IPersistentState<TargetRecord> record, JobObjects objects, IObjectStore store, TimeProvider time, GrainsMetrics metrics, ILogger<TargetGrain> log)
    : Grain, ITargetGrain
{
    /// <summary>One look at a time.</summary>
    private readonly Gate _looks = new();

    /// <summary>What is decided of each class of which anything is or ever was.</summary>
    private readonly Dictionary<Label, ClassDecisions> _decisions = [];

    /// <summary>What the last look was at; default before the first.</summary>
    private ImmutableArray<KeyValuePair<Label, ClassTally>> _tallies;

    private Incarnation _incarnation;
    private TargetFamily? _family;
    private TargetProgress? _progress;
    private TargetSetting? _setting;

    private SharedRuns Looks => field ??= new(_looks);

    private DurableState<TargetRecord> State => field ??= new(record, DeactivateOnIdle);

    private IJobGrain Job => GrainFactory.GetGrain<IJobGrain>(_incarnation.Job.Key);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _incarnation = Incarnation.Parse(this.GetPrimaryKeyString());
        if (State.Value.Family is { } packed) _family = TargetFamily.Unpack(packed);
        return Task.CompletedTask;
    }

    public async Task<TargetProgress?> LookAsync()
    {
        await Looks.RunAsync(async () => _progress = await LookNowAsync());
        return _progress;
    }

    public async Task<TargetPage?> ListAsync(TargetMember? after, int limit)
    {
        if (await LookAsync() is not { } progress || _setting is not { Target: { } target } setting) return null;
        var items = ImmutableArray.CreateBuilder<TargetStanding>();
        foreach (var (label, tally) in _tallies)
        {
            if (after is not null && label.CompareTo(after.Label) < 0) continue;
            foreach (var bucket in target.MembersOf(tally))
            {
                if (after is not null && label == after.Label && (bucket ?? -1) <= (after.Bucket ?? -1)) continue;
                if (items.Count == limit) return new TargetPage(setting, progress, items.ToImmutable(), IsLast: false);
                items.Add(StandingOf(label, bucket, tally));
            }
        }
        return new TargetPage(setting, progress, items.ToImmutable(), IsLast: true);
    }

    public async Task ForgetAsync()
    {
        using var turn = await _looks.EnterAloneAsync();
        await State.ClearAsync();
        DeactivateOnIdle();
    }

    private TargetStanding StandingOf(Label label, int? bucket, ClassTally tally)
    {
        var counts = tally.Done.IsDefault ? new ReviewCounts(bucket is { } index ? tally.Buckets[index].Total : tally.All.Total, 0, 0) : tally.ReviewsOfDone(bucket);
        return new TargetStanding(
            new TargetMember(label, bucket), _family?.Find(label)?.Standing, counts.Images, counts.Reviewed, counts.Incorrect, DecisionOf(label, bucket));
    }

    private ClassDecision? DecisionOf(Label label, int? bucket) =>
        _decisions.TryGetValue(label, out var known) && known.Revision == State.Value.Revision ? known.Find(bucket) : null;

    [LoggerMessage(LogLevel.Information, "Job {Job}: {Label} {Bucket} {Outcome} its target after {Reviewed} of {Images} images, {Incorrect} incorrect")]
    private partial void LogDecided(string job, string label, string bucket, string outcome, long reviewed, long images, long incorrect);

    [LoggerMessage(LogLevel.Warning, "What is decided of job {Job} could not be published; labeling jobs go by what was decided before")]
    private partial void LogNotPublished(Exception exception, string job);
}
