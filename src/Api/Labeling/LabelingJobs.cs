using System.Text;
using System.Text.Json.Nodes;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>Ground Truth's labeling jobs for BulkQA's jobs.</summary>
internal sealed class LabelingJobs(
    IGrainFactory grains, SageMakerClient sageMaker, ManifestExport manifest, TaskTemplate template, TaskListing tasks,
    IObjectStore store, JobObjects objects, IOptions<SageMakerOptions> options, TimeProvider time)
{
    /// <summary>Ground Truth's limit for one labeling job.</summary>
    public const int MaxObjects = 100_000;

    private const string CrowdElements = "<script src=\"https://assets.crowd.aws/crowd-html-elements.js\"></script>\n";

    /// <summary>The call that creates the labeling job, everything in it.</summary>
    public JsonObject Request(JobInfo job, LabelingJobRequest draft)
    {
        var root = objects.Root(job.Incarnation);
        return new JsonObject
        {
            ["LabelingJobName"] = draft.Name ?? job.Name.Value,
            ["LabelAttributeName"] = "bulkqa",
            ["InputConfig"] = new JsonObject
            {
                ["DataSource"] = new JsonObject { ["S3DataSource"] = new JsonObject { ["ManifestS3Uri"] = $"{Place(root, "manifest.json")}" } },
            },
            ["OutputConfig"] = new JsonObject { ["S3OutputPath"] = $"{Place(root, "output/")}" },
            ["RoleArn"] = options.Value.RoleArn,
            ["HumanTaskConfig"] = new JsonObject
            {
                ["WorkteamArn"] = draft.WorkteamArn ?? options.Value.WorkteamArn,
                ["UiConfig"] = new JsonObject { ["UiTemplateS3Uri"] = $"{Place(root, "ground-truth.liquid.html")}" },
                ["PreHumanTaskLambdaArn"] = options.Value.PreLabelingFunctionArn,
                ["TaskTitle"] = draft.Title ?? $"Check labels: {job.Name}",
                ["TaskDescription"] = draft.Description ?? "Untick every picture that does not show what its label says.",
                ["NumberOfHumanWorkersPerDataObject"] = job.Settings.WorkersPerTask,
                ["TaskTimeLimitInSeconds"] = (int)options.Value.TaskTimeLimit.TotalSeconds,
                ["AnnotationConsolidationConfig"] = new JsonObject { ["AnnotationConsolidationLambdaArn"] = options.Value.PostLabelingFunctionArn },
            },
        };
    }

    /// <summary>How many objects the labeling job would have, at most.</summary>
    public Task<int> CountObjectsAsync(JobInfo job) => tasks.CountNumbersAsync(job);

    /// <summary>Writes inputs, manifest and template to the bucket, and has Ground Truth begin.</summary>
    /// <exception cref="SageMakerException">Ground Truth refuses.</exception>
    public async Task<LabelingJob> CreateAsync(JobInfo job, LabelingJobRequest draft, CancellationToken cancellation)
    {
        var root = objects.Root(job.Incarnation);
        using var lines = new MemoryStream();
        await manifest.WriteAsync(job, lines, cancellation);
        await store.WriteAsync(Place(root, "manifest.json"), lines.ToArray(), cancellation);
        var source = await template.SourceAsync(job);
        if (!source.Contains("crowd-html-elements", StringComparison.Ordinal)) source = CrowdElements + source;
        await store.WriteAsync(Place(root, "ground-truth.liquid.html"), Encoding.UTF8.GetBytes(source), cancellation);
        var request = Request(job, draft);
        var answer = await sageMaker.CallAsync("CreateLabelingJob", request, cancellation);
        var created = new LabelingJob((string)request["LabelingJobName"]!, (string?)answer["LabelingJobArn"] ?? "", "Initializing", 0, 0, 0, null, time.GetUtcNow());
        await grains.GetJob(job).MirrorLabelingAsync(job.Incarnation, created);
        return created;
    }

    /// <summary>Asks Ground Truth how far the labeling job is, and takes it over into the job.</summary>
    public async Task<LabelingJob> DescribeAsync(JobInfo job, LabelingJob known, CancellationToken cancellation)
    {
        var answer = await sageMaker.CallAsync("DescribeLabelingJob", new JsonObject { ["LabelingJobName"] = known.Name }, cancellation);
        var counters = answer["LabelCounters"];
        var described = new LabelingJob(
            known.Name, (string?)answer["LabelingJobArn"] ?? known.Arn, (string?)answer["LabelingJobStatus"] ?? "Unknown",
            (int?)counters?["TotalLabeled"] ?? 0, (int?)counters?["Unlabeled"] ?? 0, (int?)counters?["FailedNonRetryableError"] ?? 0,
            (string?)answer["FailureReason"], time.GetUtcNow());
        await grains.GetJob(job).MirrorLabelingAsync(job.Incarnation, described);
        return described;
    }

    public Task StopAsync(LabelingJob labeling, CancellationToken cancellation) =>
        sageMaker.CallAsync("StopLabelingJob", new JsonObject { ["LabelingJobName"] = labeling.Name }, cancellation);

    /// <summary>A page of the account's labeling jobs, newest first, BulkQA's or not.</summary>
    public async Task<(IReadOnlyList<LabelingJobSummary> Jobs, string? Next)> ListAsync(int limit, string? cursor, CancellationToken cancellation)
    {
        var request = new JsonObject { ["MaxResults"] = limit, ["SortBy"] = "CreationTime", ["SortOrder"] = "Descending" };
        if (cursor is not null) request["NextToken"] = cursor;
        var answer = await sageMaker.CallAsync("ListLabelingJobs", request, cancellation);
        var found = (answer["LabelingJobSummaryList"] as JsonArray ?? []).Select(entry => new LabelingJobSummary(
            (string?)entry!["LabelingJobName"] ?? "", (string?)entry["LabelingJobArn"] ?? "", (string?)entry["LabelingJobStatus"] ?? "Unknown"));
        return ([.. found], (string?)answer["NextToken"]);
    }

    private static ObjectUri Place(ObjectUri root, string name) => root with { Key = root.Key + name };
}
