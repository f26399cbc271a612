using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace BulkQA.Core;

/// <content>
/// Work by worker and day, for whoever pays for it. An image counts once a worker, on the day of its first answer; a task on the day on which its last image
/// was first answered. So corrections and repetitions change nothing, and a day that is over changes only by answers that arrive late.
/// </content>
public sealed partial class PartitionFold
{
    private const int Undated = -1;

    /// <summary>Whether it is known of every answer when the worker first answered its image: a release before packs folds without.</summary>
    public bool KnowsFirsts { get; private set; } = true;

    /// <summary>Begins to count the work of some workers: first <see cref="WorkCounting.AddFollowUp"/>, then the tasks.</summary>
    /// <param name="workers">Who; those who have answered nothing are left out.</param>
    public WorkCounting BeginWork(IEnumerable<WorkerId> workers) => new(this, workers.Select(worker => _indexOf.GetValueOrDefault(worker, NoWorker)).Where(index => index != NoWorker));

    /// <summary>When who first answered an image, ordered by worker.</summary>
    private IEnumerable<(string Worker, long First)> FirstsOf(FoldedTask task, int image) => Enumerable.Range(0, task.Workers.Length).Where(at => task.KindOf(at, image) != AnswerKind.None)
        .Select(at => (_workers[task.Workers[at].Worker].Value, task.FirstTimeOf(at, image))).OrderBy(entry => entry.Value, StringComparer.Ordinal);

    /// <summary>Work that is being counted, task by task.</summary>
    public sealed class WorkCounting
    {
        private readonly PartitionFold _fold;
        private readonly HashSet<int> _workers;
        private readonly Dictionary<(int Worker, int Day), (long Tasks, long Images, double Seconds, long TasksTimed)> _sums = [];

        /// <summary>When whom answered a follow-up.</summary>
        private readonly HashSet<(int Worker, long Time)> _followUps = [];

        /// <summary>How many images of a task a worker answered in follow-ups, which are counted themselves. No image is answered first in two.</summary>
        private readonly Dictionary<(int Worker, int Task), int> _inFollowUps = [];

        internal WorkCounting(PartitionFold fold, IEnumerable<int> workers) => (_fold, _workers) = (fold, [.. workers]);

        /// <summary>Whether there is nobody to count.</summary>
        public bool IsEmpty => _workers.Count == 0;

        /// <summary>
        /// Counts a follow-up as a task of whoever answered it: gave the first answers to all of its images, and to no other of their tasks, at one time. One
        /// whose answers have no time is not told from answers to single images. One of all images of a single task is not told from that task, which is
        /// counted with its time. Not after <see cref="Add"/>.
        /// </summary>
        /// <param name="images">Of the follow-up; those of tasks that are not known are of no follow-up that anybody answered.</param>
        public void AddFollowUp(ImmutableArray<ImageSpot> images)
        {
            if (!images.All(spot => _fold._tasks.TryGetValue(spot.Task.Value, out var known) && spot.Index < known.Confidences.Length)) return;
            var first = _fold._tasks[images[0].Task.Value];
            var tasks = images.CountBy(spot => spot.Task.Value).ToList();
            if (tasks.Count == 1 && tasks[0].Value == first.Confidences.Length) return;
            for (var at = 0; at < first.Workers.Length; at++)
            {
                var worker = first.Workers[at].Worker;
                if (!_workers.Contains(worker) || first.KindOf(at, images[0].Index) == AnswerKind.None) continue;
                var time = first.FirstTimeOf(at, images[0].Index);
                if (time == 0 || !images.All(spot => GaveAt(worker, spot, time)) || !tasks.TrueForAll(task => CountAt(worker, task.Key, time) == task.Value)) continue;
                // Images that were gathered twice make two follow-ups, of which one was answered.
                if (!_followUps.Add((worker, time))) continue;
                SumOf(worker, time).Tasks++;
                foreach (var (task, count) in tasks) _inFollowUps[(worker, task)] = _inFollowUps.GetValueOrDefault((worker, task)) + count;
            }
        }

        /// <summary>Counts a known task, which must be added only once.</summary>
        public void Add(TaskNumber number)
        {
            var task = _fold._tasks[number.Value];
            for (var at = 0; at < task.Workers.Length; at++)
            {
                ref readonly var worker = ref task.Workers[at];
                if (!_workers.Contains(worker.Worker)) continue;
                var last = 0L;
                for (var image = 0; image < task.Confidences.Length; image++)
                {
                    if (task.KindOf(at, image) == AnswerKind.None) continue;
                    var first = task.FirstTimeOf(at, image);
                    last = Math.Max(last, first);
                    SumOf(worker.Worker, first).Images++;
                }
                if (!task.IsWhole(at) || _inFollowUps.GetValueOrDefault((worker.Worker, number.Value)) == task.Confidences.Length) continue;
                ref var sum = ref SumOf(worker.Worker, last);
                sum.Tasks++;
                if (worker.Taken > 0) (sum.Seconds, sum.TasksTimed) = (sum.Seconds + worker.Taken, sum.TasksTimed + 1);
            }
        }

        /// <param name="from">Only from this day on, and none without a day; null for no such bound.</param>
        /// <param name="to">Only to this day, and none without a day; null for no such bound.</param>
        /// <returns>In order; days of which there is nothing are left out.</returns>
        public ImmutableArray<WorkRecord> ToRecords(DateOnly? from, DateOnly? to) => [.. WorkRecord.Order(_sums
            .Select(sum => new WorkRecord(_fold._workers[sum.Key.Worker], sum.Key.Day == Undated ? null : DateOnly.FromDayNumber(sum.Key.Day), sum.Value.Tasks, sum.Value.Images, sum.Value.Seconds, sum.Value.TasksTimed))
            .Where(record => (from is null || record.Day >= from) && (to is null || record.Day <= to)))];

        private bool GaveAt(int worker, ImageSpot spot, long time) => _fold._tasks[spot.Task.Value] is var task
            && task.Find(worker) is >= 0 and var at && task.KindOf(at, spot.Index) != AnswerKind.None && task.FirstTimeOf(at, spot.Index) == time;

        /// <summary>How many images of a task the worker first answered at that time.</summary>
        private int CountAt(int worker, int task, long time) =>
            Enumerable.Range(0, _fold._tasks[task].Confidences.Length).Count(image => GaveAt(worker, new ImageSpot(new TaskNumber(task), image), time));

        private ref (long Tasks, long Images, double Seconds, long TasksTimed) SumOf(int worker, long time) =>
            ref CollectionsMarshal.GetValueRefOrAddDefault(_sums, (worker, time == 0 ? Undated : DayOf(time)), out _);
    }
}
