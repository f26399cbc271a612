using BulkQA.Core;
using BulkQA.Grains;
using Orleans.Core.Internal;
using Orleans.Runtime.Placement;

namespace BulkQA.Simulation.Tests;

/// <content>What happens meanwhile: processes end, twins take over, people look, change and answer.</content>
internal sealed partial class Simulation
{
    private int _unconfirmed;

    /// <summary>Whether anybody asked for the label table's rows.</summary>
    private bool _wroteLabels;

    /// <summary>Callers who are not told that their answers count, and don't try again: everything must follow the facts all the same.</summary>
    private async Task GiveUpAsync(JobInfo job)
    {
        _plan.Begin(0.4);
        for (var number = 0; number < 10; number++) await AnswerOnceAsync(job);
        _plan.End();
    }

    /// <summary>Deletes the job, in some runs while others import and answer: nothing of that may be left.</summary>
    private async Task DeleteAsync(JobInfo job)
    {
        if (_random.Next(3) > 0)
        {
            await Calls.UntilDoneAsync(() => Job.DeleteAsync(job.Incarnation));
            return;
        }
        _plan.Begin(0.1);
        var others = Enumerable.Range(0, 8).Select(number => number % 2 == 0 ? AnswerOnceAsync(job) : ImportOnceAsync(job, number)).ToList();
        await Calls.UntilDoneAsync(() => Job.DeleteAsync(job.Incarnation));
        await Task.WhenAll(others);
        _plan.End();
    }

    private async Task ImportOnceAsync(JobInfo job, int number)
    {
        var address = new ClassAddress(job.Incarnation, number == 1 ? Label.Create("Late") : _work.Images[0].Label);
        var images = Enumerable.Range(0, 20).Select(index => new CorpusImage(ImageUrl.Create($"s3://b/late/{number}/{index}.jpg"), null));
        if (await Calls.TryAsync(() => Classes(job).AddAsync([address.Label])) is not { IsDefaultOrEmpty: true }) return;
        var partitions = await Calls.TryAsync(() => cluster.Grains.GetGrain<IClassGrain>(address.Key).OpenAsync(number));
        await Calls.TryAsync(() => Partition(new PartitionAddress(address, Math.Max(1, partitions) - 1)).ImportAsync(new ImportChunk([.. images], CutRemainder: true)));
    }

    private async Task DisturbAsync(JobInfo job, Consumers consumers)
    {
        var image = _work.Images[_random.Next(_work.Images.Count)];
        var address = new ClassAddress(job.Incarnation, image.Label);
        var place = (await cluster.Facts.FindAsync(address, [image.Url]))[0];
        var partition = new PartitionAddress(address, place?.Partition ?? 0);
        switch (_random.Next(20))
        {
            case 0:
                await consumers.CrashOneAsync();
                break;
            case 1:
                await consumers.StopOneAsync();
                break;
            case 2:
            case 3:
                await EndAsync(Partition(partition));
                break;
            case 4:
                await EndAsync(AnyOf(job, address));
                break;
            case 5:
                await cluster.RaiseEpochAsync(partition);
                break;
            case 6:
            case 7:
                await AnswerOnceAsync(job);
                break;
            case 8:
                await ChangeRulesAsync();
                break;
            case 14:
                await SetAsideAsync(job);
                break;
            case 15:
            case 16:
                await AdjudicateAsync(job);
                break;
            case 17:
                await EstimateAsync(job);
                break;
            case 9:
            case 10:
                await AskAsync(job, partition, image);
                break;
            case 11:
            case 12:
            case 13:
                await AnswerAsync(job);
                break;
            default:
                await MigrateAsync(partition);
                break;
        }
        await Calls.PauseAsync();
    }

    /// <summary>What people look at and ask for meanwhile.</summary>
    private async Task AskAsync(JobInfo job, PartitionAddress partition, SimulatedImage image)
    {
        var worker = WorkerId.Create($"w{_random.Next(5)}");
        var classGrain = cluster.Grains.GetGrain<IClassGrain>(partition.Class.Key);
        var labeling = new LabelingJob(_work.Name.Value, "arn", "InProgress", _random.Next(9), 0, 0, null, TimeProvider.System.GetUtcNow());
        await Calls.TryAsync(() => Dispatch(job).LeaseAsync(worker));
        await Calls.TryAsync(() => Dispatch(job).FindRefusalAsync(worker));
        var unshown = new TaskNumber(_random.Next(20));
        await Calls.TryAsync(() => Partition(partition).RenewHoldAsync(unshown, worker));
        await Calls.TryAsync(() => Partition(partition).LookAtHoldAsync(unshown, worker));
        await Calls.TryAsync(() => Partition(partition).PassAsync(unshown, worker));
        await Calls.TryAsync(() => Partition(partition).GatherAsync(answers: 1, after: null, most: int.MaxValue));
        await Calls.TryAsync(() => Job.ReportUnshownAsync(job.Incarnation, unshown, worker));
        await Calls.TryAsync(() => Job.WithdrawUnshownAsync(job.Incarnation, unshown));
        await Calls.TryAsync(() => Partition(partition).RankAsync(new ImageSelection(ImageOrder.Value, 15, null, false, worker, null, null, null, 5)));
        await Calls.TryAsync(() => Classes(job).GetWorkersAsync());
        await Calls.TryAsync(() => Classes(job).GetWorkerTalliesAsync());
        await Calls.TryAsync(() => Classes(job).GetAgreementAsync());
        await Calls.TryAsync(() => Classes(job).GetTalliesAsync(null));
        await Calls.TryAsync(() => Listing.ReadAsync(job, 0, 20));
        await Calls.TryAsync(() => Listing.CountNumbersAsync(job));
        await Calls.TryAsync(() => cluster.Grains.GetGrain<IImageGrain>(new ImageAddress(partition.Class, image.Url).GrainKey).GetAsync());
        await Calls.TryAsync(() => cluster.Grains.GetGrain<IImageGrain>(new ImageAddress(partition.Class, image.Url).GrainKey).GetHistoryAsync());
        await Calls.TryAsync(() => Job.MirrorLabelingAsync(job.Incarnation, labeling));
        await Calls.TryAsync(() => Job.CreateAsync(_work.Name, _work.Draft));
        await Calls.TryAsync(() => Job.ResumeAsync());
        await Calls.TryAsync(() => classGrain.GetTallyAsync());
        await Calls.TryAsync(() => classGrain.GetHistogramAsync(isFinal: true));
        await Calls.TryAsync(() => classGrain.HasGoldAsync());
        if (_work.Gold.Count > 0)
        {
            var gold = Partition(PartitionAddress.GoldOf(partition.Class));
            var qualification = await Calls.TryAsync(() => gold.QualifyAsync(worker));
            if (qualification?.Task is { } batch) await Calls.TryAsync(() => gold.HoldAsync(batch, worker));
            // Both are as they were decided at first, and a decision that says nothing new changes nothing.
            if (_work.Draft.PassMark is not null) await Calls.TryAsync(() => Job.RuleAsync(job.Incarnation, Granted(worker), null));
        }
        await Calls.TryAsync(() => Classes(job).GetWorkerTallyAsync(worker));
        await Calls.TryAsync(() => Operations.IsOutdatedAsync("audit-1", 1));
        await Calls.TryAsync(() => classGrain.CountGoldAsync());
        await Calls.TryAsync(() => Dispatch(job).QualifyAsync(worker));
        await Calls.TryAsync(() => Partition(partition).WriteLabelsAsync(all: false));
        _wroteLabels = true;
        await Calls.TryAsync(() => cluster.Grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).ListAsync(null, 10));
        await Calls.TryAsync(() => Operations.EndAsync("audit-1", null));
        await Calls.TryAsync(() => Operations.GetAsync("audit-1"));
        await Calls.TryAsync(() => cluster.Grains.GetGrain<IUnfinishedJobsGrain>(IUnfinishedJobsGrain.Key).ListAsync());
        // It repairs what is wrong, and so only some runs have it.
        if (_hasAudits) await Calls.TryAsync(() => Operations.StartAsync(OperationKind.Audit, job.Incarnation, null));
    }

    /// <summary>A worker's page, or an application, that tries until its answers are taken: then they are there.</summary>
    private async Task AnswerAsync(JobInfo job)
    {
        if (await AnyTaskAsync(job) is not { } task) return;
        var submission = _work.Submit(task.Label, task.Content);
        var byUrl = _random.Next(2) == 0 && !task.Content.Images.Any(image => image.IsMixedIn);
        var outcomes = await Calls.UntilDoneAsync(() => SubmitAsync(task, submission, byUrl));
        Calls.Require(outcomes is { } taken && taken.All(outcome => outcome == SubmissionOutcome.Accepted), $"an answer to task {submission.Task} was answered {(outcomes is null ? "gone" : string.Join(", ", outcomes))}");
        await LookAtAsync(job, task, submission);
        // Its answers are with the tasks that its images are of.
        if (task.Partition.IsFollowUps) return;
        task = (await StoredFacts.ReadAsync(cluster.Facts, task.Partition, task.Content.Number, task.Content.Number)).Single();
        for (var index = 0; index < submission.Answers.Count; index++)
        {
            if (submission.Answers[index] == AnswerKind.None) continue;
            var given = new StandingAnswer(submission.At.UtcTicks, submission.Answers[index]);
            Calls.Require(task.Answers[index].TryGetValue(submission.Worker, out var stands), $"an acknowledged answer of {submission.Worker} to image {index} of task {submission.Task} is not stored");
            // Only what replaces it may stand in its place.
            ExpectedAnswers.Fold(task.Answers[index], submission.Worker, given);
            Calls.Require(task.Answers[index][submission.Worker] == stands, $"{stands} stands for {submission.Worker} on image {index} of task {submission.Task}, and {given} was acknowledged");
        }
    }

    /// <summary>What was acknowledged is seen at once, by whoever looks.</summary>
    private async Task LookAtAsync(JobInfo job, StoredTask task, Submission submission)
    {
        var index = submission.Answers.Text.AsSpan().IndexOfAnyExcept('-');
        if (task.Content.Images[index].IsMixedIn) return;
        var given = new ImageAnswer(submission.Worker, submission.Answers[index], submission.At);
        var image = await Calls.TryAsync(() => cluster.Grains.GetGrain<IImageGrain>(new ImageAddress(task.Partition.Class, task.Content.Images[index].Url).GrainKey).GetAsync());
        Calls.Require(image is null || image.History.Contains(given), $"{given} was acknowledged, and the history of {image?.Image.Url} lacks it");
        // A twin may have it, and whoever asks the other learns of it later.
        if (_hasTwins || task.Partition.IsGold) return;
        var tallies = await Calls.TryAsync(() => Classes(job).GetTalliesAsync([task.Label]));
        Calls.Require(tallies is not [var tally] || tally.Value.LastVoteAt >= submission.At, $"an answer of {submission.At.UtcTicks} was acknowledged, and the last that {task.Label} counts is of {tallies?[0].Value.LastVoteAt.UtcTicks}");
    }

    private async Task AnswerOnceAsync(JobInfo job)
    {
        if (await AnyTaskAsync(job) is not { } task) return;
        var submission = _work.Uncertain(_unconfirmed++, task.Label, task.Content);
        var byUrl = _random.Next(2) == 0 && !task.Content.Images.Any(image => image.IsMixedIn);
        await Calls.TryAsync(() => SubmitAsync(task, submission, byUrl));
    }

    private async Task<IReadOnlyList<SubmissionOutcome>?> SubmitAsync(StoredTask task, Submission submission, bool byUrl)
    {
        var outcomes = byUrl
            ? await _router.SubmitAsync(task.Partition.Class, [.. AnswersOf(task, submission)], submission.Source)
            : await _router.SubmitAsync(task.Partition.Class.Incarnation, [submission]);
        return outcomes is { } all ? [.. all] : null;
    }

    private static IEnumerable<UrlAnswer> AnswersOf(StoredTask task, Submission submission) => task.Content.Images.Index()
        .Where(image => submission.Answers[image.Index] != AnswerKind.None)
        .Select(image => new UrlAnswer(image.Item.Url, new ImageAnswer(submission.Worker, submission.Answers[image.Index], submission.At)));

    /// <summary>Any that is stored by now; null where none is.</summary>
    private async Task<StoredTask?> AnyTaskAsync(JobInfo job)
    {
        var blocks = await cluster.Facts.ReadBlocksAsync(job.Incarnation, new TaskNumber(0), int.MaxValue);
        if (blocks.Count == 0) return null;
        var block = blocks[_random.Next(blocks.Count)];
        var partition = new PartitionAddress(new ClassAddress(job.Incarnation, block.Label), block.Partition);
        var tasks = await cluster.Facts.ReadTasksAsync(partition, new TaskNumber(0), new TaskNumber(int.MaxValue)).ToListAsync();
        return tasks.Count == 0 ? null : new StoredTask(partition, tasks[_random.Next(tasks.Count)], []);
    }

    private static Task EndAsync(IAddressable grain) => Calls.TryAsync(() => grain.Cast<IGrainManagementExtension>().DeactivateOnIdle().AsTask());

    private Task MigrateAsync(PartitionAddress partition) => Calls.TryAsync(() =>
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, cluster.AnySilo(_random));
        return Partition(partition).Cast<IGrainManagementExtension>().MigrateOnIdle().AsTask();
    });

    private IAddressable AnyOf(JobInfo job, ClassAddress address) => _random.Next(5) switch
    {
        0 => cluster.Grains.GetGrain<IClassGrain>(address.Key),
        1 => Classes(job),
        2 => Dispatch(job),
        3 => cluster.Grains.GetGrain<ITaskNumbersGrain>(job.Incarnation.Value),
        _ => Operations,
    };

    private TaskListing Listing => new(cluster.Grains, cluster.FactsFromOutside);

    private IJobClassesGrain Classes(JobInfo job) => cluster.Grains.GetGrain<IJobClassesGrain>(job.Incarnation.Value);

    private IDispatchGrain Dispatch(JobInfo job) => cluster.Grains.GetGrain<IDispatchGrain>(job.Incarnation.Value);

    private IPartitionGrain Partition(PartitionAddress address) => cluster.Grains.GetGrain<IPartitionGrain>(address.Key);
}
