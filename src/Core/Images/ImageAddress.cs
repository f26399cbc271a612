namespace BulkQA.Core;

/// <summary>One labelled image of one incarnation of a job.</summary>
public readonly record struct ImageAddress(ClassAddress Class, ImageUrl Url)
{
    /// <summary>The key of the image's grain: <c>{class key}|{url}</c>. The class key holds no bar, so it parses back.</summary>
    public string GrainKey => $"{Class.Key}|{Url.Value}";

    /// <exception cref="BadInputException"><paramref name="key"/> is not an image grain's key.</exception>
    public static ImageAddress Parse(string key)
    {
        var bar = key.IndexOf('|', StringComparison.Ordinal);
        if (bar < 0) throw new BadInputException($"'{key}' is not an image key: it has no '|'");
        return new ImageAddress(ClassAddress.Parse(key[..bar]), ImageUrl.Create(key[(bar + 1)..]));
    }
}
