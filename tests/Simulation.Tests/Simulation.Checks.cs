using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Simulation.Tests;

/// <content>What must hold once the faults have ended.</content>
internal sealed partial class Simulation
{
    /// <summary>For calls that nobody waits for any more, and for what ended without an answer, to end.</summary>
    private static readonly TimeSpan _rest = TimeSpan.FromMilliseconds(100);

    private async Task CheckAsync(JobInfo job)
    {
        await Task.Delay(_rest, TimeProvider.System, CancellationToken.None);
        await _plan.LandedAsync();
        await StopReestimatingAsync();
        await CheckOperationsAsync();
        await new Importer(cluster.Grains, cluster.Facts, job, _random).ImportCleanlyAsync(_work.Images);
        var stored = await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation, _setAside);
        await CheckPlacesAsync(job, stored);
        if (_hasTwins) await ForgetTwinsAsync(job, stored);
        await Calls.UntilRightAsync(() => FindProblemAsync(job));
        await CheckTargetAsync(job);
        if (_random.Next(2) == 0 && _work.Target is null) await LeaseAllAsync(job);
        stored = await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation, _setAside);
        if (_work.Expected.FindDifference(stored.Answers) is { } difference) throw new ViolationException(difference);
        foreach (var partition in stored.Partitions)
        {
            var kind = _random.Next(3);
            if (kind == 0) await MigrateAsync(partition);
            if (kind == 1) await EndAsync(Partition(partition));
        }
        if (_random.Next(2) == 0) await ChangeRulesAsync();
        if (_random.Next(3) == 0) await SetAsideAsync(job);
        if (_random.Next(3) == 0) await EstimateAndAdoptAsync(job);
        // At once: everything of it was acknowledged.
        if (await FindProblemAsync(job) is { } problem) throw new ViolationException(problem);
        await CheckTargetAsync(job);
        await CheckBreakdownAsync(job);
        await CheckWorkersAsync(job, stored);
        if (job.Settings.PassMark is not null) await CheckQualificationAsync(job, stored);
        await CheckQuotaAsync(job);
        await CheckCancelledAsync(job);
        await CheckAlarmsAsync(job);
        await CheckChangeLogAsync(job);
        await CheckPeopleAsync(job);
        await CheckLabelTableAsync(job);
        await CheckAuditAsync(job, stored);
    }

    /// <summary>
    /// Every partition has to acknowledge something, if only nothing: an activation that a twin took over from finds out by that.
    /// Grains that only look don't; Orleans ends one of two that it finds.
    /// </summary>
    private async Task ForgetTwinsAsync(JobInfo job, StoredFacts stored)
    {
        foreach (var partition in stored.Partitions) await Calls.UntilDoneAsync(() => Partition(partition).SubmitAsync(new Submissions([], ArePartial: false)));
        await Calls.UntilDoneAsync(() => EndAsync(Classes(job)));
        await Calls.UntilDoneAsync(() => EndAsync(cluster.Grains.GetGrain<ITaskNumbersGrain>(job.Incarnation.Value)));
        await Calls.UntilDoneAsync(() => EndAsync(Dispatch(job)));
        foreach (var address in stored.Partitions.Select(partition => partition.Class).Distinct()) await Calls.UntilDoneAsync(() => EndAsync(cluster.Grains.GetGrain<IClassGrain>(address.Key)));
    }

    private async Task<string?> FindProblemAsync(JobInfo job) => await FindCounterProblemAsync(job) ?? await FindHistogramProblemAsync(job) ?? await FindTaskProblemAsync(job) ?? await FindImageProblemAsync(job) ?? await FindRankProblemAsync(job);

    /// <summary>The job has the policy it was last changed to, and nothing of its background work fails or goes on for ever.</summary>
    private async Task CheckOperationsAsync()
    {
        var info = await Calls.UntilDoneAsync(Job.GetAsync);
        Calls.Require(info!.Settings.Policy == _policy, $"the policy is {info.Settings.Policy}, not {_policy}");
        await Calls.UntilRightAsync(async () =>
        {
            // Its silo may have died: as every silo does now and then.
            await Calls.UntilDoneAsync(Operations.ResumeAsync);
            var operations = await Calls.UntilDoneAsync(Operations.ListAsync);
            // Of an earlier life it may say that the job was deleted meanwhile.
            Calls.Require(!operations.Any(operation => operation.State == OperationState.Failed && operation.Incarnation == info.Incarnation), $"failed: {operations.FirstOrDefault(operation => operation.State == OperationState.Failed)}");
            return operations.FirstOrDefault(operation => operation is { HasEnded: false, Kind: not (OperationKind.Decide or OperationKind.Watch) }) is { } running ? $"{running} does not end" : null;
        });
    }

    /// <summary>Every image is in exactly one task, and its place says in which; every task's number is of a block of its partition.</summary>
    private async Task CheckPlacesAsync(JobInfo job, StoredFacts stored)
    {
        var seen = new HashSet<(Label, ImageUrl)>();
        foreach (var task in stored.Tasks.Concat(stored.Gold))
        {
            Calls.Require(stored.Blocks.Count(block => block.Holds(task.Content.Number)) == 1, $"the number of task {task.Content.Number} is of {stored.Blocks.Count(block => block.Holds(task.Content.Number))} blocks");
            Calls.Require(stored.Blocks.Any(block => block.Holds(task.Content.Number) && block.Label == task.Label && block.Partition == task.Partition.Number), $"task {task.Content.Number} is of another partition than its number");
            Calls.Require(task.Content.Images.Length <= job.Settings.BatchSize, $"task {task.Content.Number} has {task.Content.Images.Length} images, and a batch has {job.Settings.BatchSize}");
            var places = await cluster.Facts.FindAsync(task.Partition.Class, [.. task.Content.Images.Select(image => image.Url)]);
            foreach (var (index, image) in task.Content.Images.Index())
            {
                if (image.IsMixedIn)
                {
                    Calls.Require(places[index] is { Partition: PartitionAddress.GoldNumber } && _work.Gold.Any(gold => gold.Label == task.Label && gold.Url == image.Url && gold.Gold == image.Gold!.Value.IsRight), $"{image} of task {task.Content.Number} is no gold of its class");
                    continue;
                }
                Calls.Require(seen.Add((task.Label, image.Url)), $"{image.Url} is in two tasks, one of them {task.Content.Number}");
                Calls.Require(places[index] == new ImagePlace(task.Partition.Number, task.Content.Number, index), $"{image.Url} is at {index} of task {task.Content.Number} in {task.Partition.Key}, and its place is {places[index]}");
            }
        }
        Calls.Require(stored.Tasks.Concat(stored.Gold).GroupBy(task => task.Content.Number).All(same => same.Count() == 1), "two tasks have the same number");
        var missing = _work.Images.Where(image => !seen.Contains((image.Label, image.Url))).ToList();
        Calls.Require(missing.Count == 0, $"{missing.Count} images are in no task, {missing.FirstOrDefault().Url} among them");
        Calls.Require(seen.Count == _work.Images.Count + _work.Gold.Count, $"there are {seen.Count} images, not {_work.Images.Count} and {_work.Gold.Count} of gold");
        var confidences = _work.Images.ToDictionary(image => (image.Label, image.Url), image => image.Confidence);
        var other = stored.Tasks.SelectMany(task => task.Content.Images.Where(image => image.Gold is null && confidences[(task.Label, image.Url)] != image.Confidence)).ToList();
        Calls.Require(other.Count == 0, $"{other.Count} images have another confidence than they came with");
    }

    /// <summary>Days have what is answered to the end, which is at least what is in done tasks; posteriors are of every image; versions are listed once named.</summary>
    private async Task CheckBreakdownAsync(JobInfo job)
    {
        foreach (var (label, tally) in (await Calls.UntilDoneAsync(() => Classes(job).GetTalliesAsync(null)))!.Value)
        {
            var grain = cluster.Grains.GetGrain<IClassGrain>(new ClassAddress(job.Incarnation, label).Key);
            var counted = (await Calls.UntilDoneAsync(() => grain.BreakDownAsync(DateOnly.MinValue, DateOnly.MaxValue)))!.Breakdown.Days.Sum(day => day.Counts.Total);
            Calls.Require(counted <= tally.All.Reviewed && tally.ReviewsOfDone(null).Reviewed <= counted, $"the days of {label} have {counted} images, and {Show(tally)} are reviewed");
            var sums = await Calls.UntilDoneAsync(() => grain.SumPosteriorsAsync(false));
            Calls.Require(sums is null || sums.Images == tally.All.Total, $"{sums} is not of the {tally.All.Total} images of {label}");
        }
        var version = ModelVersion.Create("v1");
        Calls.Require(await Calls.UntilDoneAsync(() => Classes(job).AddVersionsAsync([version])) is { IsEmpty: true }, "a first version is refused");
        Calls.Require((await Calls.UntilDoneAsync(() => Classes(job).ListVersionsAsync()))!.Value.SequenceEqual([version]), "the version is not listed");
    }

    /// <summary>
    /// Whoever has an answer is listed with this job, what is said of one worker is what is said of it among all, and its counts are those of the stored answers.
    /// </summary>
    private async Task CheckWorkersAsync(JobInfo job, StoredFacts stored)
    {
        var tallies = (await Calls.UntilDoneAsync(() => Classes(job).GetWorkerTalliesAsync()))!.Value.ToDictionary();
        foreach (var worker in stored.Tasks.Concat(stored.Gold).SelectMany(task => task.Answers).SelectMany(image => image.Keys).Distinct().ToList())
        {
            var jobs = await cluster.Facts.ReadJobsAsync(worker, null).ToListAsync();
            Calls.Require(jobs.Contains(job.Incarnation), $"{worker} has answered, and is listed with [{string.Join(", ", jobs)}] only");
            var alone = await Calls.UntilDoneAsync(() => Classes(job).GetWorkerTallyAsync(worker));
            Calls.Require(alone is null || Counts(alone) == CountsOf(stored, worker), $"{worker} is counted as {alone}, and its answers are {CountsOf(stored, worker)}");
            Calls.Require(alone is not null && tallies.TryGetValue(worker, out var among) && alone == among, $"{worker} alone comes to {alone}, and among all to {tallies.GetValueOrDefault(worker)}");
        }
    }

    private static (long Batches, long Confirms, long Disconfirms, long CantTell, long NotSeen, long First, long Last) Counts(WorkerTally tally) =>
        (tally.Batches, tally.Confirms, tally.Disconfirms, tally.CantTell, tally.NotSeen, tally.FirstAt.UtcTicks, tally.LastAt.UtcTicks);

    /// <summary>The same from what is stored: gold is in no count but that of batches and the times.</summary>
    private static (long Batches, long Confirms, long Disconfirms, long CantTell, long NotSeen, long First, long Last) CountsOf(StoredFacts stored, WorkerId worker)
    {
        var tasks = stored.Tasks.Concat(stored.Gold).ToList();
        var kinds = tasks.SelectMany(task => task.Judged.Select(image => task.Answers[image])).Where(image => image.ContainsKey(worker)).Select(image => image[worker].Kind).ToList();
        var times = tasks.SelectMany(task => task.Answers).Where(image => image.ContainsKey(worker)).Select(image => image[worker].At).Where(ticks => ticks != SubmissionTime.None.UtcTicks).ToList();
        return (
            tasks.Count(task => task.Whole.Contains(worker)), kinds.Count(kind => kind == AnswerKind.Confirm), kinds.Count(kind => kind == AnswerKind.Disconfirm), kinds.Count(kind => kind == AnswerKind.CantTell),
            kinds.Count(kind => kind == AnswerKind.NotSeen), times.Count == 0 ? SubmissionTime.None.UtcTicks : times.Min(), times.Count == 0 ? SubmissionTime.None.UtcTicks : times.Max());
    }

    /// <summary>Counters and workers against the facts.</summary>
    private async Task<string?> FindCounterProblemAsync(JobInfo job)
    {
        // Before the facts are read: counters may lag behind facts that nobody acknowledged, not lead.
        var tallies = await Calls.UntilDoneAsync(() => Classes(job).GetTalliesAsync(null));
        var workers = await Calls.UntilDoneAsync(() => Classes(job).GetWorkersAsync());
        var stored = await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation, _setAside);
        var tasks = stored.Tasks.ToLookup(task => task.Label);
        if (!tallies!.Value.Select(tally => tally.Key).SequenceEqual(_work.Images.Select(image => image.Label).Distinct().Order()))
            return $"the classes are {string.Join(", ", tallies.Value.Select(tally => tally.Key))}";
        foreach (var (label, tally) in tallies.Value)
            if (Fold(job, [.. tasks[label]]) is var expected && !tally.Equals(expected))
                return $"class {label} of {tasks[label].Max(task => task.Partition.Number) + 1} partitions counts {Show(tally)}, its facts {Show(expected)} {await ShowRulesAsync()}";
        var whole = stored.Tasks.Concat(stored.Gold).SelectMany(task => task.Answers.SelectMany(image => image.Keys).Distinct().Select(worker => (worker, task)))
            .GroupBy(entry => entry.worker, entry => entry.task).ToDictionary(group => group.Key, group => group.Count(task => task.Whole.Contains(group.Key)));
        return !workers.AreAll || workers.Workers.ToDictionary() is var known && known.Count == whole.Count && whole.All(worker => known.TryGetValue(worker.Key, out var count) && count == worker.Value)
            ? null : $"the workers are [{string.Join(", ", workers.Workers)}], not [{string.Join(", ", whole)}]";
    }

    /// <summary>By what rules a run expects verdicts, and what the job says.</summary>
    private async Task<string> ShowRulesAsync()
    {
        var info = await Calls.UntilDoneAsync(Job.GetAsync);
        return $"by {_policy} ({_policyChanges} changes); the job has {info?.Settings.Policy}, revision {info?.RulesRevision}, model {info?.Model?.Number}, {info?.SetAside.Length} of {_setAside.Count} set aside";
    }

    /// <summary>Images by confidence, by votes or as final.</summary>
    private async Task<string?> FindHistogramProblemAsync(JobInfo job)
    {
        var isFinal = _random.Next(2) == 0;
        foreach (var label in _work.Images.Select(image => image.Label).Distinct().ToList())
        {
            var counted = (await Calls.UntilDoneAsync(() => cluster.Grains.GetGrain<IClassGrain>(new ClassAddress(job.Incarnation, label).Key).GetHistogramAsync(isFinal)))!.Histogram;
            var stored = await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation, _setAside);
            var expected = (from task in stored.Tasks
                            where task.Label == label
                            from index in task.Judged
                            let image = task.Content.Images[index]
                            let verdict = (isFinal ? _adjudicated.GetValueOrDefault((label, image.Url)) : null) ?? VerdictOf(task, index)
                            // Every confidence of a run has one decimal.
                            group verdict by image.Confidence is { } confidence ? (int)Math.Round(confidence.Value * 100) : -1 into step
                            select (step.Key, step.Count(), step.Count(verdict => verdict != Verdict.Unreviewed), step.Count(verdict => verdict == Verdict.Confirmed))).ToHashSet();
            var found = counted.Steps.Select(step => (step.Step, (int)step.Counts.Images, (int)step.Counts.Reviewed, (int)step.Counts.Confirmed)).ToHashSet();
            if (counted.Unknown.Images > 0) found.Add((-1, (int)counted.Unknown.Images, (int)counted.Unknown.Reviewed, (int)counted.Unknown.Confirmed));
            if (!found.SetEquals(expected)) return $"class {label} counts by confidence [{string.Join(", ", found.Except(expected))}], its facts [{string.Join(", ", expected.Except(found))}] ({(isFinal ? "final" : "votes")})";
        }
        return null;
    }

    /// <summary>Every task is listed, as far as it is.</summary>
    private async Task<string?> FindTaskProblemAsync(JobInfo job)
    {
        var numbers = await Calls.UntilDoneAsync(() => Listing.CountNumbersAsync(job));
        var listed = await Calls.UntilDoneAsync(() => Listing.ReadAsync(job, 0, numbers));
        var stored = await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation, _setAside);
        if (!listed.Select(task => task.Content.Number).SequenceEqual(stored.Tasks.Select(task => task.Content.Number).Order()))
            return $"{listed.Count} tasks are listed, and there are {stored.Tasks.Count}";
        foreach (var (task, expected) in listed.Zip(stored.Tasks.OrderBy(task => task.Content.Number)))
        {
            var whole = expected.Whole.OrderBy(worker => worker.Value, StringComparer.Ordinal).ToList();
            if (task.Label != expected.Label || !task.Content.Equals(expected.Content) || task.Status.Images != expected.Content.Images.Length)
                return $"task {task.Content.Number} is listed otherwise than it is stored";
            if (task.Status.Done != expected.IsDone(job.Settings.WorkersPerTask) || !task.Status.Workers.SequenceEqual(whole))
                return $"task {task.Content.Number} is {task.Status}, and was answered by {string.Join(", ", whole)}";
        }
        return null;
    }

    /// <summary>The first images of each partition by confidence, out of those with some verdict.</summary>
    private async Task<string?> FindRankProblemAsync(JobInfo job)
    {
        const int Most = 7;
        var verdict = (Verdict)_random.Next(4);
        var stored = await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation, _setAside);
        foreach (var tasks in stored.Tasks.GroupBy(task => task.Partition))
        {
            var expected = (from task in tasks
                            from index in task.Judged
                            where VerdictOf(task, index) == verdict
                            let confidence = task.Content.Images[index].Confidence?.Value ?? -1
                            orderby confidence descending, task.Content.Number, index
                            select new RankedImage(confidence, task.Content.Number, index)).Take(Most).ToList();
            var selection = new ImageSelection(ImageOrder.Confidence, 1 << (int)verdict, null, false, null, null, null, null, Most);
            var ranked = await Calls.UntilDoneAsync(() => Partition(tasks.Key).RankAsync(selection));
            if (!ranked.SequenceEqual(expected)) return $"the first {verdict} images of {tasks.Key.Key} are {string.Join(", ", ranked)}, not {string.Join(", ", expected)}";
        }
        return null;
    }

    /// <summary>Some images, each by itself, with all that was ever answered.</summary>
    private async Task<string?> FindImageProblemAsync(JobInfo job)
    {
        var stored = await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation, _setAside);
        foreach (var task in stored.Tasks.OrderBy(_ => _random.Next()).Take(3))
        {
            if (task.Judged.OrderBy(_ => _random.Next()).Cast<int?>().FirstOrDefault() is not { } index) continue;
            var grain = cluster.Grains.GetGrain<IImageGrain>(new ImageAddress(task.Partition.Class, task.Content.Images[index].Url).GrainKey);
            var image = await Calls.UntilDoneAsync(grain.GetAsync);
            if (image is null || image.Image != task.Content.Images[index] || image.Task != task.Content.Number) return $"image {index} of task {task.Content.Number} is {image}";
            var answers = image.Answers.Answers.ToDictionary(answer => answer.Worker, answer => new StandingAnswer(answer.At.UtcTicks, answer.Kind));
            if (answers.Count != task.Answers[index].Count || answers.Any(answer => task.Answers[index][answer.Key] != answer.Value))
                return $"{image.Image.Url} has the answers [{string.Join(", ", answers)}], not [{string.Join(", ", task.Answers[index])}]";
            var history = await Calls.UntilDoneAsync(grain.GetHistoryAsync);
            if (history is null || history.Image.Image != image.Image || !history.Answers.Select(given => given.Answer).SequenceEqual(history.Image.History) || history.Answers.Length < image.History.Length)
                return $"the history of {image.Image.Url} is {history?.Answers.Length ?? -1} answers, and there are {image.History.Length}";
        }
        return null;
    }

    /// <summary>
    /// Workers who answered nothing yet lease and answer until nothing is left. Each is handed every task that lacks a worker at
    /// that time, once, and no other.
    /// </summary>
    private async Task LeaseAllAsync(JobInfo job)
    {
        // What others hold comes free again.
        await Task.Delay(SimulatedCluster.LeaseDuration, TimeProvider.System, CancellationToken.None);
        for (var number = 0; ; number++)
        {
            var stored = await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation, _setAside);
            var tasks = stored.Tasks.ToDictionary(task => task.Content.Number);
            var wanted = stored.Tasks.Where(task => task.CountWhole < job.Settings.WorkersPerTask).Select(task => task.Content.Number).ToHashSet();
            if (wanted.Count == 0 && !stored.Tasks.Any(task => task.Judged.Any(image => IsInDoubt(job, task, image)))) return;
            var worker = WorkerId.Create($"fresh-{number}");
            if (job.Settings.PassMark is not null) await RuleAsync(job, Granted(worker));
            var (answered, total) = (0, wanted.Count);
            while (wanted.Count > 0)
            {
                TaskLease? lease = null;
                await Calls.UntilRightAsync(async () => (lease = await Calls.UntilDoneAsync(() => Dispatch(job).LeaseAsync(worker))) is null
                    ? $"nothing is left for {worker}, who answered {answered} tasks of {total} that lacked a worker; {wanted.First()} of {tasks[wanted.First()].Partition.Key} is among the others" : null);
                if (job.Settings.MaxWorkersPerTask is not null && !tasks.ContainsKey(lease!.Task))
                {
                    await AnswerFollowUpAsync(job, worker, lease.Task);
                    // Perhaps of images of a task that lacks a worker, which has one then.
                    var whole = (await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation, _setAside)).Tasks.Where(task => task.Whole.Contains(worker)).Select(task => task.Content.Number).ToHashSet();
                    answered += wanted.RemoveWhere(whole.Contains);
                    continue;
                }
                Calls.Require(wanted.Remove(lease!.Task), $"task {lease.Task} was handed to {worker}, and wants nobody, or not once more");
                // Who answered each image of a task in follow-ups has answered that task, too.
                Calls.Require(lease.Answered == answered || (job.Settings.MaxWorkersPerTask is not null && lease.Answered > answered), $"{worker} answered {answered} tasks, not {lease.Answered}");
                var task = tasks[lease.Task];
                var answers = TaskAnswers.Parse(new string('c', task.Content.Images.Length));
                var submission = new Submission(lease.Task, worker, SubmissionTime.From(TimeProvider.System.GetUtcNow()), answers, AnswerSource.WorkerPage);
                _work.Expected.Add(task.Label, task.Content, worker, submission.At, submission.Answers);
                await Calls.UntilDoneAsync(() => SubmitAsync(task, submission, byUrl: false));
                answered++;
            }
            if (job.Settings.MaxWorkersPerTask is not null) await Calls.UntilRightAsync(() => AnswerFurtherAsync(job, worker));
            while (await Calls.UntilDoneAsync(() => Dispatch(job).LeaseAsync(worker)) is { } last)
            {
                // A follow-up may come free meanwhile: a lease has ended that a call which was repeated had taken. Whether it wants this worker is looked at there.
                Calls.Require(job.Settings.MaxWorkersPerTask is not null && !tasks.ContainsKey(last.Task), $"task {last.Task} was handed to {worker}, and wants nobody");
                await AnswerFollowUpAsync(job, worker, last.Task);
            }
        }
    }

    /// <summary>A worker answers follow-ups until none is left: once all tasks have their first answers, it has answered every image in doubt then.</summary>
    private async Task<string?> AnswerFurtherAsync(JobInfo job, WorkerId worker)
    {
        while (await Calls.UntilDoneAsync(() => Dispatch(job).LeaseAsync(worker)) is { } lease) await AnswerFollowUpAsync(job, worker, lease.Task);
        var stored = await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation, _setAside);
        // Before that a follow-up that would be short waits for more.
        return stored.Tasks.All(task => task.CountWhole >= job.Settings.WorkersPerTask) && stored.Tasks.Any(task => task.Judged.Any(image => IsInDoubt(job, task, image) && !task.Answers[image].ContainsKey(worker)))
            ? $"an image in doubt is kept from {worker}" : null;
    }

    /// <summary>A follow-up is of images in doubt that the worker has not answered.</summary>
    private async Task AnswerFollowUpAsync(JobInfo job, WorkerId worker, TaskNumber number)
    {
        var further = (await Calls.UntilDoneAsync(() => Listing.FindAsync(job, number)))!;
        var tasks = (await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation, _setAside)).Tasks.Where(task => task.Label == further.Label).ToDictionary(task => task.Content.Number);
        foreach (var image in further.Images)
        {
            Calls.Require(image.Spot is not null, $"task {number} was handed to {worker}, and wants nobody");
            Calls.Require(IsInDoubt(job, tasks[image.Spot!.Value.Task], image.Spot.Value.Index), $"{worker} is asked about {image.Url}, which is not in doubt");
            Calls.Require(!tasks[image.Spot.Value.Task].Answers[image.Spot.Value.Index].ContainsKey(worker), $"{worker} is asked about {image.Url} again");
        }
        var submission = new Submission(number, worker, SubmissionTime.From(TimeProvider.System.GetUtcNow()), TaskAnswers.Parse(new string('c', further.Images.Length)), AnswerSource.WorkerPage);
        _work.Expected.Add(further.Label, further.Content, worker, submission.At, submission.Answers);
        var outcomes = await Calls.UntilDoneAsync(() => _router.SubmitAsync(job.Incarnation, [submission]));
        Calls.Require(outcomes is [SubmissionOutcome.Accepted], $"an answer to follow-up {number} was answered {outcomes?[0]}");
    }

    /// <summary>Rows of tasks that are done are written by and by; all of them when somebody asks, or the job is closed.</summary>
    private async Task CheckLabelTableAsync(JobInfo job)
    {
        if (job.Settings.LabelTable == LabelTableMode.OnDone) await Calls.UntilRightAsync(() => FindRowProblemAsync(job, all: false));
        else if (!_wroteLabels)
            foreach (var image in _work.Images)
                Calls.Require(await cluster.Rows.ReadAsync(new ImageAddress(new ClassAddress(job.Incarnation, image.Label), image.Url)) is null, $"{image.Url} has a row");
        if (job.Settings.LabelTable == LabelTableMode.OnDone && _random.Next(2) == 0) await Calls.UntilDoneAsync(() => Job.ChangeAsync(null, JobState.Closed));
        else await Calls.UntilDoneAsync(() => Operations.StartAsync(OperationKind.LabelTable, job.Incarnation, null));
        await CheckOperationsAsync();
        // Not at once: a grain of operations whose silo was lost may be two for a moment, of which one says that nothing is running.
        await Calls.UntilRightAsync(() => FindRowProblemAsync(job, all: true));
    }

    private async Task<string?> FindRowProblemAsync(JobInfo job, bool all)
    {
        var stored = await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation, _setAside);
        foreach (var task in stored.Tasks.Where(task => all || task.IsDone(job.Settings.WorkersPerTask)))
        {
            foreach (var index in Enumerable.Range(0, task.Content.Images.Length))
            {
                var image = task.Content.Images[index];
                var row = await cluster.Rows.ReadAsync(new ImageAddress(task.Partition.Class, image.Url));
                var (confirms, disconfirms) = (task.Count(index, AnswerKind.Confirm), task.Count(index, AnswerKind.Disconfirm));
                if (image.Gold is not null)
                {
                    if (row is not null) return $"{image.Url} is gold, and has a row";
                    continue;
                }
                if (row is null) return $"{image.Url} of task {task.Content.Number} has no row";
                if (row.Confidence != image.Confidence || row.Confirms != confirms || row.Disconfirms != disconfirms || row.Verdict != VerdictOf(task, index))
                    return $"{row} of task {task.Content.Number} should have {confirms} to {disconfirms}, and so {VerdictOf(task, index)} by {_policy} ({_policyChanges} changes)";
            }
        }
        return null;
    }

    private async Task CheckAuditAsync(JobInfo job, StoredFacts stored)
    {
        var started = await Calls.UntilDoneAsync(() => Operations.StartAsync(OperationKind.Audit, job.Incarnation, null));
        await CheckOperationsAsync();
        var ended = await Calls.UntilDoneAsync(() => Operations.GetAsync(started.Id));
        var images = stored.Tasks.Concat(stored.Gold).Sum(task => task.Content.Images.Length);
        Calls.Require(ended is { Audit.Differences: 0 }, $"the audit found {ended?.Audit?.Differences} differences: {ended?.Audit?.Details.FirstOrDefault()}");
        Calls.Require(ended!.Audit!.Images == images, $"the audit read {ended.Audit.Images} images of {images}");
    }
}
