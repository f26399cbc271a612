using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace BulkQA.Core;

/// <summary>
/// What the facts of one partition come to: every task's confidences and every worker's answers, packed, and the counters
/// that follow from them under the job's <see cref="VerdictRules"/>. The same facts give the same fold in any order, and taking
/// one twice changes nothing. Some 20 bytes an image with three workers. For one thread at a time, but for <see cref="Tally"/>.
/// </summary>
public sealed partial class PartitionFold
{
    /// <summary>Held while counters change, so that whoever reads them sees all of a change or nothing.</summary>
    private readonly Lock _counters = new();

    private readonly Dictionary<int, FoldedTask> _tasks = [];
    private readonly Dictionary<WorkerId, int> _indexOf = [];
    private readonly List<WorkerId> _workers = [];

    /// <summary>By worker: the tasks answered whole.</summary>
    private readonly List<int> _wholeTasks = [];

    /// <summary>By worker: what its votes weigh.</summary>
    private readonly List<WorkerWeight> _weights = [];

    /// <summary>The adjudication that stands of each image that has any, withdrawn ones too.</summary>
    private readonly Dictionary<(int Task, int Image), Adjudication> _adjudications = [];

    /// <summary>Whether votes that were replaced are all noted: a release before packed folds without them.</summary>
    private bool _knowsReplaced = true;

    /// <param name="settings">The job's: its edges and workers per task.</param>
    /// <param name="rules">What verdicts are decided by; null for the settings' policy and every vote.</param>
    public PartitionFold(JobSettings settings, VerdictRules? rules = null)
    {
        _edges = settings.BucketEdges;
        _workersPerTask = settings.WorkersPerTask;
        _doubtRule = settings.Doubt;
        _rules = rules ?? new VerdictRules(0, settings.Policy);
        _buckets = new BucketTally[_edges.BucketCount];
        _adjusted = new BucketTally[_edges.BucketCount];
        _done = new BucketTally[_edges.BucketCount];
    }

    /// <summary>How many images the tasks have together, gold among them.</summary>
    public int Images { get; private set; }

    /// <summary>How many buckets images are counted in.</summary>
    public int BucketCount => _edges.BucketCount;

    /// <summary>The tasks' numbers, in no order.</summary>
    public IEnumerable<TaskNumber> Tasks => _tasks.Keys.Select(number => new TaskNumber(number));

    public int TaskCount => _tasks.Count;

    /// <summary>Everybody who answered anything, in no order.</summary>
    public IReadOnlyList<WorkerId> Workers => _workers;

    public bool Knows(TaskNumber task) => _tasks.ContainsKey(task.Value);

    /// <summary>How many images the task has; 0 for one that is not known.</summary>
    public int ImagesOf(TaskNumber task) => _tasks.TryGetValue(task.Value, out var known) ? known.Confidences.Length : 0;

    /// <summary>What verdicts are decided by now. May be read from any thread.</summary>
    public VerdictRules Rules => _rules;

    /// <summary>The confidences of a known task's images in percent, NaN for none.</summary>
    public ReadOnlySpan<double> ConfidencesOf(TaskNumber task) => _tasks[task.Value].Confidences;

    /// <summary>The known answer of an image of a known task; null where its label is to be judged.</summary>
    public GoldAnswer? GoldOf(TaskNumber task, int image) => _tasks[task.Value].GoldOf(image);

    /// <summary>Whether every image of a known task has as many answers as the job asks workers for.</summary>
    public bool IsDone(TaskNumber task) => _tasks[task.Value].IsDone;

    /// <summary>How many workers whose votes count answered every image of a known task.</summary>
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

    /// <summary>When the worker gave the last of the answers that stand to a task that it answered whole; null where it did not.</summary>
    public SubmissionTime? AnsweredAt(TaskNumber task, WorkerId worker)
    {
        if (!HasAnswered(task, worker)) return null;
        var known = _tasks[task.Value];
        return new SubmissionTime(known.LastTimeOf(known.Find(_indexOf[worker])));
    }

    /// <summary>How many of the answers that <see cref="CountWhole(TaskNumber)"/> counts are of workers, and of a time, that are asked for.</summary>
    /// <param name="task">A known one.</param>
    /// <param name="isCounted">By worker, and when it gave the last of its answers to the task that stand.</param>
    public int CountWhole(TaskNumber task, Func<WorkerId, SubmissionTime, bool> isCounted)
    {
        var (known, count) = (_tasks[task.Value], 0);
        for (var at = 0; at < known.Workers.Length; at++)
            if (known.IsWhole(at) && known.Workers[at].Worker is var index && _weights[index].IsCounted && isCounted(_workers[index], new SubmissionTime(known.LastTimeOf(at)))) count++;
        return count;
    }

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
    /// <param name="gold">Which of them are gold: they count as images of the task, and in no counter of images.</param>
    /// <param name="versions">Which model versions they are of; null for none.</param>
    /// <exception cref="ArgumentException">It has no images.</exception>
    public void AddTask(TaskNumber task, double[] confidences, ImmutableArray<GoldMark> gold = default, TaskVersions? versions = null)
    {
        if (confidences.Length == 0) throw new ArgumentException($"task {task} has no images");
        lock (_counters)
        {
            var folded = new FoldedTask(confidences, gold);
            if (!_tasks.TryAdd(task.Value, folded)) return;
            SetVersions(folded, versions ?? TaskVersions.None);
            Images += confidences.Length;
            GoldImages += folded.Gold.Length;
            for (var image = 0; image < confidences.Length; image++)
                if (!folded.IsGold(image)) AddTo(folded, image, Verdict.Unreviewed);
        }
    }

    /// <inheritdoc cref="AddTask(TaskNumber, double[], ImmutableArray{GoldMark}, TaskVersions)"/>
    public void AddTask(TaskOutline task) => AddTask(task.Task, task.Confidences, task.Gold, task.Versions);

    /// <summary>Why a submission can't be taken, or that it can.</summary>
    /// <param name="submission">Which.</param>
    /// <param name="arriving">How many submissions of whom to the same task are about to be applied; null for none.</param>
    public SubmissionCheck Check(Submission submission, IReadOnlyDictionary<WorkerId, int>? arriving = null)
    {
        if (!_tasks.TryGetValue(submission.Task.Value, out var task)) return SubmissionCheck.UnknownTask;
        if (task.Confidences.Length != submission.Answers.Count) return SubmissionCheck.OtherImages;
        var known = _indexOf.TryGetValue(submission.Worker, out var index) ? task.Find(index) : -1;
        if (known >= 0 && IsHeld(task, known, submission) && !task.LacksTime(known, submission)) return SubmissionCheck.Held;
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
            AddWorker(submission.Worker);
        }
        var at = task.Find(index);
        var isNew = at < 0;
        if (isNew) at = task.Add(index);
        task.Note(at, submission);
        if (!isNew && IsHeld(task, at, submission)) return;
        var wasWhole = task.IsWhole(at);
        var time = submission.At.UtcTicks;
        lock (_counters)
        {
            var wasDone = task.IsDone;
            var codes = submission.Answers.Text;
            for (var image = 0; image < codes.Length; image++)
            {
                var kind = AnswerKinds.OfCode(codes[image])!.Value;
                if (!isNew)
                {
                    task.NoteReplaced(at, image, kind, time);
                    task.NoteFirst(at, image, kind, time);
                }
                if (task.IsReplaced(at, image, kind, time)) Replace(task, at, image, kind, time, submission.Task.Value, wasDone);
            }
            task.CountSubmission(at);
            if (submission.At > _lastAnswerAt) _lastAnswerAt = submission.At;
            // Answers are replaced and never taken back: a task that is done stays so.
            if (task.IsDone && !wasDone) CountDone(task);
            if (!wasWhole && task.IsWhole(at))
            {
                if (_weights[index].IsCounted) task.Whole++;
                _wholeTasks[index]++;
            }
            LookAtDoubts(submission.Task.Value, task);
        }
    }

    /// <summary>Takes an adjudication of an image of a known task over. The latest of an image stands, whatever the order in which they come.</summary>
    /// <exception cref="ArgumentException">The task has no such image; nothing is changed.</exception>
    public void Apply(Adjudication adjudication)
    {
        var task = _tasks[adjudication.Task.Value];
        if (adjudication.Index >= task.Confidences.Length) throw new ArgumentException($"task {adjudication.Task} has no image {adjudication.Index}");
        ref var standing = ref CollectionsMarshal.GetValueRefOrAddDefault(_adjudications, (adjudication.Task.Value, adjudication.Index), out var isKnown);
        if (isKnown && !adjudication.Replaces(standing!)) return;
        var before = standing;
        standing = adjudication;
        if (task.IsGold(adjudication.Index)) return;
        lock (_counters)
        {
            var verdict = VerdictOf(task, adjudication.Index);
            Adjust(task, adjudication.Index, verdict, before?.Verdict, -1);
            Adjust(task, adjudication.Index, verdict, adjudication.Verdict, +1);
            LookAtDoubt(adjudication.Task.Value, task, adjudication.Index);
        }
    }

    /// <summary>The adjudication of an image that stands; null where there is none, or it was withdrawn.</summary>
    public Adjudication? AdjudicationOf(TaskNumber task, int image) =>
        _adjudications.TryGetValue((task.Value, image), out var standing) && standing.Verdict is not null ? standing : null;

    /// <summary>What images show instead, by those who decided that their label is wrong: how many of each label. Gold is not among them.</summary>
    public Dictionary<Label, int> CountRightLabels()
    {
        var counts = new Dictionary<Label, int>();
        foreach (var ((number, image), adjudication) in _adjudications)
            if (adjudication is { Verdict: not null, RightLabel: { } label } && !_tasks[number].IsGold(image)) CollectionsMarshal.GetValueRefOrAddDefault(counts, label, out _)++;
        return counts;
    }

    /// <summary>The last that was said of an image, be it that an adjudication is withdrawn; null where nothing was.</summary>
    public Adjudication? LastAdjudicationOf(TaskNumber task, int image) => _adjudications.GetValueOrDefault((task.Value, image));

    /// <summary>The answers to one image of a known task.</summary>
    public AnswerSet AnswersOf(TaskNumber task, int image)
    {
        var known = _tasks[task.Value];
        return AnswerSet.Of(Enumerable.Range(0, known.Workers.Length).Where(at => known.KindOf(at, image) != AnswerKind.None)
            .Select(at => new ImageAnswer(_workers[known.Workers[at].Worker], known.KindOf(at, image), new SubmissionTime(known.TimeOf(at, image)))));
    }

    /// <summary>The votes on an image of a known task that count.</summary>
    public VoteCounts CountsOf(TaskNumber task, int image) => _tasks[task.Value].Count(image, Weights);

    private ReadOnlySpan<WorkerWeight> Weights => CollectionsMarshal.AsSpan(_weights);

    private void AddWorker(WorkerId worker)
    {
        _workers.Add(worker);
        _weights.Add(_rules.WeightOf(worker));
        _wholeTasks.Add(0);
    }

    private int CountNewcomers(FoldedTask task, IReadOnlyDictionary<WorkerId, int>? arriving)
    {
        var count = 0;
        foreach (var worker in arriving?.Keys ?? [])
            if (!_indexOf.TryGetValue(worker, out var index) || task.Find(index) < 0) count++;
        return count;
    }

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
