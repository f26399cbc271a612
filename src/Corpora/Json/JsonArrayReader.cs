namespace BulkQA.Corpora;

/// <summary>
/// Finds where the elements of a JSON array begin and end, holding one buffer of twice the longest element that is
/// handed out and nothing else. It follows strings and brackets only; what is between them is for who parses the element.
/// </summary>
/// <param name="stream">Read once, to its end.</param>
/// <param name="sections">
/// Whether the body may be an object instead, of which the arrays among its properties are read one after the other; other properties are
/// passed over.
/// </param>
internal sealed class JsonArrayReader(Stream stream, bool sections = false)
{
    private const int AtEnd = -1;

    private readonly StreamBuffer _buffer = new(stream, 2 * JsonArrays.MaxElementBytes);
    private long _index = -1;
    private bool _inObject;
    private bool _anySection;

    /// <summary>The element just read; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Element { get; private set; }

    /// <summary>Why the element can't be used, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>The property whose array the element is of; null where the body is the array.</summary>
    public string? Section { get; private set; }

    /// <summary>Where the element is in its array, from 1.</summary>
    public long Position => _index;

    private string Array => Section is null ? "The body is not a JSON array" : $"'{Text.Excerpt(Section)}' is not a JSON array";

    /// <summary>Reads the next element; false where the array ends, and the stream with it.</summary>
    /// <exception cref="BadInputException">The stream is no JSON array, or ends before the array does.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellation)
    {
        if (_index < 0 && !_inObject) await BeginAsync(cancellation);
        if (_inObject && Section is null && !await EnterSectionAsync(cancellation)) return false;
        var next = await PeekAsync(cancellation);
        while (next == ']')
        {
            _buffer.Skip(1);
            if (!_inObject) return await PeekAsync(cancellation) == AtEnd ? false : throw new BadInputException("The body is not a JSON array: something follows its end.");
            if (!await EnterSectionAsync(cancellation)) return false;
            next = await PeekAsync(cancellation);
        }
        if (_index > 0)
        {
            if (next == AtEnd) throw BrokeOff();
            if (next != ',') throw new BadInputException($"{Array}: neither a comma nor its end follows element {_index - 1}.");
            _buffer.Skip(1);
            next = await PeekAsync(cancellation);
        }
        if (next == AtEnd) throw BrokeOff();
        await TakeElementAsync(cancellation);
        _index++;
        return true;
    }

    /// <summary>Says of the element just read what makes the whole array unreadable.</summary>
    public BadInputException Broken(string problem) => new($"{Array}: element {_index - 1} {problem}");

    private BadInputException BrokeOff() => new($"The body breaks off before its JSON array ends; {_index} elements were whole.");

    private async ValueTask BeginAsync(CancellationToken cancellation)
    {
        await _buffer.SkipMarkAsync(cancellation);
        var first = await PeekAsync(cancellation);
        _inObject = sections && first == '{';
        if (first != '[' && !_inObject)
            throw new BadInputException(first == AtEnd ? CorpusReader.EmptyBody : $"The body is not a JSON array: it doesn't begin with '['{(sections ? " or '{'" : "")}.");
        _buffer.Skip(1);
        _index = 0;
    }

    /// <summary>Moves on to the first element of the next property that is an array; false where the object ends, and the stream with it.</summary>
    private async ValueTask<bool> EnterSectionAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var next = await PeekAsync(cancellation);
            if (next == '}')
            {
                _buffer.Skip(1);
                return await PeekAsync(cancellation) == AtEnd ? false : throw new BadInputException("The body is not a JSON object: something follows its end.");
            }
            if (_anySection)
            {
                if (next != ',') throw NoObject(next);
                _buffer.Skip(1);
                next = await PeekAsync(cancellation);
            }
            if (next != '"') throw NoObject(next);
            await TakeElementAsync(cancellation);
            var name = Problem is null ? NameOf(Element.Span) : "";
            if (await PeekAsync(cancellation) is var colon && colon != ':') throw NoObject(colon);
            _buffer.Skip(1);
            _anySection = true;
            next = await PeekAsync(cancellation);
            if (next == '[')
            {
                _buffer.Skip(1);
                (Section, _index) = (name, 0);
                return true;
            }
            if (next == AtEnd) throw NoObject(next);
            await TakeElementAsync(cancellation);
        }
    }

    private static string NameOf(ReadOnlySpan<byte> element)
    {
        try
        {
            return System.Text.Json.JsonSerializer.Deserialize<string>(element) ?? "";
        }
        // The second, for half of a surrogate pair.
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException)
        {
            throw new BadInputException($"The body is not a JSON object: the name of a property is no text: {e.Message}");
        }
    }

    private static BadInputException NoObject(int found) =>
        new(found == AtEnd ? "The body breaks off before its JSON object ends." : $"The body is not a JSON object: '{(char)found}' stands where a property should begin, or go on.");

    /// <summary>The next byte that is not white space, and stays; <see cref="AtEnd"/> where there is none.</summary>
    private async ValueTask<int> PeekAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var found = _buffer.Span.IndexOfAnyExcept(" \t\r\n"u8);
            _buffer.Skip(found < 0 ? _buffer.Length : found);
            if (found >= 0) return _buffer.Span[0];
            if (_buffer.Ended) return AtEnd;
            await _buffer.FillAsync(cancellation);
        }
    }

    private async ValueTask TakeElementAsync(CancellationToken cancellation)
    {
        var scan = new Scan();
        // Bytes of the element that are in the buffer and scanned; and all of it, those that are gone among them.
        var (scanned, length) = (0, 0L);
        while (!scan.Done)
        {
            if (scanned == _buffer.Length)
            {
                if (_buffer.Ended) throw BrokeOff();
                if (length > JsonArrays.MaxElementBytes)
                {
                    _buffer.Skip(scanned);
                    scanned = 0;
                }
                await _buffer.FillAsync(cancellation);
            }
            var more = scan.Advance(_buffer.Span[scanned..]);
            (scanned, length) = (scanned + more, length + more);
        }
        if (length == 0) throw new BadInputException($"{Array}: '{(char)_buffer.Span[0]}' stands where element {_index} should begin.");
        Element = _buffer.First(scanned);
        Problem = length > JsonArrays.MaxElementBytes ? $"the element is longer than {JsonArrays.MaxElementBytes} bytes"
            : scan.Deepest > JsonArrays.MaxDepth ? $"the element is nested deeper than {JsonArrays.MaxDepth} levels"
            : null;
        _buffer.Skip(scanned);
    }

    /// <summary>How far one element is scanned.</summary>
    private struct Scan
    {
        private long _depth;
        private bool _inString;
        private bool _escaped;
        private bool _inScalar;

        public bool Done { get; private set; }

        public long Deepest { get; private set; }

        /// <summary>Scans on; how many of the bytes belong to the element.</summary>
        public int Advance(ReadOnlySpan<byte> bytes)
        {
            for (var i = 0; i < bytes.Length; i++)
            {
                var c = bytes[i];
                if (_inString)
                {
                    if (_escaped) _escaped = false;
                    else if (c == '\\') _escaped = true;
                    else if (c == '"') _inString = false;
                    if (!_inString && _depth == 0) return Finish(i + 1);
                    continue;
                }
                // A number or a literal at the top ends where anything begins that can't be part of one.
                if (_depth == 0 && c is (byte)',' or (byte)']' or (byte)'}' or (byte)':' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') return Finish(i);
                if (_inScalar && c is (byte)'"' or (byte)'{' or (byte)'[') return Finish(i);
                switch (c)
                {
                    case (byte)'"':
                        _inString = true;
                        break;
                    case (byte)'{' or (byte)'[':
                        Deepest = Math.Max(Deepest, ++_depth);
                        break;
                    case (byte)'}' or (byte)']':
                        if (--_depth == 0) return Finish(i + 1);
                        break;
                    default:
                        _inScalar = _depth == 0;
                        break;
                }
            }
            return bytes.Length;
        }

        private int Finish(int length)
        {
            Done = true;
            return length;
        }
    }
}
