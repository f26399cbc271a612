namespace BulkQA.Core;

/// <summary>
/// What a worker said of one image. Greater values win where one worker gave two at the same time. Only the last two are
/// votes; all four make the worker done with the image.
/// </summary>
public enum AnswerKind : byte
{
    /// <summary>No answer.</summary>
    None = 0,

    /// <summary>The picture could not be shown to the worker.</summary>
    NotSeen = 1,

    /// <summary>The worker saw it and does not know.</summary>
    CantTell = 2,

    /// <summary>The label fits.</summary>
    Confirm = 3,

    /// <summary>The label does not fit.</summary>
    Disconfirm = 4,
}

public static class AnswerKinds
{
    private const string Codes = "-ntcd";

    /// <summary>The code of an answer in facts and messages: <c>c</c>, <c>d</c>, <c>t</c>, <c>n</c>, and <c>-</c> for none.</summary>
    public static char CodeOf(AnswerKind kind) => Codes[(int)kind];

    /// <summary>The answer of that code; null where it is none.</summary>
    public static AnswerKind? OfCode(char code) => code switch
    {
        '-' => AnswerKind.None,
        'n' => AnswerKind.NotSeen,
        't' => AnswerKind.CantTell,
        'c' => AnswerKind.Confirm,
        'd' => AnswerKind.Disconfirm,
        _ => null,
    };

    /// <summary>The name of an answer in JSON: <c>confirm</c>, <c>disconfirm</c>, <c>cantTell</c> or <c>notSeen</c>.</summary>
    public static string NameOf(AnswerKind kind) => kind switch
    {
        AnswerKind.Confirm => "confirm",
        AnswerKind.Disconfirm => "disconfirm",
        AnswerKind.CantTell => "cantTell",
        AnswerKind.NotSeen => "notSeen",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not an answer"),
    };

    /// <summary>The answer of that name; null where it is none.</summary>
    public static AnswerKind? OfName(string? name) => name switch
    {
        "confirm" => AnswerKind.Confirm,
        "disconfirm" => AnswerKind.Disconfirm,
        "cantTell" => AnswerKind.CantTell,
        "notSeen" => AnswerKind.NotSeen,
        _ => null,
    };
}
