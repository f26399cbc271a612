using System.Collections.Immutable;
using System.Globalization;

namespace BulkQA.Core;

/// <summary>Which model versions a task's images are of: most often one, or none at all.</summary>
public sealed class TaskVersions : IEquatable<TaskVersions>
{
    /// <summary>No image is of any.</summary>
    public static readonly TaskVersions None = new([], []);

    private TaskVersions(ImmutableArray<ModelVersion> names, ImmutableArray<byte> places) => (Names, Places) = (names, places);

    /// <summary>Each that an image is of, once, in the order in which they come first.</summary>
    public ImmutableArray<ModelVersion> Names { get; }

    /// <summary>By image: the place of its version among <see cref="Names"/>, from 1; 0 for none. Empty where all images are of one, or none is of any.</summary>
    private ImmutableArray<byte> Places { get; }

    /// <summary>Whether all images are of the same, if it is none.</summary>
    public bool IsOne => Places.IsEmpty;

    /// <summary>The version of an image; null for none.</summary>
    public ModelVersion? Of(int image) => PlaceOf(image) is > 0 and var place ? Names[place - 1] : null;

    /// <summary>The place of an image's version among <see cref="Names"/>, from 1; 0 for none.</summary>
    public int PlaceOf(int image) => Places.IsEmpty ? Names.Length : Places[image];

    public static TaskVersions Of(IReadOnlyList<ModelVersion?> versions)
    {
        if (versions.All(version => version is null)) return None;
        var names = versions.OfType<ModelVersion>().Distinct().ToImmutableArray();
        return versions.All(version => version == names[0]) ? new(names, []) : new(names, [.. versions.Select(version => version is { } name ? (byte)(names.IndexOf(name) + 1) : (byte)0)]);
    }

    /// <summary>
    /// A text for stores: the one version of all images; or a line of places, such as <c>1 1 2 0</c>, and each version on a line of its own. Null
    /// for none.
    /// </summary>
    public string? Write() => Names.IsEmpty ? null : IsOne ? Names[0].Value
        : string.Join('\n', Names.Select(name => name.Value).Prepend(string.Join(' ', Places.Select(place => place.ToString(CultureInfo.InvariantCulture)))));

    /// <summary>What <see cref="Write"/> wrote.</summary>
    /// <exception cref="BadInputException">It is no such text.</exception>
    public static TaskVersions Read(string? text)
    {
        if (text is null) return None;
        var lines = text.Split('\n');
        if (lines.Length == 1) return new([ModelVersion.Create(text)], []);
        var names = lines.Skip(1).Select(ModelVersion.Create).ToImmutableArray();
        return new(names, [.. lines[0].Split(' ').Select(place => byte.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= names.Length
            ? number : throw new BadInputException($"'{place}' is not the place of a model version"))]);
    }

    public bool Equals(TaskVersions? other) => other is not null && Names.AsSpan().SequenceEqual(other.Names.AsSpan()) && Places.AsSpan().SequenceEqual(other.Places.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as TaskVersions);

    public override int GetHashCode() => HashCode.Combine(Names.Length, Places.Length);
}
