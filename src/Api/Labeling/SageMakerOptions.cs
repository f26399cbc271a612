using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>
/// What labeling jobs are created with. Bound from <c>BulkQA:SageMaker</c>. Credentials as in every AWS SDK; region from
/// <c>AWS_REGION</c>.
/// </summary>
public sealed class SageMakerOptions
{
    public const string Section = "BulkQA:SageMaker";

    /// <summary>The role that Ground Truth works under: reads inputs and template, writes outputs, calls the functions.</summary>
    public string RoleArn { get; set; } = "";

    /// <summary>Who answers; a request may name another team.</summary>
    public string WorkteamArn { get; set; } = "";

    public string PreLabelingFunctionArn { get; set; } = "";

    public string PostLabelingFunctionArn { get; set; } = "";

    /// <summary>How long a worker has for a task. From 30 seconds to 8 hours (Ground Truth's limits); default 1 hour.</summary>
    public TimeSpan TaskTimeLimit { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often the progress of running labeling jobs is taken over. Above zero; default 1 minute.</summary>
    public TimeSpan MirrorInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long after it was asked for a labeling job that is not created yet counts as left by its caller, so that any process
    /// of the API may ask Ground Truth for it. Longer than a call takes. Above zero; default 2 minutes.
    /// </summary>
    public TimeSpan AbandonedAfter { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Whether labeling jobs can be created at all.</summary>
    public bool IsConfigured => RoleArn.Length > 0;
}

internal sealed class SageMakerOptionsValidator : IValidateOptions<SageMakerOptions>
{
    public ValidateOptionsResult Validate(string? name, SageMakerOptions options)
    {
        var check = new SettingsCheck(SageMakerOptions.Section);
        check.Require(options.TaskTimeLimit >= TimeSpan.FromSeconds(30) && options.TaskTimeLimit <= TimeSpan.FromHours(8), $"TaskTimeLimit is {options.TaskTimeLimit}; give 30 seconds to 8 hours");
        check.Require(options.MirrorInterval > TimeSpan.Zero, $"MirrorInterval is {options.MirrorInterval}; give more than zero");
        check.Require(options.AbandonedAfter > TimeSpan.Zero, $"AbandonedAfter is {options.AbandonedAfter}; give more than zero");
        if (options.IsConfigured)
        {
            foreach (var (setting, arn, service) in (ReadOnlySpan<(string, string, string)>)[
                ("RoleArn", options.RoleArn, "iam"), ("WorkteamArn", options.WorkteamArn, "sagemaker"),
                ("PreLabelingFunctionArn", options.PreLabelingFunctionArn, "lambda"), ("PostLabelingFunctionArn", options.PostLabelingFunctionArn, "lambda")])
                check.Require(arn.Split(':') is ["arn", _, var owner, _, _, _, ..] && owner == service, $"{setting} '{arn}' is not an ARN of {service}");
        }
        return check.Result;
    }
}
