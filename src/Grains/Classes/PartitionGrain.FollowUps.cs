using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <content>
/// Follow-ups: images in doubt are gathered into a task for whoever asks next. It is stored before anybody sees it, so that an answer finds its images whatever
/// becomes of this activation; one whose write ended without an answer is never handed out.
/// </content>
public sealed partial class PartitionGrain
{
    /// <summary>Numbers that are reserved for follow-ups at once.</summary>
    private const int FollowUpNumbersAtOnce = 16;

    /// <summary>
    /// Images that are gathered in one pass of the gate, unless a single batch has more: whoever waits for the gate alone, and all answers behind it, wait for the reading
    /// of as many tasks at most, at the same time, and one write.
    /// </summary>
    private const int ImagesGatheredAtOnce = 200;

    /// <summary>Numbers that are reserved for follow-ups and not used yet.</summary>
    private (int Next, int End) _followUpNumbers;

    public async Task<GatheredFollowUps> GatherAsync(int answers, string? after, int most)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { FollowUps: { } followUps } view) return new([], null);
        var batchSize = view.Job.Settings.BatchSize;
        // All but the last page have full batches.
        var room = batchSize * Math.Clamp(ImagesGatheredAtOnce / batchSize, 1, most);
        var images = followUps.ListFree(answers, after is null ? null : ImageSpot.Read(after)[0], room, time.GetUtcNow());
        if (images.IsEmpty || await StoreFollowUpsAsync([.. images.Chunk(batchSize).Select(some => some.ToImmutableArray())]) is not { } stored) return new([], null);
        return new([.. stored.Select(followUp => followUp.Task)], images.Length < room ? null : ImageSpot.Write([images[^1]]));
    }

    /// <summary>What a worker gets: what it holds, otherwise a task, otherwise a follow-up.</summary>
    private async Task<(TaskNumber Task, DateTimeOffset ExpiresAt, TeamName? Team)?> LeaseAsync(PartitionView view, WorkerId worker, DateTimeOffset now, TeamShare? share)
    {
        if (view.FollowUps?.HeldBy(worker, now) is { } held) return (held.FollowUp.Task, held.ExpiresAt, null);
        if (view.Dispatch.Lease(worker, now, share) is { } lease) return (lease.Task, lease.ExpiresAt, lease.Team);
        if (view.FollowUps is not { } followUps) return null;
        if (followUps.FindUnused(worker, now) is { } unused) return Keep(unused);
        // More doubts come as long as tasks are answered; in the end a follow-up may be short, and before that where its images have waited for others long enough.
        var images = followUps.Find(worker, mayBeFew: !view.Dispatch.IsWanted(now), now);
        if (images.IsEmpty) return null;
        FollowUp? stored = null;
        try
        {
            stored = (await StoreFollowUpsAsync([images]))?[0];
        }
        finally
        {
            if (stored is null) followUps.Free(images);
        }
        if (stored is null) return null;
        // The same worker may have asked twice.
        if (followUps.HeldBy(worker, now) is not { } other) return Keep(stored);
        followUps.LayBy(stored);
        return (other.FollowUp.Task, other.ExpiresAt, null);

        (TaskNumber Task, DateTimeOffset ExpiresAt, TeamName? Team) Keep(FollowUp followUp) => (followUp.Task, followUps.Keep(followUp, worker, now).ExpiresAt, null);
    }

    /// <summary>Stores tasks of images that have their place in others; null where the job is gone.</summary>
    private async Task<IReadOnlyList<FollowUp>?> StoreFollowUpsAsync(IReadOnlyList<ImmutableArray<ImageSpot>> batches)
    {
        var contents = (await Task.WhenAll(batches.SelectMany(images => images).Select(spot => spot.Task).Distinct().Select(async task =>
            await facts.ReadTasksAsync(_address, task, task).FirstOrDefaultAsync() ?? throw new StorageException($"task {task} of {_address.Key} is not there; try again")))).ToDictionary(task => task.Number);
        var (followUps, written) = (new List<FollowUp>(batches.Count), new List<TaskContent>(batches.Count));
        foreach (var images in batches)
        {
            if (await FollowUpNumberAsync() is not { } number) return null;
            followUps.Add(new FollowUp(number, images));
            written.Add(new TaskContent(number, [.. images.Select(spot => contents[spot.Task].Images[spot.Index] with { Spot = spot, Anonymous = null })]));
        }
        if ((await facts.InsertAsync(_address.FollowUps, written)).Contains(null)) throw new StorageException($"a number of {written[0].Number} to {written[^1].Number} was used before; try again");
        foreach (var read in _followUpsRead)
            foreach (var followUp in followUps) read[followUp.Task] = followUp.Images;
        return followUps;
    }

    private async Task<TaskNumber?> FollowUpNumberAsync()
    {
        if (_followUpNumbers.Next == _followUpNumbers.End)
        {
            if (await GrainFactory.GetGrain<ITaskNumbersGrain>(_address.Class.Incarnation.Value).ReserveAsync(_address.Class.Label, _address.FollowUps.Number, FollowUpNumbersAtOnce) is not { } block)
                return null;
            _followUpNumbers = (block.First.Value, block.End);
        }
        return new TaskNumber(_followUpNumbers.Next++);
    }
}
