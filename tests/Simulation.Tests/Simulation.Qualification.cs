using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Simulation.Tests;

/// <content>
/// Jobs that ask for a qualification. Those who answer all the time have it granted, so that gold takes whatever they say; a novice earns it.
/// </content>
internal sealed partial class Simulation
{
    private static WorkerDecision Granted(WorkerId worker) =>
        new(0, worker, false, null, "simulation", TimeProvider.System.GetUtcNow()) { Qualification = QualificationDecision.Granted };

    private async Task GrantAllAsync(JobInfo job)
    {
        if (job.Settings.PassMark is null) return;
        foreach (var worker in Workload.Regulars) await RuleAsync(job, Granted(worker));
    }

    private async Task RuleAsync(JobInfo job, WorkerDecision decision)
    {
        var decided = await Calls.UntilDoneAsync(() => Job.RuleAsync(job.Incarnation, decision, null));
        Calls.Require(decided is { IsRefused: false }, $"{decision} was answered {decided}");
    }

    /// <summary>Fails by a first batch of gold, has it taken again, and passes; what was answered before has no say.</summary>
    private async Task CheckQualificationAsync(JobInfo job, StoredFacts stored)
    {
        var novice = WorkerId.Create("novice");
        var gold = stored.Gold.ToDictionary(task => task.Content.Number);
        if (await Calls.UntilDoneAsync(() => Dispatch(job).LeaseAsync(novice)) is not { } first) return;
        Calls.Require(gold.ContainsKey(first.Task), $"task {first.Task} was handed to {novice}, who has not qualified");
        Calls.Require(await Calls.UntilDoneAsync(() => Dispatch(job).LeaseAsync(novice)) is { } same && same.Task == first.Task, $"{novice} holds batch {first.Task}, and is handed another");
        await AnswerGoldAsync(gold[first.Task], isRight: false);
        await RequireStateAsync(QualificationState.Failed);
        Calls.Require(await Calls.UntilDoneAsync(() => Dispatch(job).LeaseAsync(novice)) is null, $"{novice} failed, and is handed a task");
        await RuleAsync(job, Granted(novice) with { Qualification = QualificationDecision.Again });
        if (_random.Next(2) == 0) await EndAsync(Partition(gold[first.Task].Partition));
        await RequireStateAsync(QualificationState.Open);
        var second = await Calls.UntilDoneAsync(() => Dispatch(job).LeaseAsync(novice));
        Calls.Require(second is not null && gold.ContainsKey(second.Task), $"{novice} is to qualify again, and is handed {second}");
        await AnswerGoldAsync(gold[second!.Task], isRight: true);
        await RequireStateAsync(QualificationState.Passed);

        async Task RequireStateAsync(QualificationState state) => Calls.Require(
            await Calls.UntilDoneAsync(() => Dispatch(job).QualifyAsync(novice)) is { } found && found.State == state, $"the qualification of {novice} is not {state}");

        async Task AnswerGoldAsync(StoredTask task, bool isRight)
        {
            var answers = TaskAnswers.Of(task.Content.Images.Select(image => image.Gold!.Value.IsRight == isRight ? AnswerKind.Confirm : AnswerKind.Disconfirm));
            var submission = new Submission(task.Content.Number, novice, SubmissionTime.From(TimeProvider.System.GetUtcNow()), answers, AnswerSource.WorkerPage);
            _work.Expected.Add(task.Label, task.Content, novice, submission.At, submission.Answers);
            var outcomes = await Calls.UntilDoneAsync(() => SubmitAsync(task, submission, byUrl: false));
            Calls.Require(outcomes is [SubmissionOutcome.Accepted], $"{novice}'s answer to batch {task.Content.Number} was answered {(outcomes is null ? "gone" : string.Join(", ", outcomes))}");
        }
    }
}
