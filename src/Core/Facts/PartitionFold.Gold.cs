using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace BulkQA.Core;

/// <content>Gold: how workers qualify by it, and what their votes say of it.</content>
public sealed partial class PartitionFold
{
    /// <summary>Gold images in all tasks together; one that is mixed into several counts in each.</summary>
    public int GoldImages { get; private set; }

    /// <summary>How far a worker is with a first batch of nothing but gold, by the tasks of this partition of gold that it answered whole.</summary>
    /// <param name="worker">Who.</param>
    /// <param name="passMark">
    /// What share of the images that could be shown has to be answered rightly; "can't tell" is not right. Nothing is decided before half of a batch's
    /// images could be shown.
    /// </param>
    /// <param name="isMixedIn">Whether the job mixes gold in: then only some batches qualify (<see cref="Qualification.Qualifies"/>).</param>
    /// <param name="mayAnswer">Whether the worker may be given this task now.</param>
    /// <param name="since">Only batches count all of whose answers are of later than this; <see cref="SubmissionTime.None"/> for all.</param>
    public Qualification Qualify(WorkerId worker, Percent passMark, bool isMixedIn, Func<TaskNumber, bool> mayAnswer, SubmissionTime since = default)
    {
        var (hits, shown, images, batches) = (0, 0, 0, 0);
        if (_indexOf.TryGetValue(worker, out var index))
        {
            foreach (var task in _tasks.Values)
            {
                if (task.Find(index) is not (>= 0 and var at) || !task.IsWhole(at) || !IsSince(task, at, since)) continue;
                (batches, images) = (batches + 1, images + task.Gold.Length);
                foreach (var mark in task.Gold)
                {
                    var kind = task.KindOf(at, mark.Image);
                    if (kind != AnswerKind.NotSeen) shown++;
                    if (mark.Answer.IsHit(kind)) hits++;
                }
            }
        }
        if (images > 0 && 2 * shown >= images) return new(100.0 * hits >= passMark.Value * shown ? QualificationState.Passed : QualificationState.Failed, null, hits, shown, 0);
        var next = batches < Qualification.MaxBatches ? FindQualifying(worker, isMixedIn, mayAnswer, since) : null;
        return new(QualificationState.Open, next, hits, shown, next is { } found ? ImagesOf(found) : 0);
    }

    /// <summary>The votes that count on each gold image, in no order; those without a vote are left out. Looks at every task.</summary>
    public ImmutableArray<GoldCount> CountGold()
    {
        var counts = new Dictionary<GoldPlace, (long Confirms, long Disconfirms)>();
        foreach (var (number, task) in _tasks)
        {
            foreach (var mark in task.Gold)
            {
                var votes = task.Count(mark.Image, Weights);
                if (votes.Votes == 0) continue;
                ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, mark.Answer.Of ?? new GoldPlace(new TaskNumber(number), mark.Image), out _);
                sum = (sum.Confirms + votes.Confirms, sum.Disconfirms + votes.Disconfirms);
            }
        }
        return [.. counts.Select(count => new GoldCount(count.Key, count.Value.Confirms, count.Value.Disconfirms))];
    }

    /// <summary>How many workers have answered anything of a known task.</summary>
    public int CountWorkers(TaskNumber task) => _tasks[task.Value].Workers.Length;

    /// <summary>Whether the worker has answered anything of a known task.</summary>
    public bool HasBegun(TaskNumber task, WorkerId worker) => _indexOf.TryGetValue(worker, out var index) && _tasks[task.Value].Find(index) >= 0;

    /// <summary>Whether the worker answered every image of the task, and each after <paramref name="since"/>.</summary>
    public bool HasAnswered(TaskNumber task, WorkerId worker, SubmissionTime since) =>
        HasAnswered(task, worker) && _tasks[task.Value] is var known && IsSince(known, known.Find(_indexOf[worker]), since);

    /// <summary>
    /// One of the largest tasks that takes this worker, another one for each: of those that it has not answered, or, where none is left, that it
    /// answered before what counts.
    /// </summary>
    private TaskNumber? FindQualifying(WorkerId worker, bool isMixedIn, Func<TaskNumber, bool> mayAnswer, SubmissionTime since)
    {
        var open = _tasks.Keys.Order().Where((_, place) => !isMixedIn || Qualification.Qualifies(place)).Select(number => new TaskNumber(number))
            .Where(task => (CountWorkers(task) < AnswerSet.MaxWorkers || HasBegun(task, worker)) && !HasAnswered(task, worker, since) && mayAnswer(task)).ToList();
        if (open.Exists(task => !HasAnswered(task, worker))) open.RemoveAll(task => HasAnswered(task, worker));
        if (open.Count == 0) return null;
        var most = open.Max(ImagesOf);
        var largest = open.FindAll(task => ImagesOf(task) == most);
        return largest[(int)(HoldOut.KeyOf(worker.Value) % (ulong)largest.Count)];
    }

    private static bool IsSince(FoldedTask task, int at, SubmissionTime since)
    {
        if (since == SubmissionTime.None) return true;
        for (var image = 0; image < task.Confidences.Length; image++)
            if (task.TimeOf(at, image) <= since.UtcTicks) return false;
        return true;
    }
}

/// <summary>The votes on one gold image, wherever it was shown.</summary>
public readonly record struct GoldCount(GoldPlace Gold, long Confirms, long Disconfirms)
{
    /// <summary>With fewer votes nothing is said of an image.</summary>
    public const int LeastVotes = 3;

    /// <summary>Whether most votes, of <see cref="LeastVotes"/> at least, contradict what is taken to be known.</summary>
    public bool IsDoubtful(bool isRight) => Confirms + Disconfirms >= LeastVotes && (isRight ? Disconfirms > Confirms : Confirms > Disconfirms);
}
