using System.Globalization;
using System.Text.Json;

namespace BulkQA.Core;

/// <summary>
/// Reads a worker's answer, <c>{"Dog-0":{"Confirmed":true},"Dog-1":{"Confirmed":false}}</c>, against the images it was
/// given for. A box names its image by the index after its last dash and repeats the label before it; keys may come in
/// any order. A missing, repeated, unknown or foreign box is an error of the whole answer, never a guess.
/// </summary>
public static class Answers
{
    public const int MaxBytes = 1024 * 1024;

    /// <summary>The name of a box: <c>{label}-{index}</c>.</summary>
    public static string BoxName(string label, int index) => string.Create(CultureInfo.InvariantCulture, $"{label}-{index}");

    /// <summary>Whether each image was confirmed, by index; or null with every problem found.</summary>
    /// <param name="content">The answer's JSON.</param>
    /// <param name="labels">The label of each image of the task, in the task's order.</param>
    /// <param name="problems">At most 20; empty where the answer is whole.</param>
    public static bool[]? Parse(string content, IReadOnlyList<string> labels, out IReadOnlyList<string> problems)
    {
        try
        {
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 16 });
            return Parse(document.RootElement, labels, out problems);
        }
        catch (JsonException e)
        {
            problems = [$"the answer is not valid JSON: {e.Message}"];
            return null;
        }
    }

    /// <inheritdoc cref="Parse(string, IReadOnlyList{string}, out IReadOnlyList{string})"/>
    public static bool[]? Parse(JsonElement answers, IReadOnlyList<string> labels, out IReadOnlyList<string> problems)
    {
        if (answers.ValueKind != JsonValueKind.Object)
        {
            problems = ["the answer is not a JSON object of boxes"];
            return null;
        }
        var found = new List<string>();
        var confirmed = new bool?[labels.Count];
        foreach (var box in answers.EnumerateObject())
        {
            if (IndexOf(box.Name, labels) is not { } index)
                found.Add($"box '{CorpusFields.Excerpt(box.Name)}' is not of this task");
            else if (confirmed[index] is not null)
                found.Add($"box '{CorpusFields.Excerpt(box.Name)}' comes twice");
            else if (Confirmed(box.Value) is { } value)
                confirmed[index] = value;
            else
                found.Add($"box '{CorpusFields.Excerpt(box.Name)}' is not {{\"Confirmed\": true}} or {{\"Confirmed\": false}}");
            if (found.Count >= 20) break;
        }
        for (var index = 0; index < confirmed.Length && found.Count < 20; index++)
            if (confirmed[index] is null && !found.Any(problem => problem.Contains($"'{BoxName(labels[index], index)}'", StringComparison.Ordinal)))
                found.Add($"box '{BoxName(labels[index], index)}' is missing");
        problems = found;
        return found.Count > 0 ? null : [.. confirmed.Select(value => value!.Value)];
    }

    private static int? IndexOf(string box, IReadOnlyList<string> labels)
    {
        var dash = box.LastIndexOf('-');
        return dash >= 0
            && int.TryParse(box.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < labels.Count
            && box == BoxName(labels[index], index)
            ? index
            : null;
    }

    private static bool? Confirmed(JsonElement box) =>
        box.ValueKind == JsonValueKind.Object && box.TryGetProperty("Confirmed", out var value)
            ? value.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null }
            : null;
}
