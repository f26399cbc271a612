using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>Why a worker gets no task where a job asks for a qualification.</summary>
/// <param name="Job">That asks for it.</param>
/// <param name="Failed">Whether the worker did not pass, or has yet to; otherwise there is no batch to pass by.</param>
internal sealed record NotQualified(JobInfo Job, Qualification Qualification, bool Failed)
{
    /// <summary>For the worker, in English.</summary>
    public string Reason => Say(EnglishWords.Instance);

    /// <summary>Null where the worker has qualified, or needs not to.</summary>
    public static async Task<NotQualified?> FindAsync(JobInfo job, WorkerId worker, IGrainFactory grains)
    {
        if (job is not { State: JobState.Open, Settings.PassMark: not null } || await grains.GetDispatch(job).QualifyAsync(worker) is not { State: not QualificationState.Passed } found) return null;
        return new(job, found, found is { State: QualificationState.Failed } or { Task: not null });
    }

    /// <summary>For the worker, in a language.</summary>
    public string Say(IStringLocalizer<Words> words)
    {
        var job = Job.Name.Value;
        return Qualification switch
        {
            { State: QualificationState.Failed, Images: 0 } => words["The operator of job '{0}' has decided that it has no batches for you.", job],
            { State: QualificationState.Failed } => words["You answered {0} of your first {1} images correctly; job '{2}' asks for {3} %. It has no batches for you.", Qualification.Hits, Qualification.Images, job, Job.Settings.PassMark!],
            { Task: not null } => words["Job '{0}' asks you to answer a first batch before any other.", job],
            { Images: 0 } => words["Job '{0}' asks for a first batch that qualifies you, and has none left for you now. Its operator has to import more gold.", job],
            _ => words["Too few of the pictures of your first batches could be shown to you. Tell the operator of job '{0}'.", job],
        };
    }
}
