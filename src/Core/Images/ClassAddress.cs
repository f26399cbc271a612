using System.Globalization;

namespace BulkQA.Core;

/// <summary>A class of one incarnation of a job. Its key is the stem of every item key and grain key below it.</summary>
public readonly record struct ClassAddress(Incarnation Incarnation, Label Label)
{
    /// <summary><c>{incarnation}/{escaped label}</c>.</summary>
    public string Key => $"{Incarnation}/{Label.Escaped}";

    /// <summary>The hash key of one shard's rows in the label table: <c>{incarnation}/{escaped label}#{shard}</c>.</summary>
    public string RowKey(Shard shard) => $"{Key}#{shard.Number}";

    /// <summary>The hash key of the places of one shard's images: <c>{incarnation}/{escaped label}@{shard}</c>.</summary>
    public string PlacesKey(Shard shard) => $"{Key}@{shard.Number}";

    /// <exception cref="BadInputException"><paramref name="key"/> is not a class key.</exception>
    public static ClassAddress Parse(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) throw new BadInputException($"'{key}' is not a class key: it has no '/'");
        return new ClassAddress(Incarnation.Parse(key[..slash]), Label.Unescape(key[(slash + 1)..]));
    }

    /// <summary>The class of a key that <see cref="PlacesKey"/> made.</summary>
    /// <exception cref="BadInputException"><paramref name="key"/> is none.</exception>
    public static ClassAddress ParsePlacesKey(string key)
    {
        var at = key.LastIndexOf('@');
        return at >= 0 && byte.TryParse(key.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var shard) && shard < Shard.Count
            ? Parse(key[..at])
            : throw new BadInputException($"'{key}' does not end in '@' and a shard");
    }
}
