using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

public sealed class FollowUpTests
{
    private static readonly JobDraft _draft = new() { BatchSize = 4, WorkersPerTask = 2, MaxWorkersPerTask = 5, Policy = VerdictPolicy.Majority };

    private long _ticks = 1;

    /// <summary>Workers who are each right about most images answer until none is left; every image is wrong whose number is divisible by seven.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Drain_SeveralWorkers_AsksFurtherOfExactlyTheImagesInDoubtAndNobodyTwice(bool? restart)
    {
        await using var cluster = await TestCluster.StartAsync(TwoPartitions);
        var job = await cluster.CreateJobAsync(draft: _draft with { BatchSize = 20 });
        var address = await cluster.ImportAsync(job, "Dog", 100);
        await cluster.ImportAsync(address, TestCluster.Images(20, "s3://c/"));
        Assert.Equal(2, await cluster.Class(address).CountPartitionsAsync());
        var (given, random, workers) = (new Dictionary<ImageUrl, Dictionary<string, bool>>(), new Random(3), Enumerable.Range(0, 7).Select(number => $"w{number}").ToList());
        for (var (turn, idle) = (0, 0); idle < workers.Count; turn++)
        {
            if (turn == 30 && restart is { } gracefully) await cluster.RestartAsync(gracefully, TwoPartitions);
            var worker = workers[turn % workers.Count];
            if (await cluster.Dispatch(job).LeaseAsync(WorkerId.Create(worker)) is not { } lease)
            {
                idle++;
                continue;
            }
            idle = 0;
            Assert.InRange(lease.Answered, 0, lease.Total - 1);
            var content = (await cluster.Service<TaskListing>().FindAsync(job, lease.Task))!;
            var answers = "";
            foreach (var image in content.Images)
            {
                var vote = random.Next(4) > 0 == int.Parse(image.Url.Value["s3://b/".Length..], System.Globalization.CultureInfo.InvariantCulture) % 7 > 0;
                if (!given.TryGetValue(image.Url, out var votes)) given[image.Url] = votes = [];
                if (votes.Count >= 2)
                {
                    var (confirms, left) = (votes.Values.Count(confirm => confirm), 5 - votes.Count);
                    var lead = Math.Abs(confirms - (votes.Count - confirms));
                    Assert.True(lead < 2 && lead <= left, $"{image.Url} was asked about after {confirms} of {votes.Count}");
                }
                Assert.True(votes.TryAdd(worker, vote), $"{worker} was asked about {image.Url} twice");
                answers += vote ? 'c' : 'd';
            }
            Assert.Equal([SubmissionOutcome.Accepted], (await cluster.Router.SubmitAsync(job.Incarnation, [TestCluster.Answer(lease.Task.Value, worker, answers, ++_ticks)]))!.Value);
        }
        var tally = await cluster.TallyAsync(address);
        Assert.Equal((120, 0, given.Values.Sum(votes => votes.Count)), (tally.All.Reviewed, tally.InDoubt, tally.Votes));
        Assert.Contains(given.Values, votes => votes.Count > 2);
        Assert.Equal((6, 6), (tally.Tasks, tally.TasksDone));
        Assert.Equal(tally, await cluster.FoldAsync(job, address));
        var audit = await cluster.AuditAsync(job);
        Assert.Equal((120, 0), (audit.Images, audit.Differences));
        Assert.Equal(6, (await cluster.Service<TaskListing>().ReadAsync(job, 0, await cluster.Numbers(job).CountAsync(), withGold: true)).Count);

        static void TwoPartitions(GrainsOptions options) => options.MaxImagesPerPartition = 100;
    }

    [Fact]
    public async Task Lease_Unanswered_GoesToAnotherAndTheLateAnswerCounts()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Time.Stop();
        var (job, address) = await DoubtAsync(cluster);
        var first = (await LeaseAsync(cluster, job, "carl"))!;
        Assert.Null(await LeaseAsync(cluster, job, "dora"));
        cluster.Time.Ahead += new GrainsOptions().LeaseDuration;
        // Nobody has answered it: it is not gathered once more.
        Assert.Equal(first.Task, (await LeaseAsync(cluster, job, "dora"))!.Task);
        var submission = TestCluster.Answer(first.Task.Value, "carl", "cc", 9);
        foreach (var _ in Enumerable.Range(0, 2)) Assert.Equal([SubmissionOutcome.Accepted], await SubmitAsync(cluster, job, submission));
        Assert.Equal([SubmissionOutcome.Accepted], await SubmitAsync(cluster, job, TestCluster.Answer(first.Task.Value, "dora", "cd", 10)));
        var tally = await cluster.TallyAsync(address);
        Assert.Equal(16 + 4, tally.Votes);
        // Three to one is enough; two to two is not.
        Assert.Equal(1, tally.InDoubt);
        Assert.Equal(tally, await cluster.FoldAsync(job, address));
    }

    [Fact]
    public async Task Lease_OthersAreSlowWithFirstAnswers_ShortFollowUpWaitsForTenMinutes()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Time.Stop();
        var (job, address) = await DoubtAsync(cluster);
        await cluster.ImportAsync(address, TestCluster.Images(4, "s3://c/"));
        await cluster.SubmitAsync(address, TestCluster.Answer(2, "carl", "cccc"));
        // The new task wants another worker, and carl has answered it.
        Assert.Null(await LeaseAsync(cluster, job, "carl"));
        cluster.Time.Ahead += FollowUpDispatch.LongestWait / 2;
        Assert.Null(await LeaseAsync(cluster, job, "carl"));
        cluster.Time.Ahead += FollowUpDispatch.LongestWait / 2;
        var content = (await cluster.Service<TaskListing>().FindAsync(job, (await LeaseAsync(cluster, job, "carl"))!.Task))!;
        Assert.Equal(["s3://b/0", "s3://b/1"], content.Images.Select(image => image.Url.Value));
    }

    [Fact]
    public async Task Lease_AfterACrash_OldFollowUpsStillTakeAnswers()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await DoubtAsync(cluster);
        var lease = (await LeaseAsync(cluster, job, "carl"))!;
        await cluster.RestartAsync(gracefully: false);
        Assert.NotNull(await LeaseAsync(cluster, job, "dora"));
        Assert.Equal([SubmissionOutcome.Accepted], await SubmitAsync(cluster, job, TestCluster.Answer(lease.Task.Value, "carl", "cc", 9)));
        Assert.Equal(18, (await cluster.TallyAsync(address)).Votes);
        Assert.Equal([SubmissionOutcome.OtherImages], await SubmitAsync(cluster, job, TestCluster.Answer(lease.Task.Value, "carl", "c", 9)));
        Assert.Equal([SubmissionOutcome.UnknownTask], await SubmitAsync(cluster, job, TestCluster.Answer(lease.Task.Value + 1, "carl", "c", 9)));
    }

    [Fact]
    public async Task SiloEnds_FollowUpsOnLoanAndDoubtsGoToAnother()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var (job, address) = await DoubtAsync(cluster);
        var lease = await cluster.Partition(address).LeaseAsync(WorkerId.Create("carl"));
        await cluster.StopSiloOfAsync(cluster.Partition(address));
        var folds = cluster.Store.Folds;
        var again = await cluster.Partition(address).LeaseAsync(WorkerId.Create("carl"));
        Assert.Equal((lease.Task, lease.ExpiresAt), (again.Task, again.ExpiresAt));
        Assert.Null((await cluster.Partition(address).LeaseAsync(WorkerId.Create("dora"))).Task);
        Assert.Equal(2, (await cluster.TallyAsync(address)).InDoubt);
        Assert.Equal(folds, cluster.Store.Folds);
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
        Assert.Equal(lease.Task, (await cluster.Partition(address).LeaseAsync(WorkerId.Create("carl"))).Task);
    }

    [Fact]
    public async Task Lease_StoringFails_ImagesAreGatheredByTheNextCall()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await DoubtAsync(cluster);
        var tries = new List<TaskNumber>();
        cluster.Store.OnInsert = content =>
        {
            tries.Add(content.Number);
            return tries.Count switch { 1 => Fault.Fail, 2 => Fault.LoseAnswer, _ => Fault.None };
        };
        foreach (var _ in Enumerable.Range(0, 2)) await Assert.ThrowsAnyAsync<Exception>(() => cluster.Partition(address).LeaseAsync(WorkerId.Create("carl")));
        // What may or may not be stored is handed out to nobody.
        Assert.Equal(tries[0].Value + 2, (await cluster.Partition(address).LeaseAsync(WorkerId.Create("carl"))).Task!.Value.Value);
        Assert.Equal(2, (await cluster.TallyAsync(address)).InDoubt);
    }

    [Fact]
    public async Task Rules_SetAsideAndPolicy_DecideAnewWhatIsInDoubt()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await DoubtAsync(cluster);
        await cluster.Job(job).ChangeAsync(VerdictPolicy.Quorum(3), null);
        // All are short of three votes.
        Assert.Equal(8, (await cluster.TallyAsync(address)).InDoubt);
        var bob = WorkerId.Create("bob");
        await cluster.Job(job).SetAsideAsync(job.Incarnation, bob, new SetAsideWorker(bob, "asleep", "lead", cluster.Time.GetUtcNow()));
        // A first answer is missing again, and tasks ask for it.
        Assert.Equal(0, (await cluster.TallyAsync(address)).InDoubt);
        Assert.InRange((await LeaseAsync(cluster, job, "carl"))!.Task.Value, 0, 1);
        await Assert.ThrowsAsync<BadInputException>(() => cluster.Job(job).ChangeAsync(VerdictPolicy.Unanimous, null));
    }

    [Fact]
    public async Task Adjudicated_ImageInDoubt_IsAskedAboutNoMore()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await DoubtAsync(cluster);
        await cluster.Partition(address).AdjudicateAsync(new Adjudication(new TaskNumber(0), 0, new SubmissionTime(5), "op", Verdict.Confirmed));
        Assert.Equal(1, (await cluster.TallyAsync(address)).InDoubt);
    }

    [Fact]
    public async Task Pass_FollowUp_IsForOthers()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, _) = await DoubtAsync(cluster);
        var lease = (await LeaseAsync(cluster, job, "carl"))!;
        Assert.True(await cluster.Service<TaskListing>().PassAsync(job, lease.Task, WorkerId.Create("carl")));
        Assert.Null(await LeaseAsync(cluster, job, "carl"));
        await TestCluster.EventuallyAsync(async () => (await LeaseAsync(cluster, job, "dora"))?.Task == lease.Task, "dora gets what carl passed over");
    }

    [Fact]
    public async Task LabelingJob_OfImagesInDoubt_ListsFollowUpsOfAllOfThemWhoseAnswersCount()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await DoubtAsync(cluster);
        await cluster.Operations(job).StartAsync(OperationKind.LabelingJob, job.Incarnation, """{"name":"further","inDoubt":true}""");
        await TestCluster.EventuallyAsync(async () => (await cluster.Operations(job).ListAsync()).Any(operation => operation.State == OperationState.Waiting), "inputs and manifest are written");
        var objects = cluster.Service<JobObjects>();
        using var manifest = new StreamReader((await cluster.Objects.OpenReadAsync(objects.FurtherManifest(job.Incarnation, "further"), TestContext.Current.CancellationToken))!);
        var lines = (await manifest.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(ObjectUri.TryParse(Manifest.SourceRefOf(Assert.Single(lines)), out var uri));
        using var inputs = new StreamReader((await cluster.Objects.OpenReadAsync(uri, TestContext.Current.CancellationToken))!);
        var text = await inputs.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal((true, true, false), (text.Contains("s3://b/0", StringComparison.Ordinal), text.Contains("s3://b/1", StringComparison.Ordinal), text.Contains("s3://b/2", StringComparison.Ordinal)));
        Assert.Null(await cluster.Objects.OpenReadAsync(objects.Manifest(job.Incarnation), TestContext.Current.CancellationToken));
        // Several workers answer an object; one who has answered before replaces what it said.
        var task = Manifest.TaskOf(uri)!.Value.Task.Value;
        var answers = ((string[])["carl", "dora", "ann"]).Select(worker => TestCluster.Answer(task, worker, "dd", 9)).ToImmutableArray();
        Assert.All((await cluster.Router.SubmitAsync(job.Incarnation, answers))!.Value, outcome => Assert.Equal(SubmissionOutcome.Accepted, outcome));
        var tally = await cluster.TallyAsync(address);
        Assert.Equal((0, 16 + 4, 2), (tally.InDoubt, tally.Votes, tally.All.Disconfirmed));
        Assert.Equal(tally, await cluster.FoldAsync(job, address));
    }

    [Fact]
    public async Task Gather_MoreImagesThanAPass_TakesEachOnceByPagesOfOneWriteEach()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: _draft with { BatchSize = 30 });
        var address = await cluster.ImportAsync(job, "Dog", 500);
        for (var task = 0; task < 17; task++)
            foreach (var (worker, answer) in ((string, char)[])[("ann", 'c'), ("bob", 'd')])
                await cluster.SubmitAsync(address, TestCluster.Answer(task, worker, new string(answer, task < 16 ? 30 : 20)));
        Assert.Equal(500, (await cluster.TallyAsync(address)).InDoubt);
        var writes = new List<IReadOnlyList<TaskContent>>();
        cluster.Store.BeforeInsert = written =>
        {
            writes.Add(written);
            return Task.CompletedTask;
        };
        var (pages, tasks) = (0, new List<TaskNumber>());
        for (string? next = null; pages == 0 || next is not null; pages++)
        {
            var page = await cluster.Partition(address).GatherAsync(answers: 1, next, most: int.MaxValue);
            tasks.AddRange(page.Tasks);
            next = page.Next;
        }
        Assert.Equal((3, 3, 17), (pages, writes.Count, tasks.Count));
        Assert.All(writes, written => Assert.InRange(written.Sum(content => content.Images.Length), 1, 200));
        Assert.Equal(tasks, writes.SelectMany(written => written).Select(content => content.Number));
        Assert.Equal(500, writes.SelectMany(written => written).SelectMany(content => content.Images).Select(image => image.Url).Distinct().Count());
    }

    [Fact]
    public async Task Gather_MoreFollowUpsThanALabelingJobTakes_WritesNoneBeyond()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: _draft with { BatchSize = 1 });
        var address = await cluster.ImportAsync(job, "Dog", 6);
        for (var task = 0; task < 6; task++) await cluster.SubmitAsync(address, TestCluster.Answer(task, "ann", "c"), TestCluster.Answer(task, "bob", "d"));
        var written = 0;
        cluster.Store.BeforeInsert = contents =>
        {
            written += contents.Count;
            return Task.CompletedTask;
        };
        Assert.Equal(4, (await FurtherLabeling.GatherAsync(cluster.Grains, job.Incarnation, answers: 3, most: 4, TestContext.Current.CancellationToken)).Count);
        Assert.Equal(4, written);
    }

    [Fact]
    public async Task Gather_ImagesOfWhichFewerAnswersAreLeft_AreLeftOut()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await DoubtAsync(cluster);
        // The first of the two has a third answer, and is in doubt still.
        await cluster.Router.SubmitAsync(address, [new UrlAnswer(ImageUrl.Create("s3://b/0"), new ImageAnswer(WorkerId.Create("carl"), AnswerKind.CantTell, new SubmissionTime(7)))], AnswerSource.Rest);
        Assert.Equal(2, (await cluster.TallyAsync(address)).InDoubt);
        Assert.Equal(["s3://b/1"], await GatheredAsync(3));
        Assert.Equal(["s3://b/0", "s3://b/1"], await GatheredAsync(2));

        async Task<string[]> GatheredAsync(int answers)
        {
            var tasks = await FurtherLabeling.GatherAsync(cluster.Grains, job.Incarnation, answers, most: 10, TestContext.Current.CancellationToken);
            var contents = await Task.WhenAll(tasks.Select(task => cluster.Service<TaskListing>().FindAsync(job, task)));
            return [.. contents.SelectMany(task => task!.Content.Images).Select(image => image.Url.Value)];
        }
    }

    [Fact]
    public async Task LabelingJob_OfImagesInDoubtThatRuns_KeepsItsManifestWhenStartedAgain()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await DoubtAsync(cluster);
        var before = await ManifestAsync();
        await cluster.Job(job).MirrorLabelingAsync(job.Incarnation, new LabelingJob("further", "arn", "InProgress", 0, 1, 0, null, cluster.Time.GetUtcNow()));
        Assert.Equal(before, await ManifestAsync());

        async Task<string> ManifestAsync()
        {
            var operation = await cluster.Operations(job).StartAsync(OperationKind.LabelingJob, job.Incarnation, """{"name":"further","inDoubt":true}""");
            await TestCluster.EventuallyAsync(async () => (await cluster.Operations(job).GetAsync(operation.Id))!.State == OperationState.Waiting, "the manifest is written");
            await cluster.Operations(job).EndAsync(operation.Id, problem: null);
            using var manifest = new StreamReader((await cluster.Objects.OpenReadAsync(cluster.Service<JobObjects>().FurtherManifest(job.Incarnation, "further"), TestContext.Current.CancellationToken))!);
            return await manifest.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Report_OfFollowUpsByTheReleaseBefore_ChangesNothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await DoubtAsync(cluster);
        var before = (await LeaseAsync(cluster, job, "carl"))!;
        var carl = WorkerId.Create("carl");
        await cluster.Dispatch(job).ReportAsync(new PartitionProgress(new PartitionAddress(address, 0).FollowUps.Key, 1, 1, 7, IsWanted: true, [KeyValuePair.Create(carl, 5)]));
        Assert.Equal(before, await LeaseAsync(cluster, job, "carl"));
    }

    [Fact]
    public async Task Delete_Job_SweepsItsFollowUps()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await DoubtAsync(cluster);
        Assert.NotNull(await LeaseAsync(cluster, job, "carl"));
        var followUps = new PartitionAddress(address, 0).FollowUps;
        Assert.Single(await StoredAsync());
        Assert.True(await cluster.Job(job).DeleteAsync(job.Incarnation));
        await cluster.EndOfAsync(job, OperationKind.Delete);
        Assert.Empty(await StoredAsync());

        async Task<IReadOnlyList<TaskContent>> StoredAsync() =>
            await cluster.Facts.ReadTasksAsync(followUps, new TaskNumber(0), new TaskNumber(int.MaxValue)).ToListAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Two tasks of four images; ann and bob differ on the first two images of all.</summary>
    private static async Task<(JobInfo Job, ClassAddress Address)> DoubtAsync(TestCluster cluster)
    {
        var job = await cluster.CreateJobAsync(draft: _draft);
        var address = await cluster.ImportAsync(job, "Dog", 8);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cccc"), TestCluster.Answer(1, "ann", "cccc"), TestCluster.Answer(0, "bob", "ddcc"), TestCluster.Answer(1, "bob", "cccc"));
        Assert.Equal(2, (await cluster.TallyAsync(address)).InDoubt);
        return (job, address);
    }

    private static Task<TaskLease?> LeaseAsync(TestCluster cluster, JobInfo job, string worker) => cluster.Dispatch(job).LeaseAsync(WorkerId.Create(worker));

    private static async Task<ImmutableArray<SubmissionOutcome>> SubmitAsync(TestCluster cluster, JobInfo job, Submission submission) =>
        (await cluster.Router.SubmitAsync(job.Incarnation, [submission]))!.Value;
}
