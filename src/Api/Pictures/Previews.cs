using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>What came of asking for a picture made small.</summary>
/// <param name="Outcome">Which of them.</param>
/// <param name="Content">The picture; empty where there is none.</param>
/// <param name="Detail">Why there is none, as the rest of a sentence about the picture; empty where there is one.</param>
internal readonly record struct Preview(PreviewOutcome Outcome, byte[] Content, string Detail);

internal enum PreviewOutcome
{
    /// <summary>Here it is; the picture itself where that is small already.</summary>
    Made,

    /// <summary>More bytes or pixels than anybody should decode.</summary>
    TooLarge,

    /// <summary>The library can't read it. A browser may.</summary>
    Undecodable,

    /// <summary>Too many wait already: ask again.</summary>
    Busy,

    /// <summary>The picture went meanwhile.</summary>
    Gone,
}

/// <summary>
/// Pictures made small, once each, and kept among the job's objects, with which they go. A picture that is replaced has
/// another version and so another preview. A few are made at a time, a bounded number waits for that, and each takes its
/// file and what decoding it needs of memory; those that wait take none.
/// </summary>
internal sealed partial class Previews(
    IObjectStore store, JobObjects objects, PictureDecoder decoder, IOptions<PictureOptions> options, ILogger<Previews> log) : IDisposable
{
    /// <summary>For cards: the longest side in pixels.</summary>
    public const int CardSize = 512;

    /// <summary>For a picture by itself that browsers can't show as it is.</summary>
    public const int ScreenSize = 2048;

    /// <summary>Files up to this are sent as they are: a preview would save little.</summary>
    private const int SmallBytes = 100 * 1024;

    /// <summary>A small file may still hold a huge plain surface; up to this a browser does not mind 25 of them.</summary>
    private const long SmallPixels = 4_000_000;

    /// <summary>
    /// Larger ones are decoded one at a time: a progressive JPEG has to be in memory whole, and takes some 7 bytes a pixel.
    /// </summary>
    private const long LargePixels = 20_000_000;

    /// <summary>A browser asks for six at a time.</summary>
    private const int MaxWaiting = 1_000;

    private readonly SemaphoreSlim _large = new(1);

    private readonly ConcurrencyLimiter _turns = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = options.Value.PreviewConcurrency,
        QueueLimit = MaxWaiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <param name="job">Whose picture it is.</param>
    /// <param name="picture">Below the job's image base.</param>
    /// <param name="type">One that is decoded.</param>
    /// <param name="info">The picture's present version.</param>
    /// <param name="size"><see cref="CardSize"/> or <see cref="ScreenSize"/>.</param>
    /// <param name="cancellation">Ends the wait; a picture that is being decoded is kept.</param>
    public async Task<Preview> GetAsync(JobInfo job, ObjectUri picture, PictureType type, ObjectInfo info, int size, CancellationToken cancellation)
    {
        if (info.Length > options.Value.MaxFileBytes)
            return Refused(string.Create(CultureInfo.InvariantCulture, $"takes {info.Length >> 20} MiB, and {options.Value.MaxFileBytes >> 20} is the most that is shown"));
        if (type.IsShown && info.Length <= SmallBytes)
        {
            if (await ReadAsync(picture, info, cancellation) is not { } small) return new Preview(PreviewOutcome.Gone, [], "");
            var preview = Look(picture, small);
            if (preview.Outcome != PreviewOutcome.Made || preview.Content.Length > 0) return preview;
        }
        var kept = objects.Preview(job.Incarnation, HashOf(picture, info, size));
        if (await ReadAsync(kept, cancellation) is { } made) return new Preview(PreviewOutcome.Made, made, "");
        using var turn = await _turns.AcquireAsync(1, cancellation);
        if (!turn.IsAcquired) return new Preview(PreviewOutcome.Busy, [], "");
        // Others may have waited for the same picture.
        if (await ReadAsync(kept, cancellation) is { } meanwhile) return new Preview(PreviewOutcome.Made, meanwhile, "");
        if (await ReadAsync(picture, info, cancellation) is not { } content) return new Preview(PreviewOutcome.Gone, [], "");
        var result = await MakeAsync(picture, content, size);
        if (result.Outcome == PreviewOutcome.Made) await store.WriteAsync(kept, result.Content, CancellationToken.None);
        return result;
    }

    /// <summary>
    /// Makes the card of a picture that was just stored, so that who looks at it first does not wait for it. Should that fail,
    /// it is made when it is asked for.
    /// </summary>
    /// <param name="job">Whose picture it is.</param>
    /// <param name="picture">Below the job's image base.</param>
    /// <param name="type">What it is.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task PrepareAsync(JobInfo job, ObjectUri picture, PictureType type, CancellationToken cancellation)
    {
        if (!type.IsDecoded || !decoder.IsAvailable) return;
        try
        {
            if (await store.FindAsync(picture, cancellation) is { Length: > SmallBytes } info) await GetAsync(job, picture, type, info, CardSize, cancellation);
        }
        catch (StorageException e)
        {
            LogUnprepared(e, picture);
        }
    }

    public void Dispose()
    {
        _turns.Dispose();
        _large.Dispose();
    }

    /// <summary>The picture itself where it may be shown so, nothing made where a preview is better, or why neither.</summary>
    private Preview Look(ObjectUri picture, byte[] content)
    {
        try
        {
            var pixels = decoder.CountPixels(content);
            if (pixels > options.Value.MaxPixels) return TooManyPixels(pixels);
            return new Preview(PreviewOutcome.Made, pixels <= SmallPixels ? content : [], "");
        }
        catch (BadInputException e)
        {
            return Undecodable(picture, e);
        }
    }

    /// <summary>To its end, whether or not somebody still waits for it: who asks next has it.</summary>
    private async Task<Preview> MakeAsync(ObjectUri picture, byte[] content, int size)
    {
        try
        {
            var pixels = decoder.CountPixels(content);
            if (pixels > options.Value.MaxPixels) return TooManyPixels(pixels);
            var isLarge = pixels > LargePixels;
            if (isLarge) await _large.WaitAsync(CancellationToken.None);
            try
            {
                return new Preview(PreviewOutcome.Made, await Task.Run(() => decoder.Preview(content, size), CancellationToken.None), "");
            }
            finally
            {
                if (isLarge) _large.Release();
            }
        }
        catch (BadInputException e)
        {
            return Undecodable(picture, e);
        }
    }

    private Preview Undecodable(ObjectUri picture, BadInputException problem)
    {
        LogUndecodable(picture, problem.InnerException?.Message ?? problem.Message);
        return new Preview(PreviewOutcome.Undecodable, [], problem.Message);
    }

    private Preview TooManyPixels(long pixels) => Refused(PictureCheck.TooManyPixels(pixels, options.Value));

    private static Preview Refused(string detail) => new(PreviewOutcome.TooLarge, [], detail);

    /// <summary>A picture's content; null where it went.</summary>
    /// <exception cref="StorageException">It is being replaced.</exception>
    private async Task<byte[]?> ReadAsync(ObjectUri picture, ObjectInfo info, CancellationToken cancellation)
    {
        await using var stream = await store.OpenReadAsync(picture, cancellation);
        if (stream is null) return null;
        var content = GC.AllocateUninitializedArray<byte>((int)info.Length);
        return await stream.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellation) == content.Length
            ? content : throw new StorageException($"{picture} changed while it was read");
    }

    /// <summary>A preview that was made before; null where none was.</summary>
    private async Task<byte[]?> ReadAsync(ObjectUri kept, CancellationToken cancellation)
    {
        await using var stream = await store.OpenReadAsync(kept, cancellation);
        if (stream is null) return null;
        using var content = new MemoryStream();
        await stream.CopyToAsync(content, cancellation);
        return content.ToArray();
    }

    /// <summary>Cards of another generation are made anew.</summary>
    private const int Generation = 2;

    private static string HashOf(ObjectUri picture, ObjectInfo info, int size) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Generation}\n{size}\n{info.Version}\n{picture}"))));

    [LoggerMessage(LogLevel.Warning, "The card of {Picture} could not be made ahead")]
    private partial void LogUnprepared(Exception exception, ObjectUri picture);

    [LoggerMessage(LogLevel.Debug, "{Picture} can't be decoded: {Problem}")]
    private partial void LogUndecodable(ObjectUri picture, string problem);
}
