using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

public sealed class AdjudicationTests
{
    private static readonly SubmissionTime _at = new(1_000);

    [Fact]
    public async Task Adjudicate_ThenOtherwiseThenWithdrawn_IsFinalEachTimeAndVotesStay()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await AnsweredAsync(cluster);
        var image = Image(cluster, address, 0);
        Assert.Equal(AdjudicationOutcome.Accepted, await image.AdjudicateAsync("lead", _at, Verdict.Disconfirmed, Label.Create("Cat"), "whiskers"));
        Assert.Equal((new BucketTally(2, 2, 0, 0), new BucketTally(2, 1, 1, 0), 1L), await CountsAsync(cluster, address));
        var standing = (await image.GetAsync())!.Adjudication!;
        Assert.Equal(("lead", Verdict.Disconfirmed, "Cat", "whiskers", _at), (standing.By, standing.Verdict, standing.RightLabel!.Value.Value, standing.Note, standing.At));
        // An earlier clock decides later all the same.
        await image.AdjudicateAsync("boss", new SubmissionTime(5), Verdict.Confirmed, null, null);
        Assert.Equal("boss", (await image.GetAsync())!.Adjudication!.By);
        Assert.Equal((new BucketTally(2, 2, 0, 0), new BucketTally(2, 2, 0, 0), 1L), await CountsAsync(cluster, address));
        await image.AdjudicateAsync("boss", new SubmissionTime(2_000), null, null, null);
        Assert.Null((await image.GetAsync())!.Adjudication);
        Assert.Equal(0, (await CountsAsync(cluster, address)).Adjudicated);
        Assert.Equal(3, (await image.GetHistoryAsync())!.Image.Adjudications.Length);
        Assert.Equal(await cluster.FoldAsync(job, address), await cluster.TallyAsync(address));
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    [Fact]
    public async Task Adjudicate_SaidAgainOrSentAgain_IsOne()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await AnsweredAsync(cluster);
        var image = Image(cluster, address, 0);
        for (var time = 0; time < 3; time++) await image.AdjudicateAsync("lead", new SubmissionTime(time + 1), Verdict.Disconfirmed, null, "no");
        Assert.Single((await image.GetAsync())!.Adjudications);
        await image.AdjudicateAsync("lead", new SubmissionTime(9), Verdict.Confirmed, null, null);
        // The first call, repeated by who lost its answer, does not win over what was decided since.
        await image.AdjudicateAsync("lead", new SubmissionTime(1), Verdict.Disconfirmed, null, "no");
        Assert.Equal(Verdict.Confirmed, (await image.GetAsync())!.Adjudication!.Verdict);
        // Nothing was decided, so there is nothing to withdraw.
        await Image(cluster, address, 1).AdjudicateAsync("lead", _at, null, null, null);
        Assert.Empty((await Image(cluster, address, 1).GetAsync())!.Adjudications);
    }

    [Fact]
    public async Task Adjudicate_AfterARestart_StillStandsInTheTables()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var (_, address) = await AnsweredAsync(cluster);
        await Image(cluster, address, 1).AdjudicateAsync("lead", _at, Verdict.Disconfirmed, null, null);
        foreach (var gracefully in (bool[])[true, false])
        {
            await cluster.RestartAsync(gracefully);
            Assert.Equal((new BucketTally(2, 2, 0, 0), new BucketTally(2, 1, 1, 0), 1L), await CountsAsync(cluster, address));
        }
    }

    [Theory]
    [InlineData(Fault.Fail)]
    [InlineData(Fault.LoseAnswer)]
    [InlineData(Fault.LandLate)]
    public async Task Adjudicate_WriteWithoutAnAnswer_IsSettledAndThenTheSameEverywhere(Fault fault)
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await AnsweredAsync(cluster);
        var faults = 1;
        cluster.Store.OnAdjudicate = _ => Interlocked.Decrement(ref faults) >= 0 ? fault : Fault.None;
        await Assert.ThrowsAsync<StorageException>(() => Image(cluster, address, 0).AdjudicateAsync("lead", _at, Verdict.Disconfirmed, null, null));
        await TestCluster.EventuallyAsync(async () => (await CountsAsync(cluster, address)).Adjudicated == 1, "it is adjudicated");
        await cluster.Store.LandAsync();
        Assert.Equal(await cluster.FoldAsync(job, address), await cluster.TallyAsync(address));
        Assert.Single((await Image(cluster, address, 0).GetAsync())!.Adjudications);
    }

    /// <summary>What is said next is said after what is unconfirmed, also that it is withdrawn.</summary>
    [Theory]
    [InlineData(Fault.Fail)]
    [InlineData(Fault.LoseAnswer)]
    [InlineData(Fault.LandLate)]
    public async Task Adjudicate_AfterOneThatIsUnconfirmed_Stands(Fault fault)
    {
        await using var cluster = await TestCluster.StartAsync(options => options.RepairInterval = TimeSpan.FromHours(1));
        var (job, address) = await AnsweredAsync(cluster);
        foreach (var (number, next) in ((int, Verdict?)[])[(0, null), (1, Verdict.Confirmed)])
        {
            cluster.Store.OnAdjudicate = _ => fault;
            await Assert.ThrowsAsync<StorageException>(() => Image(cluster, address, number).AdjudicateAsync("lead", _at, Verdict.Disconfirmed, null, null));
            cluster.Store.OnAdjudicate = _ => Fault.None;
            // By a clock that is behind.
            await Image(cluster, address, number).AdjudicateAsync("lead", new SubmissionTime(_at.UtcTicks - 10), next, null, null);
            await cluster.Store.LandAsync();
            Assert.Equal(next, (await Image(cluster, address, number).GetAsync())!.Adjudication?.Verdict);
        }
        Assert.Equal(await cluster.FoldAsync(job, address), await cluster.TallyAsync(address));
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    [Fact]
    public async Task Adjudicate_SentAgainThoughItsTimeHadToBeMoved_IsOne()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await AnsweredAsync(cluster);
        var image = Image(cluster, address, 0);
        await image.AdjudicateAsync("a", new SubmissionTime(100), Verdict.Confirmed, null, null);
        await image.AdjudicateAsync("b", new SubmissionTime(90), Verdict.Disconfirmed, null, null);
        await image.AdjudicateAsync("c", new SubmissionTime(110), Verdict.Confirmed, null, null);
        await image.AdjudicateAsync("b", new SubmissionTime(90), Verdict.Disconfirmed, null, null);
        Assert.Equal(("c", 3), ((await image.GetAsync())!.Adjudication!.By, (await image.GetAsync())!.Adjudications.Length));
    }

    /// <summary>Stored by an activation that was taken for dead, after this one had folded.</summary>
    [Fact]
    public async Task Adjudicate_WhatIsStoredAndNotInTheFold_IsTakenOver()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await AnsweredAsync(cluster);
        Assert.Equal(0, (await CountsAsync(cluster, address)).Adjudicated);
        var place = (await cluster.Facts.FindAsync(address, [ImageUrl.Create("s3://b/0")], TestContext.Current.CancellationToken))[0]!.Value;
        var stored = new Adjudication(place.Task, place.Index, _at, "lead", Verdict.Disconfirmed);
        await cluster.Facts.AdjudicateAsync(new PartitionAddress(address, 0), [stored], TestContext.Current.CancellationToken);
        await Image(cluster, address, 0).AdjudicateAsync("lead", _at, Verdict.Disconfirmed, null, null);
        Assert.Equal(1, (await CountsAsync(cluster, address)).Adjudicated);
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    [Fact]
    public async Task Adjudicate_ImageThatIsNotThere_IsUnknown()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await AnsweredAsync(cluster);
        Assert.Equal(AdjudicationOutcome.UnknownImage, await Image(cluster, address, 7).AdjudicateAsync("lead", _at, Verdict.Confirmed, null, null));
        Assert.Equal(AdjudicationOutcome.UnknownImage, await cluster.Partition(address, 0).AdjudicateAsync(new Adjudication(new TaskNumber(0), 2, _at, "lead", Verdict.Confirmed)));
        Assert.Equal(AdjudicationOutcome.UnknownImage, await cluster.Partition(address, 0).AdjudicateAsync(new Adjudication(new TaskNumber(9), 0, _at, "lead", Verdict.Confirmed)));
        await cluster.Job(job).DeleteAsync(job.Incarnation);
        await TestCluster.EventuallyAsync(async () => await Image(cluster, address, 0).AdjudicateAsync("lead", _at, Verdict.Confirmed, null, null) == AdjudicationOutcome.UnknownImage, "the job is gone");
    }

    [Fact]
    public async Task Adjudicate_MoreOftenThanAnImageCanBe_IsRefused()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await AnsweredAsync(cluster);
        for (var time = 0; time < Adjudication.MaxPerImage; time++)
            Assert.Equal(AdjudicationOutcome.Accepted, await Image(cluster, address, 0).AdjudicateAsync($"lead{time}", new SubmissionTime(time), Verdict.Confirmed, null, null));
        Assert.Equal(AdjudicationOutcome.TooMany, await Image(cluster, address, 0).AdjudicateAsync("last", _at, Verdict.Confirmed, null, null));
        Assert.Equal(AdjudicationOutcome.Accepted, await Image(cluster, address, 1).AdjudicateAsync("last", _at, Verdict.Confirmed, null, null));
    }

    [Fact]
    public async Task History_OfAnImage_SaysHowEachAnswerCame()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (_, address) = await AnsweredAsync(cluster);
        var later = TestCluster.Answer(0, "ann", "d-", 9) with { Source = AnswerSource.WorkerPage, Start = BoxesAtStart.Ticked, Taken = TimeSpan.FromSeconds(12) };
        await cluster.SubmitAsync(address, later);
        var history = (await Image(cluster, address, 0).GetHistoryAsync())!;
        Assert.Equal(history.Image.History, history.Answers.Select(given => given.Answer));
        Assert.Equal((AnswerSource.WorkerPage, BoxesAtStart.Ticked, TimeSpan.FromSeconds(12)), (history.Answers[^1].Source, history.Answers[^1].Start, history.Answers[^1].Taken!.Value));
        Assert.Null(await Image(cluster, address, 7).GetHistoryAsync());
    }

    private static async Task<(BucketTally Voted, BucketTally Final, long Adjudicated)> CountsAsync(TestCluster cluster, ClassAddress address)
    {
        var tally = await cluster.TallyAsync(address);
        return (tally.All, tally.AsFinal().All, tally.Adjudicated);
    }

    /// <summary>Two images, both confirmed.</summary>
    private static async Task<(JobInfo Job, ClassAddress Address)> AnsweredAsync(TestCluster cluster)
    {
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2 });
        var address = await cluster.ImportAsync(job, "Dog", 2);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "cc", 3), TestCluster.Answer(0, "bob", "cc", 4));
        return (job, address);
    }

    private static IImageGrain Image(TestCluster cluster, ClassAddress address, int number) =>
        cluster.Grains.GetGrain<IImageGrain>(new ImageAddress(address, ImageUrl.Create($"s3://b/{number}")).GrainKey);
}
