using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace BulkQA.Core;

/// <summary>
/// Where an image comes in a random order: the first 64 bits of the SHA-256 of seed, label and URL. Images in the order of
/// their keys are in a random order, the whole as every class and bucket of it, unless URLs were chosen with the seed in mind.
/// </summary>
public static class ShuffleKey
{
    public static ulong Of(int seed, Label label, ImageUrl url) =>
        // No label and no URL holds a control character, so no two images give the same text.
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}\n{label}\n{url}"))));
}
