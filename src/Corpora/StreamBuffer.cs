namespace BulkQA.Corpora;

/// <summary>What was read of a stream and is not taken yet, in one buffer of a fixed size.</summary>
/// <param name="stream">Read on as <see cref="FillAsync"/> is called.</param>
/// <param name="capacity">In bytes: the most that can wait to be taken.</param>
internal sealed class StreamBuffer(Stream stream, int capacity)
{
    private readonly byte[] _bytes = new byte[capacity];
    private int _start;
    private int _end;

    /// <summary>Whether the stream has no more.</summary>
    public bool Ended { get; private set; }

    /// <summary>Bytes that wait.</summary>
    public int Length => _end - _start;

    /// <summary>They themselves; valid until the next filling.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(_start, _end - _start);

    /// <summary>The first of them, which go on waiting; valid until the next filling.</summary>
    public ReadOnlyMemory<byte> First(int length) => _bytes.AsMemory(_start, length);

    /// <summary>Moves on behind the first of them.</summary>
    public void Skip(int length) => _start += length;

    /// <summary>Reads more, where there is more, into what room is left; there must be some.</summary>
    public async ValueTask FillAsync(CancellationToken cancellation)
    {
        if (_start > 0)
        {
            Span.CopyTo(_bytes);
            _end -= _start;
            _start = 0;
        }
        var read = await stream.ReadAsync(_bytes.AsMemory(_end), cancellation);
        _end += read;
        Ended = read == 0;
    }

    /// <summary>Passes over the byte order mark of UTF-8 at the stream's beginning, where there is one.</summary>
    /// <exception cref="BadInputException">The mark is that of UTF-16.</exception>
    public async ValueTask SkipMarkAsync(CancellationToken cancellation)
    {
        while (Length < 3 && !Ended) await FillAsync(cancellation);
        if (Span.StartsWith<byte>([0xEF, 0xBB, 0xBF])) Skip(3);
        else if (Span.StartsWith<byte>([0xFF, 0xFE]) || Span.StartsWith<byte>([0xFE, 0xFF])) throw new BadInputException("The body is UTF-16; send it as UTF-8.");
    }
}
