using System.Collections.Concurrent;
using BulkQA.Core;

namespace BulkQA.Grains.Tests;

public sealed class DispatchGrainTests
{
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(11);

    [Fact]
    public async Task Lease_SeveralWorkers_GetsEachWhatItHasNotAnsweredAndNoTaskTooOften()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2, WorkersPerTask = 2 });
        var address = await cluster.ImportAsync(job, "Dog", 4);
        var ann = (await LeaseAsync(cluster, job, "ann"))!;
        Assert.Equal((0, 2), (ann.Answered, ann.Total));
        Assert.Equal(ann, await LeaseAsync(cluster, job, "ann"));
        var others = await Task.WhenAll(Enumerable.Range(0, 3).Select(number => LeaseAsync(cluster, job, $"w{number}")));
        Assert.All(others.Append(ann).GroupBy(lease => lease!.Task), group => Assert.Equal(2, group.Count()));
        Assert.Null(await LeaseAsync(cluster, job, "late"));

        await cluster.SubmitAsync(address, TestCluster.Answer(ann.Task.Value, "ann", "cc"));
        Assert.Null(await LeaseAsync(cluster, job, "ann"));
        await cluster.RestartAsync(gracefully: false);
        // The leases are forgotten, the answers are not.
        var next = (await LeaseAsync(cluster, job, "ann"))!;
        Assert.NotEqual(ann.Task, next.Task);
        Assert.Equal((1, 2), (next.Answered, next.Total));
    }

    [Fact]
    public async Task Pass_TheLastTask_IsWantedByOthersAtOnceAndByTheWorkerAfterALease()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Time.Stop();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2, WorkersPerTask = 1 });
        await cluster.ImportAsync(job, "Dog", 2);
        await cluster.ImportAsync(job, "Elk", 2, "s3://e/");
        var (ann, bob) = (WorkerId.Create("ann"), WorkerId.Create("bob"));
        var dogs = (await LeaseAsync(cluster, job, "ann"))!.Task;
        Assert.NotEqual(dogs, (await LeaseAsync(cluster, job, "bob"))!.Task);
        // Nobody could get a task now, and dispatch knows.
        Assert.Null(await LeaseAsync(cluster, job, "carl"));
        Assert.True(await cluster.Service<TaskListing>().PassAsync(job, dogs, ann));
        Assert.Null(await LeaseAsync(cluster, job, "ann"));
        TaskLease? carl = null;
        await TestCluster.EventuallyAsync(async () => (carl = await LeaseAsync(cluster, job, "carl")) is not null, "carl gets what ann passed over");
        Assert.Equal(dogs, carl!.Task);
        Assert.True(await cluster.Service<TaskListing>().PassAsync(job, dogs, WorkerId.Create("carl")));
        cluster.Time.Ahead += new GrainsOptions().LeaseDuration;
        Assert.Equal(dogs, (await LeaseAsync(cluster, job, "ann"))!.Task);
        Assert.False(await cluster.Service<TaskListing>().PassAsync(job, new TaskNumber(1_000), bob));
    }

    [Fact]
    public async Task Lease_AnsweredImageByImage_IsNotHandedOutAgain()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2 });
        var address = await cluster.ImportAsync(job, "Dog", 4);
        foreach (var url in (string[])["s3://b/0", "s3://b/1"])
            await cluster.Router.SubmitAsync(address, [new UrlAnswer(ImageUrl.Create(url), new ImageAnswer(WorkerId.Create("ann"), AnswerKind.NotSeen, new SubmissionTime(1)))], AnswerSource.Rest);
        var lease = (await LeaseAsync(cluster, job, "ann"))!;
        Assert.Equal((1, 1, 2), (lease.Task.Value, lease.Answered, lease.Total));
    }

    [Fact]
    public async Task Lease_SeveralClasses_GoInOrderAndAWorkerStaysWithItsOwn()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1, WorkersPerTask = 2 });
        foreach (var label in (string[])["Bee", "Ant", "Cow"]) await cluster.ImportAsync(job, label, 2);
        // Numbers 0 and 1 are Bees, 2 and 3 Ants, 4 and 5 Cows.
        Assert.Equal([2, 3, 0], await DrainAsync(cluster, job, "ann", 3));
        Assert.Equal([2, 3], await DrainAsync(cluster, job, "bob", 2));
        // New Ants come before Bees, but not for who is at the Bees.
        await cluster.ImportAsync(TestCluster.ClassOf(job, "Ant"), TestCluster.Images(1, "s3://new/"));
        Assert.Equal([1, 4, 5, 6], await DrainAsync(cluster, job, "ann", 5));
        Assert.Equal([6, 0, 1, 4, 5], await DrainAsync(cluster, job, "bob", 6));
        Assert.Null(await LeaseAsync(cluster, job, "late"));
    }

    [Fact]
    public async Task Lease_ClassWithoutTasks_IsLeftAloneForAWhile()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Time.Stop();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1, WorkersPerTask = 1 });
        await cluster.ImportAsync(job, "Ant", 1);
        await cluster.ImportAsync(job, "Bee", 9);
        Assert.Equal([0, 1], await DrainAsync(cluster, job, "ann", 2));
        var asked = CountLeases(cluster);
        Assert.Equal([2], await DrainAsync(cluster, job, "bob", 1));
        Assert.Equal(["Bee"], asked.Distinct());
        cluster.Time.Ahead += _rest;
        Assert.Equal([3], await DrainAsync(cluster, job, "carl", 1));
        Assert.Equal(["Ant", "Bee"], asked.Distinct().Order());
    }

    [Fact]
    public async Task Lease_NewImagesOfAClassThatRests_AreFoundBeforeItsRestEnds()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Time.Stop();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1, WorkersPerTask = 1 });
        var address = await cluster.ImportAsync(job, "Ant", 1);
        Assert.Equal([0], await DrainAsync(cluster, job, "ann", 2));
        Assert.Null(await LeaseAsync(cluster, job, "bob"));
        await cluster.ImportAsync(address, TestCluster.Images(2, "s3://new/"));
        TaskLease? found = null;
        await TestCluster.EventuallyAsync(async () => (found = await LeaseAsync(cluster, job, "bob")) is not null, "the new images are found");
        Assert.Equal((0, 3), (found!.Answered, found.Total));
    }

    [Fact]
    public async Task Lease_NewImagesOfAnActivationThatNobodyAsked_AreFoundBeforeTheRestEnds()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Time.Stop();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1, WorkersPerTask = 1 });
        var address = await cluster.ImportAsync(job, "Ant", 1);
        Assert.Equal([0], await DrainAsync(cluster, job, "ann", 2));
        Assert.Null(await LeaseAsync(cluster, job, "bob"));
        await cluster.DeactivateAsync(new PartitionAddress(address, 0));
        await cluster.ImportAsync(address, TestCluster.Images(1, "s3://new/"));
        await TestCluster.EventuallyAsync(async () => await LeaseAsync(cluster, job, "bob") is { Total: 2 }, "the new image is found");
    }

    [Fact]
    public async Task Lease_NewClasses_AreFoundAtOnce()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Time.Stop();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1 });
        Assert.Null(await LeaseAsync(cluster, job, "ann"));
        await cluster.ImportAsync(job, "Bee", 1);
        Assert.Equal([0], await DrainAsync(cluster, job, "ann", 2));
        await cluster.ImportAsync(job, "Ant", 1);
        var lease = (await LeaseAsync(cluster, job, "ann"))!;
        Assert.Equal((1, 1, 2), (lease.Task.Value, lease.Answered, lease.Total));
    }

    [Fact]
    public async Task Lease_OfAnotherExpires_IsGivenToWhoAsksThen()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Time.Stop();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1, WorkersPerTask = 1 });
        await cluster.ImportAsync(job, "Ant", 1);
        var ann = (await LeaseAsync(cluster, job, "ann"))!;
        Assert.Equal(cluster.Time.GetUtcNow() + TimeSpan.FromMinutes(10), ann.ExpiresAt);
        Assert.Null(await LeaseAsync(cluster, job, "bob"));
        cluster.Time.Ahead += TimeSpan.FromMinutes(10) - TimeSpan.FromTicks(1);
        Assert.Null(await LeaseAsync(cluster, job, "bob"));
        cluster.Time.Ahead += TimeSpan.FromTicks(1);
        // The class rests no longer than that lease lasted.
        Assert.Equal(ann.Task, (await LeaseAsync(cluster, job, "bob"))!.Task);
        Assert.Null(await LeaseAsync(cluster, job, "ann"));
    }

    [Fact]
    public async Task Lease_HeldOfAClassThatRests_IsGivenAgainAndCountsWhatWasAnsweredThere()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.ReportInterval = TimeSpan.FromHours(1));
        cluster.Time.Stop();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1, WorkersPerTask = 1 });
        var ants = await cluster.ImportAsync(job, "Ant", 1);
        await cluster.ImportAsync(job, "Bee", 3);
        var ann = (await LeaseAsync(cluster, job, "ann"))!;
        Assert.Equal(1, (await LeaseAsync(cluster, job, "bob"))!.Task.Value);
        Assert.Equal(ann, await LeaseAsync(cluster, job, "ann"));
        await cluster.SubmitAsync(ants, TestCluster.Answer(0, "ann", "c"));
        var next = (await LeaseAsync(cluster, job, "ann"))!;
        Assert.Equal((2, 1, 4), (next.Task.Value, next.Answered, next.Total));
        // A report of before that comes now takes nothing back.
        var partition = new PartitionAddress(ants, 0);
        var epoch = (await cluster.Facts.ReadHeadAsync(partition, TestContext.Current.CancellationToken))!.Epoch;
        await cluster.Dispatch(job).ReportAsync(new PartitionProgress(partition.Key, epoch, 100, 1, false, [KeyValuePair.Create(WorkerId.Create("ann"), 0)]));
        Assert.Equal(next, await LeaseAsync(cluster, job, "ann"));
    }

    [Fact]
    public async Task Lease_PartitionOpenedLater_CountsItsTasksAndAnswersToo()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxImagesPerPartition = 100);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 50, WorkersPerTask = 1 });
        var address = await cluster.ImportAsync(job, "Dog", 100);
        Assert.Equal([0, 1], await DrainAsync(cluster, job, "ann", 2));
        await cluster.ImportAsync(address, TestCluster.Images(100, "s3://new/"));
        Assert.Equal(2, await cluster.Class(address).CountPartitionsAsync());
        TaskLease? lease = null;
        await TestCluster.EventuallyAsync(async () => (lease = await LeaseAsync(cluster, job, "ann")) is { Total: 4 }, "the tasks of the second partition count");
        Assert.Equal((2, 2), (lease!.Task.Value, lease.Answered));
        await cluster.Partition(address, 1).SubmitAsync(new Submissions([TestCluster.Answer(2, "ann", new string('c', 50))], ArePartial: false));
        lease = (await LeaseAsync(cluster, job, "ann"))!;
        Assert.Equal((3, 3, 4), (lease.Task.Value, lease.Answered, lease.Total));
    }

    [Fact]
    public async Task Lease_AnsweredElsewhere_CountsOnceThatIsReported()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1, WorkersPerTask = 1 });
        await cluster.ImportAsync(job, "Ant", 1);
        var cows = await cluster.ImportAsync(job, "Cow", 2);
        Assert.Equal(0, (await LeaseAsync(cluster, job, "ann"))!.Answered);
        // Not what she was given, such as by queue.
        await cluster.SubmitAsync(cows, TestCluster.Answer(2, "ann", "c"));
        await TestCluster.EventuallyAsync(async () => await LeaseAsync(cluster, job, "ann") is { Answered: 1, Total: 3 }, "the answer to another class counts");
        // After a new activation of both, too.
        await cluster.RestartAsync(gracefully: true);
        Assert.Equal((1, 3), await NumbersAsync());
        await cluster.SubmitAsync(cows, TestCluster.Answer(1, "ann", "c"));
        await TestCluster.EventuallyAsync(async () => await NumbersAsync() == (2, 3), "the next answer counts");

        async Task<(int, int)> NumbersAsync() => await LeaseAsync(cluster, job, "ann") is { } lease ? (lease.Answered, lease.Total) : default;
    }

    [Fact]
    public async Task Lease_ManyWorkersAtOnce_AnswerEverythingOnceAndTheNumbersAddUp()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1, WorkersPerTask = 2 });
        var addresses = new List<ClassAddress>();
        foreach (var label in (string[])["Ant", "Bee", "Cow"]) addresses.Add(await cluster.ImportAsync(job, label, 20));
        var given = new ConcurrentBag<(int Task, string Worker)>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
        {
            var (worker, answered) = ($"w{number}", 0);
            while (await LeaseAsync(cluster, job, worker) is { } lease)
            {
                Assert.Equal((answered, 60), (lease.Answered, lease.Total));
                given.Add((lease.Task.Value, worker));
                await cluster.SubmitAsync(addresses[lease.Task.Value / 20], TestCluster.Answer(lease.Task.Value, worker, "c"));
                answered++;
            }
        }));
        // Who found nothing left while others held the last ones is done too.
        Assert.Equal((120, 120), (given.Count, given.Distinct().Count()));
        Assert.All(given.GroupBy(lease => lease.Task), group => Assert.Equal(2, group.Count()));
        foreach (var address in addresses) Assert.Equal((20, 40), ((await cluster.TallyAsync(address)).TasksDone, (await cluster.TallyAsync(address)).Votes));
    }

    [Fact]
    public async Task Report_LateOrTwice_ChangesNothing()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.ReportInterval = TimeSpan.FromHours(1));
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1 });
        var address = await cluster.ImportAsync(job, "Ant", 3);
        var partition = new PartitionAddress(address, 0);
        Assert.Equal(3, (await LeaseAsync(cluster, job, "ann"))!.Total);
        var epoch = (await cluster.Facts.ReadHeadAsync(partition, TestContext.Current.CancellationToken))!.Epoch;
        var news = new PartitionProgress(partition.Key, epoch, 100, 7, true, [KeyValuePair.Create(WorkerId.Create("bob"), 2)]);
        foreach (var report in (PartitionProgress[])[news, news, news with { Sequence = 99, Tasks = 5 }, news with { Epoch = epoch - 1, Sequence = 200, Tasks = 5 }])
        {
            await cluster.Dispatch(job).ReportAsync(report);
            Assert.Equal((0, 7), await NumbersAsync("ann"));
        }
        // Of bob it said what is not so, and he hears what is.
        Assert.Equal((0, 7), await NumbersAsync("bob"));
        await cluster.Dispatch(job).ReportAsync(news with { Epoch = epoch + 1, Sequence = 0, Tasks = 9, Answered = [KeyValuePair.Create(WorkerId.Create("carl"), 1)] });
        Assert.Equal((0, 9), await NumbersAsync("ann"));
        // Of a class that nobody knows.
        await cluster.Dispatch(job).ReportAsync(news with { Partition = new PartitionAddress(TestCluster.ClassOf(job, "None"), 0).Key });
        Assert.Equal((0, 9), await NumbersAsync("ann"));

        async Task<(int, int)> NumbersAsync(string worker) => await LeaseAsync(cluster, job, worker) is { } lease ? (lease.Answered, lease.Total) : default;
    }

    [Fact]
    public async Task Report_WhileTheClassesAreAskedForTheFirstTime_IsNotLost()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1 });
        var ants = await cluster.ImportAsync(job, "Ant", 2);
        await cluster.ImportAsync(job, "Bee", 2);
        var (reached, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var reports = new ConcurrentQueue<string>();
        // The Ants have said how far they are; the Bees take their time. A report of the Ants may be on its way already: then it is the one that waits.
        cluster.BeforeCall = async context =>
        {
            if (context.InterfaceMethod.Name == nameof(IDispatchGrain.ReportAsync) && context.Grain is DispatchGrain) reports.Enqueue("");
            if (context.InterfaceMethod.Name != nameof(IPartitionGrain.GetProgressAsync) || context.Grain is not PartitionGrain || !context.TargetId.Key.ToString()!.Contains("Bee", StringComparison.Ordinal)) return;
            reached.TrySetResult();
            await goOn.Task;
        };
        var lease = LeaseAsync(cluster, job, "ann");
        await reached.Task;
        await cluster.Partition(ants).GetProgressAsync();
        cluster.BeforeCall = context =>
        {
            if (context.InterfaceMethod.Name == nameof(IDispatchGrain.ReportAsync) && context.Grain is DispatchGrain) reports.Enqueue("");
            return Task.CompletedTask;
        };
        await cluster.ImportAsync(ants, TestCluster.Images(3, "s3://new/"));
        await TestCluster.EventuallyAsync(() => Task.FromResult(!reports.IsEmpty), "the Ants report");
        goOn.SetResult();
        await lease;
        await TestCluster.EventuallyAsync(async () => await LeaseAsync(cluster, job, "ann") is { Total: 7 }, "what was reported counts");
    }

    [Fact]
    public async Task Lease_JobClosedOrDeleted_GivesNothing()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.SweepAgainAfter = TimeSpan.FromHours(1));
        var job = await cluster.CreateJobAsync();
        await cluster.ImportAsync(job, "Ant", 1);
        Assert.NotNull(await LeaseAsync(cluster, job, "ann"));
        await cluster.Job(job).ChangeAsync(null, JobState.Closed);
        Assert.Null(await LeaseAsync(cluster, job, "ann"));
        await cluster.Job(job).ChangeAsync(null, JobState.Open);
        Assert.NotNull(await LeaseAsync(cluster, job, "ann"));
        await cluster.Job(job).DeleteAsync(job.Incarnation);
        Assert.Null(await LeaseAsync(cluster, job, "ann"));
        Assert.Null(await LeaseAsync(cluster, job with { Incarnation = Incarnation.New(JobName.Create("never")) }, "ann"));
    }

    private static Task<TaskLease?> LeaseAsync(TestCluster cluster, JobInfo job, string worker) => cluster.Dispatch(job).LeaseAsync(WorkerId.Create(worker));

    /// <summary>Has a worker take and answer tasks of one image until there is none, or so many; their numbers.</summary>
    private static async Task<IReadOnlyList<int>> DrainAsync(TestCluster cluster, JobInfo job, string worker, int most)
    {
        var tasks = new List<int>();
        while (tasks.Count < most && await LeaseAsync(cluster, job, worker) is { Task: var task })
        {
            tasks.Add(task.Value);
            var images = (await cluster.Service<TaskListing>().FindAsync(job, task))!.Content.Images.Length;
            var outcomes = await cluster.Router.SubmitAsync(job.Incarnation, [TestCluster.Answer(task.Value, worker, new string('c', images))]);
            Assert.Equal([SubmissionOutcome.Accepted], outcomes!.Value);
        }
        return tasks;
    }

    /// <summary>The labels of the classes that are asked for a lease from now on.</summary>
    private static ConcurrentQueue<string> CountLeases(TestCluster cluster)
    {
        var asked = new ConcurrentQueue<string>();
        cluster.BeforeCall = context =>
        {
            if (context.InterfaceMethod.Name == nameof(IClassGrain.LeaseAsync) && context.Grain is ClassGrain) asked.Enqueue(ClassAddress.Parse(context.TargetId.Key.ToString()!).Label.Value);
            return Task.CompletedTask;
        };
        return asked;
    }
}
