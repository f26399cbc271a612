using System.Collections.Immutable;

namespace BulkQA.Core;

/// <content>What the answers say of the workers.</content>
public sealed partial class PartitionFold
{
    /// <summary>What each worker did, in the order of <see cref="Workers"/>. Looks at every answer.</summary>
    public ImmutableArray<WorkerTally> TallyWorkers()
    {
        var counting = BeginTallies();
        foreach (var task in _tasks.Keys) counting.Add(new TaskNumber(task));
        return counting.ToTallies();
    }

    /// <summary>Begins to count what each worker did, task by task, for whoever does not want to look at all of them in one go.</summary>
    public WorkerTallies BeginTallies() => new(this);

    /// <summary>Begins to count what one worker did: looks at no answer to tasks that it left out. Nothing is counted of one who has answered nothing.</summary>
    public WorkerTallies BeginTally(WorkerId worker) => new(this, _indexOf.TryGetValue(worker, out var index) ? index : NoWorker);

    private const int NoWorker = -1;

    /// <summary>
    /// How far workers agree, by the day (UTC) of an image's latest answer, ordered; without images that have less than two votes that
    /// count. Looks at every answer.
    /// </summary>
    public ImmutableArray<KeyValuePair<DateOnly, AgreementCounts>> CountAgreement()
    {
        var days = new SortedDictionary<DateOnly, AgreementCounts>();
        AddAgreementTo(days, Tasks);
        return [.. days];
    }

    /// <summary>Adds the same of the images of some tasks.</summary>
    public void AddAgreementTo(SortedDictionary<DateOnly, AgreementCounts> days, IEnumerable<TaskNumber> tasks)
    {
        foreach (var task in tasks.Select(number => _tasks[number.Value]))
        {
            for (var image = 0; image < task.Confidences.Length; image++)
            {
                var counts = task.Count(image, Weights);
                if (counts.Votes < 2 || task.IsGold(image)) continue;
                var last = 0L;
                for (var at = 0; at < task.Workers.Length; at++) if (task.KindOf(at, image) != AnswerKind.None) last = Math.Max(last, task.TimeOf(at, image));
                var day = DateOnly.FromDateTime(new DateTime(last, DateTimeKind.Utc));
                days[day] = days.GetValueOrDefault(day) + AgreementCounts.Of(counts.Confirms, counts.Disconfirms);
            }
        }
    }

    /// <summary>
    /// Adds the votes that count on a known task's images, with the workers' indices among <see cref="Workers"/>, for an estimate; those on
    /// gold as votes on images whose truth is known.
    /// </summary>
    /// <param name="builder">Takes them.</param>
    /// <param name="task">Which task.</param>
    /// <param name="workers">Only votes of that many first workers: the builder knows no later ones.</param>
    public void AddVotesTo(VoteBlockBuilder builder, TaskNumber task, int workers)
    {
        var known = _tasks[task.Value];
        Span<(int, bool)> votes = stackalloc (int, bool)[AnswerSet.MaxWorkers];
        for (var image = 0; image < known.Confidences.Length; image++)
        {
            var count = 0;
            for (var at = 0; at < known.Workers.Length && count < votes.Length; at++)
            {
                var worker = known.Workers[at].Worker;
                var kind = known.KindOf(at, image);
                if (kind >= AnswerKind.Confirm && worker < workers && _weights[worker].IsCounted) votes[count++] = (worker, kind == AnswerKind.Disconfirm);
            }
            if (known.GoldOf(image) is { } gold) builder.AddKnown(gold.IsRight, votes[..count]);
            // A task's number is its job's alone, and no task has more images than a byte counts.
            else builder.Add(((ulong)task.Value << 8) | (uint)image, votes[..count]);
        }
    }

    /// <summary>What workers did in the tasks that were added. Workers who come later are not counted.</summary>
    public sealed class WorkerTallies
    {
        private readonly PartitionFold _fold;
        private readonly WorkerCounter[] _counters;

        /// <summary>The index of the first of <see cref="Workers"/> in the fold.</summary>
        private readonly int _first;

        internal WorkerTallies(PartitionFold fold) => (_fold, Workers, _counters) = (fold, [.. fold._workers], new WorkerCounter[fold._workers.Count]);

        /// <param name="fold">Whose tasks.</param>
        /// <param name="only">The index of the one worker to count; <see cref="NoWorker"/> for nobody.</param>
        internal WorkerTallies(PartitionFold fold, int only) =>
            (_fold, Workers, _counters, _first) = (fold, only == NoWorker ? [] : [fold._workers[only]], new WorkerCounter[only == NoWorker ? 0 : 1], Math.Max(0, only));

        /// <summary>In the order of the tallies.</summary>
        public ImmutableArray<WorkerId> Workers { get; }

        /// <summary>Counts a known task, which must be added only once.</summary>
        public void Add(TaskNumber number)
        {
            var task = _fold._tasks[number.Value];
            var (from, to) = (0, task.Workers.Length);
            if (_counters.Length < 2)
            {
                if (_counters.Length == 0 || task.Find(_first) is not (>= 0 and var only)) return;
                (from, to) = (only, only + 1);
            }
            for (var image = 0; image < task.Confidences.Length; image++)
            {
                var counts = task.Count(image, _fold.Weights);
                var gold = task.GoldOf(image);
                for (var at = from; at < to; at++)
                {
                    ref readonly var worker = ref task.Workers[at];
                    var kind = task.KindOf(at, image);
                    if (kind == AnswerKind.None || !IsCounted(worker.Worker)) continue;
                    ref var counter = ref _counters[worker.Worker - _first];
                    if (gold is { } known)
                    {
                        counter.AddGold(kind, task.TimeOf(at, image), known);
                        continue;
                    }
                    counter.Add(kind, worker.Start, task.TimeOf(at, image), counts, _fold._weights[worker.Worker].IsCounted);
                    if (task.IsRepeated(at, image)) counter.AddRepeat(task.IsContradicted(at, image));
                }
            }
            for (var at = from; at < to; at++)
                if (task.IsWhole(at) && task.Workers[at].Taken > 0 && IsCounted(task.Workers[at].Worker))
                    _counters[task.Workers[at].Worker - _first].AddTime(task.Workers[at].Taken, task.Confidences.Length);
        }

        public ImmutableArray<WorkerTally> ToTallies() => [.. _counters.Select((counter, index) => counter.ToTally(_fold._wholeTasks[_first + index]))];

        private bool IsCounted(int worker) => worker - _first < _counters.Length;
    }

    /// <summary>A <see cref="WorkerTally"/> that grows.</summary>
    private struct WorkerCounter
    {
        private long _confirms, _disconfirms, _cantTell, _notSeen, _othersConfirm, _confirmsWithOthers, _othersDisconfirm, _disconfirmsWithOthers;
        private long _ticked, _tickedDisconfirms, _unticked, _untickedDisconfirms, _timedImages, _firstAt, _lastAt;
        private long _repeats, _contradictions;
        private double _timedSeconds;
        private int[]? _times;
        private GoldTally _gold;

        public void AddGold(AnswerKind kind, long time, GoldAnswer gold)
        {
            At(time);
            if (kind < AnswerKind.Confirm) return;
            var miss = gold.IsHit(kind) ? 0 : 1;
            _gold += gold.IsRight ? new GoldTally(1, miss, 0, 0) : new GoldTally(0, 0, 1, miss);
        }

        public void Add(AnswerKind kind, BoxesAtStart start, long time, VoteCounts all, bool isCounted)
        {
            At(time);
            var disconfirms = kind == AnswerKind.Disconfirm ? 1 : 0;
            if (kind == AnswerKind.CantTell) _cantTell++;
            else if (kind == AnswerKind.NotSeen) _notSeen++;
            else if (disconfirms > 0) _disconfirms++;
            else _confirms++;
            if (kind < AnswerKind.Confirm) return;
            if (start == BoxesAtStart.Ticked) (_ticked, _tickedDisconfirms) = (_ticked + 1, _tickedDisconfirms + disconfirms);
            else if (start == BoxesAtStart.Unticked) (_unticked, _untickedDisconfirms) = (_unticked + 1, _untickedDisconfirms + disconfirms);
            var own = isCounted ? 1 : 0;
            var lead = all.Confirms - (own * (1 - disconfirms)) - (all.Disconfirms - (own * disconfirms));
            if (lead > 0) (_othersConfirm, _confirmsWithOthers) = (_othersConfirm + 1, _confirmsWithOthers + 1 - disconfirms);
            else if (lead < 0) (_othersDisconfirm, _disconfirmsWithOthers) = (_othersDisconfirm + 1, _disconfirmsWithOthers + disconfirms);
        }

        private void At(long time)
        {
            if (time != 0 && (_firstAt == 0 || time < _firstAt)) _firstAt = time;
            if (time > _lastAt) _lastAt = time;
        }

        public void AddRepeat(bool isContradicted) => (_repeats, _contradictions) = (_repeats + 1, _contradictions + (isContradicted ? 1 : 0));

        public void AddTime(double seconds, int images)
        {
            (_times ??= new int[DurationCounts.Steps])[DurationCounts.StepOf(seconds)]++;
            _timedImages += images;
            _timedSeconds += seconds;
        }

        public readonly WorkerTally ToTally(long batches) => new()
        {
            Batches = batches,
            Confirms = _confirms,
            Disconfirms = _disconfirms,
            CantTell = _cantTell,
            NotSeen = _notSeen,
            OthersConfirm = _othersConfirm,
            ConfirmsWithOthers = _confirmsWithOthers,
            OthersDisconfirm = _othersDisconfirm,
            DisconfirmsWithOthers = _disconfirmsWithOthers,
            Ticked = new StartTally(_ticked, _tickedDisconfirms),
            Unticked = new StartTally(_unticked, _untickedDisconfirms),
            BatchTimes = DurationCounts.OfSteps(_times),
            TimedImages = _timedImages,
            TimedSeconds = _timedSeconds,
            FirstAt = new SubmissionTime(_firstAt),
            LastAt = new SubmissionTime(_lastAt),
            Gold = _gold,
            Repeats = _repeats,
            Contradictions = _contradictions,
        };
    }
}
