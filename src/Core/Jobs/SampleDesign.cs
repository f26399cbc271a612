using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace BulkQA.Core;

/// <summary>
/// How many images of each class and bucket are reviewed; the others are known, and nobody is asked about them. Written <c>400</c>, <c>10 0.95</c> for a
/// width and a level, or <c>all</c>.
/// </summary>
public sealed record SampleDesign
{
    private SampleDesign(int? images, double? widthPercent, double level) => (Images, WidthPercent, Level) = (images, widthPercent, level);

    /// <summary>Every image: what a sampled job is extended to in the end.</summary>
    public static SampleDesign All { get; } = new(null, null, Certainty.DefaultLevel);

    /// <summary>As many images, or all where there are fewer; null where it is not a fixed size.</summary>
    public int? Images { get; }

    /// <summary>
    /// As many images as it takes for the exact interval of the percentage right among the bucket's images to be no wider than so many percentage points where
    /// half of the reviewed are right, which is where intervals are widest but for an image of the bucket or two; null where it is not by width.
    /// </summary>
    public double? WidthPercent { get; }

    /// <summary>Of that interval.</summary>
    public double Level { get; }

    /// <summary>A fixed size.</summary>
    /// <param name="images">From 1.</param>
    public static SampleDesign OfSize(int images) => new(images, null, Certainty.DefaultLevel);

    /// <summary>As large as an interval of this width needs.</summary>
    /// <param name="percent">In percentage points, above 0 and below 100.</param>
    /// <param name="level">Above 0 and below 1.</param>
    public static SampleDesign OfWidth(double percent, double level) => new(null, percent, level);

    /// <summary>What is wrong with it, each with its field; empty where all is well.</summary>
    public IEnumerable<(string Field, string Problem)> Problems()
    {
        if (Images is < 1) yield return ("sample.images", $"{Images} is not 1 or more");
        if (WidthPercent is not null and not (> 0 and < 100)) yield return ("sample.width", $"{WidthPercent} is not above 0 and below 100");
        if (!(1 - Level is > 0 and < 1)) yield return ("sample.level", $"{Level} is not above 0 and below 1");
    }

    /// <summary>How many of a bucket's images are reviewed, from 0 to <paramref name="images"/>. By width a slightly larger bucket may ask for a few less: intervals go by whole images.</summary>
    public long SizeOf(long images)
    {
        if (Images is { } size) return Math.Min(images, size);
        if (WidthPercent is null) return images;
        // Wide enough at none reviewed, and a point at all.
        var (tooFew, enough) = (0L, images);
        while (enough - tooFew > 1)
        {
            var middle = tooFew + ((enough - tooFew) / 2);
            if (WidthAt(middle, images) <= WidthPercent / 100) enough = middle;
            else tooFew = middle;
        }
        return enough;
    }

    /// <param name="text">As <see cref="ToString"/> writes it.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SampleDesign? design)
    {
        design = text?.Split(' ') switch
        {
            ["all"] => All,
            [var images] when int.TryParse(images, NumberStyles.None, CultureInfo.InvariantCulture, out var size) => OfSize(size),
            [var width, var level] when double.TryParse(width, NumberStyles.Float, CultureInfo.InvariantCulture, out var percent)
                && double.TryParse(level, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) => OfWidth(percent, share),
            _ => null,
        };
        return design is not null;
    }

    public override string ToString() => (Images, WidthPercent) switch
    {
        ({ } size, _) => string.Create(CultureInfo.InvariantCulture, $"{size}"),
        (_, { } width) => string.Create(CultureInfo.InvariantCulture, $"{width:R} {Level:R}"),
        _ => "all",
    };

    /// <summary>The interval's width at its widest: where half of what is reviewed is right.</summary>
    private double WidthAt(long reviewed, long images)
    {
        var (lower, upper) = HypergeometricInterval.Exact(reviewed / 2, reviewed, images, Level);
        return upper - lower;
    }
}
