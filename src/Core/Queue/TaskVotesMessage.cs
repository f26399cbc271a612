using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace BulkQA.Core;

/// <summary>
/// The votes of one task by all its workers, as they travel over the queue: every vote resolved to its image, and
/// everything in it that placing the votes takes.
/// </summary>
/// <remarks>
/// <c>{"schema":1,"job":"dogs","incarnation":"dogs~0123456789ab","task":7,"submittedAt":639000000000000000,
/// "images":[{"url":"s3://…","label":"Dog","confidence":"87.27","answers":{"worker":true}}]}</c>. A message of a later
/// schema is refused, not guessed at; unknown fields are ignored.
/// </remarks>
/// <param name="Job">Whose votes; the present life of the job where <paramref name="Incarnation"/> is null.</param>
/// <param name="Incarnation">Which life of the job.</param>
/// <param name="Task">The task whose images these are, all of them; null where they are a part, or the task isn't known.</param>
/// <param name="SubmittedAt">Stamped by who first received the answers.</param>
/// <param name="Images">Each image once.</param>
public sealed record TaskVotesMessage(
    JobName Job, Incarnation? Incarnation, TaskNumber? Task, SubmissionTime SubmittedAt, ImmutableArray<MessageImage> Images)
{
    public const int Schema = 1;

    /// <summary>What SQS takes in one message or batch, in bytes; a message's attributes count.</summary>
    public const int QueueBytes = 1024 * 1024;

    /// <summary>What a message has at most, in bytes: should it become a dead letter, its reason fits beside it.</summary>
    public const int MaxBytes = QueueBytes - DeadLetterReason.MaxBytes;

    /// <summary>A message with more images is refused.</summary>
    public const int MaxImages = 2_000;

    // It escapes what JSON and SQS can't carry and leaves the rest of Unicode as short as it is.
    private static readonly JsonWriterOptions _writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public byte[] Write()
    {
        using var buffer = new MemoryStream(256 + (Images.Length * 256));
        using (var writer = new Utf8JsonWriter(buffer, _writing))
        {
            writer.WriteStartObject();
            writer.WriteNumber("schema"u8, Schema);
            writer.WriteString("job"u8, Job.Value);
            if (Incarnation is { } incarnation) writer.WriteString("incarnation"u8, incarnation.Value);
            if (Task is { } task) writer.WriteNumber("task"u8, task.Value);
            if (SubmittedAt != SubmissionTime.None) writer.WriteNumber("submittedAt"u8, SubmittedAt.UtcTicks);
            writer.WriteStartArray("images"u8);
            foreach (var image in Images)
            {
                writer.WriteStartObject();
                writer.WriteString("url"u8, image.Url.Value);
                writer.WriteString("label"u8, image.Label.Value);
                if (image.Confidence is { } confidence) writer.WriteString("confidence"u8, confidence.ToString());
                writer.WriteStartObject("answers"u8);
                foreach (var (worker, confirmed) in image.Answers) writer.WriteBoolean(worker.Value, confirmed);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>
    /// Messages of at most <see cref="MaxBytes"/> and <see cref="MaxImages"/>: this one, or its halves, and halves of halves.
    /// </summary>
    /// <exception cref="BadInputException">A single image's answers take more than that.</exception>
    public IEnumerable<byte[]> WriteParts()
    {
        if (Images.Length <= MaxImages)
        {
            var whole = Write();
            if (whole.Length <= MaxBytes) return [whole];
            if (Images.Length <= 1) throw new BadInputException($"the answers to one image take {whole.Length} bytes; a message holds {MaxBytes}");
        }
        var half = Images.Length / 2;
        return (this with { Task = null, Images = Images[..half] }).WriteParts()
            .Concat((this with { Task = null, Images = Images[half..] }).WriteParts());
    }

    /// <summary>The message, and what is wrong with those of its images that can't be read.</summary>
    /// <exception cref="BadInputException">It is no message, of another schema, or holds no images.</exception>
    public static (TaskVotesMessage Message, ImmutableArray<string> Problems) Parse(ReadOnlyMemory<byte> json)
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

    private static (TaskVotesMessage, ImmutableArray<string>) Read(JsonElement root)
    {
        if (!root.TryGetProperty("schema", out var schema) || !schema.TryGetInt32Safely(out var number)) throw new BadInputException("schema: missing, or not a number");
        if (number != Schema) throw new BadInputException($"schema: {number} is not known; this version reads {Schema}");
        if (!JobName.TryCreate(GroundTruthJson.Text(root, "job"), out var job, out var problem)) throw new BadInputException($"job: {problem}");
        Incarnation? incarnation = root.TryGetProperty("incarnation", out _) ? Core.Incarnation.Parse(GroundTruthJson.Text(root, "incarnation")) : null;
        TaskNumber? task = root.TryGetProperty("task", out var given) && given.TryGetInt32Safely(out var value) && value >= 0 ? new TaskNumber(value) : null;
        var at = SubmissionTime.None;
        if (root.TryGetProperty("submittedAt", out var time))
            at = time.ValueKind == JsonValueKind.Number && time.TryGetInt64(out var ticks) && ticks >= 0 && ticks <= DateTime.MaxValue.Ticks
                ? new SubmissionTime(ticks) : throw new BadInputException("submittedAt: not a time in UTC ticks");
        if (!root.TryGetProperty("images", out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > MaxImages)
            throw new BadInputException($"images: not an array of 1 to {MaxImages}");
        var images = new List<MessageImage>();
        var problems = ImmutableArray.CreateBuilder<string>();
        var index = 0;
        foreach (var element in list.EnumerateArray())
        {
            try
            {
                images.Add(MessageImage.Read(element));
            }
            catch (BadInputException e)
            {
                problems.Add($"image {index}: {e.Message}");
            }
            index++;
        }
        return (new TaskVotesMessage(job, incarnation, task, at, [.. images]), problems.ToImmutable());
    }
}

/// <param name="Confidence">Fills a gap where the corpus gave none.</param>
/// <param name="Answers">Each worker once; true confirms.</param>
public sealed record MessageImage(
    ImageUrl Url, Label Label, Percent? Confidence, ImmutableArray<KeyValuePair<WorkerId, bool>> Answers)
{
    internal static MessageImage Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new BadInputException("it is not a JSON object");
        var url = ImageUrl.Create(GroundTruthJson.Text(json, "url"));
        var label = Label.Create(GroundTruthJson.Text(json, "label"));
        Percent? confidence = null;
        if (GroundTruthJson.Text(json, "confidence") is { } text)
            confidence = Percent.TryParse(text, out var percent) ? percent : throw new BadInputException($"confidence '{CorpusFields.Excerpt(text)}' is not from 0 to 100");
        if (!json.TryGetProperty("answers", out var answers) || answers.ValueKind != JsonValueKind.Object) throw new BadInputException("it has no answers");
        var votes = ImmutableArray.CreateBuilder<KeyValuePair<WorkerId, bool>>();
        foreach (var answer in answers.EnumerateObject())
        {
            votes.Add(new(WorkerId.Create(answer.Name), answer.Value.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                _ => throw new BadInputException($"the answer of '{answer.Name}' is neither true nor false"),
            }));
        }
        return votes.Count is > 0 and <= VoteSet.MaxWorkers
            ? new MessageImage(url, label, confidence, votes.ToImmutable())
            : throw new BadInputException($"it has {votes.Count} answers, not 1 to {VoteSet.MaxWorkers}");
    }
}
