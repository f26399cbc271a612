using System.Security.Cryptography;
using System.Text;

namespace BulkQA.Core;

/// <summary>One of <see cref="Count"/> parts that the images of a class are spread over by their URL, so that no hash key is too hot.</summary>
public readonly record struct Shard
{
    public const int Count = 16;

    public Shard(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, Count);
        Number = (byte)number;
    }

    /// <summary>From 0 to <see cref="Count"/> - 1.</summary>
    public byte Number { get; }

    public static IEnumerable<Shard> All => Enumerable.Range(0, Count).Select(number => new Shard(number));

    /// <summary>
    /// The shard of an image: the lowest four bits of the first 128 of its URL's SHA-256. Test vectors pin it, because items
    /// are laid by it.
    /// </summary>
    public static Shard Of(ImageUrl url)
    {
        Span<byte> utf8 = stackalloc byte[ImageUrl.MaxBytes];
        var length = Encoding.UTF8.GetBytes(url.Value, utf8);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..length], digest);
        return new Shard(digest[15] & (Count - 1));
    }

    public override string ToString() => Number.ToString();
}
