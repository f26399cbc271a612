using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace BulkQA.Core;

/// <summary>One image of a consolidated annotation: counts and who answered what.</summary>
public sealed record ConsolidatedImage(LabelingInput Image, AnswerSet Answers);

/// <summary>What the post-labeling function answers for one object, whatever the number of its workers.</summary>
/// <remarks>
/// Under the label attribute stands <c>{"policy":"quorum(2)","policyRevision":3,"images":[{"s3_image_url":"s3://…",
/// "label":"Dog","verdict":"Confirmed","confirms":2,"disconfirms":0,"notSeen":1,"answers":{"ann":true,"bob":true,"cyd":"notSeen"}}],
/// "problems":["…"]}</c>. <c>cantTell</c> and <c>notSeen</c> stand only where somebody could not tell, or did not see. Without a
/// policy there are neither <c>policy</c> and <c>policyRevision</c> nor verdicts, without problems no <c>problems</c>. What a
/// response has no room for is named: <c>"omitted":["answers"]</c>; with <c>"images"</c> among it, instead of the images stands
/// <c>"totals":{"images":25,"confirms":50,"disconfirms":3,"confirmed":22,"disconfirmed":1,"split":2,"unreviewed":0}</c>, without
/// verdicts where there is no policy, and with <c>cantTell</c> and <c>notSeen</c> as an image has them.
/// </remarks>
/// <param name="DatasetObjectId">As it was asked.</param>
/// <param name="Policy">What verdicts are given by; null where the object's inputs name none that is known.</param>
/// <param name="Images">Empty where the object could not be read.</param>
/// <param name="Problems">What of the object does not count, and why.</param>
public sealed record ConsolidatedAnnotation(
    string DatasetObjectId, TaskPolicy? Policy, ImmutableArray<ConsolidatedImage> Images, ImmutableArray<string> Problems)
{
    /// <summary>
    /// What a response has at most, in bytes. Lambda takes 6,291,556; what lies between is for whatever comes around it on its way.
    /// </summary>
    public const int MaxResponseBytes = 6_000_000;

    private enum Detail { All, NoAnswers, NoImages, NoProblems }

    /// <summary>
    /// The response to Ground Truth: one entry per object, its content under the label attribute. Where it would have more
    /// than <see cref="MaxResponseBytes"/>, the largest objects lose their workers' answers until it fits; where that does not
    /// do, the largest lose their images, then their problems. Only a response whose bare entries are too many is larger.
    /// </summary>
    public static byte[] Response(LabelAttributeName attribute, IEnumerable<ConsolidatedAnnotation> objects)
    {
        var annotations = objects.ToList();
        var entries = annotations.Select(annotation => annotation.Write(attribute, Detail.All)).ToArray();
        var bytes = 2 + entries.Sum(entry => entry.Length + 1L);
        for (var detail = Detail.NoAnswers; detail <= Detail.NoProblems && bytes > MaxResponseBytes; detail++)
        {
            foreach (var index in Enumerable.Range(0, entries.Length).OrderByDescending(index => entries[index].Length).ToList())
            {
                if (bytes <= MaxResponseBytes) break;
                var smaller = annotations[index].Write(attribute, detail);
                // To leave out little, and to say so, can take more than it saves.
                if (smaller.Length >= entries[index].Length) continue;
                bytes -= entries[index].Length - smaller.Length;
                entries[index] = smaller;
            }
        }
        return Join(entries, bytes);
    }

    private static byte[] Join(byte[][] entries, long bytes)
    {
        using var buffer = new MemoryStream((int)Math.Min(bytes, Array.MaxLength));
        buffer.WriteByte((byte)'[');
        foreach (var (index, entry) in entries.Index())
        {
            if (index > 0) buffer.WriteByte((byte)',');
            buffer.Write(entry);
        }
        buffer.WriteByte((byte)']');
        return buffer.ToArray();
    }

    private byte[] Write(LabelAttributeName attribute, Detail detail)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("datasetObjectId", DatasetObjectId);
            writer.WriteStartObject("consolidatedAnnotation");
            writer.WriteStartObject("content");
            writer.WriteStartObject(attribute.Value);
            WriteContent(writer, detail);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private void WriteContent(Utf8JsonWriter writer, Detail detail)
    {
        if (Policy is not null)
        {
            writer.WriteString("policy", Policy.Policy.ToString());
            if (Policy.Revision is { } revision) writer.WriteNumber("policyRevision", revision);
        }
        if (detail >= Detail.NoImages && Images.Length > 0) WriteTotals(writer);
        else WriteImages(writer, detail);
        if (detail < Detail.NoProblems && Problems.Length > 0) WriteTexts(writer, "problems", Problems);
        List<string> omitted = [];
        if (detail >= Detail.NoAnswers && Images.Any(image => image.Answers.Answers.Length > 0)) omitted.Add("answers");
        if (detail >= Detail.NoImages && Images.Length > 0) omitted.Add("images");
        if (detail >= Detail.NoProblems && Problems.Length > 0) omitted.Add("problems");
        if (omitted.Count > 0) WriteTexts(writer, "omitted", omitted);
    }

    private void WriteImages(Utf8JsonWriter writer, Detail detail)
    {
        writer.WriteStartArray("images");
        foreach (var image in Images)
        {
            writer.WriteStartObject();
            writer.WriteString("s3_image_url", image.Image.ImageUrl);
            writer.WriteString("label", image.Image.Label);
            if (Policy is not null) writer.WriteString("verdict", VerdictOf(image, Policy).ToString());
            writer.WriteNumber("confirms", image.Answers.Confirms);
            writer.WriteNumber("disconfirms", image.Answers.Disconfirms);
            WriteOthers(writer, image.Answers.CantTell, image.Answers.NotSeen);
            if (detail < Detail.NoAnswers)
            {
                writer.WriteStartObject("answers");
                foreach (var answer in image.Answers.Answers) WriteAnswer(writer, answer);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    /// <summary>How many answers are no votes.</summary>
    private static void WriteOthers(Utf8JsonWriter writer, int cantTell, int notSeen)
    {
        if (cantTell > 0) writer.WriteNumber("cantTell", cantTell);
        if (notSeen > 0) writer.WriteNumber("notSeen", notSeen);
    }

    /// <summary>A vote as before there was anything else: true or false.</summary>
    private static void WriteAnswer(Utf8JsonWriter writer, ImageAnswer answer)
    {
        if (answer.IsVote) writer.WriteBoolean(answer.Worker.Value, answer.Kind == AnswerKind.Confirm);
        else writer.WriteString(answer.Worker.Value, AnswerKinds.NameOf(answer.Kind));
    }

    private void WriteTotals(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("totals");
        writer.WriteNumber("images", Images.Length);
        writer.WriteNumber("confirms", Images.Sum(image => image.Answers.Confirms));
        writer.WriteNumber("disconfirms", Images.Sum(image => image.Answers.Disconfirms));
        WriteOthers(writer, Images.Sum(image => image.Answers.CantTell), Images.Sum(image => image.Answers.NotSeen));
        if (Policy is not null)
        {
            var verdicts = Images.CountBy(image => VerdictOf(image, Policy)).ToDictionary();
            writer.WriteNumber("confirmed", verdicts.GetValueOrDefault(Verdict.Confirmed));
            writer.WriteNumber("disconfirmed", verdicts.GetValueOrDefault(Verdict.Disconfirmed));
            writer.WriteNumber("split", verdicts.GetValueOrDefault(Verdict.Split));
            writer.WriteNumber("unreviewed", verdicts.GetValueOrDefault(Verdict.Unreviewed));
        }
        writer.WriteEndObject();
    }

    private static Verdict VerdictOf(ConsolidatedImage image, TaskPolicy policy) => policy.Policy.Decide(image.Answers.Confirms, image.Answers.Disconfirms);

    private static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts) writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
