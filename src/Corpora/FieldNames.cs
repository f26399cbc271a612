namespace BulkQA.Corpora;

/// <summary>What people call the things of an item, whatever the case.</summary>
internal static class FieldNames
{
    public const string LocalPath = "image_local_path";
    public const string Url = "s3_image_url";

    public static readonly IReadOnlyList<string> Image =
        [Url, LocalPath, "image", "file", "filename", "file_name", "filepath", "path", "image_path", "url", "uri", "s3_uri", "image_url", "imageUrl"];

    public static readonly IReadOnlyList<string> Label = ["label", "class", "class_name", "category", "prediction"];

    public static readonly IReadOnlyList<string> Confidence = ["confidence", "score", "prob", "probability"];

    public static readonly IReadOnlyList<string> Gold = ["gold"];

    public static readonly IReadOnlyList<string> Version = ["model_version", "modelVersion"];

    public static bool Is(string field, string name) => field.AsSpan().Trim().Equals(name, StringComparison.OrdinalIgnoreCase);

    public static bool IsOneOf(string field, IReadOnlyList<string> names)
    {
        foreach (var name in names)
            if (Is(field, name)) return true;
        return false;
    }
}
