using BulkQA.Grains;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>
/// Takes the progress of labeling jobs that have not ended over into their jobs, now and then, and asks for those whose
/// inputs are written and whose caller has gone.
/// </summary>
internal sealed partial class LabelingMirror(
    IGrainFactory grains, LabelingJobs labeling, IOptions<SageMakerOptions> options, TimeProvider time, ILogger<LabelingMirror> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.IsConfigured) return;
        using var timer = new PeriodicTimer(options.Value.MirrorInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryAsync(() => FinishAsync(stoppingToken), stoppingToken);
            await TryAsync(() => MirrorAsync(stoppingToken), stoppingToken);
        }
    }

    private async Task FinishAsync(CancellationToken cancellation)
    {
        foreach (var key in await grains.GetGrain<IUnfinishedJobsGrain>(IUnfinishedJobsGrain.Key).ListAsync())
            foreach (var operation in await grains.GetGrain<IOperationsGrain>(key).ListAsync())
                if (operation is { Kind: OperationKind.LabelingJob, State: OperationState.Waiting }
                    && time.GetUtcNow() - operation.StartedAt > options.Value.AbandonedAfter)
                    await TryAsync(() => labeling.FinishAsync(operation, cancellation), cancellation);
    }

    /// <summary>Whatever fails keeps no other job waiting, and ends no process; there is another tick.</summary>
    private async Task TryAsync(Func<Task> work, CancellationToken stopping)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            LogNotMirrored(e);
        }
    }

    private async Task MirrorAsync(CancellationToken cancellation)
    {
        await foreach (var key in grains.ListJobsAsync(cancellation))
            if (await grains.GetGrain<IJobGrain>(key).GetAsync() is { Labeling: { HasEnded: false } running } job)
                await MirrorAsync(job, running, cancellation);
    }

    /// <summary>A labeling job that SageMaker won't tell of (deleted there, say) keeps nobody else's progress back.</summary>
    private async Task MirrorAsync(JobInfo job, LabelingJob running, CancellationToken cancellation)
    {
        try
        {
            await labeling.DescribeAsync(job, running, cancellation);
        }
        catch (SageMakerException e)
        {
            LogRefused(e, running.Name, job.Name.Value);
        }
    }

    [LoggerMessage(LogLevel.Warning, "SageMaker does not tell how far labeling job {LabelingJob} of job {Job} is")]
    private partial void LogRefused(Exception exception, string labelingJob, string job);

    [LoggerMessage(LogLevel.Warning, "A labeling job could not be asked for, or its progress not be taken over; it is tried again")]
    private partial void LogNotMirrored(Exception exception);
}
