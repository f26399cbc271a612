using BulkQA.Core;
using BulkQA.Storage;
using Orleans.Storage;

namespace BulkQA.Grains;

/// <content>The view: built from rows on first use, repaired where a write ended in doubt, audited, refolded.</content>
public sealed partial class PartitionGrain
{
    public async Task ChangePolicyAsync(JobInfo job)
    {
        using var pass = await _gate.EnterAloneAsync();
        _left = null;
        if (View is not { } view || view.Job.PolicyRevision >= job.PolicyRevision) return;
        view.Job = job;
        view.Images.ChangePolicy(job.Settings.Policy);
    }

    public async Task RewriteVerdictsAsync(Shard shard)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { } view || PartitionRange.FirstShard(shard, view.Partitions) != _firstShard) return;
        var policy = view.Job.Settings.Policy;
        var stale = table.ReadAllAsync(_address, shard).Where(row => policy.Decide(row.Votes.Confirms, row.Votes.Disconfirms) != row.Verdict);
        await foreach (var rows in stale.Chunk(100))
            await Task.WhenAll(rows.Select(row => RefreshAsync(view, row.Address.Url)));
    }

    public async Task<AuditReport> AuditAsync()
    {
        using var pass = await _gate.EnterAloneAsync();
        if (await ViewAsync() is not { } view) return AuditReport.Nothing;
        // The job's policy, and not the view's, which may have missed a change.
        if (await Job().GetAsync(_address.Incarnation) is not { } job) return AuditReport.Nothing;
        var fresh = await FoldAsync(job, view.Epoch, view.Partitions);
        var differences = Differences(view.Images, fresh.Images).ToList();
        View = fresh.With(view.Board);
        if (differences.Count > 0)
        {
            metrics.AuditDifferences.Add(differences.Count);
            LogDifferences(this.GetPrimaryKeyString(), differences.Count, differences[0]);
        }
        return new AuditReport(fresh.Images.Count, differences.Count, [.. differences.Take(AuditReport.MaxDetails)]);
    }

    private IEnumerable<string> Differences(ClassView view, ClassView fresh)
    {
        var where = this.GetPrimaryKeyString();
        foreach (var (image, row) in fresh.Images)
            if (!view.Images.TryGetValue(image, out var held)) yield return $"{where}: the view lacks image {image.Value:x32}";
            else if (held != row) yield return $"{where}: image {image.Value:x32} is {row} in its row, {held} in the view";
        foreach (var image in view.Images.Keys.Where(image => !fresh.Images.ContainsKey(image)))
            yield return $"{where}: the view has image {image.Value:x32}, which has no row";
        if (!view.Tally().Equals(fresh.Tally())) yield return $"{where}: the counters are {view.Tally()}, a fresh fold gives {fresh.Tally()}";
    }

    /// <summary>The view, built on first use; null where the partition refuses: the job is gone, or the range is not its.</summary>
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
        if (await Job().GetAsync(_address.Incarnation) is not { } job) return null;
        await _record.LoadAsync();
        var found = _record.State;
        // The first partition is there from the beginning; the others once the class has opened them.
        if (found.Retired || (found.Partitions == 0 && _firstShard != 0)) return null;
        if (await TakeOverAsync(job)) return View;
        using var slot = await slots.TakeAsync(CancellationToken.None);
        var began = time.GetTimestamp();
        await _record.ChangeAsync(state => state with
        {
            Epoch = state.Epoch + 1,
            Partitions = Math.Max(1, state.Partitions),
            Left = null,
        });
        if (_record.State.Retired) return null;
        _left = null;
        View = await FoldAsync(job, _record.State.Epoch, _record.State.Partitions);
        metrics.Rebuilds.Record(time.GetElapsedTime(began).TotalSeconds);
        // Nothing left behind means a crash, whose last writes may land after this scan.
        if (found.Epoch > 0 && found.Left is null) AuditLater();
        return View;
    }

    /// <summary>
    /// Goes on with the view that another silo left, if the record is still as that one wrote it: then nobody has changed
    /// a row since. The conditional write both proves it and raises the epoch.
    /// </summary>
    private async Task<bool> TakeOverAsync(JobInfo job)
    {
        if (_handedOver is not { } handover) return false;
        _handedOver = null;
        if (handover.ETag != _record.ETag || handover.Partitions != _record.State.Partitions) return false;
        try
        {
            await _record.ReplaceAsync(_record.State with { Epoch = _record.State.Epoch + 1, Left = null });
        }
        catch (InconsistentStateException)
        {
            await _record.LoadAsync();
            return false;
        }
        _left = null;
        View = handover.ToView(job, _record.State.Epoch, _firstShard, options.Value.LeaseDuration);
        metrics.Handovers.Add(1);
        return true;
    }

    private Task<PartitionView> FoldAsync(JobInfo job, long epoch, int partitions) => PartitionView.BuildAsync(
        job, epoch, partitions, _address, _firstShard, table, options.Value.LeaseDuration, CancellationToken.None);

    private void Cool() => (View, _left, _handedOver) = (null, null, null);

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
                LogNotAudited(e, this.GetPrimaryKeyString(), options.Value.AuditDelay);
            }
        },
        new GrainTimerCreationOptions(options.Value.AuditDelay, options.Value.AuditDelay) { Interleave = true, KeepAlive = true });

    /// <summary>Takes note of images whose row may be ahead of the view, and has them read again.</summary>
    private void Doubt(IEnumerable<ImageUrl> urls)
    {
        foreach (var url in urls) _inDoubt[url] = ++_doubts;
        if (_inDoubt.Count > MaxInDoubt)
        {
            _inDoubt.Clear();
            Cool();
            return;
        }
        _repair ??= this.RegisterGrainTimer(
            RepairAsync,
            new GrainTimerCreationOptions(options.Value.RepairInterval, options.Value.RepairInterval) { Interleave = true, KeepAlive = true });
    }

    private async Task RepairAsync()
    {
        using var pass = await _gate.EnterAsync();
        try
        {
            var view = await ViewAsync();
            foreach (var (url, doubt) in _inDoubt.ToList())
            {
                // No view, no job: nothing is left to agree with.
                if (view is not null) await RefreshAsync(view, url);
                // A doubt that came up during the read is about a later write, which that read may not have seen.
                if (_inDoubt.GetValueOrDefault(url) == doubt) _inDoubt.Remove(url);
            }
            // More may have come while these were read.
            if (_inDoubt.Count > 0) return;
            _repair?.Dispose();
            _repair = null;
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            LogStillInDoubt(e, this.GetPrimaryKeyString(), _inDoubt.Count);
        }
    }

    /// <summary>Through the image's grain, which queues behind a write of it that may still be under way.</summary>
    private async Task RefreshAsync(PartitionView view, ImageUrl url)
    {
        var done = false;
        try
        {
            if (await Image(url).RefreshAsync(view.Job.Settings.Policy) is { } contribution)
                view.Images.Apply(ImageHash.Of(url), contribution);
            done = true;
        }
        finally
        {
            // It may have rewritten the row all the same.
            if (!done) Doubt([url]);
        }
    }
}
