using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Simulation.Tests;

/// <content>Somebody gets as many tasks of a job as one worker may answer, and then none.</content>
internal sealed partial class Simulation
{
    private async Task CheckQuotaAsync(JobInfo job)
    {
        const int Most = 2;
        var (limits, limited, other) = (new JobAssignment { MaxTasksPerWorker = Most }, WorkerId.Create("limited"), WorkerId.Create("limited-not"));
        var quota = cluster.Grains.GetGrain<IWorkerQuotaGrain>(IWorkerQuotaGrain.Keys.Of(job.Incarnation, limited));
        var answered = 0;
        while (await Calls.UntilDoneAsync(() => quota.LeaseAsync(limits, answered: 0)) is { } lease)
        {
            Calls.Require(answered < Most, $"task {lease.Task} was handed to {limited}, who has answered {answered}");
            await AnswerLeaseAsync(job, limited, lease.Task);
            answered++;
            if (_random.Next(2) == 0) await EndAsync(quota);
        }
        var refusal = await Calls.UntilDoneAsync(() => quota.FindRefusalAsync(limits, answered: 0));
        Calls.Require(refusal == (answered < Most ? null : new WorkRefusal(WorkRefusalReason.PerWorker, Most, Most)), $"{limited} has answered {answered}, and is told {refusal}");
        Calls.Require(await Calls.UntilDoneAsync(() => Dispatch(job).FindRefusalAsync(other)) is null, $"{other} is refused, who has answered nothing");
        // What is given and not answered goes with the job, too; and it may go before.
        var forgotten = cluster.Grains.GetGrain<IWorkerQuotaGrain>(IWorkerQuotaGrain.Keys.Of(job.Incarnation, other));
        await Calls.UntilDoneAsync(() => forgotten.LeaseAsync(limits, answered: 0));
        if (_random.Next(2) == 0) await Calls.UntilDoneAsync(forgotten.ForgetAsync);
        await Calls.UntilDoneAsync(() => Dispatch(job).LeaseAnyAsync(other));
    }

    private async Task AnswerLeaseAsync(JobInfo job, WorkerId worker, TaskNumber number)
    {
        var stored = await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation, _setAside);
        if (stored.Tasks.FirstOrDefault(task => task.Content.Number == number) is not { } found)
        {
            await AnswerFollowUpAsync(job, worker, number);
            return;
        }
        var submission = new Submission(number, worker, SubmissionTime.From(TimeProvider.System.GetUtcNow()), TaskAnswers.Parse(new string('c', found.Content.Images.Length)), AnswerSource.WorkerPage);
        _work.Expected.Add(found.Label, found.Content, worker, submission.At, submission.Answers);
        await Calls.UntilDoneAsync(() => SubmitAsync(found, submission, byUrl: false));
    }
}
