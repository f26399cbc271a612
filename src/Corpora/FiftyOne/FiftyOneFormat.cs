using System.Runtime.CompilerServices;
using System.Text.Json;

namespace BulkQA.Corpora;

/// <summary>
/// <c>samples.json</c> of a FiftyOne dataset: the <c>Classification</c> of each sample, by name where a sample has several.
/// https://docs.voxel51.com/user_guide/export_datasets.html
/// </summary>
internal sealed class FiftyOneFormat : ICorpusFormat
{
    public string Name => "fiftyone";

    public IReadOnlyList<string> MediaTypes => [];

    public bool IsText => true;

    public ConfidenceScale? Scale => ConfidenceScale.Fraction;

    public async IAsyncEnumerable<CorpusRecord> ReadAsync(Stream body, CorpusReading reading, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var sample in JsonElements.ReadAsync(body, cancellation))
            if (sample.Section is null or "samples")
                yield return sample.Problem is { } problem ? CorpusRecord.Bad(sample.Position, problem) : Read(sample.Element, sample.Position, reading);
    }

    /// <exception cref="BadInputException">The sample is among the first and has several classifications, and none was named.</exception>
    private static CorpusRecord Read(JsonElement sample, long number, CorpusReading reading)
    {
        try
        {
            reading.Image = reading.Options.Image ?? "filepath";
            if (sample.At(reading.Image).Text() is not { } image) return CorpusRecord.Bad(number, $"the sample has no {Text.Excerpt(reading.Image)}");
            if (FieldOf(sample, reading) is not { } field) return CorpusRecord.Bad(number, "the sample has no field that is a Classification");
            if (sample.At(field).At("label").Text() is not { } label) return CorpusRecord.Bad(number, $"the field '{Text.Excerpt(field)}' has no label");
            reading.Label ??= field;
            var confidence = sample.At(field).At("confidence").Text();
            if (confidence is not null) reading.Confidence ??= $"{field}.confidence";
            return new CorpusRecord(number, image, label, confidence);
        }
        catch (InvalidOperationException)
        {
            return CorpusRecord.Bad(number, "a text of the sample is not valid Unicode");
        }
    }

    private static string? FieldOf(JsonElement sample, CorpusReading reading)
    {
        if ((reading.Options.Label ?? reading.Label) is { } known) return known;
        if (sample.ValueKind != JsonValueKind.Object) return null;
        var found = sample.EnumerateObject().Where(property => property.Value.At("_cls").Text() == "Classification").Select(property => property.Name).ToList();
        return found.Count < 2 ? found.SingleOrDefault() : throw new BadInputException(
            $"label: the first sample has the classifications {string.Join(", ", found.Take(20).Select(name => $"'{Text.Excerpt(name)}'"))}. Nothing was imported. Say which is to be judged by ?label=.");
    }
}
