using System.Globalization;
using System.Text;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>One drawn shape: what it is, what the model took it for, and how sure the model was.</summary>
internal sealed record SampleImage(string Path, string Truth, string Label, double Confidence, string Svg);

/// <summary>
/// A corpus of drawn shapes labelled by a pretended model: it confuses some shapes more than others, and the confusable
/// the shape, the lower its confidence and the likelier its error. The same every time.
/// </summary>
internal static class SampleCorpus
{
    public const string Job = "sample-shapes";
    public const string Folder = "sample-shapes/";

    private const int ImagesPerShape = 40;
    private const int Seed = 20_26;

    /// <summary>Each shape, and what it is mistaken for how often.</summary>
    private static readonly (string Shape, string MistakenFor, double ErrorRate)[] _shapes =
    [
        ("Circle", "Ellipse", 0.22),
        ("Ellipse", "Circle", 0.18),
        ("Square", "Rectangle", 0.12),
        ("Rectangle", "Square", 0.10),
        ("Hexagon", "Octagon", 0.35),
        ("Octagon", "Hexagon", 0.30),
        ("Triangle", "Star", 0.03),
        ("Star", "Triangle", 0.02),
    ];

    public static IReadOnlyList<SampleImage> Images { get; } = Generate(Seed, 1, Folder);

    /// <summary>What the image of that URL shows, for simulated workers.</summary>
    public static IReadOnlyDictionary<string, string> Truths { get; } =
        Images.ToDictionary(image => JobSettings.DefaultImageBase + image.Path, image => image.Truth);

    public static byte[] Csv()
    {
        var csv = new StringBuilder("image_local_path,label,confidence\n");
        foreach (var image in Images) csv.Append(CultureInfo.InvariantCulture, $"{image.Path},{image.Label},{image.Confidence:R}\n");
        return Encoding.UTF8.GetBytes(csv.ToString());
    }

    /// <summary>Forty images of each shape, by label and from the highest confidence down.</summary>
    /// <param name="seed">The same gives the same images.</param>
    /// <param name="errors">How much more often the model errs than it does in <see cref="Images"/>; from 0 up.</param>
    /// <param name="prefix">What their paths begin with.</param>
    public static IReadOnlyList<SampleImage> Generate(int seed, double errors, string prefix)
    {
        var random = new Random(seed);
        var images = new List<SampleImage>();
        foreach (var (shape, mistakenFor, errorRate) in _shapes)
        {
            for (var i = 0; i < ImagesPerShape; i++)
            {
                // Sure of most; what is doubtful is wrong more often, the more so the more the two shapes are alike.
                var doubt = Math.Pow(random.NextDouble(), 1.6);
                var wrong = random.NextDouble() < errors * errorRate * 2 * doubt;
                var confidence = Math.Round(99.9 - (doubt * 19) - (wrong ? random.NextDouble() : 0), 8);
                var path = string.Create(CultureInfo.InvariantCulture, $"{prefix}{images.Count:D4}.svg");
                images.Add(new SampleImage(path, shape, wrong ? mistakenFor : shape, Math.Max(80, confidence), Draw(shape, random)));
            }
        }
        return [.. images.OrderBy(image => image.Label, StringComparer.Ordinal).ThenByDescending(image => image.Confidence)];
    }

    private static string Draw(string shape, Random random)
    {
        var hue = random.Next(360);
        var turn = random.Next(-25, 26);
        var size = 26 + random.Next(14);
        var body = shape switch
        {
            "Circle" => $"<circle r=\"{size}\"/>",
            "Ellipse" => Format($"<ellipse rx=\"{size}\" ry=\"{size * (0.62 + (0.2 * random.NextDouble())):0.#}\"/>"),
            "Square" => $"<rect x=\"-{size}\" y=\"-{size}\" width=\"{2 * size}\" height=\"{2 * size}\"/>",
            "Rectangle" => Format($"<rect x=\"-{size}\" y=\"-{size * 0.65:0.#}\" width=\"{2 * size}\" height=\"{size * 1.3:0.#}\"/>"),
            "Triangle" => Polygon(3, size, size),
            "Hexagon" => Polygon(6, size, size),
            "Octagon" => Polygon(8, size, size),
            _ => Polygon(10, size, size * 0.45),
        };
        return $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-50 -50 100 100\"><rect x=\"-50\" y=\"-50\" width=\"100\" height=\"100\" fill=\"hsl({(hue + 180) % 360} 30% 94%)\"/>"
            + $"<g transform=\"translate({random.Next(-8, 9)} {random.Next(-8, 9)}) rotate({turn})\" fill=\"hsl({hue} 60% 55%)\" stroke=\"hsl({hue} 60% 30%)\" stroke-width=\"2\">{body}</g></svg>";
    }

    private static string Polygon(int corners, double outer, double inner) => $"<polygon points=\"{string.Join(' ', Enumerable.Range(0, corners).Select(corner =>
    {
        var angle = (2 * Math.PI * corner / corners) - (Math.PI / 2);
        var radius = corner % 2 == 0 ? outer : inner;
        return Format($"{radius * Math.Cos(angle):0.#},{radius * Math.Sin(angle):0.#}");
    }))}\"/>";

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
