using BulkQA.Core;
using NetVips;

namespace BulkQA.Api;

/// <summary>
/// Decodes pictures with libvips, in memory that grows with what it shows rather than with the picture, where the format
/// allows. Whoever calls bounds how many at a time. Only the loaders of <see cref="PictureType"/> are open.
/// </summary>
internal sealed partial class PictureDecoder
{
    private const int JpegQuality = 82;
    private const int WebPQuality = 82;
    private const string Srgb = "srgb";

    private static readonly Lock _start = new();
    private static bool _started;

    public PictureDecoder(ILogger<PictureDecoder> log)
    {
        try
        {
            Start();
            IsAvailable = true;
        }
        // Whatever the system has instead of a library: pages then show pictures as they are.
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or BadImageFormatException or EntryPointNotFoundException)
        {
            LogUnavailable(log, e.GetBaseException().Message.Split(Environment.NewLine)[0]);
        }
    }

    /// <summary>Whether there is a library for this system. Where not, nothing else here may be called.</summary>
    public bool IsAvailable { get; }

    /// <summary>Width times height by the picture's header; nothing is decoded.</summary>
    /// <exception cref="BadInputException">The header can't be read.</exception>
    public long CountPixels(Stream picture) => Decode(() =>
    {
        using var image = Image.NewFromStream(picture, access: Enums.Access.Sequential);
        return (long)image.Width * image.Height;
    });

    /// <inheritdoc cref="CountPixels(Stream)"/>
    public long CountPixels(byte[] picture) => Decode(() =>
    {
        using var image = Image.NewFromBuffer(picture, access: Enums.Access.Sequential);
        return (long)image.Width * image.Height;
    });

    /// <summary>
    /// The picture as a browser would show it (turned by its EXIF orientation, in sRGB, its first page or frame), its longest
    /// side at most <paramref name="size"/> pixels: as JPEG, or as WebP where something shines through.
    /// </summary>
    /// <exception cref="BadInputException">It can't be decoded, or is cut off: nobody is to confirm what is half a picture.</exception>
    public byte[] Preview(byte[] picture, int size) => Decode(() =>
    {
        using var small = Image.ThumbnailBuffer(picture, size, height: size, size: Enums.Size.Down, outputProfile: IsInSrgb(picture) ? null : Srgb, failOn: Enums.FailOn.Truncated);
        return small.HasAlpha()
            ? small.WebpsaveBuffer(q: WebPQuality, keep: Enums.ForeignKeep.None)
            : small.JpegsaveBuffer(q: JpegQuality, keep: Enums.ForeignKeep.None);
    });

    /// <summary>Whether its colours are those of a browser as they are: to convert sRGB to sRGB takes a third of all the time.</summary>
    private static bool IsInSrgb(byte[] picture)
    {
        using var image = Image.NewFromBuffer(picture, access: Enums.Access.Sequential);
        return image.Interpretation is Enums.Interpretation.Srgb or Enums.Interpretation.Bw && image.GetTypeOf("icc-profile-data") == 0;
    }

    private T Decode<T>(Func<T> work)
    {
        if (!IsAvailable) throw new InvalidOperationException("There is no library that decodes pictures.");
        try
        {
            return work();
        }
        catch (VipsException e)
        {
            // The library's words are for its developers.
            throw new BadInputException("can't be decoded: it is damaged, cut off, or in a way of its own", e);
        }
    }

    private static void Start()
    {
        lock (_start)
        {
            if (_started) return;
            if (!ModuleInitializer.VipsInitialized) throw new DllNotFoundException(ModuleInitializer.Exception?.GetBaseException().Message ?? "libvips did not start", ModuleInitializer.Exception);
            // Pictures are hostile: nothing but what is named here reads them.
            Operation.Block("VipsForeignLoad", true);
            foreach (var loader in (string[])["Jpeg", "Png", "Webp", "Nsgif", "Tiff", "Heif"]) Operation.Block($"VipsForeignLoad{loader}", false);
            // One picture, one thread: how many at a time is ours to say. And none is decoded twice.
            NetVips.NetVips.Concurrency = 1;
            Cache.Max = 0;
            _started = true;
        }
    }

    [LoggerMessage(LogLevel.Warning, "There is no libvips for this system, so pictures are shown as they are, without previews, and TIFF not at all: {Problem}")]
    private static partial void LogUnavailable(ILogger log, string problem);
}
