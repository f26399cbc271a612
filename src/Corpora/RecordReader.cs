namespace BulkQA.Corpora;

/// <summary>
/// Splits a stream of UTF-8 into records of at most <see cref="MaxRecordBytes"/>, holding one buffer of twice that and
/// nothing else, however long a line is. Lines end in a line feed, a carriage return or both, in any mixture. Where fields have
/// a <see cref="Delimiter"/>, a quoted field may hold line breaks; where a quote never closes (within the buffer, or as RFC 4180
/// has it), only the line it opened on is lost and reading goes on at the next line.
/// </summary>
internal sealed class RecordReader(Stream stream)
{
    public const int MaxRecordBytes = 64 * 1024;

    private readonly StreamBuffer _buffer = new(stream, 2 * MaxRecordBytes);
    private bool _began;
    private bool _afterReturn;
    private long _nextLine = 1;

    /// <summary>What is between the fields of a record; null where a record is a line.</summary>
    public byte? Delimiter { get; set; }

    /// <summary>The record just read, without its line break; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Record { get; private set; }

    /// <summary>The line the record begins on.</summary>
    public long Line { get; private set; }

    /// <summary>Why the record can't be used, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>
    /// What the stream begins with, before anything is read: its first line with what has come along, as much as a record may have, or all of it.
    /// A sender who waits for an answer in between is not kept waiting for more.
    /// </summary>
    public async ValueTask<ReadOnlyMemory<byte>> PeekAsync(CancellationToken cancellation)
    {
        await BeginAsync(cancellation);
        while (!_buffer.Ended && _buffer.Length < MaxRecordBytes && LineBreak.IndexIn(_buffer.Span.TrimStart("\r\n \t"u8)) < 0) await _buffer.FillAsync(cancellation);
        return _buffer.First(_buffer.Length);
    }

    /// <summary>Reads the next record; false at the end.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellation)
    {
        if (!_began) await BeginAsync(cancellation);
        while (true)
        {
            SkipRestOfBreak();
            var (framing, length) = Frame(_buffer.Span);
            // A record that still lacks its end waits for more bytes, unless there are none or there is no room for them.
            if (length < 0 && !_buffer.Ended && _buffer.Length <= MaxRecordBytes)
            {
                await _buffer.FillAsync(cancellation);
                continue;
            }
            if (_buffer.Length == 0) return false;
            Line = _nextLine;
            Problem = null;
            if (framing != Framing.Line) await TakeBrokenQuoteAsync(cancellation);
            else if (length > MaxRecordBytes || (length < 0 && !_buffer.Ended)) await SkipLongLineAsync(cancellation);
            else Take(length < 0 ? _buffer.Length : length);
            return true;
        }
    }

    /// <summary>What the buffer begins with, and its length without the line break; -1 where that is not in the buffer yet.</summary>
    private (Framing Framing, int Length) Frame(ReadOnlySpan<byte> bytes)
    {
        if (Delimiter is not { } delimiter) return (Framing.Line, LineBreak.IndexIn(bytes));
        var framing = CsvFields.Frame(bytes, delimiter, out var length);
        return framing switch
        {
            Framing.Line => (framing, length < bytes.Length ? length : -1),
            Framing.Broken => (framing, LineBreak.IndexIn(bytes)),
            _ => (framing, -1),
        };
    }

    /// <summary>
    /// A line feed right after a carriage return is the rest of that line break. It is looked for late: a record that a
    /// carriage return ends doesn't wait for what comes behind it.
    /// </summary>
    private void SkipRestOfBreak()
    {
        if (!_afterReturn || _buffer.Length == 0) return;
        _afterReturn = false;
        if (_buffer.Span[0] == '\n') _buffer.Skip(1);
    }

    private void Take(int length)
    {
        Record = _buffer.First(length);
        _nextLine += LineBreak.CountIn(Record.Span);
        EndLine(length);
    }

    /// <summary>Moves on behind the line break at <paramref name="length"/>, or to the end where there is none.</summary>
    private void EndLine(int length)
    {
        _nextLine++;
        _buffer.Skip(length);
        if (_buffer.Length == 0) return;
        _afterReturn = _buffer.Span[0] == '\r';
        _buffer.Skip(1);
    }

    private async ValueTask TakeBrokenQuoteAsync(CancellationToken cancellation)
    {
        var length = LineBreak.IndexIn(_buffer.Span);
        if (length < 0 && !_buffer.Ended) await SkipLongLineAsync(cancellation);
        else Take(length < 0 ? _buffer.Length : length);
        Problem = "a quoted field is not closed, or something follows its closing quote";
    }

    private async ValueTask SkipLongLineAsync(CancellationToken cancellation)
    {
        Record = default;
        Problem = $"the line is longer than {MaxRecordBytes} bytes";
        while (true)
        {
            var length = LineBreak.IndexIn(_buffer.Span);
            if (length >= 0 || _buffer.Ended)
            {
                EndLine(length < 0 ? _buffer.Length : length);
                return;
            }
            _buffer.Skip(_buffer.Length);
            await _buffer.FillAsync(cancellation);
        }
    }

    private ValueTask BeginAsync(CancellationToken cancellation)
    {
        _began = true;
        return _buffer.SkipMarkAsync(cancellation);
    }
}

/// <summary>Where lines end: a line feed, a carriage return, or the two together.</summary>
internal static class LineBreak
{
    /// <summary>The index of the first byte of the first line break; -1 where there is none.</summary>
    public static int IndexIn(ReadOnlySpan<byte> bytes) => bytes.IndexOfAny((byte)'\n', (byte)'\r');

    /// <summary>How many line breaks there are; a carriage return with its line feed is one.</summary>
    public static int CountIn(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        while (IndexIn(bytes) is var index && index >= 0)
        {
            count++;
            bytes = bytes[(index + (bytes[index..].StartsWith("\r\n"u8) ? 2 : 1))..];
        }
        return count;
    }
}

/// <summary>What the bytes at the start of a buffer are.</summary>
internal enum Framing
{
    /// <summary>A record, up to its line break or to the buffer's end.</summary>
    Line,

    /// <summary>A quoted field is open at the buffer's end.</summary>
    Quoted,

    /// <summary>Not RFC 4180: something follows a closing quote.</summary>
    Broken,
}
