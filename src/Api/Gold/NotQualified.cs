using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>Why a worker gets no task where a job asks for a qualification.</summary>
/// <param name="Failed">Whether the worker did not pass, or has yet to; otherwise there is no batch to pass by.</param>
/// <param name="Reason">For the worker.</param>
internal sealed record NotQualified(bool Failed, string Reason)
{
    /// <summary>Null where the worker has qualified, or needs not to.</summary>
    public static async Task<NotQualified?> FindAsync(JobInfo job, WorkerId worker, IGrainFactory grains)
    {
        if (job is not { State: JobState.Open, Settings.PassMark: { } passMark }) return null;
        return await grains.GetDispatch(job).QualifyAsync(worker) switch
        {
            { State: QualificationState.Failed, Images: 0 } => new(true, $"The operator of job '{job.Name}' has decided that it has no batches for you."),
            { State: QualificationState.Failed } failed => new(true,
                $"You answered {failed.Hits} of your first {failed.Images} images correctly; job '{job.Name}' asks for {passMark} %. It has no batches for you."),
            { State: QualificationState.Open, Task: not null } => new(true, $"Job '{job.Name}' asks you to answer a first batch before any other."),
            { State: QualificationState.Open, Images: 0 } => new(false,
                $"Job '{job.Name}' asks for a first batch that qualifies you, and has none left for you now. Its operator has to import more gold."),
            { State: QualificationState.Open } => new(false,
                $"Too few of the pictures of your first batches could be shown to you. Tell the operator of job '{job.Name}'."),
            _ => null,
        };
    }
}
