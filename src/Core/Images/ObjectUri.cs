namespace BulkQA.Core;

/// <summary>An object's place in a store: <c>s3://{bucket}/{key}</c>.</summary>
public readonly record struct ObjectUri(string Bucket, string Key)
{
    private const string Scheme = "s3://";

    public static bool TryParse(string? text, out ObjectUri uri)
    {
        uri = default;
        if (text is null || !text.StartsWith(Scheme, StringComparison.Ordinal)) return false;
        var slash = text.IndexOf('/', Scheme.Length);
        if (slash <= Scheme.Length) return false;
        uri = new ObjectUri(text[Scheme.Length..slash], text[(slash + 1)..]);
        return true;
    }

    public override string ToString() => $"{Scheme}{Bucket}/{Key}";
}
