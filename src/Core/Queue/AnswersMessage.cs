using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace BulkQA.Core;

/// <summary>
/// The answers of all workers to one task, as they travel over the queue: by the task's number and the order of its images
/// where BulkQA made the task's inputs, image by image otherwise.
/// </summary>
/// <remarks>
/// Schema 2: <c>{"schema":2,"job":"dogs","incarnation":"dogs~0123456789ab","task":7,"submittedAt":639000000000000000,
/// "workers":[{"worker":"ann","answers":"ccdt","boxes":"ticked","seconds":12.5}]}</c>, or instead of <c>task</c> and
/// <c>workers</c> <c>"images":[{"url":"s3://…","label":"Dog","answers":{"ann":"confirm"}}]</c>. Schema 1 has images alone, whose
/// answers are true or false; it is still read. A message of a later schema is refused, not guessed at; unknown fields are ignored.
/// </remarks>
/// <param name="Job">Whose answers; the present life of the job where <paramref name="Incarnation"/> is null.</param>
/// <param name="Incarnation">Which life of the job; given where <paramref name="Task"/> is.</param>
/// <param name="Task">The task that <paramref name="Workers"/> answered; null where there are <paramref name="Images"/>.</param>
/// <param name="SubmittedAt">Stamped by who first received the answers.</param>
/// <param name="Workers">Each worker once.</param>
/// <param name="Images">Each image once.</param>
public sealed record AnswersMessage(
    JobName Job, Incarnation? Incarnation, TaskNumber? Task, SubmissionTime SubmittedAt, ImmutableArray<MessageWorker> Workers, ImmutableArray<MessageImage> Images)
{
    public const int Schema = 2;

    /// <summary>What SQS takes in one message or batch, in bytes; a message's attributes count.</summary>
    public const int QueueBytes = 1024 * 1024;

    /// <summary>What a message has at most, in bytes: should it become a dead letter, its reason fits beside it.</summary>
    public const int MaxBytes = QueueBytes - DeadLetterReason.MaxBytes;

    /// <summary>A message with more images is refused.</summary>
    public const int MaxImages = 2_000;

    // It escapes what JSON and SQS can't carry and leaves the rest of Unicode as short as it is.
    private static readonly JsonWriterOptions _writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A message with answers by task.</summary>
    public static AnswersMessage Of(Incarnation incarnation, TaskNumber task, SubmissionTime at, ImmutableArray<MessageWorker> workers) =>
        new(incarnation.Job, incarnation, task, at, workers, []);

    /// <summary>A message with answers by image.</summary>
    public static AnswersMessage Of(JobName job, Incarnation? incarnation, SubmissionTime at, ImmutableArray<MessageImage> images) =>
        new(job, incarnation, null, at, [], images);

    /// <summary>How many images it has answers to; at least 1.</summary>
    public int ImageCount => Math.Max(1, Images.Length + (Workers.IsEmpty ? 0 : Workers.Max(worker => worker.Answers.Count)));

    public byte[] Write()
    {
        using var buffer = new MemoryStream(256 + (Images.Length * 256) + (Workers.Length * 128));
        using (var writer = new Utf8JsonWriter(buffer, _writing))
        {
            writer.WriteStartObject();
            writer.WriteNumber("schema"u8, Schema);
            writer.WriteString("job"u8, Job.Value);
            if (Incarnation is { } incarnation) writer.WriteString("incarnation"u8, incarnation.Value);
            if (SubmittedAt != SubmissionTime.None) writer.WriteNumber("submittedAt"u8, SubmittedAt.UtcTicks);
            if (Task is { } task)
            {
                writer.WriteNumber("task"u8, task.Value);
                writer.WriteStartArray("workers"u8);
                foreach (var worker in Workers) worker.Write(writer);
                writer.WriteEndArray();
            }
            else
            {
                writer.WriteStartArray("images"u8);
                foreach (var image in Images) image.Write(writer);
                writer.WriteEndArray();
            }
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>
    /// Messages of at most <see cref="MaxBytes"/>, <see cref="MaxImages"/> and <see cref="AnswerSet.MaxWorkers"/>: this one, or its
    /// halves, and halves of halves.
    /// </summary>
    /// <exception cref="BadInputException">A single image's or worker's answers take more than that.</exception>
    public IEnumerable<byte[]> WriteParts()
    {
        if (Images.Length <= MaxImages && Workers.Length <= AnswerSet.MaxWorkers)
        {
            var whole = Write();
            if (whole.Length <= MaxBytes) return [whole];
            if (Images.Length + Workers.Length <= 1) throw new BadInputException($"one answer takes {whole.Length} bytes; a message holds {MaxBytes}");
        }
        return Task is null
            ? (this with { Images = Images[..(Images.Length / 2)] }).WriteParts().Concat((this with { Images = Images[(Images.Length / 2)..] }).WriteParts())
            : (this with { Workers = Workers[..(Workers.Length / 2)] }).WriteParts().Concat((this with { Workers = Workers[(Workers.Length / 2)..] }).WriteParts());
    }

    /// <summary>The message, and what is wrong with those of its workers or images that can't be read.</summary>
    /// <exception cref="BadInputException">It is no message, of another schema, or holds no answers.</exception>
    public static (AnswersMessage Message, ImmutableArray<string> Problems) Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = GroundTruthJson.Parse(json, "the message");
            return Read(document.RootElement);
        }
        catch (InvalidOperationException e)
        {
            throw new BadInputException("a text of the message is not valid Unicode", e);
        }
    }

    private static (AnswersMessage, ImmutableArray<string>) Read(JsonElement root)
    {
        if (!root.TryGetProperty("schema", out var schema) || !schema.TryGetInt32Safely(out var number)) throw new BadInputException("schema: missing, or not a number");
        if (number is not (1 or Schema)) throw new BadInputException($"schema: {number} is not known; this version reads 1 and {Schema}");
        if (!JobName.TryCreate(GroundTruthJson.Text(root, "job"), out var job, out var problem)) throw new BadInputException($"job: {problem}");
        Incarnation? incarnation = root.TryGetProperty("incarnation", out _) ? Core.Incarnation.Parse(GroundTruthJson.Text(root, "incarnation")) : null;
        var at = SubmissionTime.None;
        if (root.TryGetProperty("submittedAt", out var time))
            at = time.ValueKind == JsonValueKind.Number && time.TryGetInt64(out var ticks) && ticks >= 0 && ticks <= DateTime.MaxValue.Ticks
                ? new SubmissionTime(ticks) : throw new BadInputException("submittedAt: not a time in UTC ticks");
        var problems = ImmutableArray.CreateBuilder<string>();
        // In schema 1 the task only says whose images these are.
        if (number == 1 || !root.TryGetProperty("task", out var given))
            return (Of(job, incarnation, at, ReadList(root, "images", "image", MaxImages, MessageImage.Read, problems)), problems.ToImmutable());
        if (!given.TryGetInt32Safely(out var task) || task < 0) throw new BadInputException("task: not a task's number");
        if (incarnation is null) throw new BadInputException("incarnation: missing; a task has a number in one life of a job");
        var workers = ReadList(root, "workers", "worker", AnswerSet.MaxWorkers, MessageWorker.Read, problems);
        return (Of(incarnation.Value, new TaskNumber(task), at, workers) with { Job = job }, problems.ToImmutable());
    }

    private static ImmutableArray<T> ReadList<T>(JsonElement root, string name, string item, int most, Func<JsonElement, T> read, ImmutableArray<string>.Builder problems)
    {
        if (!root.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is var length && (length == 0 || length > most))
            throw new BadInputException($"{name}: not an array of 1 to {most}");
        var items = ImmutableArray.CreateBuilder<T>(list.GetArrayLength());
        var index = 0;
        foreach (var element in list.EnumerateArray())
        {
            try
            {
                items.Add(read(element));
            }
            catch (Exception e) when (e is BadInputException or InvalidOperationException)
            {
                problems.Add($"{item} {index}: {(e is BadInputException ? e.Message : "a text of it is not valid Unicode")}");
            }
            index++;
        }
        return items.ToImmutable();
    }
}

/// <summary>One worker's answers to the task of a message.</summary>
/// <param name="Answers">In the order of the task's inputs.</param>
/// <param name="Start">How the boxes were at first.</param>
/// <param name="Taken">How long the worker took; null where it isn't known.</param>
public sealed record MessageWorker(WorkerId Worker, TaskAnswers Answers, BoxesAtStart Start = BoxesAtStart.Unknown, TimeSpan? Taken = null)
{
    /// <summary>The longest time that counts as one: a week.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromDays(7);

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("worker"u8, Worker.Value);
        writer.WriteString("answers"u8, Answers.Text);
        if (BoxStates.NameOf(Start) is { } start) writer.WriteString("boxes"u8, start);
        if (Taken is { } taken) writer.WriteNumber("seconds"u8, taken.TotalSeconds);
        writer.WriteEndObject();
    }

    internal static MessageWorker Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new BadInputException("it is not a JSON object");
        var worker = WorkerId.Create(GroundTruthJson.Text(json, "worker"));
        var answers = TaskAnswers.Parse(GroundTruthJson.Text(json, "answers"));
        var boxes = GroundTruthJson.Text(json, "boxes");
        var start = boxes is null ? BoxesAtStart.Unknown
            : BoxStates.OfName(boxes) ?? throw new BadInputException($"boxes '{Text.Excerpt(boxes)}' are none of ticked, unticked and neither");
        TimeSpan? taken = null;
        if (json.TryGetProperty("seconds", out var seconds))
            taken = seconds.ValueKind == JsonValueKind.Number && seconds.TryGetDouble(out var value) && value >= 0 && value <= _longest.TotalSeconds
                ? TimeSpan.FromTicks((long)Math.Round(value * TimeSpan.TicksPerSecond)) : throw new BadInputException("seconds are not from 0 to 604,800");
        return new MessageWorker(worker, answers, start, taken);
    }
}

/// <summary>The answers to one image of a message.</summary>
/// <param name="Answers">Each worker once.</param>
public sealed record MessageImage(ImageUrl Url, Label Label, ImmutableArray<KeyValuePair<WorkerId, AnswerKind>> Answers)
{
    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("url"u8, Url.Value);
        writer.WriteString("label"u8, Label.Value);
        writer.WriteStartObject("answers"u8);
        foreach (var (worker, kind) in Answers) writer.WriteString(worker.Value, AnswerKinds.NameOf(kind));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    internal static MessageImage Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new BadInputException("it is not a JSON object");
        var url = ImageUrl.Create(GroundTruthJson.Text(json, "url"));
        var label = Label.Create(GroundTruthJson.Text(json, "label"));
        if (!json.TryGetProperty("answers", out var answers) || answers.ValueKind != JsonValueKind.Object) throw new BadInputException("it has no answers");
        var found = ImmutableArray.CreateBuilder<KeyValuePair<WorkerId, AnswerKind>>();
        foreach (var answer in answers.EnumerateObject())
        {
            found.Add(new(WorkerId.Create(answer.Name), answer.Value.ValueKind switch
            {
                JsonValueKind.True => AnswerKind.Confirm,
                JsonValueKind.False => AnswerKind.Disconfirm,
                JsonValueKind.String when AnswerKinds.OfName(answer.Value.GetString()) is { } kind => kind,
                _ => throw new BadInputException($"the answer of '{answer.Name}' is none of confirm, disconfirm, cantTell and notSeen"),
            }));
        }
        return found.Count is > 0 and <= AnswerSet.MaxWorkers
            ? new MessageImage(url, label, found.ToImmutable())
            : throw new BadInputException($"it has {found.Count} answers, not 1 to {AnswerSet.MaxWorkers}");
    }
}
