using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <content>Gold: mixed into tasks as they are cut, and what comes of it.</content>
public sealed partial class PartitionGrain
{
    /// <summary>
    /// How many numbers before the last one are read once more: tasks that are stored at the same time are not seen in the order of their numbers.
    /// </summary>
    private const int ReadAgain = 64;

    /// <summary>The gold of the class by task, as far as it was read. It only grows.</summary>
    private readonly SortedDictionary<TaskNumber, ImmutableArray<CorpusImage>> _gold = [];

    public async Task<ImmutableArray<GoldCount>> CountGoldAsync()
    {
        using var pass = await _gate.EnterAsync();
        return await ViewAsync() is { Fold: var fold } ? fold.CountGold() : [];
    }

    public Task<Qualification?> QualifyAsync(WorkerId worker) => QualifyAsync(worker, SubmissionTime.None);

    public async Task<Qualification?> QualifyAsync(WorkerId worker, SubmissionTime since)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { Job.Settings.PassMark: { } passMark } view) return null;
        var now = time.GetUtcNow();
        var found = view.Fold.Qualify(worker, passMark, view.Job.Settings.Gold is not null, MayAnswer, since);
        // Who has a place in one is not sent to another.
        return found.Task is not null && view.Dispatch.HeldBy(worker, now) is { } held && !view.Fold.HasAnswered(held, worker, since) && MayAnswer(held)
            ? found with { Task = held, BatchImages = view.Fold.ImagesOf(held) } : found;

        bool MayAnswer(TaskNumber task) => !view.Dispatch.IsPassed(task, worker, now) && HasPlaceFor(view, task, worker, now);
    }

    public async Task<bool> HoldAsync(TaskNumber task, WorkerId worker)
    {
        using var pass = await _gate.EnterAsync();
        var now = time.GetUtcNow();
        if (await ViewAsync() is not { } view || !view.Fold.Knows(task) || !HasPlaceFor(view, task, worker, now)) return false;
        view.Dispatch.Hold(task, worker, now);
        return true;
    }

    /// <summary>Whether a task takes this worker's answer, those who hold a place in it considered, and those whose answers are on their way.</summary>
    private bool HasPlaceFor(PartitionView view, TaskNumber task, WorkerId worker, DateTimeOffset now) =>
        view.Fold.HasBegun(task, worker)
        || view.Fold.CountWorkers(task) + view.Dispatch.HoldersOf(task, now).Union(_arrivals.To(task)?.Keys ?? []).Count(other => other != worker && !view.Fold.HasBegun(task, other)) < AnswerSet.MaxWorkers;

    /// <summary>The job as it is now where answers to this partition depend on it; otherwise that of the view.</summary>
    private async Task<JobInfo> JudgingJobAsync(PartitionView view) =>
        _address.IsGold && view.Job.Settings.PassMark is not null ? await Job().GetAsync(_address.Class.Incarnation) ?? view.Job : view.Job;

    /// <summary>Why a submission that would fit is not taken; null where it is.</summary>
    private SubmissionOutcome? RefusalOfGold(PartitionView view, JobInfo job, Submission submission)
    {
        if (!_address.IsGold || job.Settings.PassMark is not { } passMark) return null;
        // A worker's qualification that is decided by this partition's gold: its answers to gold stay as they are.
        var ruling = job.RulingOn(submission.Worker);
        if (ruling is null or { Decision: QualificationDecision.Again }
            && view.Fold.Qualify(submission.Worker, passMark, isMixedIn: true, _ => false, ruling?.Since ?? SubmissionTime.None).State != QualificationState.Open)
            return SubmissionOutcome.Decided;
        return HasPlaceFor(view, submission.Task, submission.Worker, time.GetUtcNow()) ? null : SubmissionOutcome.TooManyWorkers;
    }

    /// <summary>Cuts images into batches, with gold among them where the job wants it and the class has any.</summary>
    /// <param name="view">Whose job and gold.</param>
    /// <param name="images">Of which.</param>
    /// <param name="cutRemainder">Whether the last batch may be short.</param>
    /// <param name="dealt">Gold images that were mixed in and that the view does not have yet.</param>
    /// <returns>Each batch, and how many of the images it takes.</returns>
    private async Task<List<(ImmutableArray<CorpusImage> Images, int Taken)>> CutAsync(PartitionView view, IReadOnlyList<CorpusImage> images, bool cutRemainder, int dealt)
    {
        var settings = view.Job.Settings;
        if (settings.Gold is { } mix && !_address.IsGold)
        {
            await ReadGoldAsync();
            var gold = settings.PassMark is null || _gold.Count < 2 ? _gold.Values : _gold.Values.Where((_, place) => !Qualification.Qualifies(place));
            return [.. new GoldMixer(mix, _address.Class, [.. gold.SelectMany(task => task)], view.Fold.GoldImages + dealt).Cut(images, settings.BatchSize, cutRemainder)];
        }
        return [.. BatchCutter.Cut(images.Count, settings.BatchSize, cutRemainder).Select(batch => (images.Skip(batch.Start).Take(batch.Length).ToImmutableArray(), batch.Length))];
    }

    private async Task ReadGoldAsync()
    {
        var from = _gold.Count == 0 ? 0 : Math.Max(0, _gold.Keys.Last().Value - ReadAgain);
        await foreach (var task in facts.ReadTasksAsync(PartitionAddress.GoldOf(_address.Class), new TaskNumber(from), new TaskNumber(int.MaxValue)))
            _gold.TryAdd(task.Number, [.. task.Images.Select((image, index) => image with { Gold = image.Gold!.Value with { Of = new GoldPlace(task.Number, index) } })]);
    }
}
