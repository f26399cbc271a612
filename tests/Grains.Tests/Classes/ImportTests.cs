using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

public sealed class ImportTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, new[] { 3, 3, 1 })]
    [InlineData(false, new[] { 3, 3 })]
    public async Task Import_NewImages_AreCutInTheirOrderAndTheRemainderAsAsked(bool cutRemainder, int[] sizes)
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await ClassAsync(cluster, new JobDraft { BatchSize = 3 });
        ImmutableArray<CorpusImage> images = [.. TestCluster.Images(5), TestCluster.Image("s3://b/none", null), TestCluster.Image("s3://b/counted", 90) with { Anonymous = new AnonymousVotes(2, 1) }];
        var receipt = await cluster.ImportAsync(address, images, cutRemainder);
        Assert.Equal(7 - sizes.Sum(), receipt.Outcomes.Count(outcome => outcome == ImportOutcome.Leftover));
        Assert.Equal(ImportOutcome.Accepted, receipt.Outcomes[0]);
        var tasks = await cluster.TasksAsync(address);
        Assert.Equal(sizes, tasks.Select(task => task.Images.Length));
        Assert.Equal(images.Take(sizes.Sum()), tasks.SelectMany(task => task.Images));
        var tally = await cluster.TallyAsync(address);
        Assert.Equal((sizes.Sum(), sizes.Length, 1), (tally.All.Total, tally.Tasks, tally.Buckets[^1].Total));
    }

    [Fact]
    public async Task Import_AgainContradictingAndTwiceInAChunk_ChangesNothingAndTellsWhatStands()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await ClassAsync(cluster, new JobDraft { BatchSize = 10 });
        await cluster.ImportAsync(address, [.. TestCluster.Images(20), TestCluster.Image("s3://b/none", null)]);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cccccccccc"));
        var (duplicate, contradiction, leftover) = (ImportOutcome.Duplicate, ImportOutcome.Contradiction, ImportOutcome.Leftover);
        (CorpusImage Image, ImportOutcome Outcome, double? Standing)[] lines =
        [
            (TestCluster.Image("s3://b/0", 80), duplicate, null),
            (TestCluster.Image("s3://b/1", 5), contradiction, 81),
            // What stands is what is stored, and not the line before.
            (TestCluster.Image("s3://b/1", 81), duplicate, null),
            (TestCluster.Image("s3://b/1", 5), contradiction, 81),
            (TestCluster.Image("s3://b/none", null), duplicate, null),
            (TestCluster.Image("s3://b/none", 50), contradiction, double.NaN),
            (TestCluster.Image("s3://b/2", null), contradiction, 82),
            (TestCluster.Image("s3://b/new", 50), leftover, null),
            (TestCluster.Image("s3://b/new", 50), duplicate, null),
            (TestCluster.Image("s3://b/new", 51), contradiction, 50),
            // One score in float32 and in float64.
            (TestCluster.Image("s3://b/3", 83 + 1e-6), duplicate, null),
            (TestCluster.Image("s3://b/3", 83 + 1e-4), contradiction, 83),
        ];
        var receipt = await cluster.ImportAsync(address, [.. lines.Select(line => line.Image)], cutRemainder: false);
        Assert.Equal(lines.Select(line => line.Outcome), receipt.Outcomes);
        Assert.Equal(
            lines.Where(line => line.Outcome == contradiction).Select(line => line.Standing is { } standing and not double.NaN ? Percent.Create(standing) : default(Percent?)), receipt.Standing);
        var tally = await cluster.TallyAsync(address);
        Assert.Equal((21, 10, 3), (tally.All.Total, tally.Votes, tally.Tasks));
    }

    [Fact]
    public async Task Import_Float32ScoresOfTheSameImages_AreDuplicatesAlsoAfterACrash()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await ClassAsync(cluster);
        double[] scores = [0, 0.1, 33.333333333333336, 87.27, 99.99999, 100];
        await cluster.ImportAsync(address, [.. scores.Select((score, number) => TestCluster.Image($"s3://b/{number}", score))]);
        await cluster.RestartAsync(gracefully: false);
        var receipt = await cluster.ImportAsync(address, [.. scores.Select((score, number) => TestCluster.Image($"s3://b/{number}", (float)score))]);
        Assert.All(receipt.Outcomes, outcome => Assert.Equal(ImportOutcome.Duplicate, outcome));
    }

    [Fact]
    public async Task Import_SentAgain_IsAllDuplicatesAndEveryImageIsInExactlyOneTask()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await ClassAsync(cluster);
        await cluster.ImportAsync(address, TestCluster.Images(60));
        Assert.All((await cluster.ImportAsync(address, TestCluster.Images(60))).Outcomes, outcome => Assert.Equal(ImportOutcome.Duplicate, outcome));
        await AssertOnceAsync(cluster, address, 60);
        Assert.Equal(3, (await cluster.TallyAsync(address)).Tasks);
    }

    [Theory]
    [InlineData(Fault.Fail, ImportOutcome.Accepted)]
    [InlineData(Fault.LoseAnswer, ImportOutcome.Duplicate)]
    [InlineData(Fault.LandLate, ImportOutcome.Accepted)]
    public async Task Import_WriteUnconfirmed_IsSettledBeforeTheNextAndEveryImageIsInExactlyOneTask(Fault fault, ImportOutcome again)
    {
        await using var cluster = await TestCluster.StartAsync(options => options.RepairInterval = TimeSpan.FromHours(1));
        var address = await ClassAsync(cluster);
        cluster.Store.OnInsert = _ => fault;
        await Assert.ThrowsAsync<StorageException>(() => cluster.ImportAsync(address, TestCluster.Images(60)));
        cluster.Store.OnInsert = _ => Fault.None;
        Assert.Equal(0, (await cluster.TallyAsync(address)).All.Total);
        Assert.Empty(cluster.Store.Settled);
        var settledBefore = -1;
        cluster.Store.BeforeInsert = _ =>
        {
            settledBefore = cluster.Store.Settled.Count;
            return Task.CompletedTask;
        };
        var receipt = await cluster.ImportAsync(address, [.. TestCluster.Images(60), .. TestCluster.Images(5, "s3://more/")]);
        Assert.Equal([.. Enumerable.Repeat(again, 60), .. Enumerable.Repeat(ImportOutcome.Accepted, 5)], receipt.Outcomes);
        Assert.Equal((3, 3), (settledBefore, cluster.Store.Settled.Count));
        // What was under way can't be stored any more.
        await cluster.Store.LandAsync();
        await AssertOnceAsync(cluster, address, 65);
    }

    [Theory]
    [InlineData(Fault.Fail, 0)]
    [InlineData(Fault.LoseAnswer, 60)]
    [InlineData(Fault.LandLate, 0)]
    public async Task Import_WriteUnconfirmedAndNobodySendsAgain_IsSettledByTheRepair(Fault fault, int stored)
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await ClassAsync(cluster);
        cluster.Store.OnInsert = _ => fault;
        var failures = 2;
        cluster.Store.BeforeSettle = _ => Interlocked.Decrement(ref failures) >= 0 ? throw new StorageException("out of reach (injected)") : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageException>(() => cluster.ImportAsync(address, TestCluster.Images(60)));
        await TestCluster.EventuallyAsync(() => Task.FromResult(cluster.Store.Settled.Count == 3), "the tasks are settled");
        Assert.True(failures < 0);
        await cluster.Store.LandAsync();
        await AssertOnceAsync(cluster, address, stored);
    }

    [Fact]
    public async Task Import_WriteCannotBeSettled_IsNotAcknowledged()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.RepairInterval = TimeSpan.FromHours(1));
        var address = await ClassAsync(cluster);
        cluster.Store.OnInsert = _ => Fault.LoseAnswer;
        await Assert.ThrowsAsync<StorageException>(() => cluster.ImportAsync(address, TestCluster.Images(30)));
        cluster.Store.OnInsert = _ => Fault.None;
        cluster.Store.BeforeSettle = _ => throw new StorageException("out of reach (injected)");
        await Assert.ThrowsAsync<StorageException>(() => cluster.ImportAsync(address, TestCluster.Images(5, "s3://more/")));
        cluster.Store.BeforeSettle = _ => Task.CompletedTask;
        Assert.All((await cluster.ImportAsync(address, TestCluster.Images(5, "s3://more/"))).Outcomes, outcome => Assert.Equal(ImportOutcome.Accepted, outcome));
        await AssertOnceAsync(cluster, address, 35);
    }

    [Fact]
    public async Task Submit_ToAnUnconfirmedTask_IsTakenOnceThatIsSettled()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.RepairInterval = TimeSpan.FromHours(1));
        var address = await ClassAsync(cluster, new JobDraft { BatchSize = 2 });
        cluster.Store.OnInsert = task => task.Number.Value == 0 ? Fault.LoseAnswer : Fault.LandLate;
        await Assert.ThrowsAsync<StorageException>(() => cluster.ImportAsync(address, TestCluster.Images(4)));
        cluster.Store.OnInsert = _ => Fault.None;
        Assert.Equal([SubmissionOutcome.Accepted, SubmissionOutcome.UnknownTask], await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cc"), TestCluster.Answer(1, "ann", "cc")));
        await cluster.Store.LandAsync();
        Assert.Equal([SubmissionOutcome.UnknownTask], await cluster.SubmitAsync(address, TestCluster.Answer(1, "ann", "cc")));
        Assert.Equal((2, 2), ((await cluster.TallyAsync(address)).Votes, (await cluster.TallyAsync(address)).All.Total));
    }

    [Fact]
    public async Task Import_WriteUnconfirmedAndTheProcessDies_LosesNothingAndHasNothingTwice()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.RepairInterval = TimeSpan.FromHours(1));
        var address = await ClassAsync(cluster);
        cluster.Store.OnInsert = task => task.Number.Value == 1 ? Fault.LoseAnswer : Fault.LandLate;
        await Assert.ThrowsAsync<StorageException>(() => cluster.ImportAsync(address, TestCluster.Images(75)));
        cluster.Store.OnInsert = _ => Fault.None;
        await cluster.RestartAsync(gracefully: false);
        Assert.Equal(25, (await cluster.TallyAsync(address)).All.Total);
        // After the fold, and before anybody sends again: their images have a place then.
        await cluster.Store.LandAsync();
        Assert.All((await cluster.ImportAsync(address, TestCluster.Images(75))).Outcomes, outcome => Assert.Equal(ImportOutcome.Duplicate, outcome));
        // What is called a duplicate is in the counters, and can be answered, without an audit.
        await AssertOnceAsync(cluster, address, 75);
        Assert.Equal([SubmissionOutcome.Accepted], await cluster.SubmitAsync(address, TestCluster.Answer(2, "ann", new string('c', 25))));
    }

    [Fact]
    public async Task Import_AfterAnotherActivationRaisedTheEpoch_IsNotAcknowledged()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await ClassAsync(cluster);
        await cluster.ImportAsync(address, TestCluster.Images(25));
        foreach (var images in (ImmutableArray<CorpusImage>[])[TestCluster.Images(25, "s3://new/"), TestCluster.Images(25)])
        {
            await cluster.RaiseEpochAsync(new PartitionAddress(address, 0));
            await Assert.ThrowsAsync<StorageException>(() => cluster.ImportAsync(address, images));
            Assert.All((await cluster.ImportAsync(address, images)).Outcomes, outcome => Assert.Equal(ImportOutcome.Duplicate, outcome));
        }
        await AssertOnceAsync(cluster, address, 50);
    }

    [Fact]
    public async Task Import_OneCall_TakesNumbersWithoutAGapAndReservesNoMore()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2 });
        var (dogs, cats) = (await cluster.ImportAsync(job, "Dog", 7), await cluster.ImportAsync(job, "Cat", 3));
        Assert.Equal([0, 1, 2, 3], (await cluster.TasksAsync(dogs)).Select(task => task.Number.Value));
        Assert.Equal([4, 5], (await cluster.TasksAsync(cats)).Select(task => task.Number.Value));
        Assert.Equal(6, await cluster.Numbers(job).CountAsync());
    }

    [Fact]
    public async Task Import_MoreToCome_ReservesAheadAndUsesUpWhatIsLeftUntilItEnds()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1 });
        var address = await ClassAsync(cluster, job);
        // As many as are needed; then as many again as there are tasks, once what is left does not suffice.
        foreach (var (call, count, numbers) in ((int, int, int)[])[(0, 4, 4), (1, 2, 8), (2, 3, 14), (3, 5, 14), (4, 0, 14)])
        {
            await cluster.ImportAsync(address, TestCluster.Images(count, $"s3://{call}/"), cutRemainder: false);
            Assert.Equal(numbers, await cluster.Numbers(job).CountAsync());
        }
        await cluster.ImportAsync(address, TestCluster.Images(5, "s3://last/"), cutRemainder: true);
        Assert.Equal(19, await cluster.Numbers(job).CountAsync());
        Assert.Equal(Enumerable.Range(0, 19), (await cluster.TasksAsync(address)).Select(task => task.Number.Value));
    }

    [Fact]
    public async Task Import_ThroughCrashesFaultsAndTwoClasses_UsesNoNumberTwice()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2 });
        var addresses = new[] { await ClassAsync(cluster, job, "Ant"), await ClassAsync(cluster, job, "Bee") };
        for (var round = 0; round < 4; round++)
        {
            var prefix = $"s3://{round}/";
            cluster.Store.OnInsert = task => task.Number.Value % 3 == 0 ? Fault.LoseAnswer : Fault.None;
            await Task.WhenAll(addresses.Select(address => Record.ExceptionAsync(() => cluster.ImportAsync(address, TestCluster.Images(9, prefix), cutRemainder: false, chunk: 4)).AsTask()));
            cluster.Store.OnInsert = _ => Fault.None;
            if (round % 2 == 0) await cluster.RestartAsync(gracefully: round == 0);
            await Task.WhenAll(addresses.Select(address => cluster.ImportAsync(address, TestCluster.Images(9, prefix), chunk: 4)));
        }
        foreach (var address in addresses) await AssertOnceAsync(cluster, address, 36);
        var blocks = await cluster.Facts.ReadBlocksAsync(job.Incarnation, new TaskNumber(0), 1_000, Cancellation);
        Assert.All(blocks.Zip(blocks.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.First.Value));
        foreach (var address in addresses)
            Assert.All(await cluster.TasksAsync(address), task => Assert.Equal(address.Label, blocks.Single(block => block.Holds(task.Number)).Label));
    }

    [Fact]
    public async Task Import_PartitionFull_ClassOpensTheNextAndDuplicatesAreFoundInAll()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxImagesPerPartition = 100);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 10, WorkersPerTask = 1 });
        var address = await ClassAsync(cluster, job);
        var images = TestCluster.Images(250);
        await cluster.ImportAsync(address, images, chunk: 60);
        Assert.Equal(3, await cluster.Class(address).CountPartitionsAsync());
        Assert.All((await cluster.ImportAsync(address, images, chunk: 70)).Outcomes, outcome => Assert.Equal(ImportOutcome.Duplicate, outcome));
        var receipt = await cluster.ImportAsync(address, [TestCluster.Image("s3://b/1", 5), TestCluster.Image("s3://b/130", 5), TestCluster.Image("s3://b/249", 5)]);
        Assert.Equal(Enumerable.Repeat(ImportOutcome.Contradiction, 3), receipt.Outcomes);
        Assert.Equal([Percent.Create(81), Percent.Create(90), Percent.Create(89)], receipt.Standing);
        await AssertOnceAsync(cluster, address, 250);
        var outcomes = await cluster.Router.SubmitAsync(address, [.. images.Select(image => new UrlAnswer(image.Url, new ImageAnswer(WorkerId.Create("ann"), AnswerKind.Confirm, new SubmissionTime(1))))], AnswerSource.Rest);
        Assert.All(outcomes!.Value, outcome => Assert.Equal(SubmissionOutcome.Accepted, outcome));
        var tally = await cluster.TallyAsync(address);
        Assert.Equal((250, 250, 250, 25, 25), (tally.All.Total, tally.All.Confirmed, tally.Votes, tally.Tasks, tally.TasksDone));
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    [Fact]
    public async Task Open_Again_OpensNoMore()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await ClassAsync(cluster);
        Assert.Equal(1, await cluster.Class(address).CountPartitionsAsync());
        Assert.Equal((int[])[2, 2, 2], await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => cluster.Class(address).OpenAsync(1))));
        Assert.Equal(2, await cluster.Class(address).OpenAsync(7));
        await cluster.RestartAsync(gracefully: false);
        Assert.Equal(2, await cluster.Class(address).CountPartitionsAsync());
    }

    [Fact]
    public async Task Import_SameImagesSeveralTimesAtOnce_AreInsertedOnce()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await ClassAsync(cluster);
        var receipts = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => cluster.ImportAsync(address, TestCluster.Images(100), chunk: 50)));
        Assert.Equal(100, receipts.Sum(receipt => receipt.Outcomes.Count(outcome => outcome == ImportOutcome.Accepted)));
        Assert.Equal(400, receipts.Sum(receipt => receipt.Outcomes.Count(outcome => outcome == ImportOutcome.Duplicate)));
        await AssertOnceAsync(cluster, address, 100);
        Assert.Equal(4, (await cluster.TallyAsync(address)).Tasks);
    }

    [Fact]
    public async Task Import_SameImagesIntoTwoPartitionsAtOnce_AreInsertedOnceAndTheOtherHearsWhatStands()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await ClassAsync(cluster, new JobDraft { BatchSize = 4 });
        await cluster.Class(address).OpenAsync(1);
        var arrived = 0;
        var both = new TaskCompletionSource();
        // Neither has found the images of the other before both write.
        cluster.Store.BeforeInsert = _ =>
        {
            if (Interlocked.Increment(ref arrived) == 2) both.SetResult();
            return both.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        };
        ImmutableArray<CorpusImage> first = [.. TestCluster.Images(6)];
        ImmutableArray<CorpusImage> second = [.. TestCluster.Images(6).Skip(2).Select(image => image with { Confidence = Percent.Create(1) }), TestCluster.Image("s3://b/own", 50)];
        var receipts = await Task.WhenAll(
            cluster.Partition(address, 0).ImportAsync(new ImportChunk(first, true)), cluster.Partition(address, 1).ImportAsync(new ImportChunk(second, true)));
        var outcomes = receipts.SelectMany(receipt => receipt.Outcomes).ToList();
        Assert.Equal((7, 4), (outcomes.Count(outcome => outcome == ImportOutcome.Accepted), outcomes.Count(outcome => outcome == ImportOutcome.Contradiction)));
        Assert.Equal(4, receipts.Sum(receipt => receipt.Standing.Length));
        await AssertOnceAsync(cluster, address, 7);
    }

    [Fact]
    public async Task Import_JobDeletedMeanwhile_IsRefusedAndStoresNothing()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.SweepAgainAfter = TimeSpan.FromHours(1));
        var job = await cluster.CreateJobAsync();
        var address = await ClassAsync(cluster, job);
        await cluster.ImportAsync(address, TestCluster.Images(25));
        await cluster.Job(job).DeleteAsync(job.Incarnation);
        await TestCluster.EventuallyAsync(async () => await cluster.Facts.ReadHeadAsync(new PartitionAddress(address, 0)) is { Retired: true }, "the partition is retired");
        Assert.Equal(ImportRefusal.Gone, (await cluster.ImportAsync(address, TestCluster.Images(25, "s3://late/"))).Refusal);
        await TestCluster.EventuallyAsync(async () => (await cluster.TasksAsync(address)).Count == 0, "the tasks are swept");
    }

    /// <summary>Every image of the class is in exactly one task, and its place says which; the counters agree.</summary>
    private static async Task AssertOnceAsync(TestCluster cluster, ClassAddress address, int images)
    {
        var tasks = await cluster.TasksAsync(address);
        var urls = tasks.SelectMany(task => task.Images.Select((image, index) => (image.Url, task.Number, index))).ToList();
        Assert.Equal((images, images), (urls.Count, urls.DistinctBy(image => image.Url).Count()));
        Assert.Equal(tasks.Count, tasks.DistinctBy(task => task.Number).Count());
        var places = await cluster.Facts.FindAsync(address, [.. urls.Select(image => image.Url)], Cancellation);
        Assert.Equal(urls.Select(image => (image.Number, image.index)), places.Select(place => (place!.Value.Task, place.Value.Index)));
        var tally = await cluster.TallyAsync(address);
        Assert.Equal((images, tasks.Count), (tally.All.Total, tally.Tasks));
    }

    private static async Task<ClassAddress> ClassAsync(TestCluster cluster, JobDraft? draft = null) => await ClassAsync(cluster, await cluster.CreateJobAsync(draft: draft));

    private static async Task<ClassAddress> ClassAsync(TestCluster cluster, JobInfo job, string label = "Dog")
    {
        await cluster.Classes(job).AddAsync([Label.Create(label)]);
        return TestCluster.ClassOf(job, label);
    }
}
