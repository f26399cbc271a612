using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>Thresholds with what each of them covers, by whichever method.</summary>
internal static class ThresholdAnswers
{
    /// <summary>By the buckets of the class table.</summary>
    public static ClassThreshold[] ByBuckets(JobTallies tallies, ThresholdMethod method, ThresholdsQuery query)
    {
        var (edges, level) = (tallies.Job.Settings.BucketEdges, query.Level ?? Certainty.DefaultLevel);
        var condition = method == ThresholdMethod.BoundedWalk ? RandomOrder.ConditionOf(tallies) : null;
        return [.. tallies.Classes.Select(entry => (method == ThresholdMethod.BoundedWalk
            ? ClassThreshold.Bounded(entry.Key, entry.Value, edges, query.Ratio, level)
            : ClassThreshold.Of(entry.Key, entry.Value, edges, query.Ratio)).Covering(entry.Value, edges, level, tallies.Job.HasUnevenBuckets)).Select(answer => If(condition, answer))];
    }

    /// <summary>At any confidence; null where the job was deleted meanwhile.</summary>
    public static async Task<ClassThreshold[]?> ByConfidenceAsync(IGrainFactory grains, JobTallies tallies, ThresholdMethod method, ThresholdsQuery query, CancellationToken cancellation)
    {
        var answers = new List<ClassThreshold>(tallies.Classes.Length);
        if (await CountReviewedAsync(grains, tallies, method, query, cancellation) is not { } reviewed) return null;
        foreach (var labels in tallies.Classes.Select(entry => entry.Key).Chunk(JobLookup.HistogramsAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            if (await grains.FindHistogramsAsync(tallies.Job, labels, query.IsFinal, query.Version) is not { } histograms) return null;
            answers.AddRange(labels.Zip(histograms, (label, histogram) => Answer(label, new ThresholdCurve(histogram), method, query, reviewed)));
        }
        var condition = query.Level is not null && method is ThresholdMethod.Continuous or ThresholdMethod.Parity ? RandomOrder.ConditionOf(tallies) : null;
        return [.. answers.Select(answer => If(condition, answer))];
    }

    private static ClassThreshold If(string? condition, ClassThreshold answer) => condition is null ? answer : answer with { Reason = $"{answer.Reason}. But {condition}" };

    /// <summary>Reviewed classes of the job, named or not: whoever asks for one after the other has asked for all. Null where it was deleted.</summary>
    private static async Task<int?> CountReviewedAsync(IGrainFactory grains, JobTallies tallies, ThresholdMethod method, ThresholdsQuery query, CancellationToken cancellation)
    {
        if (method == ThresholdMethod.Parity && query.Level is not null && query.Labels is { Length: > 0 })
        {
            if (await (query.Version is { } version ? grains.FindTalliesAsync(tallies.Job, wanted: null, version, cancellation) : grains.FindTalliesAsync(tallies.Job)) is not { } all) return null;
            tallies = query.IsFinal ? all.AsFinal() : all;
        }
        return tallies.Classes.Count(entry => entry.Value.All.Reviewed > 0);
    }

    private static ClassThreshold Answer(Label label, ThresholdCurve curve, ThresholdMethod method, ThresholdsQuery query, int classes)
    {
        var target = query.TargetPrecision ?? ParityThresholds.PrecisionOf(query.Ratio);
        var costs = default(double[]);
        (ClassThreshold Threshold, int? At) found;
        switch (method)
        {
            case ThresholdMethod.Cost:
                (var cheapest, var at, costs) = CheapestThreshold.Of(label, curve, query.CostFalsePositive!.Value, query.CostLostTruePositive!.Value);
                found = (cheapest, at);
                break;
            case ThresholdMethod.Parity:
                found = ParityThresholds.Of(label, curve, query.Ratio, query.Level, classes);
                break;
            default:
                found = query.Level is { } certain ? ContinuousThreshold.ByLowerBound(label, curve, target, certain) : ContinuousThreshold.ByEstimate(label, curve, target);
                break;
        }
        var level = query.Level ?? Certainty.DefaultLevel;
        var answer = found.Threshold.Covering(found.At is { } index ? curve.AtOrAbove[index].Counts : default, curve.All, level);
        return query.Curve == true ? answer with { Curve = curve.Points(level, found.At, costs) } : answer;
    }
}
