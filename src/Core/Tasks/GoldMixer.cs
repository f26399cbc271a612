using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BulkQA.Core;

/// <summary>
/// Cuts images of one class into tasks with gold among them: one image in <see cref="GoldMix.OneIn"/> in the mean, as far as there is that much gold,
/// at places by chance. A full task has as many images as one without gold, so that its size tells nobody. Gold is dealt from a shuffled deck, which is
/// shuffled again once it is used up: the same image comes again as late as can be.
/// </summary>
/// <param name="mix">How much, and by which seed.</param>
/// <param name="address">The class. Its job's incarnation is part of what chance goes by, so that nobody can reckon it who knows the seed alone.</param>
/// <param name="gold">All gold images of the class that may be mixed in, each with its place.</param>
/// <param name="dealt">How many were mixed in before.</param>
public sealed class GoldMixer(GoldMix mix, ClassAddress address, IReadOnlyList<CorpusImage> gold, int dealt)
{
    private readonly List<int> _deck = [];
    private int _next = dealt;
    private int _shuffle = -1;

    /// <summary>As <see cref="BatchCutter.Cut"/>, with gold mixed in. The same images after the same gold give the same tasks.</summary>
    /// <returns>Each task's images, and how many of <paramref name="images"/> are among them.</returns>
    public IEnumerable<(ImmutableArray<CorpusImage> Images, int Taken)> Cut(IReadOnlyList<CorpusImage> images, int batchSize, bool cutRemainder)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        for (var start = 0; start < images.Count;)
        {
            var random = RandomOf(images[start].Url.Value);
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
        var places = Enumerable.Range(0, taken + mixed).ToArray();
        random.Shuffle(places);
        var ofGold = places.Take(mixed).ToHashSet();
        var dealt = new Queue<CorpusImage>(Deal(mixed));
        var task = ImmutableArray.CreateBuilder<CorpusImage>(taken + mixed);
        for (int index = 0, next = start; index < taken + mixed; index++)
            task.Add(ofGold.Contains(index) ? dealt.Dequeue() with { Confidence = AnyConfidence(images, start, taken, random), Version = images[start].Version } : images[next++]);
        return task.MoveToImmutable();
    }

    /// <summary>
    /// That of another image, of another task where there is one: gold has no confidence, or one of another model or below the least that the job
    /// takes, and would be known by it.
    /// </summary>
    private static Percent? AnyConfidence(IReadOnlyList<CorpusImage> images, int start, int taken, Random random)
    {
        var others = images.Count - taken;
        if (others == 0) return images[start + random.Next(taken)].Confidence;
        var index = random.Next(others);
        return images[index < start ? index : index + taken].Confidence;
    }

    /// <summary>The next of the deck, none twice in a task.</summary>
    private List<CorpusImage> Deal(int count)
    {
        var dealt = new HashSet<int>();
        while (dealt.Count < count)
        {
            if (_next / gold.Count != _shuffle)
            {
                _shuffle = _next / gold.Count;
                var deck = Enumerable.Range(0, gold.Count).ToArray();
                RandomOf(string.Create(CultureInfo.InvariantCulture, $"deck {_shuffle}")).Shuffle(deck);
                _deck.Clear();
                _deck.AddRange(deck);
            }
            dealt.Add(_deck[_next++ % gold.Count]);
        }
        return [.. dealt.Select(index => gold[index])];
    }

    /// <summary>Up or down by chance, so that the mean is right; at most <paramref name="most"/>, and what there is.</summary>
    private int Round(double value, int most, Random random) => Math.Min((int)(value + random.NextDouble()), Math.Min(most, gold.Count));

    private Random RandomOf(string what) =>
        new(BinaryPrimitives.ReadInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"gold\n{mix.Seed}\n{address.Key}\n{what}")))));
}
