namespace BulkQA.Web.Pictures;

/// <summary>Images that something is to be done with: chosen one by one, or from one to another.</summary>
public sealed class Selection
{
    /// <summary>More are not chosen.</summary>
    public const int Max = 10_000;

    private readonly Dictionary<ImageKey, ImageModel> _chosen = [];
    private int? _from;

    public int Count => _chosen.Count;

    public IReadOnlyCollection<ImageModel> Images => _chosen.Values;

    public bool Has(ImageModel image) => _chosen.ContainsKey(image.Key);

    /// <summary>Turns one, or with a range all from the one that was turned last to it, to what that is.</summary>
    /// <param name="place">Of the image in the listing.</param>
    /// <param name="isRange">Whether the shift key was down.</param>
    /// <param name="at">The image at a place; null where it is not known.</param>
    /// <returns>False where there would be more than <see cref="Max"/>: those are not chosen.</returns>
    public bool Turn(int place, bool isRange, Func<int, ImageModel?> at)
    {
        if (at(place) is not { } image) return true;
        var chooses = isRange && _from is { } turned && at(turned) is { } anchor ? Has(anchor) : !Has(image);
        var (first, last) = isRange && _from is { } from ? (Math.Min(from, place), Math.Max(from, place)) : (place, place);
        _from = place;
        return Set(Enumerable.Range(first, last - first + 1).Select(at).OfType<ImageModel>(), chooses);
    }

    /// <inheritdoc cref="Turn" path="/returns"/>
    public bool Add(IEnumerable<ImageModel> images) => Set(images, chooses: true);

    /// <summary>What is known of an image is other than it was.</summary>
    public void Replace(ImageModel image)
    {
        if (Has(image)) _chosen[image.Key] = image;
    }

    public void Clear()
    {
        _chosen.Clear();
        _from = null;
    }

    private bool Set(IEnumerable<ImageModel> images, bool chooses)
    {
        foreach (var image in images)
        {
            if (!chooses) _chosen.Remove(image.Key);
            else if (_chosen.Count >= Max && !Has(image)) return false;
            else _chosen[image.Key] = image;
        }
        return true;
    }
}
