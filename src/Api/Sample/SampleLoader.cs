using BulkQA.Core;
using BulkQA.Corpora;
using BulkQA.Grains;
using BulkQA.Silo;
using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>
/// Creates the sample job on the first start that asks for it, then lets simulated workers answer it. It goes the way
/// every job goes: pictures into the object store, the corpus through the importer, answers through the partitions.
/// </summary>
internal sealed partial class SampleLoader(
    IOptions<SampleOptions> options,
    IGrainFactory grains,
    IObjectStore store,
    CorpusImporter importer,
    TaskAnswering answering,
    SampleHistory history,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<SampleLoader> log) : BackgroundService
{
    private static readonly JobName _name = JobName.Create(SampleCorpus.Job);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Load && options.Value.SimulatedWorkers == 0) return;
        await lifetime.WaitForStartAsync(stoppingToken);
        var job = await LoadAsync(stoppingToken);
        await Task.WhenAll([MakeHistoryAsync(stoppingToken), .. Enumerable.Range(1, options.Value.SimulatedWorkers).Select(number => WorkAsync(job, number, stoppingToken))]);
    }

    private async Task<JobInfo> LoadAsync(CancellationToken cancellation)
    {
        var creation = await grains.GetGrain<IJobGrain>(_name.Key).CreateAsync(_name, new JobDraft())
            ?? throw new InvalidOperationException($"there are {JobLimits.MaxJobs} jobs already: no room for the sample");
        await store.WriteMissingAsync(creation.Job, SampleCorpus.Images, cancellation);
        // Again on every start: what is there is a duplicate, and what a crash left out comes in.
        using var corpus = new MemoryStream(SampleCorpus.Csv());
        var summary = await importer.ImportAsync(creation.Job, corpus, CorpusFormats.Csv, new CorpusOptions(), cancellation);
        if (summary.Accepted > 0) LogLoaded(summary.Accepted, _name.Value);
        return creation.Job;
    }

    private async Task MakeHistoryAsync(CancellationToken cancellation)
    {
        if (!options.Value.Load) return;
        try
        {
            await history.MakeAsync(cancellation);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            // Whoever wanted to look at it starts again; the service is of use without it.
            LogNotMade(failure, SampleHistory.Job);
        }
    }

    /// <summary>Answers batch after batch, each box rightly with the accuracy set, until none is left.</summary>
    private async Task WorkAsync(JobInfo job, int number, CancellationToken cancellation)
    {
        var worker = WorkerId.Create($"simulated-{number}");
        var random = new Random(number);
        while (await grains.GetDispatch(job).LeaseAsync(worker) is { } lease && await answering.ReadAsync(job, lease.Task) is { } content)
        {
            await Task.Delay(options.Value.SimulatedPace, time, cancellation);
            var answers = TaskAnswers.Of(content.Images.Select(image =>
                (SampleCorpus.Truths.GetValueOrDefault(image.Url.Value) == content.Label.Value) == (random.NextDouble() < options.Value.SimulatedAccuracy)
                    ? AnswerKind.Confirm : AnswerKind.Disconfirm));
            await answering.AnswerAsync(job, new Submission(lease.Task, worker, SubmissionTime.From(time.GetUtcNow()), answers, AnswerSource.Simulated, BoxesAtStart.Ticked, options.Value.SimulatedPace));
        }
    }

    [LoggerMessage(LogLevel.Information, "Loaded the sample: {Images} images in job {Job}")]
    private partial void LogLoaded(long images, string job);

    [LoggerMessage(LogLevel.Warning, "The sample {Job} could not be made; the next start tries again")]
    private partial void LogNotMade(Exception failure, string job);
}

internal static class SampleRegistration
{
    public static IServiceCollection AddSample(this IServiceCollection services)
    {
        services.AddOptions<SampleOptions>().BindConfiguration("BulkQA:Sample")
            .Validate(sample => sample.SimulatedWorkers is >= 0 and <= 100, "BulkQA:Sample:SimulatedWorkers must be from 0 to 100")
            .Validate(sample => sample.SimulatedAccuracy is >= 0.5 and <= 1, "BulkQA:Sample:SimulatedAccuracy must be from 0.5 to 1")
            .Validate(sample => sample.SimulatedPace >= TimeSpan.Zero, "BulkQA:Sample:SimulatedPace must be zero or more")
            .ValidateOnStart();
        return services.AddSingleton<SampleHistory>().AddHostedService<SampleLoader>();
    }
}
