using System.Globalization;

namespace BulkQA.Web;

/// <summary>Numbers and times as the console says them.</summary>
public static class Words
{
    /// <summary>What stands where there is nothing.</summary>
    public const string None = "–";

    private static readonly CultureInfo _culture = CultureInfo.InvariantCulture;

    public static string Count(long value) => value.ToString("#,0", _culture);

    /// <param name="value">From 0 to 100.</param>
    public static string Percent(double? value) => value is { } percent ? $"{percent.ToString("0.0", _culture)} %" : None;

    /// <summary>Both ends of an interval in percent; nothing where there is none.</summary>
    public static string Interval(double? lower, double? upper) => lower is { } from && upper is { } to ? $"{from.ToString("0.0", _culture)} – {to.ToString("0.0", _culture)} %" : "";

    public static string Rate(double value) => value >= 100 ? Count((long)Math.Round(value)) : value.ToString("0.#", _culture);

    public static string Number(double value, string format = "0.###") => value.ToString(format, _culture);

    /// <summary>What a view is saved as, without its ending.</summary>
    public static string FileName(string title) => title.Replace(' ', '-').ToLowerInvariant();

    /// <summary>A number of bytes in its largest unit.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => $"{((double)bytes / (1L << 30)).ToString("0.#", _culture)} GiB",
        >= 1L << 20 => $"{((double)bytes / (1L << 20)).ToString("0.#", _culture)} MiB",
        >= 1L << 10 => $"{((double)bytes / (1L << 10)).ToString("0.#", _culture)} KiB",
        _ => $"{Count(bytes)} B",
    };

    /// <summary>A duration in its two largest units.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalDays: >= 1 } => $"{(int)span.TotalDays} d {span.Hours} h",
        { TotalHours: >= 1 } => $"{(int)span.TotalHours} h {span.Minutes} min",
        { TotalMinutes: >= 1 } => $"{(int)span.TotalMinutes} min",
        _ => $"{Math.Max(1, (int)span.TotalSeconds)} s",
    };

    /// <summary>In UTC.</summary>
    public static string Time(DateTimeOffset? at) => at is { } time ? time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", _culture) : None;

    /// <summary>A bucket of the class table, as its head says it.</summary>
    public static string Bucket(BucketModel bucket) => bucket switch
    {
        { Kind: "underflow", To: { } to } => string.Create(_culture, $"below {to:0.####}"),
        { Kind: "overflow", From: { } from } => string.Create(_culture, $"above {from:0.####}"),
        { Kind: "unknown" } => "no confidence",
        { From: { } from, To: { } to } => string.Create(_culture, $"{from:0.####} – {to:0.####}"),
        _ => bucket.Kind ?? "all",
    };

    /// <summary>A bucket as REST names it.</summary>
    public static string BucketName(BucketModel bucket) => bucket.Kind ?? string.Create(_culture, $"{bucket.From:R}-{bucket.To:R}");
}
