using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Core;

/// <summary>What boxes start with in classes where that is other than the job's: at most <see cref="Max"/>, ordered by label.</summary>
public sealed class ClassBoxes : IEquatable<ClassBoxes>
{
    public const int Max = 100;

    public static readonly ClassBoxes None = new(ImmutableSortedDictionary<Label, BoxesAtStart>.Empty);

    private readonly ImmutableSortedDictionary<Label, BoxesAtStart> _states;

    private ClassBoxes(ImmutableSortedDictionary<Label, BoxesAtStart> states) => _states = states;

    /// <summary>None of them <see cref="BoxesAtStart.Unknown"/>.</summary>
    public IReadOnlyDictionary<Label, BoxesAtStart> Values => _states;

    /// <summary>Null for a class that begins as the job says.</summary>
    public BoxesAtStart? Of(Label label) => _states.TryGetValue(label, out var state) ? state : null;

    /// <param name="states">By label: <c>ticked</c>, <c>unticked</c> or <c>neither</c>.</param>
    /// <param name="boxes">Null where one can't be used.</param>
    /// <param name="problem">All that is wrong, for a person.</param>
    public static bool TryCreate(
        IEnumerable<KeyValuePair<string, string?>> states, [NotNullWhen(true)] out ClassBoxes? boxes, [NotNullWhen(false)] out string? problem)
    {
        var problems = new List<string>();
        var found = ImmutableSortedDictionary.CreateBuilder<Label, BoxesAtStart>();
        foreach (var (name, word) in states)
        {
            // A request may hold any number; the first ones say enough.
            if (problems.Count > Max) break;
            var isLabel = Label.TryCreate(name, out var label, out var wrong);
            if (!isLabel) problems.Add($"'{Text.Excerpt(name)}': {wrong}");
            if (BoxStates.OfName(word) is not { } state) problems.Add($"'{Text.Excerpt(name)}': '{Text.Excerpt(word ?? "")}' is none of ticked, unticked and neither");
            else if (isLabel) found[label] = state;
        }
        if (found.Count > Max) problems.Add($"{found.Count} classes, {Max} is the most");
        problem = problems.Count > 0 ? string.Join("; ", problems) : null;
        boxes = problem is not null ? null : found.Count == 0 ? None : new ClassBoxes(found.ToImmutable());
        return problem is null;
    }

    /// <summary>What <see cref="ToString"/> gave; <see cref="None"/> for null.</summary>
    /// <exception cref="BadInputException">It is something else.</exception>
    public static ClassBoxes Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return None;
        // A line without a tab has no label, which is refused with the rest.
        var states = text.Split('\n').Select(line => line.Split('\t', 2)).Select(parts => KeyValuePair.Create(parts.Length > 1 ? parts[1] : "", (string?)parts[0]));
        return TryCreate(states, out var boxes, out var problem) ? boxes : throw new BadInputException(problem);
    }

    public bool Equals(ClassBoxes? other) => other is not null && _states.SequenceEqual(other._states);

    public override bool Equals(object? obj) => Equals(obj as ClassBoxes);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    // No label holds a control character, so that these separate.
    /// <summary>A line a class: the state, a tab, the label.</summary>
    public override string ToString() => string.Join('\n', _states.Select(entry => $"{BoxStates.NameOf(entry.Value)}\t{entry.Key}"));
}
