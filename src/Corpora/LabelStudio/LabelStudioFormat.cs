using System.Runtime.CompilerServices;
using System.Text.Json;

namespace BulkQA.Corpora;

/// <summary>
/// JSON exports of Label Studio: an array of tasks. A task's prediction of a choice gives label and score; where there is none, what a
/// person chose (<c>annotations</c>) gives the label. https://labelstud.io/guide/export
/// </summary>
internal sealed class LabelStudioFormat : ICorpusFormat
{
    public string Name => "labelstudio";

    public IReadOnlyList<string> MediaTypes => [];

    public bool IsText => true;

    public ConfidenceScale? Scale => ConfidenceScale.Fraction;

    public async IAsyncEnumerable<CorpusRecord> ReadAsync(Stream body, CorpusReading reading, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var task in JsonElements.ReadAsync(body, cancellation))
            yield return task.Problem is { } problem ? CorpusRecord.Bad(task.Position, problem) : Read(task.Element, task.Position, reading);
    }

    private static CorpusRecord Read(JsonElement task, long number, CorpusReading reading)
    {
        try
        {
            if (ImageOf(task.At("data"), reading) is not { } image) return CorpusRecord.Bad(number, "no property of the task's data is the image; say which is by ?image=");
            foreach (var (source, scored) in (ReadOnlySpan<(string, bool)>)[("predictions", true), ("annotations", false), ("completions", false)])
            {
                foreach (var answer in task.At(source).Items())
                {
                    if (answer.At("was_cancelled") is { ValueKind: JsonValueKind.True }) continue;
                    foreach (var result in answer.At("result").Items())
                    {
                        if (result.At("value").At("choices").Items().FirstOrDefault() is not { ValueKind: JsonValueKind.String } choice) continue;
                        reading.Label ??= $"{source}.choices";
                        var score = scored ? (result.At("score") ?? answer.At("score")).Text() : null;
                        if (score is not null) reading.Confidence ??= $"{source}.score";
                        return new CorpusRecord(number, image, choice.GetString(), score);
                    }
                }
            }
            return CorpusRecord.Bad(number, "neither a prediction nor an annotation of the task is a choice");
        }
        catch (InvalidOperationException)
        {
            return CorpusRecord.Bad(number, "a text of the task is not valid Unicode");
        }
    }

    private static string? ImageOf(JsonElement? data, CorpusReading reading)
    {
        if (data is not { ValueKind: JsonValueKind.Object } fields) return null;
        if (reading.Options.Image is { } said) return JsonPath.Of(reading.Image = said)!.Find(fields);
        foreach (var property in fields.EnumerateObject())
        {
            if (!FieldNames.IsOneOf(property.Name, FieldNames.Image) || JsonPath.TextOf(property.Value) is not { } image) continue;
            reading.Image ??= property.Name;
            return image;
        }
        return null;
    }
}
