using NetVips;

namespace BulkQA.Api.Tests;

/// <summary>Pictures that tests draw for themselves, in the formats they need.</summary>
internal static class Drawn
{
    public const string SvgCircle = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 10 10\"><circle cx=\"5\" cy=\"5\" r=\"4\"/></svg>";

    /// <summary>Its left half red, its right half blue; in a colour space of its own where a profile is named.</summary>
    public static byte[] Halves(int width, int height, string suffix, int? orientation = null, bool isClear = false, string? profile = null)
    {
        using var left = Plain(width / 2, height, [220, 20, 20]);
        using var right = Plain(width - (width / 2), height, [20, 20, 220]);
        using var joined = left.Join(right, Enums.Direction.Horizontal);
        using var picture = isClear ? joined.Bandjoin(128) : profile is not null ? joined.IccTransform(profile, inputProfile: "srgb") : joined.Copy();
        if (orientation is null) return picture.WriteToBuffer(suffix);
        using var turned = picture.Mutate(mutable => mutable.Set(GValue.GIntType, "orientation", orientation.Value));
        return turned.WriteToBuffer(suffix);
    }

    /// <summary>With the grain of a photo, so that it takes as many bytes and as long to decode as one.</summary>
    public static byte[] Photo(int width, int height, int seed, string suffix = ".jpg[Q=90]")
    {
        using var surface = Image.Gaussnoise((width + 15) / 16, (height + 15) / 16, sigma: 60, mean: 128, seed: seed).Resize(16, kernel: Enums.Kernel.Cubic).Crop(0, 0, width, height);
        using var grain = Image.Gaussnoise(width, height, sigma: 5, mean: 0, seed: seed + 1);
        using var band = (surface + grain).Cast(Enums.BandFormat.Uchar);
        using var picture = band.Bandjoin(band.Rot180(), band.Flip(Enums.Direction.Horizontal)).Copy(interpretation: Enums.Interpretation.Srgb);
        return picture.WriteToBuffer(suffix);
    }

    /// <summary>One plain surface, black and white: huge and yet a small file.</summary>
    public static byte[] HugePng(int width, int height)
    {
        using var picture = Image.Black(width, height);
        return picture.PngsaveBuffer(compression: 9, bitdepth: 1);
    }

    public static (int Width, int Height) SizeOf(byte[] picture)
    {
        using var image = Image.NewFromBuffer(picture);
        return (image.Width, image.Height);
    }

    private static Image Plain(int width, int height, int[] colour) =>
        (Image.Black(width, height, bands: 3) + colour).Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
}
