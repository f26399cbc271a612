using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Core;

/// <summary>A labeling job's ARN: <c>arn:{partition}:sagemaker:{region}:{account}:labeling-job/{name}</c>.</summary>
public readonly record struct LabelingJobArn(string Value, JobName Job)
{
    public static bool TryParse(string? text, out LabelingJobArn arn, [NotNullWhen(false)] out string? problem)
    {
        arn = default;
        problem = $"'{text}' is not the ARN of a labeling job";
        var parts = text?.Split(':', 6) ?? [];
        if (parts.Length != 6 || parts[0] != "arn" || parts[2] != "sagemaker"
            || !parts[5].StartsWith("labeling-job/", StringComparison.Ordinal)
            || !JobName.TryCreate(parts[5]["labeling-job/".Length..], out var job, out _))
            return false;
        arn = new LabelingJobArn(text!, job);
        problem = null;
        return true;
    }
}
