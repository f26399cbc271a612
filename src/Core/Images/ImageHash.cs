using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace BulkQA.Core;

/// <summary>
/// The first 128 bits of the SHA-256 of an image URL. A partition keys its view by this instead of the URL: 16 bytes
/// whatever the URL's length, and nobody can craft two URLs that collide.
/// </summary>
public readonly record struct ImageHash(UInt128 Value)
{
    /// <summary>The shard is the hash's lowest four bits; test vectors pin it, because rows are laid by it.</summary>
    public Shard Shard => new((int)(Value & (Shard.Count - 1)));

    public static ImageHash Of(ImageUrl url)
    {
        Span<byte> utf8 = stackalloc byte[ImageUrl.MaxBytes];
        var length = Encoding.UTF8.GetBytes(url.Value, utf8);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..length], digest);
        return new ImageHash(BinaryPrimitives.ReadUInt128BigEndian(digest));
    }
}
