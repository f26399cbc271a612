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

    /// <summary>
    /// Where a task comes among those of its bucket: the output function of G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators" (2014),
    /// of seed and number.
    /// </summary>
    public static ulong Of(int seed, TaskNumber task)
    {
        var mixed = (((ulong)seed << 32) | (uint)task.Value) + 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
