using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Silo;

/// <summary>Takes the answers of one message to their tasks.</summary>
public sealed class AnswersHandler(IGrainFactory grains, AnswerRouter router, TimeProvider time)
{
    /// <summary>Durable on return, but for what the returned problems name. Repeating it is harmless.</summary>
    /// <exception cref="BadInputException">Nothing of the message can count, and the reason why.</exception>
    public async Task<IReadOnlyList<string>> HandleAsync(AnswersMessage message, ImmutableArray<string> unreadable)
    {
        if (message.SubmittedAt.AheadProblem(time.GetUtcNow()) is { } ahead) throw new BadInputException($"submittedAt: {ahead}");
        var incarnation = message.Incarnation ?? (await grains.GetGrain<IJobGrain>(message.Job.Key).GetAsync())?.Incarnation
            ?? throw new BadInputException($"there is no job '{message.Job}'");
        if (incarnation.Job.Key != message.Job.Key) throw new BadInputException($"incarnation: '{incarnation}' is not of job '{message.Job}'");
        var problems = message.Task is { } task ? await TakeTaskAsync(incarnation, task, message) : await TakeImagesAsync(incarnation, message);
        return [.. unreadable, .. problems];
    }

    private async Task<IEnumerable<string>> TakeTaskAsync(Incarnation incarnation, TaskNumber task, AnswersMessage message)
    {
        var submissions = message.Workers.Select(worker =>
            new Submission(task, worker.Worker, message.SubmittedAt, worker.Answers, AnswerSource.GroundTruth, worker.Start, worker.Taken)).ToImmutableArray();
        if (submissions.IsEmpty) return [];
        var refused = new List<RefusedAnswer>();
        var outcomes = await router.SubmitAsync(incarnation, submissions, refused) ?? throw Deleted(incarnation);
        await RequireAsync(incarnation, outcomes);
        var parts = refused.Select(answer => Problem(message.Workers[answer.Submission].Worker, $"the task of image {answer.Image} of task {task}", answer.Outcome));
        return message.Workers.Zip(outcomes, (worker, outcome) => outcome switch
        {
            SubmissionOutcome.Accepted => null,
            SubmissionOutcome.OtherImages => $"'{worker.Worker}' gave {worker.Answers.Count} answers to task {task}, which has another number of images",
            SubmissionOutcome.UnknownTask => $"there is no task {task}",
            _ => Problem(worker.Worker, $"task {task}", outcome),
        }).OfType<string>().Concat(parts).Distinct().ToList();
    }

    private async Task<IEnumerable<string>> TakeImagesAsync(Incarnation incarnation, AnswersMessage message)
    {
        var problems = await Task.WhenAll(message.Images.GroupBy(image => image.Label)
            .Select(group => TakeImagesAsync(new ClassAddress(incarnation, group.Key), [.. group], message.SubmittedAt)));
        return problems.SelectMany(found => found);
    }

    private async Task<IEnumerable<string>> TakeImagesAsync(ClassAddress address, ImmutableArray<MessageImage> images, SubmissionTime at)
    {
        var answers = images.SelectMany(image => image.Answers.Select(answer => (image, answer.Key, answer.Value))).ToList();
        var outcomes = await router.SubmitAsync(
            address, answers.ConvertAll(entry => new UrlAnswer(entry.image.Url, new ImageAnswer(entry.Key, entry.Value, at))), AnswerSource.GroundTruth)
            ?? throw Deleted(address.Incarnation);
        await RequireAsync(address.Incarnation, outcomes);
        return answers.Zip(outcomes, (entry, outcome) => outcome switch
        {
            SubmissionOutcome.Accepted => null,
            SubmissionOutcome.UnknownTask or SubmissionOutcome.OtherImages => NeverImported(entry.image),
            _ => Problem(entry.Key, $"'{entry.image.Url}'", outcome),
        }).OfType<string>().Distinct().ToList();
    }

    /// <summary>Of a job that is gone and swept there is no task either; which of both it is, is worth knowing.</summary>
    private async Task RequireAsync(Incarnation incarnation, ImmutableArray<SubmissionOutcome> outcomes)
    {
        if (outcomes.Contains(SubmissionOutcome.UnknownTask) && await grains.GetGrain<IJobGrain>(incarnation.Job.Key).GetAsync(incarnation) is null) throw Deleted(incarnation);
    }

    private static string Problem(WorkerId worker, string what, SubmissionOutcome outcome) => outcome switch
    {
        SubmissionOutcome.TooManyWorkers => $"{what} has the votes of {AnswerSet.MaxWorkers} workers, which is the most; no room for {worker}",
        SubmissionOutcome.Decided => $"{what} is gold, and the qualification of '{worker}' is decided",
        _ => $"'{worker}' has answered {what} {Submission.MaxPerWorker} times, which is the most",
    };

    private static BadInputException Deleted(Incarnation incarnation) => new($"job '{incarnation}' is deleted, or never was");

    private static string NeverImported(MessageImage image) => $"'{image.Url}' was never imported with the label '{image.Label}'";
}
