using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace BulkQA.Core;

/// <summary>
/// What the facts of one partition come to: every task's confidences and every worker's answers, packed, and the counters
/// that follow from them under a policy. The same facts give the same fold in any order, and taking one twice changes
/// nothing. Some 20 bytes an image with three workers. For one thread at a time, but for <see cref="Tally"/>.
/// </summary>
public sealed class PartitionFold
{
    /// <summary>Held while counters change, so that whoever reads them sees all of a change or nothing.</summary>
    private readonly Lock _counters = new();

    private readonly Dictionary<int, FoldedTask> _tasks = [];
    private readonly Dictionary<WorkerId, int> _indexOf = [];
    private readonly List<WorkerId> _workers = [];

    /// <summary>By worker: the tasks answered whole.</summary>
    private readonly List<int> _wholeTasks = [];

    private readonly BucketEdges _edges;
    private readonly int _workersPerTask;
    private readonly BucketTally[] _buckets;
    private VerdictPolicy _policy;
    private long _votes;
    private long _unseen;
    private int _tasksDone;
    private SubmissionTime _lastAnswerAt;

    /// <param name="settings">The job's: its edges, policy and workers per task.</param>
    public PartitionFold(JobSettings settings)
    {
        _edges = settings.BucketEdges;
        _workersPerTask = settings.WorkersPerTask;
        _policy = settings.Policy;
        _buckets = new BucketTally[_edges.BucketCount];
    }

    /// <summary>How many images the tasks have together.</summary>
    public int Images { get; private set; }

    /// <summary>The tasks' numbers, in no order.</summary>
    public IEnumerable<TaskNumber> Tasks => _tasks.Keys.Select(number => new TaskNumber(number));

    public int TaskCount => _tasks.Count;

    /// <summary>Everybody who answered anything, in no order.</summary>
    public IReadOnlyList<WorkerId> Workers => _workers;

    public bool Knows(TaskNumber task) => _tasks.ContainsKey(task.Value);

    /// <summary>How many images the task has; 0 for one that is not known.</summary>
    public int ImagesOf(TaskNumber task) => _tasks.TryGetValue(task.Value, out var known) ? known.Confidences.Length : 0;

    /// <summary>What verdicts are decided by now. May be read from any thread.</summary>
    public VerdictPolicy Policy => _policy;

    /// <summary>The confidences of a known task's images in percent, NaN for none.</summary>
    public ReadOnlySpan<double> ConfidencesOf(TaskNumber task) => _tasks[task.Value].Confidences;

    /// <summary>Whether every image of a known task has as many answers as the job asks workers for.</summary>
    public bool IsDone(TaskNumber task) => _tasks[task.Value].IsDone;

    /// <summary>How many workers answered every image of a known task.</summary>
    public int CountWhole(TaskNumber task) => _tasks[task.Value].Whole;

    /// <summary>How many submissions a known task has; resends of what was replaced may count.</summary>
    internal int CountSubmissions(TaskNumber task)
    {
        var sum = 0;
        foreach (var worker in _tasks[task.Value].Workers) sum += worker.Submissions;
        return sum;
    }

    /// <summary>How many tasks the worker answered whole.</summary>
    public int CountAnswered(WorkerId worker) => _indexOf.TryGetValue(worker, out var index) ? _wholeTasks[index] : 0;

    /// <summary>Whether the worker answered every image of the task.</summary>
    public bool HasAnswered(TaskNumber task, WorkerId worker) =>
        _tasks.TryGetValue(task.Value, out var known) && _indexOf.TryGetValue(worker, out var index)
        && known.Find(index) is >= 0 and var at && known.IsWhole(at);

    /// <summary>Who answered every image of a known task, ordered by id.</summary>
    public ImmutableArray<WorkerId> WorkersOf(TaskNumber task)
    {
        var known = _tasks[task.Value];
        return [.. Enumerable.Range(0, known.Workers.Length).Where(known.IsWhole).Select(at => _workers[known.Workers[at].Worker])
            .OrderBy(worker => worker.Value, StringComparer.Ordinal)];
    }

    /// <summary>Takes a task over. Known ones stay as they are.</summary>
    /// <param name="task">Its number.</param>
    /// <param name="confidences">In percent, one an image, NaN for none. Kept, not copied.</param>
    /// <exception cref="ArgumentException">It has no images.</exception>
    public void AddTask(TaskNumber task, double[] confidences)
    {
        if (confidences.Length == 0) throw new ArgumentException($"task {task} has no images");
        lock (_counters)
        {
            if (!_tasks.TryAdd(task.Value, new FoldedTask(confidences))) return;
            Images += confidences.Length;
            foreach (var confidence in confidences) AddTo(confidence, Verdict.Unreviewed);
        }
    }

    /// <summary>Why a submission can't be taken, or that it can.</summary>
    /// <param name="submission">Which.</param>
    /// <param name="arriving">How many submissions of whom to the same task are about to be applied; null for none.</param>
    public SubmissionCheck Check(Submission submission, IReadOnlyDictionary<WorkerId, int>? arriving = null)
    {
        if (!_tasks.TryGetValue(submission.Task.Value, out var task)) return SubmissionCheck.UnknownTask;
        if (task.Confidences.Length != submission.Answers.Count) return SubmissionCheck.OtherImages;
        var known = _indexOf.TryGetValue(submission.Worker, out var index) ? task.Find(index) : -1;
        if (known >= 0 && IsHeld(task, known, submission)) return SubmissionCheck.Held;
        var own = arriving?.GetValueOrDefault(submission.Worker) ?? 0;
        if (known < 0 && own == 0 && task.Workers.Length + CountNewcomers(task, arriving) >= AnswerSet.MaxWorkers) return SubmissionCheck.TooManyWorkers;
        return own + (known < 0 ? 0 : task.Workers[known].Submissions) >= Submission.MaxPerWorker ? SubmissionCheck.TooManySubmissions : SubmissionCheck.Fits;
    }

    /// <summary>Takes a submission of a known task over. However many there are of the worker or the task: see <see cref="Check"/>.</summary>
    /// <exception cref="ArgumentException">The task has another number of images; nothing is changed.</exception>
    public void Apply(Submission submission)
    {
        var task = _tasks[submission.Task.Value];
        if (task.Confidences.Length != submission.Answers.Count)
            throw new ArgumentException($"{submission.Answers.Count} answers to the {task.Confidences.Length} images of task {submission.Task}");
        ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_indexOf, submission.Worker, out var isKnown);
        if (!isKnown)
        {
            index = _workers.Count;
            _workers.Add(submission.Worker);
            _wholeTasks.Add(0);
        }
        var at = task.Find(index);
        if (at < 0) at = task.Add(index);
        else if (IsHeld(task, at, submission)) return;
        var wasWhole = task.IsWhole(at);
        var time = submission.At.UtcTicks;
        lock (_counters)
        {
            var wasDone = task.IsDone;
            var codes = submission.Answers.Text;
            for (var image = 0; image < codes.Length; image++)
            {
                var kind = AnswerKinds.OfCode(codes[image])!.Value;
                if (task.IsReplaced(at, image, kind, time)) Replace(task, at, image, kind, time);
            }
            task.CountSubmission(at);
            if (submission.At > _lastAnswerAt) _lastAnswerAt = submission.At;
            _tasksDone += (task.IsDone ? 1 : 0) - (wasDone ? 1 : 0);
        }
        if (wasWhole || !task.IsWhole(at)) return;
        task.Whole++;
        _wholeTasks[index]++;
    }

    /// <summary>Decides every verdict anew.</summary>
    public void ChangePolicy(VerdictPolicy policy)
    {
        lock (_counters)
        {
            _policy = policy;
            Array.Clear(_buckets);
            foreach (var task in _tasks.Values)
            {
                for (var image = 0; image < task.Confidences.Length; image++)
                {
                    var (confirms, disconfirms, _, _) = task.Count(image);
                    AddTo(task.Confidences[image], policy.Decide(confirms, disconfirms));
                }
            }
        }
    }

    /// <summary>The counters as they are. From any thread at any time.</summary>
    public ClassTally Tally()
    {
        lock (_counters) return new([.. _buckets], _votes, _tasks.Count, _tasksDone, _lastAnswerAt, _unseen);
    }

    /// <summary>The answers to one image of a known task.</summary>
    public AnswerSet AnswersOf(TaskNumber task, int image)
    {
        var known = _tasks[task.Value];
        return AnswerSet.Of(Enumerable.Range(0, known.Workers.Length).Where(at => known.KindOf(at, image) != AnswerKind.None)
            .Select(at => new ImageAnswer(_workers[known.Workers[at].Worker], known.KindOf(at, image), new SubmissionTime(known.TimeOf(at, image)))));
    }

    /// <summary>In what this differs from another fold of the same partition; empty where both are the same.</summary>
    public IEnumerable<string> DifferencesFrom(PartitionFold other)
    {
        foreach (var (number, task) in other._tasks)
            if (!_tasks.TryGetValue(number, out var own)) yield return $"task {number} is missing";
            else if (!own.Confidences.AsSpan().SequenceEqual(task.Confidences)) yield return $"task {number} has other confidences";
            else
                for (var image = 0; image < task.Confidences.Length; image++)
                    if (!AnswersOf(new TaskNumber(number), image).Answers.AsSpan().SequenceEqual(other.AnswersOf(new TaskNumber(number), image).Answers.AsSpan()))
                        yield return $"image {image} of task {number} has other answers";
        foreach (var number in _tasks.Keys.Where(number => !other._tasks.ContainsKey(number))) yield return $"task {number} has no content";
        if (!Tally().Equals(other.Tally())) yield return $"the counters are {Tally()}, and should be {other.Tally()}";
    }

    /// <summary>Everything but settings and counters, for <see cref="Unpack"/>.</summary>
    public byte[] Pack()
    {
        using var buffer = new MemoryStream(64 + (Images * 24));
        using var writer = new BinaryWriter(buffer);
        writer.Write(_workers.Count);
        foreach (var worker in _workers) writer.Write(worker.Value);
        writer.Write(_tasks.Count);
        foreach (var (number, task) in _tasks)
        {
            writer.Write(number);
            task.Write(writer);
        }
        return buffer.ToArray();
    }

    /// <summary>The fold that was packed, under a job's settings as they are now.</summary>
    public static PartitionFold Unpack(byte[] packed, JobSettings settings)
    {
        var fold = new PartitionFold(settings);
        using var reader = new BinaryReader(new MemoryStream(packed));
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var worker = WorkerId.Stored(reader.ReadString());
            fold._indexOf[worker] = fold._workers.Count;
            fold._workers.Add(worker);
            fold._wholeTasks.Add(0);
        }
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var number = reader.ReadInt32();
            fold.Count(number, FoldedTask.Read(reader));
        }
        return fold;
    }

    /// <summary>Counts a task that came with its answers.</summary>
    private void Count(int number, FoldedTask task)
    {
        _tasks[number] = task;
        Images += task.Confidences.Length;
        for (var image = 0; image < task.Confidences.Length; image++)
        {
            var (confirms, disconfirms, notSeen, answered) = task.Count(image);
            AddTo(task.Confidences[image], _policy.Decide(confirms, disconfirms));
            _votes += confirms + disconfirms;
            if (notSeen > 0) _unseen++;
            if (answered >= _workersPerTask) task.ImagesDone++;
            for (var at = 0; at < task.Workers.Length; at++)
                if (task.TimeOf(at, image) > _lastAnswerAt.UtcTicks) _lastAnswerAt = new SubmissionTime(task.TimeOf(at, image));
        }
        if (task.IsDone) _tasksDone++;
        for (var at = 0; at < task.Workers.Length; at++)
        {
            if (!task.IsWhole(at)) continue;
            task.Whole++;
            _wholeTasks[task.Workers[at].Worker]++;
        }
    }

    private int CountNewcomers(FoldedTask task, IReadOnlyDictionary<WorkerId, int>? arriving)
    {
        var count = 0;
        foreach (var worker in arriving?.Keys ?? [])
            if (!_indexOf.TryGetValue(worker, out var index) || task.Find(index) < 0) count++;
        return count;
    }

    private void Replace(FoldedTask task, int at, int image, AnswerKind kind, long time)
    {
        var (confirms, disconfirms, notSeen, answered) = task.Count(image);
        var old = task.KindOf(at, image);
        task.Set(at, image, kind, time);
        if (old == AnswerKind.None && answered + 1 == _workersPerTask) task.ImagesDone++;
        if (kind == old) return;
        var moreConfirms = (kind == AnswerKind.Confirm ? 1 : 0) - (old == AnswerKind.Confirm ? 1 : 0);
        var moreDisconfirms = (kind == AnswerKind.Disconfirm ? 1 : 0) - (old == AnswerKind.Disconfirm ? 1 : 0);
        _votes += moreConfirms + moreDisconfirms;
        var moreNotSeen = (kind == AnswerKind.NotSeen ? 1 : 0) - (old == AnswerKind.NotSeen ? 1 : 0);
        _unseen += (notSeen + moreNotSeen > 0 ? 1 : 0) - (notSeen > 0 ? 1 : 0);
        var before = _policy.Decide(confirms, disconfirms);
        var now = _policy.Decide(confirms + moreConfirms, disconfirms + moreDisconfirms);
        if (now == before) return;
        ref var bucket = ref Bucket(task.Confidences[image]);
        bucket = bucket.Add(before, -1).Add(now, +1);
    }

    private void AddTo(double confidence, Verdict verdict)
    {
        ref var bucket = ref Bucket(confidence);
        bucket = bucket.Add(verdict, +1);
    }

    private ref BucketTally Bucket(double confidence) =>
        ref _buckets[_edges.IndexOf(double.IsNaN(confidence) ? null : Percent.Create(confidence))];

    /// <summary>Whether each answer of a submission is held exactly so: then taking it changes nothing.</summary>
    private static bool IsHeld(FoldedTask task, int at, Submission submission)
    {
        var codes = submission.Answers.Text;
        for (var image = 0; image < codes.Length; image++)
        {
            var kind = AnswerKinds.OfCode(codes[image])!.Value;
            if (kind != AnswerKind.None && (task.KindOf(at, image) != kind || task.TimeOf(at, image) != submission.At.UtcTicks)) return false;
        }
        return true;
    }
}
