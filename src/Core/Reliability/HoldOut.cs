using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace BulkQA.Core;

/// <summary>
/// Which votes a model does not see, so that it can be judged by them: a share of the votes of a sample of images, chosen by a
/// hash of seed, image and worker. The same votes wherever they lie and in whatever order they come.
/// </summary>
public sealed record HoldOut
{
    private readonly ulong _seed;

    /// <param name="seed">Another seed chooses other votes.</param>
    /// <param name="share">Of the votes, those held out; above 0 and below 1.</param>
    /// <param name="images">Images of the job that have votes, 0 or more.</param>
    /// <param name="maxImages">How many images the sample may have, 1 or more: in the mean of all seeds, as every image is chosen by itself.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    public HoldOut(ulong seed, double share, long images, long maxImages)
    {
        if (!(share > 0 && share < 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "not above 0 and below 1");
        ArgumentOutOfRangeException.ThrowIfNegative(images);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxImages);
        (_seed, Share, ImageShare) = (seed, share, images <= maxImages ? 1 : (double)maxImages / images);
    }

    /// <summary>Of the votes of a sampled image, the share that is held out.</summary>
    public double Share { get; }

    /// <summary>Of the images, the share that is sampled.</summary>
    public double ImageShare { get; }

    /// <summary>A key for an image or a worker: the first 64 bits of the SHA-256 of what names it in the job.</summary>
    public static ulong KeyOf(string name) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    /// <summary>Whether an image is in the sample.</summary>
    internal bool Samples(ulong image) => Fraction(Hash(image)) < ImageShare;

    /// <summary>Whether the vote of a worker on an image of the sample is held out.</summary>
    internal bool Holds(ulong image, ulong worker) => Fraction(Mix(Hash(image) + worker)) < Share;

    private ulong Hash(ulong image) => Mix(Mix(_seed) ^ image);

    /// <summary>From 0 to below 1.</summary>
    private static double Fraction(ulong hash) => (hash >> 11) * (1.0 / (1UL << 53));

    /// <summary>Spreads the bits: the finisher of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
