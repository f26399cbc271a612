using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Core;

/// <summary>
/// A worker's answers to the images of a task, in their order, one code an image (<see cref="AnswerKinds.CodeOf"/>): readable
/// wherever it is stored, such as <c>ccdc-</c>.
/// </summary>
public readonly record struct TaskAnswers
{
    private TaskAnswers(string text) => Text = text;

    /// <summary>The codes.</summary>
    public string Text { get; }

    /// <summary>How many images the task has.</summary>
    public int Count => Text.Length;

    /// <summary>The answer to the image at that index; <see cref="AnswerKind.None"/> for none.</summary>
    public AnswerKind this[int index] => AnswerKinds.OfCode(Text[index])!.Value;

    /// <summary>How many of them have an answer.</summary>
    public int Given => Count - Text.AsSpan().Count(AnswerKinds.CodeOf(AnswerKind.None));

    /// <summary>Whether every image has an answer.</summary>
    public bool IsWhole => Given == Count;

    /// <exception cref="ArgumentException">There is no answer among them, or more than a task has images.</exception>
    public static TaskAnswers Of(IEnumerable<AnswerKind> answers) => Checked(string.Concat(answers.Select(AnswerKinds.CodeOf)));

    /// <summary>These answers, and none to so many images after them.</summary>
    public TaskAnswers Fill(int images) => new(Text.PadRight(Text.Length + images, '-'));

    /// <exception cref="BadInputException">The text holds something else than codes, or no answer at all.</exception>
    public static TaskAnswers Parse(string? text) =>
        TryParse(text, out var answers) ? answers : throw new BadInputException($"'{text}' is not answers: one of c, d, t, n and - an image, and at least one that is not -");

    public static bool TryParse([NotNullWhen(true)] string? text, out TaskAnswers answers)
    {
        var valid = text is { Length: > 0 and <= TaskContent.MaxImages } && text.AsSpan().IndexOfAnyExcept("-ntcd") < 0 && text.AsSpan().IndexOfAnyExcept('-') >= 0;
        answers = valid ? new TaskAnswers(text!) : default;
        return valid;
    }

    public override string ToString() => Text;

    private static TaskAnswers Checked(string text) =>
        TryParse(text, out var answers) ? answers : throw new ArgumentException($"'{text}' holds no answer, or more than {TaskContent.MaxImages}");
}
