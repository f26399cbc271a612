namespace BulkQA.Corpora;

/// <summary>
/// A body on disk, for formats that have to look at it twice or from its end. In a temporary file (<see cref="TemporaryFile"/>).
/// </summary>
internal sealed class Spool : IAsyncDisposable
{
    private const long MaxBytes = 4L << 30;

    private Spool(FileStream file) => File = file;

    public FileStream File { get; }

    /// <exception cref="BadInputException">The body is empty, or longer than 4 GiB.</exception>
    public static async Task<Spool> TakeAsync(Stream body, CancellationToken cancellation)
    {
        var spool = new Spool(TemporaryFile.Create("corpus"));
        try
        {
            var buffer = new byte[64 * 1024];
            while (await body.ReadAsync(buffer, cancellation) is var length && length > 0)
            {
                if (spool.File.Length + length > MaxBytes) throw new BadInputException($"The body is longer than {MaxBytes >> 30} GiB, which is the most in this format. Nothing was imported. Send it in parts.");
                await spool.File.WriteAsync(buffer.AsMemory(0, length), cancellation);
            }
            if (spool.File.Position == 0) throw new BadInputException(CorpusReader.EmptyBody);
            spool.Rewind();
            return spool;
        }
        catch
        {
            await spool.DisposeAsync();
            throw;
        }
    }

    public void Rewind() => File.Position = 0;

    public ValueTask DisposeAsync() => File.DisposeAsync();
}
