using System.Buffers;
using BulkQA.Corpora;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>Takes over the content of a stream that can be read once: in memory while it is small, else in a temporary file.</summary>
internal static class PictureBuffer
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>The content, to be disposed, at its beginning; null where it is longer than <paramref name="max"/>.</summary>
    /// <param name="source">Read until it ends, or is found to be too long.</param>
    /// <param name="max">In bytes.</param>
    /// <param name="maxInMemory">What is longer waits in a file that goes with the stream.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async Task<Stream?> ReadAsync(Stream source, long max, long maxInMemory, CancellationToken cancellation)
    {
        Stream content = new MemoryStream();
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        var isWhole = false;
        try
        {
            while (await source.ReadAsync(chunk, cancellation) is > 0 and var read)
            {
                if (content.Length + read > max) return null;
                if (content is MemoryStream && content.Length + read > maxInMemory) content = await MoveAsync(content, cancellation);
                await content.WriteAsync(chunk.AsMemory(0, read), cancellation);
            }
            content.Position = 0;
            isWhole = true;
            return content;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
            if (!isWhole) await content.DisposeAsync();
        }
    }

    private static async Task<Stream> MoveAsync(Stream memory, CancellationToken cancellation)
    {
        var file = Create();
        memory.Position = 0;
        await memory.CopyToAsync(file, cancellation);
        await memory.DisposeAsync();
        return file;
    }

    private static FileStream Create()
    {
        try
        {
            return TemporaryFile.Create("picture");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"a temporary file could not be written in {Path.GetTempPath()}: {e.Message} TMPDIR names another folder", e);
        }
    }
}
