using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace BulkQA.Core;

/// <content>Gold: how workers qualify by it, and what their votes say of it.</content>
public sealed partial class PartitionFold
{
    /// <summary>How far a worker is with a first batch of nothing but gold, as whole tasks of this partition of gold say.</summary>
    /// <param name="worker">Who.</param>
    /// <param name="passMark">What share of the images that could be shown has to be answered rightly; "can't tell" is not right.</param>
    public Qualification Qualify(WorkerId worker, Percent passMark)
    {
        var (hits, images) = (0, 0);
        if (_indexOf.TryGetValue(worker, out var index))
        {
            foreach (var task in _tasks.Values)
            {
                if (task.Find(index) is not (>= 0 and var at) || !task.IsWhole(at)) continue;
                foreach (var mark in task.Gold)
                {
                    var kind = task.KindOf(at, mark.Image);
                    if (kind != AnswerKind.NotSeen) images++;
                    if (mark.Answer.IsHit(kind)) hits++;
                }
            }
        }
        var state = images == 0 ? QualificationState.Open : 100.0 * hits >= passMark.Value * images ? QualificationState.Passed : QualificationState.Failed;
        return new Qualification(state, state == QualificationState.Open ? FindQualifying(worker) : null, hits, images);
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

    /// <summary>One of the largest tasks that the worker has not answered and that takes another worker: another one for each worker.</summary>
    private TaskNumber? FindQualifying(WorkerId worker)
    {
        var open = _tasks.Where(task => task.Value.Workers.Length < AnswerSet.MaxWorkers && !HasAnswered(new TaskNumber(task.Key), worker)).ToList();
        if (open.Count == 0) return null;
        var most = open.Max(task => task.Value.Confidences.Length);
        var largest = open.Where(task => task.Value.Confidences.Length == most).Select(task => task.Key).Order().ToList();
        return new TaskNumber(largest[(int)(HoldOut.KeyOf(worker.Value) % (ulong)largest.Count)]);
    }
}

/// <summary>Whether a worker may have tasks of a job that asks for a qualification.</summary>
/// <param name="Task">While it is open: the batch of gold to answer; null where there is none.</param>
/// <param name="Hits">Gold images answered rightly.</param>
/// <param name="Images">Of so many that were shown.</param>
public sealed record Qualification(QualificationState State, TaskNumber? Task, int Hits, int Images);

/// <summary>How far a worker's qualification is.</summary>
public enum QualificationState : byte
{
    /// <summary>The worker has not answered a batch of gold yet, or could be shown none of its pictures.</summary>
    Open = 0,

    Passed = 1,

    /// <summary>The worker gets no tasks of the job.</summary>
    Failed = 2,
}

/// <summary>The votes on one gold image, wherever it was shown.</summary>
public readonly record struct GoldCount(GoldPlace Gold, long Confirms, long Disconfirms)
{
    /// <summary>With fewer votes nothing is said of an image.</summary>
    public const int LeastVotes = 3;

    /// <summary>Whether most votes, of <see cref="LeastVotes"/> at least, contradict what is taken to be known.</summary>
    public bool IsDoubtful(bool isRight) => Confirms + Disconfirms >= LeastVotes && (isRight ? Disconfirms > Confirms : Confirms > Disconfirms);
}
