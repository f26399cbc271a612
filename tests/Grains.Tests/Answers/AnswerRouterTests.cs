using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

public sealed class AnswerRouterTests
{
    private const SubmissionOutcome Accepted = SubmissionOutcome.Accepted;
    private const SubmissionOutcome Unknown = SubmissionOutcome.UnknownTask;

    [Fact]
    public async Task Submit_ByTask_FindsClassAndPartitionOfEachAndTellsOfEachInOrder()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxImagesPerPartition = 100);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 50 });
        var dogs = await cluster.ImportAsync(job, "Dog", 100);
        var cats = await cluster.ImportAsync(job, "Cat", 2);
        await cluster.ImportAsync(dogs, TestCluster.Images(1, "s3://more/"));
        var whole = new string('c', 50);
        var outcomes = await cluster.Router.SubmitAsync(job.Incarnation,
        [
            TestCluster.Answer(3, "ann", "d"), TestCluster.Answer(0, "ann", whole), TestCluster.Answer(4, "ann", "c"), TestCluster.Answer(2, "ann", "cd"),
            TestCluster.Answer(2, "bob", "c"), TestCluster.Answer(3, "bob", "t"), TestCluster.Answer(int.MaxValue, "ann", "c"),
        ]);
        Assert.Equal([Accepted, Accepted, Unknown, Accepted, SubmissionOutcome.OtherImages, Accepted, Unknown], outcomes!.Value);
        Assert.Equal((51, 2), ((await cluster.TallyAsync(dogs)).Votes, (await cluster.TallyAsync(cats)).Votes));
        Assert.Equal(1, (await cluster.Partition(dogs, 1).GetTallyAsync())!.Votes);
        // Of the three that went to two partitions of one class, none waited for another call.
        Assert.Empty((await cluster.Router.SubmitAsync(job.Incarnation, []))!.Value);
    }

    [Fact]
    public async Task Submit_ByTask_AsksForABlockOnceAndFindsNewOnes()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1 });
        // Blocks in the order of their numbers: Dog, Cat, Dog, Cat. They are asked for in another.
        foreach (var (round, label) in ((int, string)[])[(0, "Dog"), (0, "Cat"), (1, "Dog"), (1, "Cat")])
        {
            await cluster.Classes(job).AddAsync([Label.Create(label)]);
            await cluster.ImportAsync(TestCluster.ClassOf(job, label), TestCluster.Images(3, $"s3://{round}/"));
        }
        foreach (var task in (int[])[10, 1, 7, 4, 0, 2, 3, 5, 6, 8, 9, 11])
            Assert.Equal([Accepted], (await cluster.Router.SubmitAsync(job.Incarnation, [TestCluster.Answer(task, "ann", "c")]))!.Value);
        Assert.Equal(4, cluster.Store.BlockReads);
        Assert.Equal([Unknown], (await cluster.Router.SubmitAsync(job.Incarnation, [TestCluster.Answer(12, "ann", "c")]))!.Value);
        await cluster.ImportAsync(job, "Emu", 2);
        Assert.Equal([Accepted, Accepted], (await cluster.Router.SubmitAsync(job.Incarnation, [TestCluster.Answer(12, "ann", "c"), TestCluster.Answer(13, "ann", "c")]))!.Value);
        Assert.Equal(6, cluster.Store.BlockReads);
        Assert.Equal((6, 6), ((await cluster.TallyAsync(TestCluster.ClassOf(job, "Dog"))).Votes, (await cluster.TallyAsync(TestCluster.ClassOf(job, "Cat"))).Votes));
    }

    [Fact]
    public async Task Submit_ByTask_SeveralAtOnceOfOneBlock_AllFindIt()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1 });
        foreach (var label in (string[])["Ant", "Bee", "Cow"]) await cluster.ImportAsync(job, label, 20);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 60).Select(number => number * 23 % 60).Select(async task =>
            (await cluster.Router.SubmitAsync(job.Incarnation, [TestCluster.Answer(task, "ann", "c")]))!.Value[0]));
        Assert.All(outcomes, outcome => Assert.Equal(Accepted, outcome));
        foreach (var label in (string[])["Ant", "Bee", "Cow"]) Assert.Equal(20, (await cluster.TallyAsync(TestCluster.ClassOf(job, label))).Votes);
    }

    [Fact]
    public async Task Submit_ByUrl_JoinsAnswersOfOneWorkerAtOneTimeAndKeepsTheRestApart()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 3 });
        var address = await cluster.ImportAsync(job, "Dog", 6);
        UrlAnswer[] answers =
        [
            Answer(4, "ann", 'c', 1), Answer(0, "ann", 'd', 1), Answer(2, "ann", 'n', 1), Answer(0, "bob", 'c', 1), Answer(1, "ann", 'c', 2),
            Answer(9, "ann", 'c', 1), Answer(3, "ann", 't', 1),
        ];
        var outcomes = await cluster.Router.SubmitAsync(address, answers, AnswerSource.GroundTruth);
        Assert.Equal([Accepted, Accepted, Accepted, Accepted, Accepted, Unknown, Accepted], outcomes!.Value);
        var stored = await cluster.SubmissionsAsync(address);
        Assert.All(stored, submission => Assert.Equal((AnswerSource.GroundTruth, BoxesAtStart.Unknown), (submission.Source, submission.Start)));
        Assert.Equal(
            ["0 ann 1 d-n", "0 ann 2 -c-", "0 bob 1 c--", "1 ann 1 tc-"],
            stored.Select(submission => $"{submission.Task} {submission.Worker} {submission.At.UtcTicks} {submission.Answers}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Submit_ByUrl_SeveralAnswersToOneImage_TheGreaterKindOfAWorkerStandsAndEachWorkerCounts()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await cluster.ImportAsync(await cluster.CreateJobAsync(), "Dog", 2);
        var outcomes = await cluster.Router.SubmitAsync(
            address, [Answer(0, "ann", 'd', 1), Answer(0, "ann", 'c', 1), Answer(0, "bob", 'c', 1), Answer(0, "ann", 'd', 1), Answer(0, "carl", 'n', 1), Answer(0, "carl", 'c', 2)], AnswerSource.Rest);
        Assert.All(outcomes!.Value, outcome => Assert.Equal(Accepted, outcome));
        var image = await cluster.Grains.GetGrain<IImageGrain>(new ImageAddress(address, ImageUrl.Create("s3://b/0")).GrainKey).GetAsync();
        Assert.Equal("ann d, bob c, carl c", string.Join(", ", image!.Answers.Answers.Select(answer => $"{answer.Worker} {AnswerKinds.CodeOf(answer.Kind)}")));
        Assert.Equal((3, 1), ((await cluster.TallyAsync(address)).Votes, (await cluster.TallyAsync(address)).All.Split));
        Assert.Empty((await cluster.Router.SubmitAsync(address, [], AnswerSource.Rest))!.Value);
    }

    [Fact]
    public async Task Submit_ByUrl_SentAgain_StoresNothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await cluster.ImportAsync(await cluster.CreateJobAsync(), "Dog", 30);
        UrlAnswer[] answers = [.. Enumerable.Range(0, 30).Select(image => Answer(image, "ann", 'c', 1))];
        foreach (var _ in Enumerable.Range(0, 2)) await cluster.Router.SubmitAsync(address, answers, AnswerSource.Rest);
        Assert.Equal(2, cluster.Store.Appended.Count);
        Assert.Equal(30, (await cluster.TallyAsync(address)).Votes);
    }

    [Fact]
    public async Task Submit_ByUrl_MoreThanACallTakes_GoesInSeveral()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1 });
        var address = await cluster.ImportAsync(job, "Dog", 1_000);
        UrlAnswer[] answers = [.. Enumerable.Range(0, 5_000).Select(number => Answer(number % 1_000, $"w{number / 1_000}", number % 7 == 0 ? 'd' : 'c', 1)), Answer(5_000, "ann", 'c', 1)];
        var outcomes = (await cluster.Router.SubmitAsync(address, answers, AnswerSource.Rest))!.Value;
        Assert.All(outcomes[..^1], outcome => Assert.Equal(Accepted, outcome));
        Assert.Equal(Unknown, outcomes[^1]);
        Assert.Equal(5_000, (await cluster.TallyAsync(address)).Votes);
    }

    [Fact]
    public async Task Submit_OnePartitionFails_IsNotAcknowledgedAndCountsOnceWhenSentAgain()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1 });
        foreach (var label in (string[])["Dog", "Cat"]) await cluster.ImportAsync(job, label, 1);
        cluster.Store.OnAppend = submission => submission.Task.Value == 1 ? Fault.LoseAnswer : Fault.None;
        Submission[] both = [TestCluster.Answer(0, "ann", "c"), TestCluster.Answer(1, "ann", "c")];
        await Assert.ThrowsAsync<StorageException>(() => cluster.Router.SubmitAsync(job.Incarnation, [.. both]));
        cluster.Store.OnAppend = _ => Fault.None;
        Assert.Equal([Accepted, Accepted], (await cluster.Router.SubmitAsync(job.Incarnation, [.. both]))!.Value);
        foreach (var label in (string[])["Dog", "Cat"]) Assert.Equal(1, (await cluster.TallyAsync(TestCluster.ClassOf(job, label))).Votes);
    }

    [Fact]
    public async Task Submit_JobDeletedMeanwhile_IsNull()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.SweepAgainAfter = TimeSpan.FromHours(1));
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", 1);
        Assert.NotNull(await cluster.Router.SubmitAsync(job.Incarnation, [TestCluster.Answer(0, "ann", "c")]));
        // Retired, and not swept: the image still has its place.
        await cluster.Partition(address).RetireAsync();
        Assert.Null(await cluster.Router.SubmitAsync(address, [Answer(0, "ann", 'c', 1)], AnswerSource.Rest));
        Assert.Null(await cluster.Router.SubmitAsync(job.Incarnation, [TestCluster.Answer(0, "bob", "c")]));
        Assert.Equal([Unknown], (await cluster.Router.SubmitAsync(Incarnation.New(job.Name), [TestCluster.Answer(0, "ann", "c")]))!.Value);
    }

    private static UrlAnswer Answer(int image, string worker, char code, long ticks) =>
        new(ImageUrl.Create($"s3://b/{image}"), new ImageAnswer(WorkerId.Create(worker), AnswerKinds.OfCode(code)!.Value, new SubmissionTime(ticks)));
}
