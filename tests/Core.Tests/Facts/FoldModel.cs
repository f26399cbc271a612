using System.Collections.Immutable;
using System.Globalization;

namespace BulkQA.Core.Tests;

/// <summary>
/// What a fold must come to, the slow way: a dictionary of the best answer of every worker to every image, from which all else is
/// counted anew whenever it is asked for. Written without the types under test's own arithmetic.
/// </summary>
internal sealed class FoldModel(JobSettings settings)
{
    private readonly Dictionary<int, double[]> _tasks = [];
    private readonly Dictionary<(int Task, int Image, string Worker), (long Time, AnswerKind Kind)> _best = [];
    private readonly Dictionary<(int Task, string Worker), int> _submissions = [];

    private readonly Dictionary<(int Task, int Image), Adjudication> _adjudications = [];

    private readonly HashSet<(int Task, int Image)> _gold = [];

    private readonly Dictionary<(int Task, int Image), string> _versions = [];

    public VerdictPolicy Policy { get; set; } = settings.Policy;

    /// <summary>Workers whose votes do not count.</summary>
    public IReadOnlySet<string> SetAside { get; set; } = new HashSet<string>();

    public void Apply(Adjudication adjudication)
    {
        var key = (adjudication.Task.Value, adjudication.Index);
        if (!_adjudications.TryGetValue(key, out var other) || (adjudication.At.UtcTicks, adjudication.Hash).CompareTo((other.At.UtcTicks, other.Hash)) > 0) _adjudications[key] = adjudication;
    }

    public void AddTask(int task, double[] confidences, IEnumerable<int> gold, TaskVersions versions)
    {
        if (!_tasks.TryAdd(task, confidences)) return;
        _gold.UnionWith(gold.Select(image => (task, image)));
        for (var image = 0; image < confidences.Length; image++)
            if (versions.Of(image) is { } version) _versions[(task, image)] = version.Value;
    }

    public void Apply(Submission submission)
    {
        if (IsHeld(submission)) return;
        var (task, worker) = (submission.Task.Value, submission.Worker.Value);
        _submissions[(task, worker)] = _submissions.GetValueOrDefault((task, worker)) + 1;
        foreach (var (image, kind) in Given(submission))
        {
            var answer = (submission.At.UtcTicks, kind);
            if (!_best.TryGetValue((task, image, worker), out var best) || answer.CompareTo(best) > 0) _best[(task, image, worker)] = answer;
        }
    }

    public SubmissionCheck Check(Submission submission) =>
        !_tasks.ContainsKey(submission.Task.Value) ? SubmissionCheck.UnknownTask : IsHeld(submission) ? SubmissionCheck.Held : SubmissionCheck.Fits;

    /// <summary>Everything that can be asked of the fold is what this comes to.</summary>
    public void AssertIs(PartitionFold fold)
    {
        Assert.Equal(Tally(), fold.Tally());
        foreach (var isFinal in (bool[])[false, true]) Assert.Equal(FineHistogramTests.Count(Verdicts(isFinal)), fold.CountFine(isFinal));
        foreach (var version in _versions.Values.Append("none-is-of-it").Distinct())
            foreach (var isFinal in (bool[])[false, true])
                Assert.Equal(FineHistogramTests.Count(Verdicts(isFinal, version)), fold.CountFine(ModelVersion.Create(version), isFinal));
        Assert.Equal(Breakdown(), fold.BreakDown());
        Assert.Equal(_tasks.Keys.Order(), fold.Tasks.Select(task => task.Value).Order());
        Assert.Equal((_tasks.Count, _tasks.Values.Sum(images => images.Length)), (fold.TaskCount, fold.Images));
        Assert.Equal(_best.Keys.Select(key => key.Worker).Distinct().Order(StringComparer.Ordinal), fold.Workers.Select(worker => worker.Value).Order(StringComparer.Ordinal));
        foreach (var (number, confidences) in _tasks) AssertIs(fold, new TaskNumber(number), confidences);
        foreach (var worker in fold.Workers) Assert.Equal(_tasks.Keys.Count(task => IsWhole(task, worker.Value)), fold.CountAnswered(worker));
    }

    private void AssertIs(PartitionFold fold, TaskNumber task, double[] confidences)
    {
        Assert.True(fold.Knows(task));
        Assert.Equal(confidences.Length, fold.ImagesOf(task));
        Assert.Equal(confidences, fold.ConfidencesOf(task).ToArray());
        Assert.Equal(IsDone(task.Value), fold.IsDone(task));
        var whole = fold.Workers.Select(worker => worker.Value).Where(worker => IsWhole(task.Value, worker)).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(whole, fold.WorkersOf(task).Select(worker => worker.Value));
        Assert.Equal(whole.Count(worker => !SetAside.Contains(worker)), fold.CountWhole(task));
        Assert.All(fold.Workers, worker => Assert.Equal(whole.Contains(worker.Value), fold.HasAnswered(task, worker)));
        Assert.All(fold.Workers, worker => Assert.Equal(
            whole.Contains(worker.Value) ? _best.Where(entry => entry.Key.Task == task.Value && entry.Key.Worker == worker.Value).Max(entry => entry.Value.Time) : null, fold.AnsweredAt(task, worker)?.UtcTicks));
        Assert.Equal(_submissions.Where(entry => entry.Key.Task == task.Value).Sum(entry => entry.Value), fold.CountSubmissions(task));
        for (var image = 0; image < confidences.Length; image++)
        {
            Assert.Equal(
                _best.Where(entry => entry.Key.Task == task.Value && entry.Key.Image == image).OrderBy(entry => entry.Key.Worker, StringComparer.Ordinal)
                    .Select(entry => (entry.Key.Worker, entry.Value.Kind, entry.Value.Time)),
                fold.AnswersOf(task, image).Answers.Select(answer => (answer.Worker.Value, answer.Kind, answer.At.UtcTicks)));
            Assert.All(fold.Workers, worker => Assert.Equal(
                _best.TryGetValue((task.Value, image, worker.Value), out var best) ? best.Time : null, fold.AnsweredAt(new ImageSpot(task, image), worker)?.UtcTicks));
            Assert.Equal((Count(task.Value, image, AnswerKind.Confirm), Count(task.Value, image, AnswerKind.Disconfirm)), (fold.CountsOf(task, image).Confirms, fold.CountsOf(task, image).Disconfirms));
            if (settings.MaxWorkersPerTask is not null) Assert.Equal(InDoubt().Contains((task.Value, image)), fold.IsInDoubt(new ImageSpot(task, image)));
            Assert.Equal(_adjudications.GetValueOrDefault((task.Value, image)), fold.LastAdjudicationOf(task, image));
        }
    }

    /// <summary>By version and bucket, and by the day of the last vote that counts.</summary>
    private ReviewBreakdown Breakdown()
    {
        var edges = settings.BucketEdges.Values;
        var images = _tasks.SelectMany(task => Enumerable.Range(0, task.Value.Length).Select(image => (Task: task.Key, Image: image))).Where(image => !_gold.Contains(image)).Select(image =>
        {
            var verdict = Decide(Count(image.Task, image.Image, AnswerKind.Confirm), Count(image.Task, image.Image, AnswerKind.Disconfirm));
            var votes = _best.Where(entry => (entry.Key.Task, entry.Key.Image) == image && IsCounted(entry.Key.Worker) && entry.Value.Kind is (AnswerKind.Confirm or AnswerKind.Disconfirm)).Select(entry => entry.Value.Time);
            return (Version: _versions.GetValueOrDefault(image), IsDone: Count(image.Task, image.Image, null) >= settings.WorkersPerTask, Bucket: BucketOf(_tasks[image.Task][image.Image], edges), Verdict: verdict,
                Final: _adjudications.GetValueOrDefault(image)?.Verdict ?? verdict, Day: (int)(votes.DefaultIfEmpty().Max() / TimeSpan.TicksPerDay));
        }).ToList();
        var versions = images.Where(image => image.Version is not null).GroupBy(image => image.Version!).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group =>
        {
            var (counts, final) = (new long[edges.Length + 2, 4], new long[edges.Length + 2, 4]);
            foreach (var image in group)
            {
                counts[image.Bucket, (int)image.Verdict]++;
                final[image.Bucket, (int)image.Final]++;
            }
            return new VersionTally(ModelVersion.Create(group.Key), Buckets(counts), Buckets(final));
        });
        var days = images.Where(image => image.IsDone && image.Verdict != Verdict.Unreviewed).GroupBy(image => (image.Day, Version: image.Version ?? ""))
            .OrderBy(group => group.Key.Day).ThenBy(group => group.Key.Version, StringComparer.Ordinal).Select(group => new DayTally(
                DateOnly.FromDayNumber(group.Key.Day), group.Key.Version.Length == 0 ? null : ModelVersion.Create(group.Key.Version),
                new BucketTally(group.Count(), group.Count(image => image.Verdict == Verdict.Confirmed), group.Count(image => image.Verdict == Verdict.Disconfirmed), group.Count(image => image.Verdict == Verdict.Split))));
        return new ReviewBreakdown([.. versions], [.. days]);
    }

    public ClassTally Tally()
    {
        var edges = settings.BucketEdges.Values;
        // By bucket and verdict; the intervals, then underflow, overflow, unknown.
        var (counts, final, done) = (new long[edges.Length + 2, 4], new long[edges.Length + 2, 4], new long[edges.Length + 2, 4]);
        foreach (var (task, confidences) in _tasks)
            for (var image = 0; image < confidences.Length; image++)
            {
                if (_gold.Contains((task, image))) continue;
                var verdict = Decide(Count(task, image, AnswerKind.Confirm), Count(task, image, AnswerKind.Disconfirm));
                counts[BucketOf(confidences[image], edges), (int)verdict]++;
                if (IsDone(task)) done[BucketOf(confidences[image], edges), (int)verdict]++;
                final[BucketOf(confidences[image], edges), (int)(_adjudications.GetValueOrDefault((task, image))?.Verdict ?? verdict)]++;
            }
        return new ClassTally(
            Buckets(counts),
            _best.Count(entry => IsCounted(entry.Key.Worker) && !_gold.Contains((entry.Key.Task, entry.Key.Image)) && (entry.Value.Kind is AnswerKind.Confirm or AnswerKind.Disconfirm)), _tasks.Count, _tasks.Keys.Count(IsDone),
            new SubmissionTime(_best.Values.Select(answer => answer.Time).DefaultIfEmpty().Max()),
            _best.Where(entry => IsCounted(entry.Key.Worker) && entry.Value.Kind == AnswerKind.NotSeen).Select(entry => (entry.Key.Task, entry.Key.Image)).Distinct().Except(_gold).Count())
        {
            Adjudicated = _adjudications.Count(entry => entry.Value.Verdict is not null && !_gold.Contains(entry.Key)),
            Final = Buckets(final),
            Done = Buckets(done),
            InDoubt = settings.MaxWorkersPerTask is null ? null : InDoubt().Count(),
        };
    }

    /// <summary>Images that have their first answers, which those that are left may still turn.</summary>
    private IEnumerable<(int Task, int Image)> InDoubt()
    {
        var most = settings.MaxWorkersPerTask!.Value;
        var needed = Policy.ToString() is var policy && policy.StartsWith("quorum", StringComparison.Ordinal) ? int.Parse(policy["quorum(".Length..^1], CultureInfo.InvariantCulture) : 1;
        foreach (var (task, confidences) in _tasks)
        {
            for (var image = 0; image < confidences.Length; image++)
            {
                var (confirms, disconfirms) = (Count(task, image, AnswerKind.Confirm), Count(task, image, AnswerKind.Disconfirm));
                var left = most - Count(task, image, null);
                if (left <= 0 || most - left < settings.WorkersPerTask || _gold.Contains((task, image)) || _adjudications.GetValueOrDefault((task, image))?.Verdict is not null) continue;
                var lead = Math.Abs(confirms - disconfirms);
                if (confirms + disconfirms < needed ? confirms + disconfirms + left >= needed : lead <= left && lead < settings.WorkersPerTask) yield return (task, image);
            }
        }
    }

    private IEnumerable<(double Confidence, Verdict Verdict)> Verdicts(bool isFinal, string? version = null) => _tasks.SelectMany(task => task.Value.Index()
        .Where(image => !_gold.Contains((task.Key, image.Index)) && (version is null || _versions.GetValueOrDefault((task.Key, image.Index)) == version)).Select(entry => (
        entry.Item, (isFinal ? _adjudications.GetValueOrDefault((task.Key, entry.Index))?.Verdict : null) ?? Decide(Count(task.Key, entry.Index, AnswerKind.Confirm), Count(task.Key, entry.Index, AnswerKind.Disconfirm)))));

    private static ImmutableArray<BucketTally> Buckets(long[,] counts) => [.. Enumerable.Range(0, counts.GetLength(0)).Select(bucket =>
        new BucketTally(counts[bucket, 0] + counts[bucket, 1] + counts[bucket, 2] + counts[bucket, 3], counts[bucket, 1], counts[bucket, 2], counts[bucket, 3]))];

    private bool IsCounted(string worker) => !SetAside.Contains(worker);

    private static int BucketOf(double confidence, ImmutableArray<double> edges)
    {
        if (double.IsNaN(confidence)) return edges.Length + 1;
        if (confidence < edges[0]) return edges.Length - 1;
        if (confidence > edges[^1]) return edges.Length;
        return Enumerable.Range(0, edges.Length - 1).First(interval => confidence < edges[interval + 1] || (interval == edges.Length - 2 && confidence <= edges[interval + 1]));
    }

    private Verdict Decide(int confirms, int disconfirms)
    {
        var policy = Policy.ToString();
        var needed = policy.StartsWith("quorum", StringComparison.Ordinal) ? int.Parse(policy["quorum(".Length..^1], CultureInfo.InvariantCulture) : 1;
        if (confirms + disconfirms < needed) return Verdict.Unreviewed;
        if (confirms == disconfirms || (policy == "unanimous" && confirms * disconfirms > 0)) return Verdict.Split;
        return confirms > disconfirms ? Verdict.Confirmed : Verdict.Disconfirmed;
    }

    private int Count(int task, int image, AnswerKind? kind) =>
        _best.Count(entry => entry.Key.Task == task && entry.Key.Image == image && IsCounted(entry.Key.Worker) && (kind is null || entry.Value.Kind == kind));

    private bool IsDone(int task) => Enumerable.Range(0, _tasks[task].Length).All(image => Count(task, image, null) >= settings.WorkersPerTask);

    private bool IsWhole(int task, string worker) => Enumerable.Range(0, _tasks[task].Length).All(image => _best.ContainsKey((task, image, worker)));

    private bool IsHeld(Submission submission) => Given(submission).All(given =>
        _best.TryGetValue((submission.Task.Value, given.Image, submission.Worker.Value), out var best) && best == (submission.At.UtcTicks, given.Kind));

    private static IEnumerable<(int Image, AnswerKind Kind)> Given(Submission submission) =>
        Enumerable.Range(0, submission.Answers.Count).Select(image => (image, submission.Answers[image])).Where(given => given.Item2 != AnswerKind.None);
}
