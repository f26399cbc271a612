using System.Globalization;
using System.Text.Json;

namespace BulkQA.Core;

/// <summary>
/// Reads a worker's answer, <c>{"Dog-0":{"Confirmed":true},"Dog-1":{"Confirmed":false},"Dog-2":{"NotSeen":true},
/// "Dog-3":{"CantTell":true}}</c>, against the images it was given for. A box that is not seen, or that the worker can't tell,
/// says so whatever its <c>Confirmed</c> is. A box names its image by the index after its last dash and repeats the label
/// before it; keys may come in any order. A missing, repeated, unknown or foreign box is an error of the whole answer, never a
/// guess.
/// </summary>
public static class Answers
{
    public const int MaxBytes = 1024 * 1024;

    /// <summary>The name of a box: <c>{label}-{index}</c>.</summary>
    public static string BoxName(string label, int index) => string.Create(CultureInfo.InvariantCulture, $"{label}-{index}");

    /// <summary>The answer to each image, by index; or null with every problem found.</summary>
    /// <param name="content">The answer's JSON.</param>
    /// <param name="labels">The label of each image of the task, in the task's order.</param>
    /// <param name="problems">At most 20; empty where the answer is whole.</param>
    public static AnswerKind[]? Parse(string content, IReadOnlyList<string> labels, out IReadOnlyList<string> problems)
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
    public static AnswerKind[]? Parse(JsonElement answers, IReadOnlyList<string> labels, out IReadOnlyList<string> problems)
    {
        if (answers.ValueKind != JsonValueKind.Object)
        {
            problems = ["the answer is not a JSON object of boxes"];
            return null;
        }
        var found = new List<string>();
        var answered = new AnswerKind[labels.Count];
        foreach (var box in answers.EnumerateObject())
        {
            if (NameOf(box) is not { } name)
                found.Add("the name of a box is not valid Unicode");
            else if (IndexOf(name, labels) is not { } index)
                found.Add($"box '{Text.Excerpt(name)}' is not of this task");
            else if (answered[index] != AnswerKind.None)
                found.Add($"box '{Text.Excerpt(name)}' comes twice");
            else if (KindOf(box.Value) is { } kind)
                answered[index] = kind;
            else
                found.Add($"box '{Text.Excerpt(name)}' is none of {{\"Confirmed\": true}}, {{\"Confirmed\": false}}, {{\"NotSeen\": true}} and {{\"CantTell\": true}}");
            if (found.Count >= 20) break;
        }
        for (var index = 0; index < answered.Length && found.Count < 20; index++)
            if (answered[index] == AnswerKind.None && !found.Any(problem => problem.Contains($"'{BoxName(labels[index], index)}'", StringComparison.Ordinal)))
                found.Add($"box '{BoxName(labels[index], index)}' is missing");
        problems = found;
        return found.Count > 0 ? null : answered;
    }

    /// <summary>Null where it holds a lone surrogate, which nobody finds before the name is asked for.</summary>
    private static string? NameOf(JsonProperty box)
    {
        try
        {
            return box.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
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

    /// <summary>Null where the box says nothing that is understood.</summary>
    private static AnswerKind? KindOf(JsonElement box)
    {
        try
        {
            return Read(box);
        }
        catch (InvalidOperationException)
        {
            // A name in it holds a lone surrogate.
            return null;
        }
    }

    private static AnswerKind? Read(JsonElement box)
    {
        if (box.ValueKind != JsonValueKind.Object) return null;
        if (Flag("NotSeen", absent: false) is not { } unseen || Flag("CantTell", absent: false) is not { } unsure) return null;
        if (unseen) return AnswerKind.NotSeen;
        if (unsure) return AnswerKind.CantTell;
        return Flag("Confirmed", absent: null) switch { true => AnswerKind.Confirm, false => AnswerKind.Disconfirm, null => null };

        bool? Flag(string name, bool? absent) => !box.TryGetProperty(name, out var value) ? absent
            : value.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, JsonValueKind.Null => absent, _ => null };
    }
}
