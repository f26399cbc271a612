using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace BulkQA.Corpora;

/// <summary>A file in a zip, as the zip's directory has it.</summary>
/// <param name="Name">To the letter, hostile until looked at; folders end with a slash.</param>
/// <param name="Length">What it says that it unpacks to, in bytes.</param>
/// <param name="PackedLength">In bytes.</param>
/// <param name="Crc">CRC-32 of the content.</param>
/// <param name="Offset">Where its own header is.</param>
/// <param name="Deflated">Otherwise it is stored as it is.</param>
/// <param name="Problem">Why it can't be read, as the rest of a sentence about it; null where it can.</param>
public readonly record struct ZipEntry(string Name, long Length, long PackedLength, uint Crc, long Offset, bool Deflated, string? Problem);

/// <summary>
/// Reads a zip entry by entry, in memory that does not depend on how many there are: <see cref="ZipArchive"/> holds the whole
/// directory, however many entries somebody made it have. Zip64 is read; encrypted, split and exotically packed entries
/// are named as such.
/// </summary>
public sealed class ZipReader
{
    private const int EndBytes = 22;
    private const int MaxCommentBytes = ushort.MaxValue;
    private const int Locator64Bytes = 20;
    private const int End64Bytes = 56;
    private const int HeaderBytes = 46;
    private const int LocalHeaderBytes = 30;
    private const int DirectoryBufferBytes = 64 * 1024;
    private const uint Unknown32 = uint.MaxValue;
    private const int UnixLink = 0xA000;
    private const int UnixKind = 0xF000;

    private static readonly UTF8Encoding _utf8 = new(false, throwOnInvalidBytes: true);

    private readonly Stream _zip;
    private readonly long _directory;

    private ZipReader(Stream zip, long directory, long count) => (_zip, _directory, Count) = (zip, directory, count);

    /// <summary>Entries, folders among them.</summary>
    public long Count { get; }

    /// <param name="zip">The whole of it; can seek, and stays open.</param>
    /// <exception cref="BadInputException">It has no directory.</exception>
    public static ZipReader Open(Stream zip)
    {
        var tail = new byte[Math.Min(zip.Length, EndBytes + MaxCommentBytes)];
        ReadAt(zip, zip.Length - tail.Length, tail);
        for (var at = tail.Length - EndBytes; at >= 0; at--)
        {
            var end = tail.AsSpan(at);
            if (UInt32(end, 0) != 0x06054b50 || at + EndBytes + UInt16(end, 20) != tail.Length) continue;
            var (count, directory) = ((long)UInt16(end, 10), (long)UInt32(end, 16));
            if (count == ushort.MaxValue || directory == Unknown32 || UInt32(end, 12) == Unknown32)
                (count, directory) = ReadEnd64(zip, zip.Length - tail.Length + at) ?? (count, directory);
            return new ZipReader(zip, directory, count);
        }
        throw new BadInputException("The zip has no directory: it was cut off, or it is none.");
    }

    /// <summary>The entries in the directory's order. Between two of them the contents of entries may be read.</summary>
    /// <exception cref="BadInputException">The directory is damaged.</exception>
    public IEnumerable<ZipEntry> Entries()
    {
        var position = _directory;
        var buffer = new byte[DirectoryBufferBytes];
        var (start, filled) = (0L, 0);
        for (var number = 0L; number < Count; number++)
        {
            Fill(HeaderBytes);
            if (UInt32(At(), 0) != 0x02014b50) throw Damaged();
            var length = HeaderBytes + UInt16(At(), 28) + UInt16(At(), 30) + UInt16(At(), 32);
            Fill(Math.Min(length, buffer.Length));
            yield return Read(At()[..Math.Min(length, buffer.Length)]);
            position += length;
        }

        ReadOnlySpan<byte> At() => buffer.AsSpan((int)(position - start));

        void Fill(int needed)
        {
            if (position >= start && position + needed <= start + filled) return;
            if (position < 0 || position + needed > _zip.Length) throw Damaged();
            (start, filled) = (position, (int)Math.Min(buffer.Length, _zip.Length - position));
            ReadAt(_zip, start, buffer.AsSpan(0, filled));
        }
    }

    /// <summary>An entry's content, which ends where the directory says, or before. To be read asynchronously.</summary>
    /// <exception cref="BadInputException">There is none where the directory says.</exception>
    public Stream OpenEntry(ZipEntry entry)
    {
        var header = new byte[LocalHeaderBytes];
        if (entry.Offset < 0 || entry.Offset + LocalHeaderBytes > _zip.Length) throw Damaged();
        ReadAt(_zip, entry.Offset, header);
        if (UInt32(header, 0) != 0x04034b50) throw Damaged();
        var data = entry.Offset + LocalHeaderBytes + UInt16(header, 26) + UInt16(header, 28);
        if (data + entry.PackedLength > _zip.Length) throw Damaged();
        _zip.Position = data;
        var packed = new Part(_zip, entry.PackedLength);
        return entry.Deflated ? new DeflateStream(packed, CompressionMode.Decompress) : packed;
    }

    private static ZipEntry Read(ReadOnlySpan<byte> header)
    {
        var (flags, method) = (UInt16(header, 8), UInt16(header, 10));
        var (packed, length, offset) = ((long)UInt32(header, 20), (long)UInt32(header, 24), (long)UInt32(header, 42));
        var extra = HeaderBytes + UInt16(header, 28);
        var problem = (flags & 1) != 0 ? "is encrypted" : method is not (0 or 8) ? $"is packed by method {method}; only stored and deflated ones are read" : null;
        var bytes = header.Slice(HeaderBytes, Math.Min(UInt16(header, 28), header.Length - HeaderBytes));
        string name;
        try
        {
            // The flag that says so is left out by many who write UTF-8 all the same.
            name = _utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            (name, problem) = (Encoding.Latin1.GetString(bytes), "has a name that is not UTF-8; make the zip with UTF-8 names");
        }
        if (header[5] == 3 && ((int)(UInt32(header, 38) >> 16) & UnixKind) == UnixLink) problem ??= "is a link, and links are not followed";
        if (!ReadLengths64(header, extra, UInt16(header, 30), ref length, ref packed, ref offset)) problem ??= "is damaged in the zip's directory";
        return new ZipEntry(name, length, packed, UInt32(header, 16), offset, method == 8, problem);
    }

    /// <summary>Numbers of 64 bits stand in an extra field, those only that have no room in the header, in this order.</summary>
    private static bool ReadLengths64(ReadOnlySpan<byte> header, int at, int bytes, ref long length, ref long packed, ref long offset)
    {
        if (length != Unknown32 && packed != Unknown32 && offset != Unknown32) return true;
        for (var end = Math.Min(at + bytes, header.Length); at + 4 <= end;)
        {
            var (id, size) = (UInt16(header, at), UInt16(header, at + 2));
            if (at + 4 + size > end) return false;
            if (id == 1)
            {
                var field = header.Slice(at + 4, size);
                return Take(ref field, ref length) && Take(ref field, ref packed) && Take(ref field, ref offset);
            }
            at += 4 + size;
        }
        return false;

        static bool Take(ref ReadOnlySpan<byte> field, ref long number)
        {
            if (number != Unknown32) return true;
            if (field.Length < 8) return false;
            number = BinaryPrimitives.ReadInt64LittleEndian(field);
            field = field[8..];
            return number >= 0;
        }
    }

    private static (long Count, long Directory)? ReadEnd64(Stream zip, long end)
    {
        Span<byte> locator = stackalloc byte[Locator64Bytes];
        if (end < Locator64Bytes) return null;
        ReadAt(zip, end - Locator64Bytes, locator);
        if (UInt32(locator, 0) != 0x07064b50) return null;
        var at = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        if (at < 0 || at > zip.Length - End64Bytes) throw Damaged();
        Span<byte> end64 = stackalloc byte[End64Bytes];
        ReadAt(zip, at, end64);
        if (UInt32(end64, 0) != 0x06064b50) throw Damaged();
        var (count, directory) = (BinaryPrimitives.ReadInt64LittleEndian(end64[32..]), BinaryPrimitives.ReadInt64LittleEndian(end64[48..]));
        return count >= 0 && directory >= 0 ? (count, directory) : throw Damaged();
    }

    private static void ReadAt(Stream zip, long position, Span<byte> bytes)
    {
        zip.Position = position;
        zip.ReadExactly(bytes);
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static BadInputException Damaged() => new("The zip's directory is damaged.");

    /// <summary>The next bytes of a stream and none behind them.</summary>
    private sealed class Part(Stream whole, long left) : ForwardStream
    {
        private long _left = left;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await whole.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
            _left -= read;
            return read;
        }
    }
}
