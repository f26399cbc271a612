using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BulkQA.Core;

/// <summary>
/// Cuts images of one class into tasks with gold among them: one image in <see cref="GoldMix.OneIn"/> in the mean, at places and of
/// the class's gold by chance. A full task has as many images as one without gold, so that its size tells nobody.
/// </summary>
/// <param name="mix">How much, and by which seed.</param>
/// <param name="label">The class.</param>
/// <param name="gold">All gold images of the class, each with its place.</param>
public sealed class GoldMixer(GoldMix mix, Label label, IReadOnlyList<CorpusImage> gold)
{
    /// <summary>As <see cref="BatchCutter.Cut"/>, with gold mixed in. The same images give the same tasks.</summary>
    /// <returns>Each task's images, and how many of <paramref name="images"/> are among them.</returns>
    public IEnumerable<(ImmutableArray<CorpusImage> Images, int Taken)> Cut(IReadOnlyList<CorpusImage> images, int batchSize, bool cutRemainder)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        for (var start = 0; start < images.Count;)
        {
            var random = RandomOf(images[start]);
            var mixed = Round((double)batchSize / mix.OneIn, batchSize - 1, random);
            var taken = batchSize - mixed;
            if (images.Count - start < taken)
            {
                if (!cutRemainder) yield break;
                taken = images.Count - start;
                mixed = Round((double)taken / (mix.OneIn - 1), batchSize - taken, random);
            }
            yield return (Mix(images, start, taken, mixed, random), taken);
            start += taken;
        }
    }

    private ImmutableArray<CorpusImage> Mix(IReadOnlyList<CorpusImage> images, int start, int taken, int mixed, Random random)
    {
        var places = Choose(mixed, taken + mixed, random);
        var chosen = new Queue<int>(Choose(mixed, gold.Count, random).OrderBy(_ => random.Next()));
        var task = ImmutableArray.CreateBuilder<CorpusImage>(taken + mixed);
        for (int index = 0, next = start; index < taken + mixed; index++)
        {
            if (!places.Contains(index))
            {
                task.Add(images[next++]);
                continue;
            }
            var image = gold[chosen.Dequeue()];
            // Without a confidence among images that have one it would be known at sight.
            task.Add(image.Confidence is null ? image with { Confidence = images[start + random.Next(taken)].Confidence } : image);
        }
        return task.MoveToImmutable();
    }

    /// <summary>Up or down by chance, so that the mean is right; at most <paramref name="most"/>, and what there is.</summary>
    private int Round(double value, int most, Random random) => Math.Min((int)(value + random.NextDouble()), Math.Min(most, gold.Count));

    /// <summary>So many different numbers below <paramref name="below"/> (Floyd's algorithm; Bentley and Floyd, "A sample of brilliance", 1987).</summary>
    private static HashSet<int> Choose(int count, int below, Random random)
    {
        var chosen = new HashSet<int>(count);
        for (var last = below - count; last < below; last++)
            if (random.Next(last + 1) is var one && !chosen.Add(one)) chosen.Add(last);
        return chosen;
    }

    private Random RandomOf(CorpusImage first)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"gold\n{mix.Seed}\n{label}\n{first.Url}");
        return new Random(BinaryPrimitives.ReadInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
    }
}
