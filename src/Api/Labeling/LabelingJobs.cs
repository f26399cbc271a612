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
    public JsonObject Request(JobInfo job, LabelingJobRequest draft) => new()
    {
        ["LabelingJobName"] = draft.Name ?? job.Name.Value,
        ["LabelAttributeName"] = "bulkqa",
        ["InputConfig"] = new JsonObject
        {
            ["DataSource"] = new JsonObject { ["S3DataSource"] = new JsonObject { ["ManifestS3Uri"] = $"{ManifestOf(job)}" } },
        },
        ["OutputConfig"] = new JsonObject { ["S3OutputPath"] = $"{objects.At(job.Incarnation, "output/")}" },
        ["RoleArn"] = options.Value.RoleArn,
        ["HumanTaskConfig"] = new JsonObject
        {
            ["WorkteamArn"] = draft.WorkteamArn ?? options.Value.WorkteamArn,
            ["UiConfig"] = new JsonObject { ["UiTemplateS3Uri"] = $"{TemplateOf(job)}" },
            ["PreHumanTaskLambdaArn"] = options.Value.PreLabelingFunctionArn,
            ["TaskTitle"] = draft.Title ?? $"Check labels: {job.Name}",
            ["TaskDescription"] = draft.Description ?? "Untick every picture that does not show what its label says.",
            ["NumberOfHumanWorkersPerDataObject"] = job.Settings.WorkersPerTask,
            ["TaskTimeLimitInSeconds"] = (int)options.Value.TaskTimeLimit.TotalSeconds,
            ["AnnotationConsolidationConfig"] = new JsonObject { ["AnnotationConsolidationLambdaArn"] = options.Value.PostLabelingFunctionArn },
        },
    };

    /// <summary>How many objects the labeling job would have, at most.</summary>
    public Task<int> CountObjectsAsync(JobInfo job) => tasks.CountNumbersAsync(job);

    /// <summary>
    /// Writes inputs, manifest and template to the bucket, and has Ground Truth begin. Repeating it is harmless: a
    /// labeling job of that name over the same manifest is this one.
    /// </summary>
    /// <returns>The labeling job, and whether this call created it as far as can be told.</returns>
    /// <exception cref="SageMakerException">Ground Truth refuses.</exception>
    public async Task<(LabelingJob Job, bool Created)> CreateAsync(JobInfo job, LabelingJobRequest draft, CancellationToken cancellation)
    {
        using var lines = new MemoryStream();
        await manifest.WriteAsync(job, lines, cancellation);
        await store.WriteAsync(ManifestOf(job), lines.ToArray(), cancellation);
        var source = await template.SourceAsync(job);
        if (!source.Contains("crowd-html-elements", StringComparison.Ordinal)) source = CrowdElements + source;
        await store.WriteAsync(TemplateOf(job), Encoding.UTF8.GetBytes(source), cancellation);
        var request = Request(job, draft);
        var name = (string)request["LabelingJobName"]!;
        try
        {
            var answer = await sageMaker.CallAsync("CreateLabelingJob", request, cancellation);
            var created = new LabelingJob(name, (string?)answer["LabelingJobArn"] ?? "", "Initializing", 0, 0, 0, null, time.GetUtcNow());
            await grains.GetJob(job).MirrorLabelingAsync(job.Incarnation, created);
            return (created, true);
        }
        catch (SageMakerException e) when (e.Code == "ResourceInUse")
        {
            // Perhaps by this very call, whose first answer got lost, or by one before it. No other job has our manifest.
            var there = await sageMaker.CallAsync("DescribeLabelingJob", new JsonObject { ["LabelingJobName"] = name }, cancellation);
            if ((string?)there["InputConfig"]?["DataSource"]?["S3DataSource"]?["ManifestS3Uri"] != ManifestOf(job).ToString()) throw;
            return (await MirrorAsync(job, name, "", there), false);
        }
    }

    /// <summary>Asks Ground Truth how far the labeling job is, and takes it over into the job.</summary>
    public async Task<LabelingJob> DescribeAsync(JobInfo job, LabelingJob known, CancellationToken cancellation)
    {
        var answer = await sageMaker.CallAsync("DescribeLabelingJob", new JsonObject { ["LabelingJobName"] = known.Name }, cancellation);
        return await MirrorAsync(job, known.Name, known.Arn, answer);
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

    private async Task<LabelingJob> MirrorAsync(JobInfo job, string name, string knownArn, JsonObject answer)
    {
        var counters = answer["LabelCounters"];
        var described = new LabelingJob(
            name, (string?)answer["LabelingJobArn"] ?? knownArn, (string?)answer["LabelingJobStatus"] ?? "Unknown",
            (int?)counters?["TotalLabeled"] ?? 0, (int?)counters?["Unlabeled"] ?? 0, (int?)counters?["FailedNonRetryableError"] ?? 0,
            (string?)answer["FailureReason"], time.GetUtcNow());
        await grains.GetJob(job).MirrorLabelingAsync(job.Incarnation, described);
        return described;
    }

    private ObjectUri ManifestOf(JobInfo job) => objects.At(job.Incarnation, "manifest.json");

    private ObjectUri TemplateOf(JobInfo job) => objects.At(job.Incarnation, "ground-truth.liquid.html");
}
