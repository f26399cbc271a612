using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <content>For whom those who answered here did so, in jobs that say how many answers each team gives.</content>
public sealed partial class PartitionGrain
{
    /// <summary>Workers who are asked at the same time.</summary>
    private const int TeamsAtOnce = 50;

    public async Task<bool> IsWantedAsync(WorkerId worker, TeamName team, int answers, ImmutableArray<int>? skipped)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { } view) return false;
        if (skipped is { } buckets) Skip(view, buckets);
        if (await FindTeamsAsync() is not { } known) return false;
        var now = time.GetUtcNow();
        return known.Dispatch.HeldBy(worker, now) is not null || known.Dispatch.IsWanted(team, answers, now);
    }

    /// <summary>The view, once it knows the teams of all who have answered; null where the job is gone. On return nothing has changed since.</summary>
    private async Task<PartitionView?> FindTeamsAsync()
    {
        while (await ViewAsync() is { } view)
        {
            var unknown = view.Dispatch.UnknownTeams.Take(TeamsAtOnce).ToList();
            if (unknown.Count == 0) return view;
            var found = await Task.WhenAll(unknown.Select(worker => GrainFactory.GetGrain<IWorkerQuotaGrain>(IWorkerQuotaGrain.Keys.Of(_address.Class.Incarnation, worker)).GetTeamsAsync()));
            foreach (var (worker, teams) in unknown.Zip(found)) view.Dispatch.Tell(worker, teams);
        }
        return null;
    }
}
