namespace BulkQA.Core;

/// <summary>A class of one incarnation of a job. Its key is the stem of every row key and grain key below it.</summary>
public readonly record struct ClassAddress(Incarnation Incarnation, Label Label)
{
    /// <summary><c>{incarnation}/{escaped label}</c>.</summary>
    public string Key => $"{Incarnation}/{Label.Escaped}";

    /// <summary>The hash key of the rows of one shard: <c>{incarnation}/{escaped label}#{shard}</c>.</summary>
    public string RowKey(Shard shard) => $"{Key}#{shard.Number}";

    /// <exception cref="BadInputException"><paramref name="key"/> is not a class key.</exception>
    public static ClassAddress Parse(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) throw new BadInputException($"'{key}' is not a class key: it has no '/'");
        return new ClassAddress(Incarnation.Parse(key[..slash]), Label.Unescape(key[(slash + 1)..]));
    }

    /// <summary>Reads <c>{class key}#{number}</c>: a row key, or the key of the partition that starts at that shard.</summary>
    /// <exception cref="BadInputException"><paramref name="key"/> is neither.</exception>
    public static (ClassAddress Class, Shard Shard) ParseSharded(string key)
    {
        var hash = key.LastIndexOf('#');
        if (hash < 0 || !byte.TryParse(key.AsSpan(hash + 1), out var shard) || shard >= Shard.Count)
            throw new BadInputException($"'{key}' does not end in '#' and a shard");
        return (Parse(key[..hash]), new Shard(shard));
    }
}
