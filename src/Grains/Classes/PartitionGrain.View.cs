using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <content>The view: folded from facts on first use, audited, decided anew.</content>
public sealed partial class PartitionGrain
{
    public async Task ChangeRulesAsync(JobInfo job)
    {
        var changed = await rules.OfAsync(job);
        using var pass = await _gate.EnterAloneAsync();
        if (_summary?.RulesRevision < job.RulesRevision) _summary = null;
        // Earlier partitions ask none after them, so that none waits for itself.
        if (View is not { } view) return;
        if (view.ChangeRules(job, changed, await CountEarlierAsync(job))) ReportLater();
        // Nobody is told once more after this: it must be the activation that answers who ask.
        await EnsureCurrentAsync(view);
    }

    /// <summary>Takes over rules that others know and this partition does not: whoever told the classes may have reached an activation that the directory had forgotten.</summary>
    private async Task CatchUpAsync(int rulesRevision)
    {
        if ((View?.Fold.Rules.Revision ?? _summary?.RulesRevision) < rulesRevision && await Job().ReadAsync(_address.Class.Incarnation) is { } job) await ChangeRulesAsync(job);
    }

    public async Task<AuditReport> AuditAsync()
    {
        using var pass = await _gate.EnterAloneAsync();
        if (await ViewAsync() is not { } view) return AuditReport.Nothing;
        // The job's rules, and not the view's, which may have missed a change.
        if (await Job().ReadAsync(_address.Class.Incarnation) is not { } job) return AuditReport.Nothing;
        var fresh = await FoldAsync(job, await CountEarlierAsync(job));
        var differences = view.Fold.DifferencesFrom(fresh).Select(difference => $"{_address.Key}: {difference}").ToList();
        var repaired = view.With(job, fresh, options.Value.LeaseDuration);
        if (differences.Count > 0) await FindUnlistedAsync(repaired);
        View = repaired;
        if (differences.Count > 0)
        {
            ReportLater();
            metrics.AuditDifferences.Add(differences.Count);
            LogDifferences(_address.Key, differences.Count, differences[0]);
        }
        return new AuditReport(fresh.Images, differences.Count, [.. differences.Take(AuditReport.MaxDetails)]);
    }

    /// <summary>The view, folded on first use; null where the job is gone.</summary>
    private async Task<PartitionView?> ViewAsync()
    {
        if (View is not null) return View;
        var building = _building ??= BuildAsync();
        try
        {
            return await building;
        }
        finally
        {
            if (_building == building) _building = null;
        }
    }

    private async Task<PartitionView?> BuildAsync()
    {
        // Only a process of the release before looks for one, and what it submitted here would count nowhere.
        if (_address.IsFollowUps) throw new StorageException($"follow-ups have no partition of their own, and {_address.Key} is asked for; try again");
        if (await Job().ReadAsync(_address.Class.Incarnation) is not { } job) return null;
        await _head.LoadAsync();
        var found = _head.Head;
        if (found.Retired) return null;
        if (await TakeOverAsync(job)) return View;
        // Before a slot is taken: earlier partitions may need one for it.
        var earlier = await CountEarlierAsync(job);
        using var slot = await slots.TakeAsync(CancellationToken.None);
        var began = time.GetTimestamp();
        await _head.RaiseAsync();
        if (_head.Head.Retired) return null;
        _summary = null;
        var view = new PartitionView(job, _head.Head.Epoch, await FoldAsync(job, earlier), options.Value.LeaseDuration);
        if (found.Epoch > 0 && found.Summary is null) _rowsLandUntil = time.GetUtcNow() + options.Value.AuditDelay;
        // While nobody knows the view: where this fails, building it is tried again.
        await FindUnlistedAsync(view);
        View = view;
        metrics.Rebuilds.Record(time.GetElapsedTime(began).TotalSeconds);
        // Nothing left behind means a crash, whose last writes may land after this fold.
        if (found.Epoch > 0 && found.Summary is null) AuditLater();
        return view;
    }

    /// <summary>
    /// Goes on with the view that another silo left, if the head is still as that one wrote it: then nobody has added a fact
    /// since. The conditional write both proves it and raises the epoch.
    /// </summary>
    private async Task<bool> TakeOverAsync(JobInfo job)
    {
        if (_handedOver is not { IsWhole: true } handover) return false;
        _handedOver = null;
        if (!handover.HasVersions && await GrainFactory.GetGrain<IJobClassesGrain>(_address.Class.Incarnation.Value).ListVersionsAsync() is not { IsEmpty: true }) return false;
        var (present, earlier) = (await rules.OfAsync(job), await CountEarlierAsync(job));
        if (handover.Epoch != _head.Head.Epoch || !await _head.TryReplaceAsync(handover.Epoch, null)) return false;
        _summary = null;
        View = handover.ToView(job, present, _head.Head.Epoch, options.Value.LeaseDuration, earlier);
        metrics.Handovers.Add(1);
        return true;
    }

    /// <summary>What the last activation left, if it is by the present rules.</summary>
    private async Task<PartitionSummary?> LeftSummaryAsync()
    {
        if (View is not null || await Job().ReadAsync(_address.Class.Incarnation) is not { } job) return null;
        await _head.LoadAsync();
        return !_head.Head.Retired && _head.Summary is { } summary && summary.RulesRevision == job.RulesRevision
            // A release before does not know what is in doubt.
            && (job.Settings.MaxWorkersPerTask is null || summary.Tally.InDoubt is not null) ? summary : null;
    }

    /// <summary>Folds everything that is stored.</summary>
    private async Task<PartitionFold> FoldAsync(JobInfo job, ImmutableArray<long> earlier)
    {
        var fold = new PartitionFold(job.Settings, await rules.OfAsync(job));
        fold.Draw(job.Settings, earlier);
        await foreach (var task in facts.ReadOutlinesAsync(_address)) fold.AddTask(task);
        await foreach (var submission in facts.ReadSubmissionsAsync(_address, new TaskNumber(0), new TaskNumber(int.MaxValue)))
            if (fold.Knows(submission.Task)) fold.Apply(submission);
        await foreach (var adjudication in facts.ReadAdjudicationsAsync(_address, new TaskNumber(0), new TaskNumber(int.MaxValue)))
            if (fold.Knows(adjudication.Task)) fold.Apply(adjudication);
        return fold;
    }

    /// <summary>Of a sampled job, by bucket, the images of the class's earlier partitions, which have all they will ever have; empty where nobody asks.</summary>
    /// <exception cref="StorageException">The job goes.</exception>
    private async Task<ImmutableArray<long>> CountEarlierAsync(JobInfo job)
    {
        if (job.Settings.Sample is null || _address.IsGold || _address.Number == 0) return [];
        var earlier = await Task.WhenAll(Enumerable.Range(0, _address.Number).Select(
            number => GrainFactory.GetGrain<IPartitionGrain>(new PartitionAddress(_address.Class, number).Key).GetTallyAsync()));
        var sums = new long[job.Settings.BucketEdges.BucketCount];
        foreach (var tally in earlier)
            foreach (var (bucket, counts) in (tally ?? throw new StorageException($"a partition before {_address.Key} is gone")).Buckets.Index()) sums[bucket] += counts.Total;
        return ImmutableArray.Create(sums);
    }

    /// <summary>Takes a stored task with its answers over, where it is not known: nobody heard of the end of its import.</summary>
    private async Task TakeInAsync(PartitionView view, TaskNumber task)
    {
        await foreach (var content in facts.ReadAnsweredAsync(_address, task, task))
        {
            AddTask(view, content.Content);
            foreach (var submission in content.Submissions)
            {
                view.Apply(submission);
                Changed(view, submission);
            }
            foreach (var adjudication in content.Adjudications) view.Apply(adjudication);
            if (!content.Submissions.IsEmpty) NoteLater(view.Fold);
        }
    }

    /// <summary>Audits once, after a while; again after as long where that fails.</summary>
    private void AuditLater() => _delayedAudit ??= this.RegisterGrainTimer(
        async () =>
        {
            try
            {
                await AuditAsync();
                _delayedAudit?.Dispose();
                _delayedAudit = null;
            }
            catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
            {
                LogNotAudited(e, _address.Key, options.Value.AuditDelay);
            }
        },
        new GrainTimerCreationOptions(options.Value.AuditDelay, options.Value.AuditDelay) { Interleave = true, KeepAlive = true });
}
