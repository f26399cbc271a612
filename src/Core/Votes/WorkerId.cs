using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Core;

/// <summary>
/// Who answered: Ground Truth's workerId, or the name a worker gave on the local page. Compared ordinally, without white space
/// at its ends and in Unicode's composed form (NFC), so that the same name typed twice is one worker.
/// </summary>
public readonly record struct WorkerId
{
    public const int MaxBytes = 128;

    private WorkerId(string value) => Value = value;

    public string Value { get; }

    /// <exception cref="BadInputException">The value is empty, too long, or holds control characters.</exception>
    public static WorkerId Create(string? value) =>
        TryCreate(value, out var worker, out var problem) ? worker : throw new BadInputException(problem);

    public static bool TryCreate(string? value, out WorkerId worker, [NotNullWhen(false)] out string? problem)
    {
        var text = value?.Trim();
        problem = Text.Problem(text, "the worker id", MaxBytes);
        if (problem is null && !text!.IsNormalized())
        {
            text = text.Normalize();
            problem = Text.Problem(text, "the worker id", MaxBytes);
        }
        worker = problem is null ? new WorkerId(text!) : default;
        return problem is null;
    }

    /// <summary>An id that was taken once, as it was stored: without the bounds of today, so that no data becomes unreadable.</summary>
    public static WorkerId Stored(string value) => new(value);

    public override string ToString() => Value;
}
