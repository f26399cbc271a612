using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <content>
/// Submissions: stored first, then folded. One whose write ended without an answer is written again until that is certain, before
/// anything of its task is acknowledged.
/// </content>
public sealed partial class PartitionGrain
{
    /// <summary>Unconfirmed submissions from which on folding anew is cheaper than keeping them.</summary>
    private const int MaxUnconfirmed = 10_000;

    private readonly Arrivals _arrivals = new();
    private readonly HashSet<Submission> _unconfirmed = [];
    private IGrainTimer? _repair;

    private bool HasUnconfirmed => _unconfirmed.Count > 0 || _unsettled.Count > 0 || _unconfirmedAdjudications.Count > 0;

    public async Task<SubmissionReceipt> SubmitAsync(Submissions submissions)
    {
        using var pass = await _gate.EnterAsync();
        if (await ViewAsync() is not { } view) return new SubmissionReceipt(true, []);
        await LookForUnknownAsync(view, submissions.All.Select(submission => submission.Task));
        var job = await JudgingJobAsync(view);
        var people = await linked.FindAsync(submissions.All.Select(submission => submission.Worker));
        var outcomes = new SubmissionOutcome[submissions.All.Length];
        var fresh = new HashSet<Submission>();
        try
        {
            for (var index = 0; index < outcomes.Length; index++)
            {
                var submission = submissions.ArePartial ? Fill(view, submissions.All[index]) : submissions.All[index];
                if (people is not null) submission = OfPerson(view, submission, people);
                var check = fresh.Contains(submission) ? SubmissionCheck.Held : view.Fold.Check(submission, _arrivals.To(submission.Task));
                outcomes[index] = OutcomeOf(check);
                if (check == SubmissionCheck.Fits && RefusalOfGold(view, job, submission) is { } refusal) (check, outcomes[index]) = (SubmissionCheck.TooManySubmissions, refusal);
                if (check == SubmissionCheck.Fits && fresh.Add(submission)) _arrivals.Add(submission);
                else if (check == SubmissionCheck.Held) metrics.Duplicates.Add(submission.Answers.Given);
                else metrics.Rejected.Add(submission.Answers.Given);
            }
            await NoteAsync(fresh);
            await StoreAsync(view, submissions, fresh);
        }
        finally
        {
            _arrivals.Remove(fresh);
        }
        metrics.Answers.Add(submissions.All.Zip(outcomes).Sum(pair => pair.Second == SubmissionOutcome.Accepted ? pair.First.Answers.Given : 0));
        return new SubmissionReceipt(false, ImmutableArray.Create(outcomes));
    }

    /// <summary>Stores what is new, and what is unconfirmed of the same tasks.</summary>
    private async Task StoreAsync(PartitionView view, Submissions submissions, IReadOnlySet<Submission> fresh)
    {
        var all = fresh;
        if (_unconfirmed.Count > 0)
        {
            var tasks = submissions.All.Select(submission => submission.Task).ToHashSet();
            all = fresh.Union(_unconfirmed.Where(earlier => tasks.Contains(earlier.Task))).ToHashSet();
        }
        if (all.Count == 0) await EnsureCurrentAsync(view);
        else EnsureCurrent(view, await AppendAsync(view, [.. all]));
    }

    /// <summary>Stores submissions and takes them over.</summary>
    /// <returns>The stored epoch afterwards.</returns>
    private async Task<long> AppendAsync(PartitionView view, IReadOnlyList<Submission> submissions)
    {
        var epoch = await StoreAsync(
            view, submissions, facts.AppendAsync,
            (now, submission) =>
            {
                _unconfirmed.Remove(submission);
                now.Apply(submission);
                Changed(now, submission);
            },
            KeepUnconfirmed);
        metrics.FactWrites.Add(submissions.Count);
        return epoch;
    }

    /// <summary>Stores facts and takes them over; where the write ends without an answer, they are kept as unconfirmed.</summary>
    /// <returns>The stored epoch afterwards.</returns>
    private async Task<long> StoreAsync<TFact>(
        PartitionView view, IReadOnlyList<TFact> written, Func<PartitionAddress, IReadOnlyList<TFact>, CancellationToken, Task<long>> write, Action<PartitionView, TFact> apply,
        Action<IReadOnlyList<TFact>> keep)
    {
        var done = false;
        try
        {
            var epoch = await write(_address, written, CancellationToken.None);
            // The view may have been folded anew meanwhile, by an audit of before these were stored.
            var now = View ?? view;
            foreach (var fact in written) apply(now, fact);
            done = true;
            return epoch;
        }
        finally
        {
            if (!done) keep(written);
        }
    }

    /// <summary>A task that the fold does not know may be stored all the same, by an import that never heard of it.</summary>
    private async Task LookForUnknownAsync(PartitionView view, IEnumerable<TaskNumber> tasks)
    {
        foreach (var task in tasks.Distinct().Where(task => !view.Fold.Knows(task)).ToList())
        {
            if (_unsettled.Contains(task)) await SettleAsync(view, task);
            else await TakeInAsync(view, task);
        }
    }

    private static Submission Fill(PartitionView view, Submission submission)
    {
        var missing = view.Fold.ImagesOf(submission.Task) - submission.Answers.Count;
        return missing <= 0 ? submission : submission with { Answers = submission.Answers.Fill(missing) };
    }

    /// <summary>
    /// A submission as the person's whose worker id it came under. In a task that the worker has begun under that id it goes on so: what the queue delivers
    /// again after the id became the person's is the answer that was counted, and a correction takes its place.
    /// </summary>
    private Submission OfPerson(PartitionView view, Submission submission, IReadOnlyDictionary<WorkerId, PersonId> people) =>
        !people.TryGetValue(submission.Worker, out var person) || (view.Fold.Knows(submission.Task) && view.Fold.HasBegun(submission.Task, submission.Worker))
        || _arrivals.To(submission.Task)?.ContainsKey(submission.Worker) is true || _unconfirmed.Any(earlier => earlier.Task == submission.Task && earlier.Worker == submission.Worker)
            ? submission : submission with { Worker = person.Worker };

    private static SubmissionOutcome OutcomeOf(SubmissionCheck check) => check switch
    {
        SubmissionCheck.UnknownTask => SubmissionOutcome.UnknownTask,
        SubmissionCheck.OtherImages => SubmissionOutcome.OtherImages,
        SubmissionCheck.TooManyWorkers => SubmissionOutcome.TooManyWorkers,
        SubmissionCheck.TooManySubmissions => SubmissionOutcome.TooManySubmissions,
        _ => SubmissionOutcome.Accepted,
    };

    private void KeepUnconfirmed(IEnumerable<Submission> submissions)
    {
        _unconfirmed.UnionWith(submissions);
        if (_unconfirmed.Count > MaxUnconfirmed)
        {
            _unconfirmed.Clear();
            View = null;
            AuditLater();
        }
        RepairLater();
    }

    private void RepairLater() => _repair ??= this.RegisterGrainTimer(
        RepairAsync, new GrainTimerCreationOptions(options.Value.RepairInterval, options.Value.RepairInterval) { Interleave = true, KeepAlive = true });

    private async Task RepairAsync()
    {
        using var pass = await _gate.EnterAsync();
        try
        {
            if (await ViewAsync() is { } view)
            {
                if (_unconfirmed.Count > 0) EnsureCurrent(view, await AppendAsync(view, [.. _unconfirmed]));
                if (_unconfirmedAdjudications.Count > 0) EnsureCurrent(view, await StoreAsync(view, [.. _unconfirmedAdjudications]));
                foreach (var task in _unsettled.ToList()) await SettleAsync(view, task);
            }
            else
            {
                // No view, no job: nothing is left to agree with.
                _unconfirmed.Clear();
                _unconfirmedAdjudications.Clear();
                _unsettled.Clear();
            }
            // More may have come meanwhile.
            if (HasUnconfirmed) return;
            _repair?.Dispose();
            _repair = null;
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            LogStillUnconfirmed(e, _address.Key, _unconfirmed.Count + _unconfirmedAdjudications.Count + _unsettled.Count);
        }
    }
}
