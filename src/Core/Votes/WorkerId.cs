using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Core;

/// <summary>Who answered: Ground Truth's workerId, or the name a worker gave on the local page. Compared ordinally.</summary>
public readonly record struct WorkerId
{
    public const int MaxBytes = 128;

    private WorkerId(string value) => Value = value;

    public string Value { get; }

    /// <exception cref="FormatException">The value is empty, too long, or holds control characters.</exception>
    public static WorkerId Create(string? value) =>
        TryCreate(value, out var worker, out var problem) ? worker : throw new FormatException(problem);

    public static bool TryCreate(string? value, out WorkerId worker, [NotNullWhen(false)] out string? problem)
    {
        problem = Text.Problem(value, "the worker id", MaxBytes);
        worker = problem is null ? new WorkerId(value!) : default;
        return problem is null;
    }

    public override string ToString() => Value;
}
