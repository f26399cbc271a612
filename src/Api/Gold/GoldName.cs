namespace BulkQA.Api;

/// <summary>How answers name what is known of a gold image.</summary>
internal static class GoldName
{
    /// <summary>Null where nothing is known.</summary>
    public static string? Of(bool? isRight) => isRight switch { true => "right", false => "wrong", null => null };
}
