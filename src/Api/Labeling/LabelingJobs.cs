using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>Ground Truth's labeling jobs for BulkQA's jobs.</summary>
internal sealed class LabelingJobs(
    IGrainFactory grains, SageMakerClient sageMaker, TaskTemplate template, TaskListing tasks, IObjectStore store, JobObjects objects,
    IOptions<SageMakerOptions> options, TimeProvider time)
{
    /// <summary>How far Ground Truth's clock may be behind ours.</summary>
    private static readonly TimeSpan _skew = TimeSpan.FromMinutes(1);

    private const string CrowdElements = "<script src=\"https://assets.crowd.aws/crowd-html-elements.js\"></script>\n";

    /// <summary>What stands before every template there: it ticks the boxes of pictures that failed.</summary>
    private static readonly string _notSeen = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "assets", "ground-truth.html"));

    /// <summary>The call that creates the labeling job, everything in it.</summary>
    public JsonObject Request(JobInfo job, LabelingJobRequest draft) => new()
    {
        ["LabelingJobName"] = draft.Name ?? job.Name.Value,
        ["LabelAttributeName"] = "bulkqa",
        ["InputConfig"] = new JsonObject
        {
            ["DataSource"] = new JsonObject { ["S3DataSource"] = new JsonObject { ["ManifestS3Uri"] = $"{ManifestOf(job, draft)}" } },
        },
        ["OutputConfig"] = new JsonObject { ["S3OutputPath"] = $"{objects.At(job.Incarnation, "output/")}" },
        ["RoleArn"] = options.Value.RoleArn,
        ["HumanTaskConfig"] = new JsonObject
        {
            ["WorkteamArn"] = draft.WorkteamArn ?? options.Value.WorkteamArn,
            ["UiConfig"] = new JsonObject { ["UiTemplateS3Uri"] = $"{TemplateOf(job)}" },
            ["PreHumanTaskLambdaArn"] = options.Value.PreLabelingFunctionArn,
            ["TaskTitle"] = draft.Title ?? $"Check labels: {job.Name}",
            ["TaskDescription"] = draft.Description ?? (IsBoxesSet(job) ? "Tick the pictures that show what their label says, and no others." : "Untick every picture that does not show what its label says."),
            ["NumberOfHumanWorkersPerDataObject"] = draft.InDoubt ? draft.FurtherWorkers ?? FurtherLabeling.MostWorkers(job.Settings) : job.Settings.WorkersPerTask,
            ["TaskTimeLimitInSeconds"] = (int)options.Value.TaskTimeLimit.TotalSeconds,
            ["AnnotationConsolidationConfig"] = new JsonObject { ["AnnotationConsolidationLambdaArn"] = options.Value.PostLabelingFunctionArn },
        },
    };

    /// <summary>Whether boxes are to begin in a way that the job's template does not look at, so that workers would be shown another.</summary>
    public async Task<bool> IgnoresBoxesAsync(JobInfo job) =>
        IsBoxesSet(job) && !(await template.SourceAsync(job)).Contains("boxesAtStart", StringComparison.Ordinal);

    private static bool IsBoxesSet(JobInfo job) => job.Settings.Boxes != StartingBoxes.Ticked || job.Settings.BoxesByClass.Values.Count > 0;

    /// <summary>How many objects the labeling job would have, at most.</summary>
    public Task<int> CountObjectsAsync(JobInfo job) => tasks.CountNumbersAsync(job);

    /// <summary>How many images of the job are in doubt.</summary>
    public async Task<long> CountInDoubtAsync(JobInfo job) => (await grains.FindTalliesAsync(job))?.Classes.Sum(entry => entry.Value.InDoubt ?? 0) ?? 0;

    /// <summary>
    /// Starts the operation that has silos write inputs and manifest, or joins the one under way. Then
    /// <see cref="FinishAsync"/> is due, by whoever looks at it next.
    /// </summary>
    /// <returns>The operation; null where one is under way for a labeling job other than asked for.</returns>
    public async Task<Operation?> StartAsync(JobInfo job, LabelingJobRequest draft)
    {
        var request = JsonSerializer.Serialize(draft, ApiJson.Options);
        var operation = await grains.GetOperations(job.Name).StartAsync(OperationKind.LabelingJob, job.Incarnation, request);
        return operation.Request == request ? operation : null;
    }

    /// <summary>
    /// Has Ground Truth begin, once inputs and manifest are written: what an operation that is waiting waits for. Ends it.
    /// Several may do so at once.
    /// </summary>
    /// <returns>The labeling job, and whether this call created it as far as can be told; without one why there is none, or nothing where the job was deleted.</returns>
    /// <exception cref="SageMakerException">Ground Truth refuses; the operation has failed.</exception>
    public async Task<(LabelingJob? Job, bool Created, string? Refusal)> FinishAsync(Operation operation, CancellationToken cancellation)
    {
        var operations = grains.GetOperations(operation.Incarnation.Job);
        if (await grains.GetGrain<IJobGrain>(operation.Incarnation.Job.Key).GetAsync(operation.Incarnation) is not { } job)
        {
            await operations.EndAsync(operation.Id, "the job was deleted meanwhile");
            return default;
        }
        var draft = JsonSerializer.Deserialize<LabelingJobRequest>(operation.Request!, ApiJson.Options)!;
        try
        {
            // Whoever asked in the same moment, under another name, may have begun one since the caller looked.
            if (draft.InDoubt && await FindRunningAsync(job, cancellation) is { } running && running.Name != draft.Name)
            {
                var refusal = Refusal(job, running);
                await operations.EndAsync(operation.Id, refusal);
                return (null, false, refusal);
            }
            var (labelingJob, isCreated) = await CreateAsync(job, draft, operation.StartedAt, cancellation);
            await operations.EndAsync(operation.Id, null);
            return (labelingJob, isCreated, null);
        }
        catch (SageMakerException e)
        {
            await operations.EndAsync(operation.Id, $"SageMaker says {e.Code}: {e.Message}");
            throw;
        }
    }

    /// <summary>
    /// Writes the template to the bucket, and asks Ground Truth. Repeating it is harmless: a labeling job of that name over
    /// the same manifest is this one.
    /// </summary>
    private async Task<(LabelingJob Job, bool Created)> CreateAsync(JobInfo job, LabelingJobRequest draft, DateTimeOffset askedAt, CancellationToken cancellation)
    {
        var source = await template.SourceAsync(job);
        if (!source.Contains("crowd-html-elements", StringComparison.Ordinal)) source = CrowdElements + source;
        await store.WriteAsync(TemplateOf(job), Encoding.UTF8.GetBytes(_notSeen + source), cancellation);
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
            if (!IsOver(ManifestOf(job, draft), there)) throw;
            // One that was begun long before is not the job's last, where the job knows another.
            var isLast = job.Labeling is not { } known || known.Name == name || (double?)there["CreationTime"] is not { } seconds || DateTimeOffset.UnixEpoch.AddSeconds(seconds) > askedAt - _skew;
            return (isLast ? await MirrorAsync(job, name, "", there) : Described(name, "", there), false);
        }
    }

    /// <summary>A further labeling job that was begun before, as Ground Truth says now; null where there is none of that name over that manifest.</summary>
    public async Task<LabelingJob?> FindFurtherAsync(JobInfo job, LabelingJobRequest draft, CancellationToken cancellation)
    {
        // Without one nobody can have begun it.
        await using var manifest = await store.OpenReadAsync(ManifestOf(job, draft), cancellation);
        if (manifest is null || await TryDescribeAsync(draft.Name!, cancellation) is not { } there || !IsOver(ManifestOf(job, draft), there)) return null;
        return job.Labeling?.Name == draft.Name ? await MirrorAsync(job, draft.Name!, "", there) : Described(draft.Name!, "", there);
    }

    /// <summary>The job's labeling job that began last, as Ground Truth says now, if it has not ended.</summary>
    public async Task<LabelingJob?> FindRunningAsync(JobInfo job, CancellationToken cancellation)
    {
        if (job.Labeling is not { HasEnded: false } known || await TryDescribeAsync(known.Name, cancellation) is not { } there) return null;
        return await MirrorAsync(job, known.Name, known.Arn, there) is { HasEnded: false } running ? running : null;
    }

    /// <summary>Why no further labeling job begins while one runs.</summary>
    public static string Refusal(JobInfo job, LabelingJob running) =>
        $"Labeling job '{running.Name}' of '{job.Name}' still runs ({running.Status}); its answers decide what is in doubt. Begin another once it has ended, or stop it.";

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

    /// <summary>What Ground Truth says of a labeling job; null where it knows none of that name.</summary>
    private async Task<JsonObject?> TryDescribeAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await sageMaker.CallAsync("DescribeLabelingJob", new JsonObject { ["LabelingJobName"] = name }, cancellation);
        }
        catch (SageMakerException e) when (e.Code == "ResourceNotFound" || e.Message.Contains("not found", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
    }

    private static bool IsOver(ObjectUri manifest, JsonObject described) => (string?)described["InputConfig"]?["DataSource"]?["S3DataSource"]?["ManifestS3Uri"] == manifest.ToString();

    private LabelingJob Described(string name, string knownArn, JsonObject answer)
    {
        var counters = answer["LabelCounters"];
        return new LabelingJob(
            name, (string?)answer["LabelingJobArn"] ?? knownArn, (string?)answer["LabelingJobStatus"] ?? "Unknown",
            (int?)counters?["TotalLabeled"] ?? 0, (int?)counters?["Unlabeled"] ?? 0, (int?)counters?["FailedNonRetryableError"] ?? 0,
            (string?)answer["FailureReason"], time.GetUtcNow());
    }

    private async Task<LabelingJob> MirrorAsync(JobInfo job, string name, string knownArn, JsonObject answer)
    {
        var described = Described(name, knownArn, answer);
        await grains.GetJob(job).MirrorLabelingAsync(job.Incarnation, described);
        return described;
    }

    private ObjectUri ManifestOf(JobInfo job, LabelingJobRequest draft) => draft.InDoubt ? objects.FurtherManifest(job.Incarnation, draft.Name!) : objects.Manifest(job.Incarnation);

    private ObjectUri TemplateOf(JobInfo job) => objects.At(job.Incarnation, "ground-truth.liquid.html");
}
