using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>
/// The images of a class, or of a part of one, by confidence at steps of 0.01 %: how many there are, how many were reviewed and how many of
/// those confirmed. Of any number of images it holds <see cref="MaxStep"/> + 1 steps at most, 32 bytes each.
/// </summary>
public sealed class FineHistogram : IEquatable<FineHistogram>
{
    /// <summary>The step of confidence 100.</summary>
    public const int MaxStep = 10_000;

    public static readonly FineHistogram Empty = new([], default);

    /// <param name="steps">Ascending, each with images.</param>
    /// <param name="unknown">Images without a confidence.</param>
    /// <exception cref="ArgumentException">Steps do not ascend within their range.</exception>
    public FineHistogram(ImmutableArray<FineStep> steps, ReviewCounts unknown)
    {
        var last = -1;
        foreach (var (step, _) in steps)
        {
            if (step <= last || step > MaxStep) throw new ArgumentException($"step {step} after {last}: steps ascend from 0 to {MaxStep}");
            last = step;
        }
        (Steps, Unknown) = (steps, unknown);
    }

    /// <summary>Ascending; steps without images are not there.</summary>
    public ImmutableArray<FineStep> Steps { get; }

    /// <summary>Images without a confidence, apart.</summary>
    public ReviewCounts Unknown { get; }

    /// <summary>Those with a confidence, and those without.</summary>
    public ReviewCounts All => Steps.Aggregate(Unknown, (sum, step) => sum + step.Counts);

    /// <summary>
    /// The step of a confidence in percent: the greatest one that <see cref="ConfidenceOf"/> does not put above it, so that images of the step
    /// and above are exactly those of its confidence and above.
    /// </summary>
    public static int StepOf(double confidence)
    {
        var step = (int)(confidence * 100);
        // What was rounded in the product is put right.
        if (step / 100.0 > confidence) return step - 1;
        return (step + 1) / 100.0 <= confidence ? step + 1 : step;
    }

    /// <summary>Where a step begins, in percent.</summary>
    public static double ConfidenceOf(int step) => step / 100.0;

    /// <summary>The images at or above a confidence.</summary>
    public ReviewCounts AtOrAbove(double confidence)
    {
        var sum = default(ReviewCounts);
        for (var at = Steps.Length - 1; at >= 0 && ConfidenceOf(Steps[at].Step) >= confidence; at--) sum += Steps[at].Counts;
        return sum;
    }

    /// <summary>The sum of many, over whatever parts of a class or classes.</summary>
    public static FineHistogram Sum(IEnumerable<FineHistogram> parts)
    {
        var counts = new ReviewCounts[MaxStep + 1];
        var unknown = default(ReviewCounts);
        foreach (var part in parts)
        {
            unknown += part.Unknown;
            foreach (var (step, here) in part.Steps) counts[step] += here;
        }
        return new FineHistogram([.. counts.Index().Where(entry => entry.Item.Images > 0).Select(entry => new FineStep(entry.Index, entry.Item))], unknown);
    }

    /// <summary>Some five bytes a step, to travel and to be stored.</summary>
    public byte[] Pack()
    {
        using var buffer = new MemoryStream(16 + (Steps.Length * 6));
        using var writer = new BinaryWriter(buffer);
        Write(writer, Unknown);
        writer.Write7BitEncodedInt(Steps.Length);
        var last = 0;
        foreach (var (step, counts) in Steps)
        {
            writer.Write7BitEncodedInt(step - last);
            Write(writer, counts);
            last = step;
        }
        return buffer.ToArray();
    }

    /// <summary>What was packed.</summary>
    /// <exception cref="ArgumentException">It was not packed by <see cref="Pack"/>.</exception>
    public static FineHistogram Unpack(byte[] packed)
    {
        using var reader = new BinaryReader(new MemoryStream(packed));
        var unknown = Read(reader);
        var steps = new FineStep[reader.Read7BitEncodedInt()];
        var last = 0;
        foreach (ref var step in steps.AsSpan())
        {
            last += reader.Read7BitEncodedInt();
            step = new FineStep(last, Read(reader));
        }
        return new FineHistogram(ImmutableArray.Create(steps), unknown);
    }

    public bool Equals(FineHistogram? other) => other is not null && Unknown == other.Unknown && Steps.AsSpan().SequenceEqual(other.Steps.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as FineHistogram);

    public override int GetHashCode() => HashCode.Combine(All, Steps.Length);

    public override string ToString() => $"{All} at {Steps.Length} steps";

    private static void Write(BinaryWriter writer, ReviewCounts counts)
    {
        writer.Write7BitEncodedInt64(counts.Images);
        writer.Write7BitEncodedInt64(counts.Reviewed);
        writer.Write7BitEncodedInt64(counts.Confirmed);
    }

    private static ReviewCounts Read(BinaryReader reader) => new(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
}
