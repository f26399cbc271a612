using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

public sealed class SubmissionTests
{
    [Fact]
    public async Task Submit_AnyOrderSplitAndRepeated_CountsTheLatestAnswerOfEachWorkerOnce()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 5 });
        var address = await cluster.ImportAsync(job, "Dog", 30);
        var random = new Random(7);
        var all = Enumerable.Range(0, 400).Select(_ => TestCluster.Answer(
            random.Next(6), $"w{random.Next(4)}", $"c{string.Concat(Enumerable.Range(0, 4).Select(_ => "cdtn-"[random.Next(5)]))}", random.Next(1, 6))).ToList();
        var calls = all.Concat(all).OrderBy(_ => random.Next()).Chunk(9).ToList();
        var outcomes = await Task.WhenAll(calls.Select(call => cluster.SubmitAsync(address, call)));
        Assert.All(outcomes.SelectMany(outcome => outcome), outcome => Assert.Equal(SubmissionOutcome.Accepted, outcome));
        var tally = await cluster.TallyAsync(address);
        Assert.Equal(CountByHand(all), (tally.Votes, tally.All.Confirmed, tally.All.Disconfirmed, tally.All.Split));
        Assert.Equal(5, tally.LastVoteAt.UtcTicks);
        Assert.Equal(await cluster.FoldAsync(job, address), tally);
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    [Fact]
    public async Task Submit_StoreTakesItsTime_IsNotAcknowledgedBeforeItIsStored()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await cluster.ImportAsync(await cluster.CreateJobAsync(), "Dog", 1);
        var (reached, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Store.BeforeAppend = _ =>
        {
            reached.TrySetResult();
            return goOn.Task;
        };
        var call = cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "c"));
        await reached.Task;
        Assert.Equal(0, (await cluster.TallyAsync(address)).Votes);
        Assert.False(call.IsCompleted);
        goOn.SetResult();
        Assert.Equal([SubmissionOutcome.Accepted], await call);
        Assert.Single(await cluster.SubmissionsAsync(address));
        Assert.Equal(1, (await cluster.TallyAsync(address)).Votes);
    }

    [Fact]
    public async Task Submit_Again_IsAcknowledgedAndStoresNothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await cluster.ImportAsync(await cluster.CreateJobAsync(), "Dog", 2);
        Submission[] both = [TestCluster.Answer(0, "ann", "cd"), TestCluster.Answer(0, "bob", "cc", 2)];
        Assert.Equal(4, (await cluster.SubmitAsync(address, [.. both, .. both])).Count(outcome => outcome == SubmissionOutcome.Accepted));
        Assert.Equal(both, cluster.Store.Appended);
        Assert.Equal([SubmissionOutcome.Accepted, SubmissionOutcome.Accepted], await cluster.SubmitAsync(address, both));
        Assert.Equal(2, cluster.Store.Appended.Count);
        Assert.Equal(4, (await cluster.TallyAsync(address)).Votes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Submit_LaterAnswer_ReplacesTheEarlierWhicheverComesFirst(bool inOrder)
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await cluster.ImportAsync(await cluster.CreateJobAsync(), "Dog", 2);
        var (earlier, later) = (TestCluster.Answer(0, "ann", "cd", 1), TestCluster.Answer(0, "ann", "d-", 2));
        foreach (var submission in inOrder ? [earlier, later] : (Submission[])[later, earlier]) await cluster.SubmitAsync(address, submission);
        var tally = await cluster.TallyAsync(address);
        Assert.Equal((2, 0, 2, 2), (tally.Votes, tally.All.Confirmed, tally.All.Disconfirmed, tally.LastVoteAt.UtcTicks));
        Assert.Equal(2, (await cluster.SubmissionsAsync(address)).Count);
    }

    [Theory]
    [InlineData("n", "t", 0)]
    [InlineData("t", "c", 1)]
    [InlineData("c", "d", 1)]
    [InlineData("n", "d", 1)]
    public async Task Submit_TwoAnswersAtOneTime_TheGreaterKindStandsWhicheverComesFirst(string less, string more, int votes)
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1 });
        var address = await cluster.ImportAsync(job, "Dog", 2);
        foreach (var (task, first, second) in ((int, string, string)[])[(0, less, more), (1, more, less)])
        {
            await cluster.SubmitAsync(address, TestCluster.Answer(task, "ann", first));
            await cluster.SubmitAsync(address, TestCluster.Answer(task, "ann", second));
            var image = await cluster.Grains.GetGrain<IImageGrain>(new ImageAddress(address, ImageUrl.Create($"s3://b/{task}")).GrainKey).GetAsync();
            Assert.Equal(AnswerKinds.OfCode(more[0]), Assert.Single(image!.Answers.Answers).Kind);
        }
        var tally = await cluster.TallyAsync(address);
        Assert.Equal((2 * votes, more == "d" ? 2 : 0), (tally.Votes, tally.All.Disconfirmed));
    }

    [Fact]
    public async Task Submit_ImageByImage_IsFilledToTheTaskAndMakesTheWorkerDoneInTheEnd()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { WorkersPerTask = 1 });
        var address = await cluster.ImportAsync(job, "Dog", 3);
        var partition = cluster.Partition(address);
        foreach (var (answers, ticks, workers) in ((string, long, int)[])[("c", 1, 0), ("--n", 2, 0), ("-t", 3, 1)])
        {
            var receipt = await partition.SubmitAsync(new Submissions([TestCluster.Answer(0, "ann", answers, ticks)], ArePartial: true));
            Assert.Equal([SubmissionOutcome.Accepted], receipt.Outcomes);
            var status = Assert.Single(await partition.GetTasksAsync([new TaskNumber(0), new TaskNumber(1)]));
            Assert.Equal((3, workers, workers == 1), (status.Images, status.Workers.Length, status.Done));
        }
        Assert.Equal(["--n", "-t-", "c--"], (await cluster.SubmissionsAsync(address)).Select(submission => submission.Answers.Text).Order(StringComparer.Ordinal));
        var tally = await cluster.TallyAsync(address);
        Assert.Equal((1, 1), (tally.Votes, tally.TasksDone));
    }

    [Fact]
    public async Task Submit_OtherNumberOfImages_IsRefusedAloneAndNotStored()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await cluster.ImportAsync(await cluster.CreateJobAsync(), "Dog", 2);
        var good = TestCluster.Answer(0, "bob", "cd");
        Assert.Equal(
            [SubmissionOutcome.OtherImages, SubmissionOutcome.Accepted, SubmissionOutcome.OtherImages],
            await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "c"), good, TestCluster.Answer(0, "carl", "ccc")));
        var receipt = await cluster.Partition(address).SubmitAsync(new Submissions([TestCluster.Answer(0, "ann", "--c")], ArePartial: true));
        Assert.Equal([SubmissionOutcome.OtherImages], receipt.Outcomes);
        Assert.Equal([good], await cluster.SubmissionsAsync(address));
        Assert.Equal(2, (await cluster.TallyAsync(address)).Votes);
    }

    [Fact]
    public async Task Submit_UnknownTask_IsRefusedAloneAndNotStored()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await cluster.ImportAsync(await cluster.CreateJobAsync(), "Dog", 2);
        var good = TestCluster.Answer(0, "ann", "cd");
        Assert.Equal([SubmissionOutcome.UnknownTask, SubmissionOutcome.Accepted], await cluster.SubmitAsync(address, TestCluster.Answer(1, "ann", "cd"), good));
        Assert.Equal([good], await cluster.SubmissionsAsync(address));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Submit_MoreWorkersThanATaskTakes_RefusesTheNewOnesOnlyHoweverTheyCome(bool inOneCall)
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await cluster.ImportAsync(await cluster.CreateJobAsync(), "Dog", 1);
        var all = Enumerable.Range(0, AnswerSet.MaxWorkers + 14).Select(number => TestCluster.Answer(0, $"w{number:d3}", "c")).ToArray();
        var outcomes = inOneCall ? await cluster.SubmitAsync(address, all)
            : [.. (await Task.WhenAll(all.Select(submission => cluster.SubmitAsync(address, submission)))).SelectMany(outcome => outcome)];
        Assert.Equal(14, outcomes.Count(outcome => outcome == SubmissionOutcome.TooManyWorkers));
        Assert.Equal(AnswerSet.MaxWorkers, outcomes.Count(outcome => outcome == SubmissionOutcome.Accepted));
        var taken = all[outcomes.IndexOf(SubmissionOutcome.Accepted)].Worker.Value;
        Assert.Equal(
            [SubmissionOutcome.TooManyWorkers, SubmissionOutcome.Accepted],
            await cluster.SubmitAsync(address, TestCluster.Answer(0, "late", "c"), TestCluster.Answer(0, taken, "d", 2)));
        var tally = await cluster.TallyAsync(address);
        Assert.Equal((AnswerSet.MaxWorkers, 1), (tally.Votes, tally.All.Split));
    }

    [Fact]
    public async Task Submit_MoreOftenThanAWorkerMay_RefusesTheRestAndNobodyElse()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await cluster.ImportAsync(await cluster.CreateJobAsync(), "Dog", 1);
        var all = Enumerable.Range(1, Submission.MaxPerWorker + 1).Select(ticks => TestCluster.Answer(0, "ann", "c", ticks)).ToArray();
        var outcomes = await cluster.SubmitAsync(address, all);
        Assert.Equal(SubmissionOutcome.TooManySubmissions, outcomes[^1]);
        Assert.All(outcomes.Take(Submission.MaxPerWorker), outcome => Assert.Equal(SubmissionOutcome.Accepted, outcome));
        // What stands may come again.
        Assert.Equal(
            [SubmissionOutcome.TooManySubmissions, SubmissionOutcome.Accepted, SubmissionOutcome.Accepted],
            await cluster.SubmitAsync(address, all[^1], all[^2], TestCluster.Answer(0, "bob", "c")));
        Assert.Equal((Submission.MaxPerWorker + 1, 2), ((await cluster.SubmissionsAsync(address)).Count, (await cluster.TallyAsync(address)).Votes));
    }

    [Fact]
    public async Task Submit_StoreRefusedThem_TheyHoldNoPlaceOfATask()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.RepairInterval = TimeSpan.FromHours(1));
        var address = await cluster.ImportAsync(await cluster.CreateJobAsync(), "Dog", 1);
        cluster.Store.OnAppend = _ => Fault.Fail;
        var all = Enumerable.Range(0, AnswerSet.MaxWorkers).Select(number => TestCluster.Answer(0, $"w{number}", "c")).ToArray();
        await Assert.ThrowsAsync<StorageException>(() => cluster.SubmitAsync(address, all));
        cluster.Store.OnAppend = _ => Fault.None;
        Assert.All(await cluster.SubmitAsync(address, all), outcome => Assert.Equal(SubmissionOutcome.Accepted, outcome));
        Assert.Equal(AnswerSet.MaxWorkers, (await cluster.TallyAsync(address)).Votes);
    }

    [Fact]
    public async Task Submit_JobDeleted_IsGoneAndStoresNothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", 1);
        await cluster.Job(job).DeleteAsync(job.Incarnation);
        await cluster.EndOfAsync(job, OperationKind.Delete);
        var receipt = await cluster.Partition(address).SubmitAsync(new Submissions([TestCluster.Answer(0, "ann", "c")], ArePartial: false));
        Assert.True(receipt.IsGone);
        Assert.Empty(cluster.Store.Appended);
        Assert.Null(await cluster.Class(address).GetTallyAsync());
    }

    [Fact]
    public async Task GetTasks_WholeAndPartialAnswers_NamesThoseWhoAnsweredAll()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2, WorkersPerTask = 2 });
        var address = await cluster.ImportAsync(job, "Dog", 5);
        await cluster.SubmitAsync(
            address, TestCluster.Answer(0, "bob", "cd"), TestCluster.Answer(0, "ann", "tn"), TestCluster.Answer(1, "ann", "c-"), TestCluster.Answer(1, "bob", "-c"), TestCluster.Answer(2, "bob", "c"));
        var tasks = await cluster.Partition(address).GetTasksAsync([.. Enumerable.Range(0, 5).Select(number => new TaskNumber(number))]);
        Assert.Equal([(0, 2, true, "ann bob"), (1, 2, false, ""), (2, 1, false, "bob")], tasks.Select(task => (task.Task.Value, task.Images, task.Done, string.Join(' ', task.Workers))));
        Assert.Equal(1, (await cluster.TallyAsync(address)).TasksDone);
    }

    /// <summary>Votes and verdicts under the unanimous policy, image by image, without a fold.</summary>
    private static (long Votes, long Confirmed, long Disconfirmed, long Split) CountByHand(List<Submission> submissions)
    {
        var (votes, confirmed, disconfirmed, split) = (0, 0, 0, 0);
        var answers = submissions.SelectMany(submission => Enumerable.Range(0, submission.Answers.Count)
            .Where(index => submission.Answers[index] != AnswerKind.None)
            .Select(index => (Image: (submission.Task, index), submission.Worker, submission.At, Kind: submission.Answers[index])));
        foreach (var image in answers.GroupBy(answer => answer.Image))
        {
            var standing = image.GroupBy(answer => answer.Worker).Select(worker => worker.OrderBy(answer => answer.At).ThenBy(answer => answer.Kind).Last().Kind).ToList();
            var (yes, no) = (standing.Count(kind => kind == AnswerKind.Confirm), standing.Count(kind => kind == AnswerKind.Disconfirm));
            votes += yes + no;
            if (yes > 0 && no > 0) split++;
            else if (yes > 0) confirmed++;
            else if (no > 0) disconfirmed++;
        }
        return (votes, confirmed, disconfirmed, split);
    }
}
