using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>What a partition knows while it is warm: the job, the fold of its facts, and what is handed out of its tasks.</summary>
internal sealed class PartitionView
{
    public PartitionView(JobInfo job, long epoch, PartitionFold fold, TimeSpan leaseDuration)
    {
        (Job, Epoch, Fold) = (job, epoch, fold);
        Dispatch = new TaskDispatch(fold, job.Settings.WorkersPerTask, job.Settings.Order, leaseDuration);
        foreach (var task in fold.Tasks) Dispatch.Add(task);
        if (job.Settings.MaxWorkersPerTask is not null) FollowUps = new FollowUpDispatch(fold, job.Settings.BatchSize, leaseDuration);
    }

    public JobInfo Job { get; private set; }

    /// <summary>The epoch this view was built under; the stored one must still be the same for an acknowledgement.</summary>
    public long Epoch { get; }

    public PartitionFold Fold { get; }

    public TaskDispatch Dispatch { get; }

    /// <summary>What is handed out of images in doubt; null where no further workers are asked.</summary>
    public FollowUpDispatch? FollowUps { get; }

    /// <summary>Whether any worker who has answered nothing yet could get a task.</summary>
    public bool IsWanted(DateTimeOffset now) => Dispatch.IsWanted(now) || FollowUps?.IsWanted(now) is true;

    /// <summary>When the next lease ends; null where there is none.</summary>
    public DateTimeOffset? NextExpiry => Dispatch.NextExpiry is var regular && FollowUps?.NextExpiry is { } further && !(regular < further) ? further : regular;

    public void AddTask(TaskContent task)
    {
        if (Fold.Knows(task.Number)) return;
        Fold.AddTask(TaskOutline.Of(task));
        Dispatch.Add(task.Number);
    }

    public void Apply(Submission submission)
    {
        Fold.Apply(submission);
        if (Fold.HasAnswered(submission.Task, submission.Worker)) Dispatch.Answered(submission.Task, submission.Worker);
        FollowUps?.Answered(submission.Worker);
    }

    public void Apply(Adjudication adjudication) => Fold.Apply(adjudication);

    /// <summary>Takes later rules, and the sample that goes with them, over; earlier ones change nothing.</summary>
    /// <returns>Whether they are later ones.</returns>
    public bool ChangeRules(JobInfo job, VerdictRules rules, ImmutableArray<long> earlier)
    {
        if (Job.RulesRevision >= job.RulesRevision) return false;
        Job = job;
        Fold.ChangeRules(rules);
        Fold.Draw(job.Settings, earlier);
        // Whose votes count decides which tasks want more.
        Dispatch.LookAgain();
        return true;
    }

    /// <summary>A view of a fresh fold of the same facts, with the leases of this one.</summary>
    public PartitionView With(JobInfo job, PartitionFold fresh, TimeSpan leaseDuration)
    {
        var view = new PartitionView(job, Epoch, fresh, leaseDuration);
        foreach (var lease in Dispatch.Leases) view.Dispatch.Restore(lease);
        view.Dispatch.Skip(Dispatch.Skipped);
        foreach (var lease in FollowUps?.Leases ?? []) view.FollowUps?.Restore(lease);
        return view;
    }
}
