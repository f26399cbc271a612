using System.Globalization;

namespace BulkQA.Web.Pictures;

/// <summary>Which images of a job are shown, and in which order; null for any. It is the query of the page's address, and that of REST.</summary>
public sealed record PictureFilter
{
    public string? Label { get; init; }
    public string? Bucket { get; init; }
    public string? Verdict { get; init; }
    public string? Worker { get; init; }
    public double? PosteriorFrom { get; init; }
    public double? PosteriorTo { get; init; }
    public string? Problem { get; init; }

    /// <summary>Stands in the address. Orders do not know addresses, so that there is no order beside it.</summary>
    public string? Text { get; init; }

    public string? Sort { get; init; }

    public bool IsAny => this == new PictureFilter();

    public (string Name, string? Value)[] Query =>
    [
        ("label", Label), ("bucket", Bucket), ("verdict", Verdict), ("worker", Worker), ("posteriorFrom", Number(PosteriorFrom)), ("posteriorTo", Number(PosteriorTo)),
        ("problem", Problem), ("text", Text), ("sort", Text is null ? Sort : null),
    ];

    /// <summary>Its address among the pages of the console.</summary>
    public string Link(string job, ImageKey? opened = null) => Links.Pictures(job, [.. Query, ("image", opened?.Url), ("imageLabel", opened?.Label)]);

    /// <summary>A page of it by REST.</summary>
    public string Path(string job, int limit, string? cursor = null) => Links.Rest(job, "images", [.. Query, ("limit", limit.ToString(CultureInfo.InvariantCulture)), ("cursor", cursor)]);

    private static string? Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture);
}
