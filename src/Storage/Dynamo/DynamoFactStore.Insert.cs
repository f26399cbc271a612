using BulkQA.Core;
using static BulkQA.Storage.DynamoFactItems;

namespace BulkQA.Storage;

/// <content>
/// How a task and the places of its images are stored as one without a transaction, which would cost twice. The places are
/// claimed first, image by image, and name the task and the attempt; the task's item comes last, and until then nobody sees a
/// place. A place is taken from another task only after that task was barred from storing the attempt that the place names. So
/// the places that name a stored task do so for good, and a call that died leaves nothing that is in the way for long.
/// A task that was barred claims its images again, as its next attempt. Of two that want the same image that of the lower number
/// bars the other at once, and the other waits for a while before it does: neither waits for itself, and one gets there.
/// </content>
public sealed partial class DynamoFactStore
{
    /// <summary>Tasks that a call inserts at a time.</summary>
    private const int TasksAtOnce = 8;

    /// <summary>How often a task looks whether one of a lower number got there, before it bars it: some two seconds.</summary>
    private const int PatientRounds = 20;

    /// <summary>What goes beyond is no contest between imports any more.</summary>
    private const int MaxRounds = 100;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    public async Task<IReadOnlyList<TaskContent?>> InsertAsync(PartitionAddress partition, IReadOnlyList<TaskContent> tasks, CancellationToken cancellation = default)
    {
        var stored = new TaskContent?[tasks.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, tasks.Count), new ParallelOptions { MaxDegreeOfParallelism = TasksAtOnce, CancellationToken = cancellation },
            async (index, token) => stored[index] = await InsertAsync(partition, tasks[index], token));
        return stored;
    }

    private async Task<TaskContent?> InsertAsync(PartitionAddress partition, TaskContent task, CancellationToken cancellation)
    {
        var attempt = 0;
        for (var round = 0; round < MaxRounds; round++)
        {
            // Gold that is mixed in has its place elsewhere, and so have images of a follow-up.
            var isClaimed = await Task.WhenAll(task.Images.Select((image, index) => image.IsElsewhere ? Task.FromResult(true) : ClaimAsync(
                partition.Class, image.Url, new Claim(new ImagePlace(partition.Number, task.Number, index), attempt), cancellation)));
            if (!task.Images.Where((image, index) => image.Spot is not null || (!image.IsMixedIn && isClaimed[index])).Any()) return null;
            var kept = task with { Images = [.. task.Images.Where((_, index) => isClaimed[index])] };
            var gaps = Enumerable.Range(0, isClaimed.Length).Where(index => !isClaimed[index]).ToList();
            if (await _table.PutAsync(Write(partition, kept, gaps), IfMayStore(attempt), cancellation)) return kept;

            var item = await _table.GetAsync(TaskKey(partition, task.Number), null, cancellation);
            // Without one it is stored, by a request whose answer got lost, or its number is closed.
            if (item is not null && ReadNextAttempt(item) is { } next) attempt = next;
            else return item is null ? null : ReadTask(item);
        }
        throw new StorageException($"task {task.Number} of {partition.Key} was barred by others {MaxRounds} times");
    }

    /// <summary>Makes the place of an image say what is claimed, unless it names a stored task.</summary>
    /// <returns>Whether it does.</returns>
    private async Task<bool> ClaimAsync(ClassAddress address, ImageUrl url, Claim claim, CancellationToken cancellation)
    {
        Claim? standing = null;
        var isFree = true;
        for (var round = 0; round < MaxRounds; round++)
        {
            if (isFree && await _table.PutAsync(Write(address, url, claim), IfClaim(standing), cancellation)) return true;
            standing = await _table.GetAsync(PlaceKey(address, url), null, cancellation) is { } place ? ReadClaim(place) : null;
            // By a request whose answer got lost.
            if (standing == claim) return true;
            if (standing is not { } other) continue;

            var partition = new PartitionAddress(address, other.Place.Partition);
            var task = await _table.GetAsync(TaskKey(partition, other.Place.Task), TaskState, cancellation);
            if (task is not null && IsStored(task)) return false;
            isFree = IsBarred(task, other.Attempt);
            if (isFree) continue;
            if (round < PatientRounds && IsOlder(other.Place, claim.Place)) await Task.Delay(_pause, TimeProvider.System, cancellation);
            else isFree = await _table.PutAsync(WriteBarred(partition, other), IfMayBar(other.Attempt), cancellation);
        }
        throw new StorageException($"the place of {url} in {address.Key} was taken by others {MaxRounds} times");
    }

    private static bool IsOlder(ImagePlace one, ImagePlace other) => (one.Task, one.Partition).CompareTo((other.Task, other.Partition)) < 0;
}
