namespace BulkQA.Web.Pictures;

/// <summary>
/// The images of a listing by their place in it, though REST pages by cursors: what was gone through is remembered by a cursor a page, and only the
/// pages last looked at are held. For one circuit's thread.
/// </summary>
/// <param name="fetch">Gets the page of a cursor; null is the first.</param>
public sealed class PicturePages(Func<string?, CancellationToken, Task<PageModel<ImageModel>>> fetch)
{
    /// <summary>Images that REST is asked for at once.</summary>
    public const int PageSize = 200;

    /// <summary>Pages that are held.</summary>
    public const int MaxHeld = 10;

    private readonly List<Place> _places = [new(null, 0)];
    private readonly Dictionary<int, (ImageModel[] Images, long Used)> _held = [];
    private Task _last = Task.CompletedTask;
    private long _uses;

    /// <summary>Images that are known to be there.</summary>
    public int Count { get; private set; }

    /// <summary>Whether there may be more than <see cref="Count"/>.</summary>
    public bool HasMore { get; private set; } = true;

    /// <summary>Images in memory.</summary>
    public int Held => _held.Values.Sum(page => page.Images.Length);

    /// <summary>So many images from a place on, fewer where the listing ends; what is not known yet is fetched.</summary>
    /// <exception cref="RestException">REST refuses it.</exception>
    public async Task<IReadOnlyList<ImageModel>> GetAsync(int start, int count, CancellationToken cancellation)
    {
        var (before, done) = (_last, new TaskCompletionSource());
        _last = done.Task;
        await before;
        try
        {
            while (HasMore && Count < start + count) await ReadAsync(_places.Count - 1, cancellation);
            var images = new List<ImageModel>(count);
            for (var page = PageOf(start); page < _places.Count && images.Count < count; page++)
            {
                if (_places[page].Start >= Count) break;
                if (!_held.ContainsKey(page)) await ReadAsync(page, cancellation);
                var (held, _) = _held[page];
                _held[page] = (held, ++_uses);
                images.AddRange(held.Skip(Math.Max(0, start - _places[page].Start)).Take(count - images.Count));
            }
            return images;
        }
        finally
        {
            done.SetResult();
        }
    }

    /// <summary>The image at a place where it is held; null otherwise.</summary>
    public ImageModel? Find(int place)
    {
        if (place < 0 || place >= Count) return null;
        var page = PageOf(place);
        var at = place - _places[page].Start;
        return _held.TryGetValue(page, out var held) && at < held.Images.Length ? held.Images[at] : null;
    }

    /// <summary>Puts an image in the place of what was known of it, wherever it is held.</summary>
    public void Replace(ImageModel image)
    {
        foreach (var (images, _) in _held.Values)
            for (var at = 0; at < images.Length; at++)
                if (images[at].Key == image.Key) images[at] = image;
    }

    /// <summary>All that are held, in their order.</summary>
    public IEnumerable<(int Place, ImageModel Image)> Known() =>
        _held.OrderBy(page => page.Key).SelectMany(page => page.Value.Images.Select((image, at) => (_places[page.Key].Start + at, image)));

    private int PageOf(int place)
    {
        var found = _places.BinarySearch(new Place(null, place), Comparer<Place>.Create((left, right) => left.Start.CompareTo(right.Start)));
        if (found < 0) return ~found - 1;
        // Pages may be empty before the end, and then begin where the next does.
        while (found + 1 < _places.Count && _places[found + 1].Start == place) found++;
        return found;
    }

    private async Task ReadAsync(int page, CancellationToken cancellation)
    {
        var read = await fetch(_places[page].Cursor, cancellation);
        var images = read.Items.ToArray();
        if (page == _places.Count - 1 && HasMore)
        {
            Count = _places[page].Start + images.Length;
            HasMore = read.NextCursor is not null;
            if (HasMore) _places.Add(new Place(read.NextCursor, Count));
        }
        // What has left the listing meanwhile leaves a gap, so that the places of others stand.
        _held[page] = (images, ++_uses);
        while (_held.Count > MaxHeld) _held.Remove(_held.MinBy(held => held.Value.Used).Key);
    }

    /// <summary>Where a page begins.</summary>
    private readonly record struct Place(string? Cursor, int Start);
}
