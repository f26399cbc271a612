using BulkQA.Core;

namespace BulkQA.Grains;

/// <content>What workers hold: looked at and kept on.</content>
public sealed partial class PartitionGrain
{
    public Task<TaskHold> LookAtHoldAsync(TaskNumber task, WorkerId worker) => LookAtHoldAsync(task, worker, renews: false);

    public Task<TaskHold> RenewHoldAsync(TaskNumber task, WorkerId worker) => LookAtHoldAsync(task, worker, renews: true);

    public async Task<TaskNumber?> LookAheadAsync(TaskNumber held, WorkerId worker)
    {
        using var pass = await _gate.EnterAsync();
        return await ViewAsync() is { } view ? view.Dispatch.LookAhead(held, worker, time.GetUtcNow()) : null;
    }

    private async Task<TaskHold> LookAtHoldAsync(TaskNumber task, WorkerId worker, bool renews)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { } view) return new TaskHold(HoldState.Unknown);
        var now = time.GetUtcNow();
        if (!view.Fold.Knows(task)) return await LookAtFollowUpAsync(view, task, worker, renews, now);
        if ((renews ? view.Dispatch.Renew(task, worker, now) : view.Dispatch.Find(task, worker, now)) is { } lease) return new TaskHold(HoldState.Held, lease.ExpiresAt, lease.EndsAt);
        return view.Fold.AnsweredAt(task, worker) is { } at ? Answered(at) : new TaskHold(HoldState.Free);
    }

    private async Task<TaskHold> LookAtFollowUpAsync(PartitionView view, TaskNumber task, WorkerId worker, bool renews, DateTimeOffset now)
    {
        if (view.FollowUps is not { } followUps) return new TaskHold(HoldState.Unknown);
        if ((renews ? followUps.Renew(task, worker, now) : followUps.HeldBy(worker, now)) is { } lease && lease.FollowUp.Task == task)
            return new TaskHold(HoldState.Held, lease.ExpiresAt, lease.EndsAt);
        if (await facts.ReadTasksAsync(_address.FollowUps, task, task).FirstOrDefaultAsync() is not { } content) return new TaskHold(HoldState.Unknown);
        // It was gathered of images that the worker had not answered, and whoever answers it answers all of them at once.
        var answered = content.Images.Select(image => view.Fold.AnsweredAt(image.Spot!.Value, worker)).OfType<SubmissionTime>().ToList();
        return answered.Count > 0 ? Answered(answered.Max()) : new TaskHold(HoldState.Free);
    }

    private static TaskHold Answered(SubmissionTime at) => new(HoldState.Answered, at.ToDateTimeOffset());
}
