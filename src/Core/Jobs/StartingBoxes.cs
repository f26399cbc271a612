using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BulkQA.Core;

/// <summary>
/// What the boxes of a job's or class's tasks start with. Written <c>ticked</c>, <c>unticked</c>, <c>neither</c> or <c>random(seed)</c>.
/// </summary>
public sealed record StartingBoxes
{
    private readonly BoxesAtStart _all;

    private StartingBoxes(BoxesAtStart all, int? seed) => (_all, Seed) = (all, seed);

    /// <summary>Every image is confirmed until a worker unticks it.</summary>
    public static StartingBoxes Ticked { get; } = new(BoxesAtStart.Ticked, null);

    /// <summary>Every image is disconfirmed until a worker ticks it: for classes that are expected to be mostly wrong.</summary>
    public static StartingBoxes Unticked { get; } = new(BoxesAtStart.Unticked, null);

    /// <summary>No image has an answer until a worker gives it one.</summary>
    public static StartingBoxes Neither { get; } = new(BoxesAtStart.Neither, null);

    /// <summary>Null unless each task begins in one of two states by chance; from 0.</summary>
    public int? Seed { get; }

    /// <summary>
    /// Each task begins ticked or unticked, by chance and for all of its workers alike. Never neither: two halves tell most of what
    /// the default does, and a third state has no default to compare.
    /// </summary>
    /// <param name="seed">0 or more; another one gives other tasks the same state.</param>
    /// <exception cref="ArgumentOutOfRangeException">The seed is negative.</exception>
    public static StartingBoxes Random(int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seed);
        return new(BoxesAtStart.Unknown, seed);
    }

    /// <summary>How a task's boxes begin: never <see cref="BoxesAtStart.Unknown"/>, and always the same for the same task.</summary>
    public BoxesAtStart For(TaskNumber task)
    {
        if (Seed is not { } seed) return _all;
        // Tasks are handed out by number: a hash leaves nothing of that order in who gets which state.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"boxes\n{seed}\n{task.Value}")));
        return (BinaryPrimitives.ReadUInt64BigEndian(hash) & 1) == 0 ? BoxesAtStart.Ticked : BoxesAtStart.Unticked;
    }

    /// <param name="text">As <see cref="ToString"/> writes it.</param>
    /// <param name="boxes"><see cref="Ticked"/> where the text says nothing that is known.</param>
    public static bool TryParse(string? text, out StartingBoxes boxes)
    {
        boxes = Ticked;
        if (BoxStates.OfName(text) is { } all)
        {
            boxes = new(all, null);
            return true;
        }
        if (text is null || !text.StartsWith("random(", StringComparison.Ordinal) || !text.EndsWith(')')
            || !int.TryParse(text.AsSpan(7, text.Length - 8), NumberStyles.None, CultureInfo.InvariantCulture, out var seed))
            return false;
        boxes = Random(seed);
        return true;
    }

    /// <summary>What <see cref="ToString"/> gave; <see cref="Ticked"/> for null, which jobs have that know nothing of this setting.</summary>
    /// <exception cref="BadInputException">It is something else.</exception>
    public static StartingBoxes Parse(string? text) =>
        text is null ? Ticked : TryParse(text, out var boxes) ? boxes : throw new BadInputException($"'{text}' is not what boxes start with");

    public override string ToString() => Seed is { } seed ? string.Create(CultureInfo.InvariantCulture, $"random({seed})") : BoxStates.NameOf(_all)!;
}
