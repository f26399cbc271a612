using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using BulkQA.Core;

namespace BulkQA.Storage;

/// <summary>
/// A folder as object store: <c>s3://bucket/key</c> lies at <c>{root}/bucket/key</c>. Nothing outside the root is ever
/// read or written: keys are canonical paths and links are not followed.
/// </summary>
public sealed partial class FolderObjectStore : IObjectStore
{
    private const string TemporaryPrefix = ".writing-";

    private readonly string _root;

    /// <param name="root">Created where it does not exist.</param>
    public FolderObjectStore(string root) => _root = Directory.CreateDirectory(root).FullName;

    public Task WriteAsync(ObjectUri uri, ReadOnlyMemory<byte> content, CancellationToken cancellation = default) =>
        WriteAsync(uri, file => file.WriteAsync(content, cancellation));

    public Task WriteAsync(ObjectUri uri, Stream content, CancellationToken cancellation = default) =>
        WriteAsync(uri, file => new ValueTask(content.CopyToAsync(file, cancellation)));

    public Task<ObjectInfo?> FindAsync(ObjectUri uri, CancellationToken cancellation = default)
    {
        var file = new FileInfo(PathOf(uri));
        try
        {
            return Task.FromResult<ObjectInfo?>(file.Exists
                ? new ObjectInfo(file.Length, string.Create(CultureInfo.InvariantCulture, $"{file.LastWriteTimeUtc.Ticks}-{file.Length}")) : null);
        }
        catch (FileNotFoundException)
        {
            return Task.FromResult<ObjectInfo?>(null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{uri} could not be read: {e.Message}", e);
        }
    }

    public Task<Stream?> OpenReadAsync(ObjectUri uri, CancellationToken cancellation = default)
    {
        var path = PathOf(uri);
        try
        {
            return Task.FromResult<Stream?>(
                File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete) : null);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{uri} could not be read: {e.Message}", e);
        }
    }

    public async IAsyncEnumerable<ObjectUri> ListAsync(
        ObjectUri prefix, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await Task.CompletedTask;
        var bucket = PathOf(new ObjectUri(prefix.Bucket, "x"))[..^2];
        if (!Directory.Exists(bucket)) yield break;
        // The folder part of the prefix narrows the walk; the rest is compared key by key.
        var slash = prefix.Key.LastIndexOf('/');
        var folder = slash < 0 ? bucket : PathOf(new ObjectUri(prefix.Bucket, prefix.Key[..slash]));
        if (!Directory.Exists(folder)) yield break;
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var path in Directory.EnumerateFiles(folder, "*", options))
        {
            cancellation.ThrowIfCancellationRequested();
            var key = Path.GetRelativePath(bucket, path).Replace(Path.DirectorySeparatorChar, '/');
            if (key.StartsWith(prefix.Key, StringComparison.Ordinal)
                && !Path.GetFileName(path).StartsWith(TemporaryPrefix, StringComparison.Ordinal))
                yield return new ObjectUri(prefix.Bucket, key);
        }
    }

    public Task DeleteAsync(ObjectUri uri, CancellationToken cancellation = default)
    {
        var path = PathOf(uri);
        try
        {
            File.Delete(path);
            return Task.CompletedTask;
        }
        catch (DirectoryNotFoundException)
        {
            return Task.CompletedTask;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{uri} could not be deleted: {e.Message}", e);
        }
    }

    public Uri? Presign(ObjectUri uri, TimeSpan lifetime) => null;

    private async Task WriteAsync(ObjectUri uri, Func<FileStream, ValueTask> write)
    {
        var path = PathOf(uri);
        var folder = Path.GetDirectoryName(path)!;
        var temporary = Path.Combine(folder, TemporaryPrefix + Guid.NewGuid().ToString("N"));
        try
        {
            Directory.CreateDirectory(folder);
            try
            {
                await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0))
                {
                    await write(file);
                    file.Flush(flushToDisk: true);
                }
                // By the system's own stamps, which advance every few milliseconds, two writes could have one version.
                File.SetLastWriteTimeUtc(temporary, TimeProvider.System.GetUtcNow().UtcDateTime);
                File.Move(temporary, path, overwrite: true);
                FlushFolder(folder);
            }
            finally
            {
                File.Delete(temporary);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{uri} could not be written: {e.Message}", e);
        }
    }

    /// <summary>The file of an object, proven to lie below the root with no link on the way.</summary>
    private string PathOf(ObjectUri uri)
    {
        var parts = ObjectKeys.Parts(uri);
        if (parts.Any(part => part.StartsWith(TemporaryPrefix, StringComparison.Ordinal)))
            throw new BadInputException($"'{uri}' has the name of an object that is still being written");
        var path = _root;
        foreach (var part in parts)
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
                throw new BadInputException($"'{uri}' leads over a link, and links are not followed");
        }
        return path;
    }

    /// <summary>Makes a rename survive a power cut; .NET has no call for it.</summary>
    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(folder, 0);
        if (descriptor < 0) throw new IOException($"the folder could not be opened (errno {Marshal.GetLastPInvokeError()})");
        try
        {
            if (Flush(descriptor) != 0) throw new IOException($"the folder could not be flushed (errno {Marshal.GetLastPInvokeError()})");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
