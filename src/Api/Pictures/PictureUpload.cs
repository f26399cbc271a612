using System.Globalization;
using System.Text;
using System.Threading.Channels;
using BulkQA.Core;
using BulkQA.Corpora;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>Where an upload goes.</summary>
/// <param name="Job">Whose image base.</param>
/// <param name="Folder">Below the base, a canonical path with the slash at the end; or empty.</param>
/// <param name="Replaces">Whether a picture that is there with another content is replaced; otherwise the new one is rejected.</param>
internal sealed record UploadTarget(JobInfo Job, string Folder, bool Replaces);

/// <summary>
/// One upload: takes pictures one after the other, looks at each, and writes some at a time. What is good is stored whatever
/// becomes of the rest. Memory is bounded by a few pictures; of those that came before, only the names are kept.
/// </summary>
internal sealed class PictureUpload(
    UploadTarget target, IObjectStore store, ImageBases bases, PictureDecoder decoder, Previews previews, PictureOptions options, CancellationToken cancellation) : IAsyncDisposable
{
    /// <summary>Folders wait for their disk, S3 for its answer; more at a time would only take memory.</summary>
    private const int Writers = 8;

    /// <summary>Larger pictures wait in a temporary file until they are written.</summary>
    private const int MaxInMemory = 1 << 20;

    /// <summary>File systems take no longer names.</summary>
    private const int MaxNameBytes = 255;

    /// <summary>Pictures are packed already; beyond this it is no picture of anything.</summary>
    private const int MaxExpansion = 200;

    /// <summary>A picture may come with a folder and with what macOS notes of it.</summary>
    private const int MaxEntriesPerPicture = 3;

    private readonly Channel<(string Name, ObjectUri Uri, Stream Content)> _ready = Channel.CreateBounded<(string, ObjectUri, Stream)>(Writers);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<RejectedPicture> _rejected = [];
    private readonly Lock _counting = new();
    private Task? _writing;

    /// <summary>Bytes that the zips taken so far unpack to, as they say.</summary>
    private long _unpacked;

    private long _accepted;
    private long _unchanged;
    private long _ignored;
    private long _rejectedCount;

    /// <summary>Takes one picture of that name.</summary>
    /// <param name="name">The path below the folder, as somebody outside gave it.</param>
    /// <param name="content">Read once, as far as is needed to know that it is too large.</param>
    public async Task AddAsync(string name, Stream content)
    {
        if (ProblemOf(name, out var uri, out var type) is { } problem) Reject(name, problem);
        else if (await PictureBuffer.ReadAsync(content, options.MaxFileBytes, MaxInMemory, cancellation) is not { } whole) Reject(name, TooLong);
        else await TakeAsync(name, uri, type!, whole);
    }

    /// <summary>Takes every picture of a zip, below the folder.</summary>
    /// <param name="zip">The whole of it; can seek.</param>
    /// <exception cref="BadInputException">It can't be read, or is more than one upload may be; nothing of it is stored.</exception>
    public async Task AddZipAsync(Stream zip)
    {
        var reader = ZipReader.Open(zip);
        if (reader.Count > MaxEntriesPerPicture * (long)options.MaxPictures)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"The zip has {reader.Count} entries, and {options.MaxPictures} pictures are the most of one upload; send it in parts."));
        // All of the directory first, so that a zip is refused whole or read whole.
        var (pictures, unpacked) = (0L, _unpacked);
        foreach (var entry in reader.Entries())
        {
            if (ZipUnpacking.IsIgnored(entry.Name)) continue;
            if (++pictures > options.MaxPictures)
                throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"The zip holds more than {options.MaxPictures} files, which is the most of one upload; send it in parts."));
            if ((unpacked += entry.Length) > options.MaxUploadBytes || unpacked < 0)
                throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"What is zipped unpacks to more than {options.MaxUploadBytes >> 20} MiB, which is the most of one upload; send it in parts."));
        }
        _unpacked = unpacked;
        foreach (var entry in reader.Entries())
        {
            if (ZipUnpacking.IsIgnored(entry.Name)) _ignored++;
            else if (entry.Problem is { } unreadable) Reject(entry.Name, unreadable);
            else if (ProblemOf(entry.Name, out var uri, out var type) is { } problem) Reject(entry.Name, problem);
            else if (entry.Length > options.MaxFileBytes) Reject(entry.Name, TooLong);
            else if (entry.Length > MaxInMemory && entry.Length / MaxExpansion > entry.PackedLength)
                Reject(entry.Name, string.Create(CultureInfo.InvariantCulture, $"unpacks to more than {MaxExpansion} times its packed size; upload it by itself"));
            else if (await ZipUnpacking.UnpackAsync(reader, entry, MaxInMemory, cancellation) is { } whole) await TakeAsync(entry.Name, uri, type!, whole);
            else Reject(entry.Name, "is damaged in the zip");
        }
    }

    /// <summary>Waits until everything is stored that will be.</summary>
    public async Task<PictureSummary> FinishAsync()
    {
        _ready.Writer.TryComplete();
        if (_writing is not null) await _writing;
        return new PictureSummary(_accepted, _unchanged, _ignored, _rejectedCount, _rejected);
    }

    public void Reject(string name, string reason)
    {
        lock (_counting)
        {
            _rejectedCount++;
            if (_rejected.Count < PictureSummary.MaxListed) _rejected.Add(new RejectedPicture(Excerpt(name), reason));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _ready.Writer.TryComplete();
        // Its failure was told where it was waited for; here it only has to be over.
        if (_writing is not null) await _writing.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        while (_ready.Reader.TryRead(out var left)) await left.Content.DisposeAsync();
    }

    private string TooLong => string.Create(CultureInfo.InvariantCulture, $"takes more than {options.MaxFileBytes >> 20} MiB, which is the most of one picture");

    /// <summary>What can be said against a picture by its name; where it goes, and what it must be, otherwise.</summary>
    private string? ProblemOf(string name, out ObjectUri uri, out PictureType? type)
    {
        (uri, type) = (default, null);
        if (ObjectUri.PathProblem(name) is { } path) return $"has a path that {path}; a path is folder/file, below the job's imageBase";
        if (name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase)) return "is a zip within the upload; unpack it, or upload it by itself";
        if ((type = PictureType.OfName(name)) is null) return $"is no picture by its name ('{Path.GetExtension(name)}')";
        if (!ImageUrl.TryCreate($"{target.Job.Settings.ImageBase}{target.Folder}{name}", out var url, out var problem)) return $"can't be stored: {problem}";
        if (!new ImageBase(target.Job.Settings.ImageBase).Holds(url) || !ObjectUri.TryParse(url.Value, out uri)) return "does not lie below the job's imageBase by a canonical path";
        if (bases.IsOwn(uri)) return "would lie among BulkQA's own objects";
        if (uri.Key.Split('/').Any(part => Encoding.UTF8.GetByteCount(part) > MaxNameBytes)) return $"has a name of more than {MaxNameBytes} UTF-8 bytes";
        if (_names.Contains(name)) return "comes twice in this upload; the first one counts";
        if (_names.Count == options.MaxPictures)
            return string.Create(CultureInfo.InvariantCulture, $"is one more than the {options.MaxPictures} of one upload; send it in another");
        _names.Add(name);
        return null;
    }

    private async Task TakeAsync(string name, ObjectUri uri, PictureType type, Stream content)
    {
        var isTaken = false;
        try
        {
            if (PictureCheck.Problem(content, type, decoder, options) is { } problem)
            {
                Reject(name, problem);
                return;
            }
            _writing ??= WriteAllAsync();
            await _ready.Writer.WriteAsync((name, uri, content), cancellation);
            isTaken = true;
        }
        catch (ChannelClosedException)
        {
            await _writing!;
            throw;
        }
        finally
        {
            if (!isTaken) await content.DisposeAsync();
        }
    }

    private async Task WriteAllAsync()
    {
        try
        {
            await Parallel.ForEachAsync(
                _ready.Reader.ReadAllAsync(cancellation), new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellation },
                async (picture, token) =>
                {
                    await using (picture.Content) await WriteAsync(picture.Name, picture.Uri, picture.Content, token);
                });
        }
        catch (Exception e)
        {
            // Whoever brings more is told, instead of waiting for room.
            _ready.Writer.TryComplete(e);
            throw;
        }
    }

    private async Task WriteAsync(string name, ObjectUri uri, Stream content, CancellationToken token)
    {
        try
        {
            await using (var present = await store.OpenReadAsync(uri, token))
            {
                if (present is not null && await IsSameAsync(present, content, token))
                {
                    Interlocked.Increment(ref _unchanged);
                    return;
                }
                if (present is not null && !target.Replaces)
                {
                    Reject(name, "is there already with another content, and may have been judged; give replace=true to replace it, or another name");
                    return;
                }
            }
            content.Position = 0;
            await store.WriteAsync(uri, content, token);
            Interlocked.Increment(ref _accepted);
            await previews.PrepareAsync(target.Job, uri, PictureType.OfName(name)!, token);
        }
        catch (BadInputException e)
        {
            Reject(name, $"can't be stored: {e.Message}");
        }
    }

    private static async Task<bool> IsSameAsync(Stream present, Stream content, CancellationToken token)
    {
        content.Position = 0;
        var (ours, theirs) = (new byte[32 * 1024], new byte[32 * 1024]);
        while (true)
        {
            var read = await content.ReadAtLeastAsync(ours, ours.Length, throwOnEndOfStream: false, token);
            var other = await present.ReadAtLeastAsync(theirs, theirs.Length, throwOnEndOfStream: false, token);
            if (!ours.AsSpan(0, read).SequenceEqual(theirs.AsSpan(0, other))) return false;
            if (read < ours.Length) return true;
        }
    }

    private static string Excerpt(string name) => name.Length <= 200 ? name : $"{name[..200]}…";
}
