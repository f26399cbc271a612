using System.IO.Hashing;
using BulkQA.Core;
using BulkQA.Corpora;

namespace BulkQA.Api;

/// <summary>Contents of zips that somebody uploaded.</summary>
internal static class ZipUnpacking
{
    private static readonly string[] _leftByDesktops = [".DS_Store", "Thumbs.db", "desktop.ini"];

    /// <summary>Whether an entry is nothing that anybody meant to send: a folder, or what desktops leave in zips.</summary>
    public static bool IsIgnored(string name) =>
        name.EndsWith('/') || name.StartsWith("__MACOSX/", StringComparison.Ordinal) || _leftByDesktops.Contains(name[(name.LastIndexOf('/') + 1)..]);

    /// <summary>An entry's content, whole and as the zip says, to be disposed; null where it is not.</summary>
    /// <param name="reader">The zip's.</param>
    /// <param name="entry">Which.</param>
    /// <param name="maxInMemory">In bytes; what is longer waits in a temporary file.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async Task<Stream?> UnpackAsync(ZipReader reader, ZipEntry entry, long maxInMemory, CancellationToken cancellation)
    {
        Stream? whole = null;
        try
        {
            await using var packed = reader.OpenEntry(entry);
            whole = await PictureBuffer.ReadAsync(packed, entry.Length, maxInMemory, cancellation);
            if (whole is not null && whole.Length == entry.Length)
            {
                var crc = new Crc32();
                await crc.AppendAsync(whole, cancellation);
                whole.Position = 0;
                if (crc.GetCurrentHashAsUInt32() == entry.Crc) return whole;
            }
        }
        catch (Exception e) when (e is InvalidDataException or BadInputException)
        {
            // What does not unpack is damaged.
        }
        if (whole is not null) await whole.DisposeAsync();
        return null;
    }
}
