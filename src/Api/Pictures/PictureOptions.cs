using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>What pictures may take. Bound from <c>BulkQA:Pictures</c>.</summary>
public sealed class PictureOptions
{
    public const string Section = "BulkQA:Pictures";

    /// <summary>Of one picture, in bytes: larger ones are not taken at upload and get no preview. From 1 MiB to 1 GiB; default 64 MiB.</summary>
    public long MaxFileBytes { get; set; } = 64L << 20;

    /// <summary>
    /// Of one upload, in bytes: of its body, and of what a zip unpacks to. A zip waits in the system's folder for temporary
    /// files meanwhile. From 1 MiB to 1 TiB; default 8 GiB.
    /// </summary>
    public long MaxUploadBytes { get; set; } = 8L << 30;

    /// <summary>Pictures in one upload. From 1 to 1,000,000; default 100,000.</summary>
    public int MaxPictures { get; set; } = 100_000;

    /// <summary>
    /// Of one picture, in millions of pixels: larger ones are not taken at upload and not shown, because whoever decodes one
    /// needs 4 bytes a pixel. From 1 to 1,000; default 64.
    /// </summary>
    public int MaxMegapixels { get; set; } = 64;

    /// <summary>Previews that are made at a time; more wait. From 1 to 64; default as many as there are processors, at most 4.</summary>
    public int PreviewConcurrency { get; set; } = Math.Min(4, Environment.ProcessorCount);

    internal long MaxPixels => MaxMegapixels * 1_000_000L;
}

internal sealed class PictureOptionsValidator : IValidateOptions<PictureOptions>
{
    public ValidateOptionsResult Validate(string? name, PictureOptions options)
    {
        var check = new SettingsCheck(PictureOptions.Section);
        check.Require(options.MaxFileBytes is >= 1 << 20 and <= 1 << 30, $"MaxFileBytes is {options.MaxFileBytes}; give 1,048,576 to 1,073,741,824");
        check.Require(options.MaxUploadBytes is >= 1 << 20 and <= 1L << 40, $"MaxUploadBytes is {options.MaxUploadBytes}; give 1,048,576 to 1,099,511,627,776");
        check.Require(options.MaxPictures is >= 1 and <= 1_000_000, $"MaxPictures is {options.MaxPictures}; give 1 to 1,000,000");
        check.Require(options.MaxMegapixels is >= 1 and <= 1_000, $"MaxMegapixels is {options.MaxMegapixels}; give 1 to 1,000");
        check.Require(options.PreviewConcurrency is >= 1 and <= 64, $"PreviewConcurrency is {options.PreviewConcurrency}; give 1 to 64");
        return check.Result;
    }
}
