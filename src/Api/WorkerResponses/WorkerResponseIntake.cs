using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>
/// Adds to answers how long they took. An answer that is known without it is stored once more under its own time with it, which changes no vote: folds
/// take it for the same answer.
/// </summary>
/// <param name="job">Whose tasks.</param>
/// <param name="manifest">By object, its task.</param>
/// <param name="addsMissing">Whether an answer that is not known is taken.</param>
internal sealed class WorkerResponseIntake(JobInfo job, IReadOnlyList<TaskNumber> manifest, bool addsMissing, TaskListing listing, AnswerRouter router, LinkedWorkers linked, TimeProvider time)
{
    private const int ChunkSubmissions = 500;
    private const int MaxPlace = 200;

    private readonly List<(string Place, Submission Submission, bool IsNew)> _pending = [];
    private readonly List<RejectedWorkerResponse> _rejected = [];
    private long _accepted;
    private long _added;
    private long _rejectedCount;

    /// <param name="place">For what is rejected.</param>
    /// <param name="number">The data object's.</param>
    /// <param name="responses">To it.</param>
    /// <exception cref="JobGoneException">The job was deleted meanwhile.</exception>
    public async Task AddAsync(string place, int number, IReadOnlyList<GroundTruthResponse> responses)
    {
        // A file that tells of the same object again must find what the one before has added.
        if (number < manifest.Count && _pending.Exists(each => each.Submission.Task == manifest[number])) await FlushAsync();
        if (number >= manifest.Count || await listing.FindAnsweredAsync(job, manifest[number]) is not var (label, task))
        {
            Reject(place, $"object {number} is no line of the job's manifest, which has {manifest.Count}");
            return;
        }
        string[] labels = [.. Enumerable.Repeat(label.Value, task.Content.Images.Length)];
        var homes = await FindHomesAsync(task.Content);
        var people = await linked.FindAsync(responses.Select(response => response.Worker));
        foreach (var response in responses)
        {
            // Since a worker id became a person's, its answers are kept under the person's.
            var own = people?.TryGetValue(response.Worker, out var person) is true ? (ImmutableArray<WorkerId>)[response.Worker, person.Worker] : [response.Worker];
            // So must an answer of the same worker that comes again in the same file.
            if (_pending.Exists(each => each.Submission.Task == task.Content.Number && own.Contains(each.Submission.Worker)))
            {
                await FlushAsync();
                task = (await listing.FindAnsweredAsync(job, task.Content.Number))?.Task ?? task;
                homes = await FindHomesAsync(task.Content);
            }
            if (Answers.Parse(response.Content, labels, out var problems) is not { } kinds) Reject(place, $"worker '{response.Worker}': {string.Join("; ", problems)}");
            // How long a follow-up took is not kept, since it is the time of several tasks.
            else if (homes is not null && IsKnown(task.Content, homes, own, kinds)) _accepted++;
            else if (Match(response, own, TaskAnswers.Of(kinds), label, task, out var isNew, out var problem) is { } submission) _pending.Add((place, submission, isNew));
            else Reject(place, $"worker '{response.Worker}': {problem}");
        }
        if (_pending.Count >= ChunkSubmissions) await FlushAsync();
    }

    public void Reject(string place, string reason)
    {
        _rejectedCount++;
        if (_rejected.Count < WorkerResponsesSummary.MaxListed) _rejected.Add(new RejectedWorkerResponse(place.Length <= MaxPlace ? place : $"{place[..MaxPlace]}…", reason));
    }

    /// <summary>Waits until everything is durable that will be.</summary>
    /// <exception cref="JobGoneException">The job was deleted meanwhile.</exception>
    public async Task<WorkerResponsesSummary> FinishAsync()
    {
        await FlushAsync();
        return new WorkerResponsesSummary(_accepted, _added, _rejectedCount, _rejected);
    }

    /// <summary>The tasks in which the images of a follow-up have their places and their answers; null for any other task.</summary>
    private async Task<Dictionary<TaskNumber, AnsweredTask>?> FindHomesAsync(TaskContent content)
    {
        if (content.Images[0].Spot is null) return null;
        var numbers = content.Images.Select(image => image.Spot!.Value.Task).Distinct().ToList();
        return numbers.Zip(await Task.WhenAll(numbers.Select(number => listing.FindAnsweredAsync(job, number)))).ToDictionary(home => home.First, home => home.Second?.Task ?? throw new JobGoneException(job.Name));
    }

    /// <summary>Whether a worker has given these answers to the images of a follow-up.</summary>
    private static bool IsKnown(TaskContent content, Dictionary<TaskNumber, AnsweredTask> homes, ImmutableArray<WorkerId> workers, IReadOnlyList<AnswerKind> kinds) =>
        content.Images.Zip(kinds).All(image => homes[image.First.Spot!.Value.Task].SubmissionsTo(image.First.Spot.Value.Index)
            .Any(submission => workers.Contains(submission.Worker) && submission.Answers[image.First.Spot.Value.Index] == image.Second));

    /// <summary>The submission that says how long it took; null, with the problem, where none can.</summary>
    private Submission? Match(GroundTruthResponse response, ImmutableArray<WorkerId> workers, TaskAnswers answers, Label label, AnsweredTask task, out bool isNew, out string? problem)
    {
        (isNew, problem) = (false, null);
        var own = task.Submissions.Where(submission => workers.Contains(submission.Worker)).ToList();
        // The worker answered an object once; what came by queue more than once is the same answer, and the latest stands.
        var known = own.Where(submission => submission.Answers == answers)
            .OrderByDescending(submission => submission.Source == AnswerSource.GroundTruth).ThenByDescending(submission => submission.At).ThenByDescending(submission => submission.Taken).FirstOrDefault();
        if (known is not null) return known with { Taken = response.Taken };
        isNew = true;
        if (own.Count > 0) problem = $"task {task.Content.Number} has another answer of this worker than this one";
        else if (!addsMissing) problem = $"no answer of this worker to task {task.Content.Number} is known; send it again once it has come by queue, or with missing=add where it never will";
        else if (response.SubmittedAt is not { } at) problem = "submissionTime is missing, and the answer is not known otherwise";
        else if (at.AheadProblem(time.GetUtcNow()) is { } ahead) problem = $"submissionTime {ahead}";
        else return new Submission(task.Content.Number, response.Worker, at, answers, AnswerSource.GroundTruth, job.Settings.BoxesOf(label, task.Content.Number) ?? BoxesAtStart.Unknown, response.Taken);
        return null;
    }

    private async Task FlushAsync()
    {
        if (_pending.Count == 0) return;
        var refused = new List<RefusedAnswer>();
        var outcomes = await router.SubmitAsync(job.Incarnation, [.. _pending.Select(each => each.Submission)], refused) ?? throw new JobGoneException(job.Name);
        foreach (var ((place, submission, isNew), outcome) in _pending.Zip(outcomes))
        {
            if (outcome == SubmissionOutcome.Accepted) (_accepted, _added) = (_accepted + 1, _added + (isNew ? 1 : 0));
            else Reject(place, $"worker '{submission.Worker}': {ReasonOf(outcome, submission)}");
        }
        foreach (var answer in refused) Reject(_pending[answer.Submission].Place, $"worker '{_pending[answer.Submission].Submission.Worker}': image {answer.Image}: {ReasonOf(answer.Outcome, _pending[answer.Submission].Submission)}");
        _pending.Clear();
    }

    private static string ReasonOf(SubmissionOutcome outcome, Submission submission) => outcome switch
    {
        SubmissionOutcome.TooManyWorkers => $"task {submission.Task} has the answers of {AnswerSet.MaxWorkers} workers, which is the most",
        SubmissionOutcome.TooManySubmissions => $"it has answered task {submission.Task} {Submission.MaxPerWorker} times, which is the most",
        SubmissionOutcome.Decided => "its qualification is decided by this task",
        _ => $"task {submission.Task} is not there",
    };
}
