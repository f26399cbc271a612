using System.ComponentModel;
using System.Text.Json;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>How many images of each class and bucket are reviewed: one of <c>images</c>, <c>width</c> and <c>all</c>.</summary>
public sealed record SampleSettings
{
    private const string Shape = "give one of {\"images\": 400}, {\"width\": 10, \"level\": 0.95} and {\"all\": true}";

    [Description("So many, or all where there are fewer; from 1")]
    public int? Images { get; init; }

    [Description("As many as it takes for the interval of the percentage right to be no wider than so many percentage points, whatever the reviews say; above 0 and below 100")]
    public double? Width { get; init; }

    [Description("Of that interval; above 0 and below 1, default 0.95")]
    public double? Level { get; init; }

    [Description("true: every image, as the last extension of a sample")]
    public bool? All { get; init; }

    /// <summary>Null and a problem where it can't be.</summary>
    internal SampleDesign? Read(List<(string Field, string Problem)> problems)
    {
        SampleDesign? design = (Images, Width, Level, All) switch
        {
            ({ } images, null, null, not true) => SampleDesign.OfSize(images),
            (null, { } width, var level, not true) => SampleDesign.OfWidth(width, level ?? Certainty.DefaultLevel),
            (null, null, null, true) => SampleDesign.All,
            _ => null,
        };
        if (design is null) problems.Add(("sample", Shape));
        return design;
    }

    /// <summary>What a change gives; null where it is left out.</summary>
    internal static SampleDesign? Read(JsonElement given, List<(string Field, string Problem)> problems)
    {
        if (given.ValueKind == JsonValueKind.Undefined) return null;
        try
        {
            var design = given.Deserialize<SampleSettings>(ApiJson.Options)?.Read(problems);
            if (design is not null) problems.AddRange(design.Problems());
            else if (given.ValueKind == JsonValueKind.Null) problems.Add(("sample", Shape));
            return design;
        }
        catch (JsonException)
        {
            problems.Add(("sample", Shape));
            return null;
        }
    }

    internal static SampleSettings? Of(SampleDesign? design) => design is null ? null
        : design.Images is { } images ? new() { Images = images }
        : design.WidthPercent is { } width ? new() { Width = width, Level = design.Level }
        : new() { All = true };
}
