namespace BulkQA.Core;

/// <summary>
/// Splits a stream of UTF-8 into records of at most <see cref="MaxRecordBytes"/>, holding one buffer of twice that and
/// nothing else, however long a line is. In CSV a quoted field may hold line breaks; where a quote never closes (within
/// the buffer, or as RFC 4180 has it), only the line it opened on is lost and reading goes on at the next line.
/// </summary>
internal sealed class RecordReader(Stream stream, CorpusFormat format)
{
    public const int MaxRecordBytes = 64 * 1024;

    private readonly byte[] _buffer = new byte[2 * MaxRecordBytes];
    private int _start;
    private int _end;
    private bool _ended;
    private bool _began;
    private long _nextLine = 1;

    /// <summary>The record just read, without its line break; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Record { get; private set; }

    /// <summary>The line the record begins on.</summary>
    public long Line { get; private set; }

    /// <summary>Why the record can't be used, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads the next record; false at the end.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellation)
    {
        if (!_began) await BeginAsync(cancellation);
        while (true)
        {
            var (framing, length) = Frame(_buffer.AsSpan(_start, _end - _start));
            // A record that still lacks its end waits for more bytes, unless there are none or there is no room for them.
            if (length < 0 && !_ended && _end - _start <= MaxRecordBytes)
            {
                await FillAsync(cancellation);
                continue;
            }
            if (_start == _end) return false;
            Line = _nextLine;
            Problem = null;
            if (framing != Framing.Line) await TakeBrokenQuoteAsync(cancellation);
            else if (length > MaxRecordBytes || (length < 0 && !_ended)) await SkipLongLineAsync(cancellation);
            else Take(length < 0 ? _end - _start : length);
            return true;
        }
    }

    /// <summary>What the buffer begins with, and its length without the line break; -1 where that is not in the buffer yet.</summary>
    private (Framing Framing, int Length) Frame(ReadOnlySpan<byte> bytes)
    {
        if (format == CorpusFormat.NdJson) return (Framing.Line, bytes.IndexOf((byte)'\n'));
        var framing = CsvFields.Frame(bytes, out var length);
        return framing switch
        {
            Framing.Line => (framing, length < bytes.Length ? length : -1),
            Framing.Broken => (framing, bytes.IndexOf((byte)'\n')),
            _ => (framing, -1),
        };
    }

    private void Take(int length)
    {
        Record = Trimmed(_start, length);
        _nextLine += 1 + _buffer.AsSpan(_start, length).Count((byte)'\n');
        _start = Math.Min(_end, _start + length + 1);
    }

    private async ValueTask TakeBrokenQuoteAsync(CancellationToken cancellation)
    {
        var newline = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        if (newline < 0 && !_ended) await SkipLongLineAsync(cancellation);
        else Take(newline < 0 ? _end - _start : newline);
        Problem = "a quoted field is not closed, or something follows its closing quote";
    }

    private async ValueTask SkipLongLineAsync(CancellationToken cancellation)
    {
        Record = default;
        Problem = $"the line is longer than {MaxRecordBytes} bytes";
        _nextLine++;
        while (true)
        {
            var newline = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                _start += newline + 1;
                return;
            }
            _start = _end;
            if (_ended) return;
            await FillAsync(cancellation);
        }
    }

    private ReadOnlyMemory<byte> Trimmed(int start, int length) =>
        _buffer.AsMemory(start, length > 0 && _buffer[start + length - 1] == '\r' ? length - 1 : length);

    private async ValueTask BeginAsync(CancellationToken cancellation)
    {
        _began = true;
        while (_end < 3 && !_ended) await FillAsync(cancellation);
        var bytes = _buffer.AsSpan(0, _end);
        if (bytes.StartsWith<byte>([0xEF, 0xBB, 0xBF])) _start = 3;
        else if (bytes.StartsWith<byte>([0xFF, 0xFE]) || bytes.StartsWith<byte>([0xFE, 0xFF]))
            throw new FormatException("the corpus is UTF-16; send it as UTF-8");
    }

    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation);
        _end += read;
        _ended = read == 0;
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
