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

    /// <summary>Numbers that are reserved for follow-ups and not used yet.</summary>
    private (int Next, int End) _followUpNumbers;

    public async Task<ImmutableArray<TaskNumber>> GatherAsync()
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { FollowUps: { } followUps } view) return [];
        var numbers = ImmutableArray.CreateBuilder<TaskNumber>();
        foreach (var images in followUps.ListFree(time.GetUtcNow()).Chunk(view.Job.Settings.BatchSize))
        {
            if (await StoreFollowUpAsync([.. images]) is not { } stored) return [];
            numbers.Add(stored.Task);
        }
        return numbers.ToImmutable();
    }

    /// <summary>What a worker gets: what it holds, otherwise a task, otherwise a follow-up.</summary>
    private async Task<(TaskNumber Task, DateTimeOffset ExpiresAt)?> LeaseAsync(PartitionView view, WorkerId worker, DateTimeOffset now)
    {
        if (view.FollowUps?.HeldBy(worker, now) is { } held) return (held.FollowUp.Task, held.ExpiresAt);
        if (view.Dispatch.Lease(worker, now) is { } lease) return (lease.Task, lease.ExpiresAt);
        if (view.FollowUps is not { } followUps) return null;
        if (followUps.FindUnused(worker, now) is { } unused) return Keep(unused);
        // More doubts come as long as tasks are answered; in the end a follow-up may be short.
        var images = followUps.Find(worker, mayBeFew: !view.Dispatch.IsWanted(now), now);
        if (images.IsEmpty) return null;
        FollowUp? stored = null;
        try
        {
            stored = await StoreFollowUpAsync(images);
        }
        finally
        {
            if (stored is null) followUps.Free(images);
        }
        if (stored is null) return null;
        // The same worker may have asked twice.
        if (followUps.HeldBy(worker, now) is not { } other) return Keep(stored);
        followUps.LayBy(stored);
        return (other.FollowUp.Task, other.ExpiresAt);

        (TaskNumber Task, DateTimeOffset ExpiresAt) Keep(FollowUp followUp) => (followUp.Task, followUps.Keep(followUp, worker, now).ExpiresAt);
    }

    /// <summary>Stores a task of images that have their place in others; null where the job is gone.</summary>
    private async Task<FollowUp?> StoreFollowUpAsync(ImmutableArray<ImageSpot> images)
    {
        var contents = (await Task.WhenAll(images.Select(spot => spot.Task).Distinct().Select(async task =>
            await facts.ReadTasksAsync(_address, task, task).FirstOrDefaultAsync() ?? throw new StorageException($"task {task} of {_address.Key} is not there; try again")))).ToDictionary(task => task.Number);
        if (await FollowUpNumberAsync() is not { } number) return null;
        var content = new TaskContent(number, [.. images.Select(spot => contents[spot.Task].Images[spot.Index] with { Spot = spot, Anonymous = null })]);
        return await facts.InsertAsync(_address.FollowUps, [content]) is [not null] ? new FollowUp(number, images)
            : throw new StorageException($"the number {number} was used before; try again");
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
