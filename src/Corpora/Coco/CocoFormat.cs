using System.Runtime.CompilerServices;
using System.Text.Json;

namespace BulkQA.Corpora;

/// <summary>
/// COCO: <c>images</c>, <c>categories</c> and <c>annotations</c> that say which image is of which category, perhaps with a <c>score</c>.
/// Boxes and outlines are ignored: what is judged is the image. The three come in any order, so the body is read twice, and
/// the names of its images are in memory between. https://cocodataset.org/#format-data
/// </summary>
internal sealed class CocoFormat : ICorpusFormat
{
    private const int MaxImages = 2_000_000;
    private const int MaxCategories = 100_000;

    public string Name => "coco";

    public IReadOnlyList<string> MediaTypes => [];

    public bool IsText => true;

    public ConfidenceScale? Scale => ConfidenceScale.Fraction;

    public async IAsyncEnumerable<CorpusRecord> ReadAsync(Stream body, CorpusReading reading, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var spool = await Spool.TakeAsync(body, cancellation);
        var (images, categories) = (new Dictionary<long, string>(), new Dictionary<long, string>());
        (reading.Image, reading.Label) = (reading.Options.Image ?? "file_name", "categories.name");
        await foreach (var element in JsonElements.ReadAsync(spool.File, cancellation))
        {
            if (element.Section == "images") Keep(images, MaxImages, element, reading.Image);
            else if (element.Section == "categories") Keep(categories, MaxCategories, element, "name");
        }
        spool.Rewind();
        await foreach (var element in JsonElements.ReadAsync(spool.File, cancellation))
            if (element.Section == "annotations") yield return Read(element, images, categories, reading);
    }

    private static void Keep(Dictionary<long, string> names, int most, SectionElement element, string name)
    {
        if (element.Problem is not null) return;
        if (names.Count >= most) throw new BadInputException($"'{element.Section}' has more than {most} elements, which is the most. Nothing was imported. Send the corpus in parts.");
        try
        {
            // What lacks its id or name is missed where an annotation asks for it.
            if (TryId(element.Element, "id", out var id) && element.Element.At(name).Text() is { Length: <= ImageUrl.MaxBytes } text) names[id] = text;
        }
        catch (InvalidOperationException)
        {
            // A name that is not Unicode is none.
        }
    }

    private static CorpusRecord Read(SectionElement annotation, Dictionary<long, string> images, Dictionary<long, string> categories, CorpusReading reading)
    {
        var (number, element) = (annotation.Position, annotation.Element);
        if (annotation.Problem is { } problem) return CorpusRecord.Bad(number, problem);
        try
        {
            return Join(number, element, images, categories, reading);
        }
        catch (InvalidOperationException)
        {
            return CorpusRecord.Bad(number, "a text of the annotation is not valid Unicode");
        }
    }

    /// <exception cref="InvalidOperationException">A text is not valid Unicode.</exception>
    private static CorpusRecord Join(long number, JsonElement element, Dictionary<long, string> images, Dictionary<long, string> categories, CorpusReading reading)
    {
        if (!TryId(element, "image_id", out var image) || !images.TryGetValue(image, out var name)) return CorpusRecord.Bad(number, $"the annotation's image_id is that of no image with a name of at most {ImageUrl.MaxBytes} characters");
        if (!TryId(element, "category_id", out var category) || !categories.TryGetValue(category, out var label)) return CorpusRecord.Bad(number, $"the annotation's category_id is that of no category with a name of at most {ImageUrl.MaxBytes} characters");
        var score = element.At("score").Text();
        if (score is not null) reading.Confidence ??= "score";
        return new CorpusRecord(number, name, label, score);
    }

    private static bool TryId(JsonElement element, string name, out long id)
    {
        id = 0;
        return element.At(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out id);
    }
}
