using System.Globalization;
using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <inheritdoc cref="IJobGrain"/>
[Reentrant]
public sealed partial class JobGrain(
    [PersistentState("job")] IPersistentState<JobRecord> record,
    IOptions<GrainsOptions> options,
    IOptions<AlarmOptions> alarms,
    IListings listings,
    TimeProvider time) : Grain, IJobGrain
{
    /// <summary>One change at a time; reads go on beside it.</summary>
    private readonly Gate _changes = new();

    /// <summary>Whether this activation has seen to it that the job is listed with its teams.</summary>
    private bool _isListed;

    private SharedRuns Reads => field ??= new(_changes);

    private DurableState<JobRecord> State => field ??= new(record, DeactivateOnIdle);

    private LivingJob? Living => State.Value.Living;

    public async Task<JobCreation?> CreateAsync(JobName name, JobDraft draft)
    {
        var creation = await WriteNewAsync(name, draft);
        await StartWatchingAsync();
        return creation;
    }

    public Task<JobInfo?> GetAsync() => Task.FromResult(Living?.Info);

    public Task<JobInfo?> GetAsync(Incarnation incarnation) => Task.FromResult(Find(incarnation)?.Info);

    public async Task<JobInfo?> ReadAsync(Incarnation incarnation)
    {
        // Many partitions ask at once where many begin.
        await Reads.RunAsync(State.RefreshAsync);
        return Find(incarnation)?.Info;
    }

    public Task<JobInfo?> ChangeAsync(VerdictPolicy? policy, JobState? state) => ChangeAsync(new JobChanges(policy, state));

    public async Task<JobInfo?> ChangeAsync(JobChanges changes)
    {
        var info = await WriteChangeAsync(changes);
        await StartReestimatingAsync();
        await StartWatchingAsync();
        // One that was closed has nobody who looks.
        if (changes.State == JobState.Open && info is { Decides: true }) await StartDecidingAsync();
        return info is null ? null : await TellRulesAsync(info.Incarnation);
    }

    public async Task<JobInfo?> TellRulesAsync(Incarnation incarnation)
    {
        // Not in the gate: a class that doesn't answer must not keep imports and deletions waiting.
        if (Find(incarnation) is not { } living) return null;
        var info = living.Info;
        if (living.ToldRevision == info.RulesRevision) return info;
        await GrainFactory.GetGrain<IJobClassesGrain>(incarnation.Value).ChangeRulesAsync(info);
        using var turn = await _changes.EnterAloneAsync();
        if (Find(incarnation) is not { } now) return null;
        // Where another revision has come meanwhile, its classes are being told by whoever wrote it.
        if (now.Info.RulesRevision == info.RulesRevision && now.ToldRevision != info.RulesRevision)
            await SaveAsync(now with { ToldRevision = info.RulesRevision });
        return now.Info;
    }

    public async Task<bool> VerdictsRewrittenAsync(Incarnation incarnation, int revision)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (Find(incarnation) is not { RewritePending: true } living) return true;
        if (living.Info.RulesRevision != revision) return false;
        await SaveAsync(living with { RewritePending = false });
        return true;
    }

    public async Task MirrorLabelingAsync(Incarnation incarnation, LabelingJob labeling)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (Find(incarnation) is not { } living || living.Info.Labeling is { } known && known with { At = labeling.At } == labeling) return;
        await SaveAsync(living with { Info = living.Info with { Labeling = labeling } });
    }

    public async Task ReportUnshownAsync(Incarnation incarnation, TaskNumber task, WorkerId worker)
    {
        using var turn = await _changes.EnterAloneAsync();
        var now = time.GetUtcNow();
        if (Find(incarnation) is not { } living || living.Info.Unshown is { } known && now - known.At < JobLimits.UnshownPause) return;
        await SaveAsync(living with { Info = living.Info with { Unshown = new UnshownBatch(task, worker, now) } });
    }

    public async Task WithdrawUnshownAsync(Incarnation incarnation, TaskNumber task)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (Find(incarnation) is { } living && living.Info.Unshown?.Task == task) await SaveAsync(living with { Info = living.Info with { Unshown = null } });
    }

    public async Task<bool> DeleteAsync(Incarnation incarnation)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (FindTombstone(incarnation) is not null) return true;
        if (Find(incarnation) is not { } living) return false;
        // Before it is written down, as in a change of policy. It finds no tombstone where writing fails.
        await Operations().StartAsync(OperationKind.Delete, incarnation, null);
        var tombstone = new Tombstone(incarnation, time.GetUtcNow(), null, false);
        await MoveAsync(null, () => State.SaveAsync(State.Value with { Living = null, Tombstones = State.Value.Tombstones.Add(tombstone) }));
        return true;
    }

    public async Task<Tombstone?> GetTombstoneAsync(Incarnation incarnation)
    {
        // Waits for a deletion that is being written down.
        using var turn = await _changes.EnterAloneAsync();
        return FindTombstone(incarnation);
    }

    public async Task SweptAsync(Incarnation incarnation, bool again)
    {
        using var turn = await _changes.EnterAloneAsync();
        var now = time.GetUtcNow();
        if (FindTombstone(incarnation) is { Done: false } tombstone)
        {
            var next = again ? tombstone with { Done = true } : tombstone with { SweptAt = tombstone.SweptAt ?? now };
            var tombstones = State.Value.Tombstones.Replace(tombstone, next)
                .RemoveAll(old => old.Done && old.DeletedAt + options.Value.TombstoneLifetime < now);
            await State.SaveAsync(State.Value with { Tombstones = tombstones });
        }
        if (Living is null && State.Value.Tombstones.All(left => left.Done))
            await GrainFactory.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).RemoveAsync(incarnation.Job);
    }

    public async Task ResumeAsync()
    {
        foreach (var tombstone in State.Value.Tombstones.Where(tombstone => !tombstone.Done))
            await Operations().StartAsync(OperationKind.Delete, tombstone.Incarnation, null);
        if (Living is { RewritePending: true } living) await StartRewritingAsync(living.Info);
        await StartReestimatingAsync();
        await StartWatchingAsync();
        if (Living is { Info.Decides: true }) await StartDecidingAsync();
        await Operations().ResumeAsync();
    }

    private async Task<JobCreation?> WriteNewAsync(JobName name, JobDraft draft)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (Living is { } living)
            return new JobCreation(living.Info, false, [.. draft.DifferencesFrom(living.Info.Settings)]);
        var settings = draft.ToSettings(options.Value.JobDefaults);
        Require(settings);
        Require(settings.Alarm);
        if (settings.Policy.Level is not null) throw new BadInputException($"policy: {settings.Policy} needs a reliability model, and a new job has none; create the job with another policy");
        // In the index first: a name without a job is skipped there, a job without a name would be lost.
        if (!await GrainFactory.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).AddAsync(name)) return null;
        var info = new JobInfo(name, Incarnation.New(name), settings, 0, JobState.Open, time.GetUtcNow());
        // Whatever it says of estimating anew begins with its first weighted policy.
        await SaveAsync(WithWatch(null, new LivingJob(info, false)));
        return new JobCreation(info, true, []);
    }

    private LivingJob? Find(Incarnation incarnation) => Living is { } living && living.Info.Incarnation == incarnation ? living : null;

    private Tombstone? FindTombstone(Incarnation incarnation) => State.Value.Tombstones.FirstOrDefault(tombstone => tombstone.Incarnation == incarnation);

    /// <summary>Writes a change down; the classes are still to be told.</summary>
    private async Task<JobInfo?> WriteChangeAsync(JobChanges changes)
    {
        using var turn = await _changes.EnterAloneAsync();
        if (Living is not { } living) return null;
        if (changes.Change is { } id)
        {
            if (living.Changes.Contains(id)) return living.Info;
            living = living.WithChange(id);
        }
        var model = changes.Model switch
        {
            null => living.Info.Model,
            0 => null,
            var number when number == living.Info.Model?.Number => living.Info.Model,
            { } number => await AdoptAsync(living.Info, number),
        };
        if (changes.Sample is not null && living.Info.Settings.Sample is null)
            throw new BadInputException("sample: the job's tasks were not cut by bucket, so that no sample of buckets can be drawn from them; create a job with a sample");
        var settings = living.Info.Settings with { Policy = changes.Policy ?? living.Info.Settings.Policy, Reestimate = changes.StopsReestimating ? null : changes.Reestimate ?? living.Info.Settings.Reestimate, Sample = changes.Sample ?? living.Info.Settings.Sample };
        if (changes.Certainty is { } certainty)
        {
            settings = settings with { Level = certainty.SetsLevel ? certainty.Level : settings.Level, Scope = certainty.Scope ?? settings.Scope };
            Require(settings);
        }
        if (changes.Alarm is { } watch)
        {
            settings = settings with { Alarm = watch.Of(settings.Alarm) };
            Require(settings);
            if (settings.Alarm is not null && JobAlarm.RefusalOf(settings, living.Info.HasUnevenBuckets) is { } refusal) throw new BadInputException($"alarm: {refusal}");
            // What is kept was allowed once; whether it is still called is for whoever tells it.
            if (settings.Alarm?.Webhook != living.Info.Settings.Alarm?.Webhook) Require(settings.Alarm);
        }
        if (changes.Assignment is { } assignment)
        {
            settings = settings with { Assignment = assignment };
            Require(settings);
        }
        if (changes.Work is { } work)
        {
            settings = settings with { Work = work };
            Require(settings);
        }
        var info = living.Info with { State = changes.State ?? living.Info.State, Model = model, Settings = settings };
        if (settings.Reestimate != living.Info.Settings.Reestimate) Require(settings);
        if (info.Settings.Policy != living.Info.Settings.Policy || info.Model != living.Info.Model || info.Settings.Sample != living.Info.Settings.Sample)
        {
            Require(info.Settings);
            if (info.Settings.Policy.Level is not null && info.Model is null)
                throw new BadInputException($"policy: {info.Settings.Policy} needs a reliability model; estimate one and give its number as model");
            living = await WithRulesAsync(living with { Info = info });
        }
        else
        {
            living = living with { Info = info };
        }
        living = WithWatch(Living!, await WithReestimationAsync(Living!, living, changes.Model is not null));
        // What lags behind comes into order as the last thing that an open job does.
        if (Living!.Info.State == JobState.Open && info.State == JobState.Closed && info.Settings.LabelTable == LabelTableMode.OnDone)
            await Operations().StartAsync(OperationKind.LabelTable, info.Incarnation, null);
        if (living != Living) await SaveAsync(living);
        return living.Info;
    }

    /// <summary>The life with rules that have changed, of which the classes are still to be told.</summary>
    private async Task<LivingJob> WithRulesAsync(LivingJob living)
    {
        var info = living.Info with { RulesRevision = living.Info.RulesRevision + 1 };
        // Before it is written down: from then on somebody goes on with it, whatever becomes of this call.
        await StartRewritingAsync(info);
        return living with { Info = info, RewritePending = true };
    }

    /// <exception cref="BadInputException">Something is wrong with the settings.</exception>
    private static void Require(JobSettings settings)
    {
        var problems = settings.Problems().Select(found => $"{found.Field}: {found.Problem}").ToList();
        if (problems.Count > 0) throw new BadInputException(string.Join("; ", problems));
    }

    /// <summary>The model of that number, which is kept from then on.</summary>
    /// <exception cref="BadInputException">The job can't have it.</exception>
    private async Task<AdoptedModel> AdoptAsync(JobInfo job, int number)
    {
        var model = await GrainFactory.GetGrain<IReliabilityGrain>(job.Incarnation.Value).KeepAsync(number)
            ?? throw new BadInputException($"model: the job has no model {number}");
        if (model.Result is not { } result) throw new BadInputException($"model: model {number} {NoResult(model.State)}");
        return result.LabelsSwitched
            ? throw new BadInputException($"model: under model {number} workers vote the wrong way round, so that it can't tell right labels from wrong ones")
            : new AdoptedModel(number, result.Name);
    }

    private static string NoResult(ModelState state) => state switch
    {
        ModelState.Failed => "failed",
        ModelState.Cancelled => "was cancelled",
        _ => "is still being estimated",
    };

    private Task<Operation> StartRewritingAsync(JobInfo job) => Operations().StartAsync(
        OperationKind.RewriteVerdicts, job.Incarnation, job.RulesRevision.ToString(CultureInfo.InvariantCulture));

    private IOperationsGrain Operations() => GrainFactory.GetGrain<IOperationsGrain>(this.GetPrimaryKeyString());

    private Task SaveAsync(LivingJob living) => MoveAsync(living, () => State.SaveAsync(State.Value with { Living = living }));

    /// <summary>
    /// Stores the job's next life, and has it listed with the teams that it is for: taken out before, so that no team is told of a job that is no longer
    /// its own. What a failure leaves unlisted is put back with the next life.
    /// </summary>
    private async Task MoveAsync(LivingJob? next, Func<Task> store)
    {
        var (old, now) = (EntriesOf(Living).ToHashSet(), EntriesOf(next).ToHashSet());
        await Task.WhenAll(old.Except(now).Select(entry => listings.RemoveAsync(entry.Listing, entry.Key)));
        await Task.WhenAll((_isListed ? now.Except(old) : now).Select(entry => listings.AddAsync(entry.Listing, entry.Key)));
        _isListed = false;
        await store();
        _isListed = true;
    }

    private static IEnumerable<(string Listing, string Key)> EntriesOf(LivingJob? living) =>
        living?.Info.Settings.Assignment.Teams.Select(team => (PeopleListings.JobsOf(team), living.Info.Name.Key)) ?? [];
}
