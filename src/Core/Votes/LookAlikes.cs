using System.Collections.Immutable;
using System.Text;

namespace BulkQA.Core;

/// <summary>
/// Finds workers whose ids a person would take for the same name: by case, spaces, punctuation, accents, or letters of other
/// alphabets. A small part of Unicode's confusables (UTS 39) that keyboards produce; a hint for people, never a merge.
/// </summary>
public static class LookAlikes
{
    /// <summary>Lower-case letters and digits that look like a Latin letter, and that letter; i, l and 1 are one.</summary>
    private static readonly Dictionary<int, char> _latin = Pairs(
        "\u0430a \u0435e \u043Eo \u0440p \u0441c \u0445x \u0443y \u0456l \u0455s \u0458j \u04BBh \u0501d \u051Bq \u051Dw \u043Ak \u0432b \u043Dh \u043Cm \u0442t "
        + "\u03BFo \u03B1a \u03BDv \u03B9l \u03BAk \u03C1p \u03C4t \u03C5u \u03C7x \u03B5e 0o 1l il");

    /// <summary>For each worker that has some, those that look like it; ordered by id.</summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<WorkerId>> Find(IEnumerable<WorkerId> workers)
    {
        var found = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<WorkerId>>(StringComparer.Ordinal);
        foreach (var alike in workers.Distinct().GroupBy(Skeleton).Where(group => group.Skip(1).Any()))
        {
            var ordered = alike.OrderBy(worker => worker.Value, StringComparer.Ordinal).ToImmutableArray();
            foreach (var worker in ordered) found[worker.Value] = ordered.Remove(worker);
        }
        return found.ToImmutable();
    }

    /// <summary>What is left of an id once everything is dropped that people overlook; the id itself where nothing would be.</summary>
    private static string Skeleton(WorkerId worker)
    {
        var skeleton = new StringBuilder();
        foreach (var rune in worker.Value.Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (!Rune.IsLetterOrDigit(rune)) continue;
            var lower = Rune.ToLowerInvariant(rune);
            if (_latin.TryGetValue(lower.Value, out var latin)) skeleton.Append(latin);
            else skeleton.Append(lower.ToString());
        }
        return skeleton.Length > 0 ? skeleton.ToString() : worker.Value;
    }

    private static Dictionary<int, char> Pairs(string pairs) =>
        pairs.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(pair => (int)pair[0], pair => pair[1]);
}
