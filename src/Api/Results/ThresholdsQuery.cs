using System.ComponentModel;
using BulkQA.Core;
using Microsoft.AspNetCore.Mvc;

namespace BulkQA.Api;

/// <summary>How a threshold is chosen.</summary>
internal enum ThresholdMethod
{
    Walk,
    BoundedWalk,
    Continuous,
    Parity,
    Cost,
}

/// <summary>What thresholds are asked for.</summary>
internal sealed record ThresholdsQuery
{
    [FromQuery(Name = "label"), Description("One class; repeatable. All classes without it")]
    public string[]? Labels { get; init; }

    [FromQuery(Name = "maxIncorrectPerCorrect"), Description("Accepted ratio of incorrect images to correct ones; default 0.1")]
    public double? MaxIncorrectPerCorrect { get; init; }

    [FromQuery(Name = "basis"), Description("votes (default), or final: adjudications instead of votes where there are any")]
    public string? Basis { get; init; }

    [FromQuery(Name = "method"), Description("walk (default): from the highest bucket down while its ratio is accepted; boundedWalk: while the upper bound of its ratio is; continuous: the lowest confidence from which on images meet targetPrecision; parity: the same for one ratio in all classes; cost: the cheapest")]
    public string? Method { get; init; }

    [FromQuery(Name = "level"), Description("Certainty, above 0 and below 1; default the job's level. continuous and parity go by lower bounds with it. Without it they, as walk and cost always, go by point estimates, and it is 0.95 in upperIncorrect, the curve and boundedWalk")]
    public double? Level { get; init; }

    [FromQuery(Name = "targetPrecision"), Description("Share of the images at or above the threshold that has to be correct, from 0 to 1, for continuous; default 1 / (1 + maxIncorrectPerCorrect)")]
    public double? TargetPrecision { get; init; }

    [FromQuery(Name = "costFalsePositive"), Description("What one wrong label shipped costs; 0 or more, for cost")]
    public double? CostFalsePositive { get; init; }

    [FromQuery(Name = "costLostTruePositive"), Description("What one right label not shipped costs; 0 or more, for cost")]
    public double? CostLostTruePositive { get; init; }

    [FromQuery(Name = "modelVersion"), Description("Only images of this version of the model; classes without any are left out")]
    public string? ModelVersion { get; init; }

    [FromQuery(Name = "curve"), Description("true: with what there is from each confidence up (at most 200 points a class; 200 classes at most without label), for continuous, parity and cost")]
    public bool? Curve { get; init; }

    public ModelVersion? Version => ModelVersion is null ? null : Core.ModelVersion.Create(ModelVersion);

    public bool IsFinal => Basis == "final";

    public double Ratio => MaxIncorrectPerCorrect ?? ResultEndpoints.DefaultRatio;

    /// <summary>With the job's level where none was asked for.</summary>
    public ThresholdsQuery By(JobSettings settings) => this with { Level = Level ?? settings.Level };

    /// <summary>Null where thresholds are wanted as published, without more.</summary>
    public ThresholdMethod? Chosen => Method is null && Level is null ? null
        : Enum.Parse<ThresholdMethod>(Method ?? nameof(ThresholdMethod.Walk), ignoreCase: true);

    public List<(string Field, string Problem)> Problems()
    {
        var problems = new List<(string, string)>();
        if (!ResultEndpoints.IsRatio(Ratio)) problems.Add(("maxIncorrectPerCorrect", $"{Ratio} is not a number from 0 up"));
        ResultEndpoints.CheckBasis(Basis, problems);
        ResultEndpoints.CheckLevel(Level, problems);
        if (Method is not (null or "walk" or "boundedWalk" or "continuous" or "parity" or "cost"))
            problems.Add(("method", $"'{Method}' is none of walk, boundedWalk, continuous, parity, cost"));
        ResultEndpoints.CheckVersion(ModelVersion, problems);
        if (TargetPrecision is { } target && !(target is >= 0 and <= 1)) problems.Add(("targetPrecision", $"{target} is not from 0 to 1, such as 0.95 for 95 %"));
        foreach (var (field, cost) in (ReadOnlySpan<(string, double?)>)[("costFalsePositive", CostFalsePositive), ("costLostTruePositive", CostLostTruePositive)])
        {
            if (cost is { } given && !ResultEndpoints.IsRatio(given)) problems.Add((field, $"{given} is not a number from 0 up"));
            if (Method == "cost" ? cost is null : cost is not null) problems.Add((field, Method == "cost" ? "method cost needs it" : "only method cost goes by it"));
        }
        if (TargetPrecision is not null && Method != "continuous") problems.Add(("targetPrecision", "only method continuous goes by it"));
        if (TargetPrecision is not null && MaxIncorrectPerCorrect is not null) problems.Add(("targetPrecision", "give it or maxIncorrectPerCorrect: they say the same"));
        if (MaxIncorrectPerCorrect is not null && Method == "cost") problems.Add(("maxIncorrectPerCorrect", "method cost goes by costs alone"));
        if (Curve == true && Method is (null or "walk" or "boundedWalk")) problems.Add(("curve", "only continuous, parity and cost have one; walks go by the buckets of the class table"));
        return problems;
    }
}
