using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using BulkQA.Core;

namespace BulkQA.Simulation.Tests;

/// <summary>One image of a run; gold where its answer is known.</summary>
internal readonly record struct SimulatedImage(ImageUrl Url, Label Label, Percent? Confidence, bool? Gold = null);

/// <summary>A message of a run, and whether it must end among the dead letters.</summary>
internal sealed record SimulatedMessage(string Body, bool IsPoison);

/// <summary>
/// What a seed makes of a job: its settings, its images and the answers about to come in. What they must amount to is
/// <see cref="Expected"/>.
/// </summary>
internal sealed class Workload
{
    private static readonly JsonSerializerOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Random _random;
    private readonly DateTimeOffset _now;

    public Workload(int seed, DateTimeOffset now)
    {
        (_random, _now) = (new Random(seed), now);
        Name = JobName.Create($"s{seed}-{Guid.NewGuid():N}");
        var policy = _random.Next(3) switch { 0 => VerdictPolicy.Unanimous, 1 => VerdictPolicy.Majority, _ => VerdictPolicy.Quorum(2) };
        Draft = new JobDraft
        {
            BatchSize = _random.Next(3, 12),
            // A quorum of two asks for two workers.
            WorkersPerTask = _random.Next(policy.RequiredVotes, 4),
            Policy = policy,
            Gold = _random.Next(3) == 0 ? new GoldMix(_random.Next(GoldMix.MinOneIn, 7), seed) : null,
            Reestimate = _random.Next(4) == 0 ? new Reestimation(Reestimation.LeastVotes, ReliabilityMethod.TwoCoin) : null,
            Order = _random.Next(3) == 0 ? TaskOrder.MostErrorsFirst : TaskOrder.AsCut,
            LabelTable = _random.Next(2) == 0 ? LabelTableMode.OnDone : LabelTableMode.Off,
        };
        if (Draft.Gold is not null && _random.Next(2) == 0) Draft = Draft with { PassMark = Percent.Create(60) };
        string[] labels = ["Dog", "Cat # 7", "é/犬-2"];
        // Some runs have a class that grows over several partitions on the way.
        var most = _random.Next(4) == 0 ? 150 : 35;
        Images = [.. labels.Take(_random.Next(1, labels.Length + 1)).SelectMany(label => Enumerable.Range(0, _random.Next(5, most)).Select(number =>
            new SimulatedImage(ImageUrl.Create($"s3://b/{label.Length}/{number}.jpg"), Label.Create(label), _random.Next(10) == 0 ? null : Percent.Create(_random.Next(700, 1_001) / 10.0))))];
        // In a third of the runs, none of which has twins: of two activations that look, one may not know yet what the other has decided.
        if (seed % 3 == 1)
        {
            Draft = Draft with { Order = TaskOrder.Random(seed % 1_000), WorkersPerTask = policy.RequiredVotes };
            Target = new JobTarget(seed % 4 / 2.0, 0.5, seed % 2 == 0 ? TargetScope.Class : TargetScope.ClassAndBucket);
            Images = [.. Images.OrderBy(image => image.Label).ThenBy(image => ShuffleKey.Of(seed % 1_000, image.Label, image.Url))];
        }
        // Others ask further workers about images in doubt.
        if (seed % 3 == 2 && policy != VerdictPolicy.Unanimous) Draft = Draft with { MaxWorkersPerTask = Draft.WorkersPerTask + 1 + (seed % 2) };
        // All that is handed out is counted, and more is allowed than there is.
        if (seed % 5 == 0) Draft = Draft with { Assignment = new JobAssignment { MaxTasksPerWorker = JobAssignment.MaxTasks, Portion = new WorkPortion(WorkPortion.MaxTasks, 1) } };
        Gold = Draft.Gold is null ? [] : [.. Images.Select(image => image.Label).Distinct().SelectMany(label => Enumerable.Range(0, _random.Next(1, 15)).Select(number =>
            new SimulatedImage(ImageUrl.Create($"s3://b/{label.Value.Length}/gold/{number}.jpg"), label, Percent.Create(90), _random.Next(2) == 0)))];
    }

    public JobName Name { get; }

    public JobDraft Draft { get; }

    public IReadOnlyList<SimulatedImage> Images { get; }

    /// <summary>What some runs have to show; their images are in the order that an import shuffles them into.</summary>
    public JobTarget? Target { get; }

    /// <summary>In some runs, images that are mixed into tasks among the others.</summary>
    public IReadOnlyList<SimulatedImage> Gold { get; }

    /// <summary>What must be among the answers in the end; nothing else may be, but what is unconfirmed.</summary>
    public ExpectedAnswers Expected { get; } = new();

    /// <summary>Answers by task to tasks that were cut, some whole and some in part, and poison among them.</summary>
    public IEnumerable<SimulatedMessage> MessagesTo(Incarnation incarnation, Label label, IReadOnlyList<TaskContent> tasks)
    {
        foreach (var task in tasks)
        {
            for (var left = _random.Next(3); left > 0; left--) yield return AnswerTask(incarnation, label, task);
            if (_random.Next(10) == 0) yield return Poison(incarnation, label, task);
        }
    }

    /// <summary>Answers by image to images that were imported, of any tasks, in the words of this release and of the one before.</summary>
    public IEnumerable<SimulatedMessage> MessagesTo(Incarnation incarnation, IReadOnlyList<SimulatedImage> images)
    {
        for (var left = _random.Next(1 + (images.Count / 8)); left > 0; left--)
        {
            var some = images.OrderBy(_ => _random.Next()).Take(_random.Next(1, 13)).ToList();
            yield return _random.Next(2) == 0 ? AnswerImages(incarnation, some) : AnswerAsBefore(incarnation, some);
        }
    }

    /// <summary>A message to a life of the job that is over. It has more answers than any task, in case its partitions have not heard of the end yet.</summary>
    public SimulatedMessage ToFormer(Incarnation former) =>
        Dead(AnswersMessage.Of(former, new TaskNumber(_random.Next(3)), At(), Workers(TaskContent.MaxImages, arePartial: false)));

    /// <summary>What one worker answers at one time to a task, whole or in part.</summary>
    public Submission Submit(Label label, TaskContent task)
    {
        var submission = new Submission(
            task.Number, Worker(), At(), Answers(task.Images.Length, isPartial: _random.Next(3) == 0), AnswerSource.WorkerPage, Start(), Taken());
        Expected.Add(label, task, submission.Worker, submission.At, submission.Answers);
        return submission;
    }

    /// <summary>For a caller that tries once and gives up: it may count or not.</summary>
    public Submission Uncertain(int number, Label label, TaskContent task)
    {
        var submission = new Submission(
            task.Number, WorkerId.Create($"uncertain-{number}"), At(), Answers(task.Images.Length, isPartial: _random.Next(2) == 0));
        Expected.AddUncertain(label, task, submission.Worker, submission.At, submission.Answers);
        return submission;
    }

    public VerdictPolicy AnyPolicy() => _random.Next(3) switch { 0 when Draft.MaxWorkersPerTask is null => VerdictPolicy.Unanimous, 0 => VerdictPolicy.Majority, 1 => VerdictPolicy.Majority, _ => Draft.WorkersPerTask >= 2 ? VerdictPolicy.Quorum(2) : VerdictPolicy.Majority };

    private SimulatedMessage AnswerTask(Incarnation incarnation, Label label, TaskContent task, string? makeUnreadable = null)
    {
        var (at, workers) = (At(), Workers(task.Images.Length, arePartial: _random.Next(4) == 0));
        foreach (var worker in workers) Expected.Add(label, task, worker.Worker, at, worker.Answers);
        return Message(AnswersMessage.Of(incarnation, task.Number, at, workers), "workers", makeUnreadable);
    }

    private SimulatedMessage AnswerImages(Incarnation incarnation, IReadOnlyList<SimulatedImage> images, string? makeUnreadable = null)
    {
        var at = At();
        var answered = images.Select(image => new MessageImage(image.Url, image.Label, [.. AFew(() => Kind()).Select(answer => KeyValuePair.Create(WorkerId.Create(answer.Worker), answer.Answer))])).ToImmutableArray();
        foreach (var image in answered)
            foreach (var (worker, kind) in image.Answers) Expected.Add(image.Label, image.Url, worker, at, kind);
        return Message(AnswersMessage.Of(Name, _random.Next(2) == 0 ? incarnation : null, at, answered), "images", makeUnreadable);
    }

    /// <summary>Schema 1, as the release before wrote it: images alone, true or false. Its task only says whose they are.</summary>
    private SimulatedMessage AnswerAsBefore(Incarnation incarnation, IReadOnlyList<SimulatedImage> images)
    {
        var at = At();
        var message = new JsonObject { ["schema"] = 1, ["job"] = Name.Value };
        if (_random.Next(2) == 0) message["incarnation"] = incarnation.Value;
        if (_random.Next(2) == 0) message["task"] = _random.Next(1_000);
        if (at != SubmissionTime.None) message["submittedAt"] = at.UtcTicks;
        message["images"] = new JsonArray([.. images.Select(image =>
        {
            var answers = new JsonObject();
            foreach (var (worker, confirmed) in AFew(() => _random.Next(3) > 0))
            {
                answers[worker] = confirmed;
                Expected.Add(image.Label, image.Url, WorkerId.Create(worker), at, confirmed ? AnswerKind.Confirm : AnswerKind.Disconfirm);
            }
            return (JsonNode)new JsonObject { ["url"] = image.Url.Value, ["label"] = image.Label.Value, ["confidence"] = image.Confidence?.ToString() ?? "0", ["answers"] = answers };
        })]);
        return new SimulatedMessage(message.ToJsonString(_json), IsPoison: false);
    }

    private SimulatedMessage Poison(Incarnation incarnation, Label label, TaskContent task)
    {
        var unreadable = $"{_random.Next(1_000_000)}";
        MessageImage[] images = [new(task.Images[0].Url, label, [new(WorkerId.Create("poison"), AnswerKind.Confirm)])];
        var byImage = AnswersMessage.Of(Name, incarnation, new SubmissionTime(1), [.. images]);
        var byTask = AnswersMessage.Of(incarnation, task.Number, new SubmissionTime(1), [new MessageWorker(WorkerId.Create("poison"), TaskAnswers.Parse(new string('c', task.Images.Length)))]);
        return _random.Next(14) switch
        {
            // Their good part counts all the same.
            0 => AnswerTask(incarnation, label, task, unreadable),
            1 => AnswerImages(incarnation, [.. task.Images.Select(image => new SimulatedImage(image.Url, label, image.Confidence))], unreadable),
            2 => WithOneUnknown(incarnation, label, task),
            3 => Dead($"no json {_random.Next()}"),
            4 => Dead($$"""{"schema":99,"job":"{{Name}}","images":[],"n":{{_random.Next()}}}"""),
            5 => Dead(byImage with { Incarnation = Incarnation.New(Name) }),
            6 => Dead(AnswersMessage.Of(Incarnation.New(Name), task.Number, new SubmissionTime(1), byTask.Workers)),
            7 => Dead(byImage with { Job = JobName.Create($"none-{_random.Next()}"), Incarnation = null }),
            8 => Dead(byImage with { SubmittedAt = SubmissionTime.From(_now + TimeSpan.FromHours(1 + _random.Next(9))) }),
            9 => Dead(byTask with { SubmittedAt = SubmissionTime.From(_now + TimeSpan.FromHours(1 + _random.Next(9))) }),
            10 => Dead(byImage with { Images = [images[0] with { Url = ImageUrl.Create($"s3://b/none/{_random.Next()}") }] }),
            11 => Dead(byImage with { Images = [images[0] with { Label = Label.Create($"none-{_random.Next()}") }] }),
            12 => Dead(byTask with { Task = new TaskNumber(1_000_000 + _random.Next(1_000_000)) }),
            _ => Dead(byTask with { Workers = [byTask.Workers[0] with { Answers = TaskAnswers.Parse(new string('c', task.Images.Length + (task.Images.Length > 1 ? (_random.Next(2) * 2) - 1 : 1))) }] }),
        };
    }

    /// <summary>Of two workers one gives another number of answers than the task has images: the other one's count.</summary>
    private SimulatedMessage WithOneUnknown(Incarnation incarnation, Label label, TaskContent task)
    {
        var (at, workers) = (At(), Workers(task.Images.Length, arePartial: false)[..1]);
        Expected.Add(label, task, workers[0].Worker, at, workers[0].Answers);
        var misfit = new MessageWorker(WorkerId.Create("poison"), TaskAnswers.Parse(new string('d', task.Images.Length + 1)));
        return Dead(AnswersMessage.Of(incarnation, task.Number, at, _random.Next(2) == 0 ? [misfit, .. workers] : [.. workers, misfit]));
    }

    private static SimulatedMessage Message(AnswersMessage message, string list, string? makeUnreadable)
    {
        var body = Encoding.UTF8.GetString(message.Write());
        return new SimulatedMessage(makeUnreadable is null ? body : body.Replace($"\"{list}\":[", $"\"{list}\":[{makeUnreadable},", StringComparison.Ordinal), makeUnreadable is not null);
    }

    private static SimulatedMessage Dead(AnswersMessage message) => Dead(Encoding.UTF8.GetString(message.Write()));

    private static SimulatedMessage Dead(string body) => new(body, IsPoison: true);

    /// <summary>One to three workers, each once.</summary>
    private ImmutableArray<MessageWorker> Workers(int images, bool arePartial) =>
        [.. AFew(() => Answers(images, arePartial)).Select(worker => new MessageWorker(WorkerId.Create(worker.Worker), worker.Answer, Start(), Taken()))];

    private List<(string Worker, T Answer)> AFew<T>(Func<T> answer) =>
        [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Worker().Value).Distinct().Select(worker => (worker, answer()))];

    /// <summary>Those who answer all the time.</summary>
    public static IEnumerable<WorkerId> Regulars => Enumerable.Range(0, 5).Select(number => WorkerId.Create($"w{number}"));

    public WorkerId AnyWorker() => Worker();

    private WorkerId Worker() => Regulars.ElementAt(_random.Next(5));

    /// <summary>One of a few times, so that some are equal; now and then none.</summary>
    private SubmissionTime At()
    {
        int[] minutes = [-60, -40, -3, -2, -1, 0, 1, 4];
        return _random.Next(8) == 0 ? SubmissionTime.None : SubmissionTime.From(_now + TimeSpan.FromMinutes(minutes[_random.Next(minutes.Length)]));
    }

    private BoxesAtStart Start() => (BoxesAtStart)_random.Next(4);

    private TimeSpan? Taken() => _random.Next(3) == 0 ? null : TimeSpan.FromSeconds(_random.Next(100));

    private TaskAnswers Answers(int images, bool isPartial)
    {
        var answers = Enumerable.Range(0, images).Select(_ => isPartial && _random.Next(2) == 0 ? AnswerKind.None : Kind()).ToArray();
        // One at least.
        answers[_random.Next(images)] = Kind();
        return TaskAnswers.Of(answers);
    }

    private AnswerKind Kind() => _random.Next(10) switch { < 5 => AnswerKind.Confirm, < 8 => AnswerKind.Disconfirm, 8 => AnswerKind.CantTell, _ => AnswerKind.NotSeen };
}
