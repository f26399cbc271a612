using BulkQA.Core;

namespace BulkQA.Grains.Tests;

/// <summary>Jobs that estimate anew by themselves.</summary>
public sealed class ReestimateTests : EstimateTest
{
    private static readonly Reestimation _everyHundred = new(100, ReliabilityMethod.TwoCoin);

    [Fact]
    public async Task Reestimate_AfterSoManyVotes_BeginsFromTheAdoptedModelAndIsAdopted()
    {
        await using var cluster = await StartAsync();
        var (job, submissions) = await VotedAsync(cluster, images: 100);
        var first = await EstimatedAsync(cluster, job, new ReliabilitySettings { Smoothing = new CoinSmoothing(3, 2) });
        await cluster.Job(job).ChangeAsync(new JobChanges(VerdictPolicy.Weighted(0.9), Model: first.Number, Reestimate: _everyHundred));
        var looks = CountLooks(cluster);
        await LooksAsync(3);
        Assert.Single(await Reliability(cluster, job).ListAsync());
        // As many new votes as make it due, and no more.
        await VoteAsync(cluster, job, "Fox", 20);
        await AdoptedAsync(cluster, job, 2);
        var model = (await Reliability(cluster, job).GetAsync(2))!;
        Assert.Equal((true, 1, first.Settings, 600), (model.IsByItself, model.BeginsFrom, model.Settings, model.Result!.Votes));
        var fromVotesAlone = await DirectAsync([.. submissions, .. await cluster.SubmissionsAsync(TestCluster.ClassOf(job, "Fox"))], first.Settings);
        Assert.True(model.Result.Iterations < fromVotesAlone.Iterations, $"{model.Result.Iterations} rounds instead of {fromVotesAlone.Iterations}");
        Assert.Equal(fromVotesAlone.LogLikelihood, model.Result.LogLikelihood, 1e-2);
        var now = (await cluster.Job(job).GetAsync())!;
        foreach (var label in (string[])["Dog", "Cat", "Fox"]) Assert.Equal(await cluster.FoldAsync(now, TestCluster.ClassOf(job, label)), await cluster.TallyAsync(TestCluster.ClassOf(job, label)));
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
        // Fewer than that change nothing.
        await VoteAsync(cluster, job, "Owl", 19);
        await LooksAsync(3);
        Assert.Equal(2, (await Reliability(cluster, job).ListAsync()).Length);

        async Task LooksAsync(int more)
        {
            var before = looks();
            await TestCluster.EventuallyAsync(() => Task.FromResult(looks() >= before + more), "the job looks whether it is time");
        }
    }

    [Fact]
    public async Task Reestimate_SilosDieMeanwhile_GoesOn()
    {
        await using var cluster = await StartAsync();
        var job = await WeightedAsync(cluster);
        await cluster.RestartAsync(gracefully: false, Configure);
        await VoteAsync(cluster, job, "Fox", 25);
        await cluster.Operations(job).ResumeAsync();
        await AdoptedAsync(cluster, job, 2);
    }

    /// <summary>Another policy than a weighted one has no use for it.</summary>
    [Fact]
    public async Task Reestimate_PolicyIsNotWeighted_EstimatesAndAdoptsNothing()
    {
        await using var cluster = await StartAsync();
        var (job, _) = await VotedAsync(cluster, images: 50);
        await cluster.Job(job).ChangeAsync(new JobChanges(Reestimate: _everyHundred));
        Assert.DoesNotContain(await cluster.Operations(job).ListAsync(), operation => operation.Kind == OperationKind.Reestimate);
        Assert.Empty(await Reliability(cluster, job).ListAsync());
        await EstimatedAsync(cluster, job);
        Assert.Null((await cluster.Job(job).AdoptReestimatedAsync(job.Incarnation, 1))!.Model);
    }

    [Fact]
    public async Task Reestimate_StoppedAndAskedForAgain_EndsAndBegins()
    {
        await using var cluster = await StartAsync();
        var (job, _) = await VotedAsync(cluster, images: 50);
        await EstimatedAsync(cluster, job);
        for (var round = 0; round < 2; round++)
        {
            await cluster.Job(job).ChangeAsync(new JobChanges(VerdictPolicy.Weighted(0.9), Model: 1, Reestimate: _everyHundred));
            Assert.Contains(await cluster.Operations(job).ListAsync(), operation => operation is { Kind: OperationKind.Reestimate, State: OperationState.Running });
            Assert.Null((await cluster.Job(job).ChangeAsync(new JobChanges(StopsReestimating: true)))!.Settings.Reestimate);
            await TestCluster.EventuallyAsync(async () => (await cluster.Operations(job).ListAsync()).All(operation => operation.State == OperationState.Done), "the looking ends");
        }
        var refusal = await Assert.ThrowsAsync<BadInputException>(() => cluster.Job(job).ChangeAsync(new JobChanges(Reestimate: new Reestimation(1, ReliabilityMethod.OneCoin))));
        Assert.Contains("reestimate.everyVotes: 1 is not from 100", refusal.Message, StringComparison.Ordinal);
        Assert.Null((await cluster.Job(job).GetAsync())!.Settings.Reestimate);
    }

    /// <summary>Which model stands is decided once by itself: whoever decides otherwise afterwards has the say.</summary>
    [Fact]
    public async Task AdoptReestimated_AnotherWasAdoptedSince_StaysWithThat()
    {
        await using var cluster = await StartAsync();
        var job = await WeightedAsync(cluster);
        await VoteAsync(cluster, job, "Fox", 25);
        await AdoptedAsync(cluster, job, 2);
        await cluster.Job(job).ChangeAsync(new JobChanges(Model: 1));
        var looks = CountLooks(cluster);
        Assert.Equal(1, (await cluster.Job(job).AdoptReestimatedAsync(job.Incarnation, 2))!.Model!.Number);
        await TestCluster.EventuallyAsync(() => Task.FromResult(looks() >= 3), "the job looks whether it is time");
        Assert.Equal(1, (await cluster.Job(job).GetAsync())!.Model!.Number);
    }

    /// <summary>A choice is of what is there: what was asked for before it, too, even where it ends later.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AdoptReestimated_ChosenOtherwiseWhileItWasEstimated_StaysWithThat(bool leavesWeighted)
    {
        await using var cluster = await StartAsync();
        var job = await WeightedAsync(cluster);
        var go = new TaskCompletionSource();
        cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IPartitionGrain.LayByVotesAsync) ? go.Task : Task.CompletedTask;
        await VoteAsync(cluster, job, "Fox", 25);
        await TestCluster.EventuallyAsync(async () => await Reliability(cluster, job).GetAsync(2) is not null, "another model is asked for");
        if (leavesWeighted)
        {
            await cluster.Job(job).ChangeAsync(new JobChanges(VerdictPolicy.Majority));
            await cluster.Job(job).ChangeAsync(new JobChanges(VerdictPolicy.Weighted(0.9)));
        }
        else
        {
            await cluster.Job(job).ChangeAsync(new JobChanges(Model: 1));
        }
        var looks = CountLooks(cluster);
        go.SetResult();
        await EndAsync(cluster, job, 2);
        Assert.Equal(1, (await cluster.Job(job).AdoptReestimatedAsync(job.Incarnation, 2))!.Model!.Number);
        var before = looks();
        await TestCluster.EventuallyAsync(() => Task.FromResult(looks() >= before + 2), "the job looks whether it is time");
        Assert.Equal(1, (await cluster.Job(job).GetAsync())!.Model!.Number);
        // The next one is newer than the choice.
        await VoteAsync(cluster, job, "Owl", 25);
        await AdoptedAsync(cluster, job, 3);
    }

    /// <summary>Somebody who tries another model does not decide which one stands.</summary>
    [Fact]
    public async Task Reestimate_AnotherStartedByHandBeforeTheLook_AdoptsTheOneByItself()
    {
        await using var cluster = await StartAsync();
        var job = await WeightedAsync(cluster);
        var (goesOn, isByHand, hand) = (false, false, new TaskCompletionSource());
        cluster.BeforeCall = context => context.InterfaceMethod.Name switch
        {
            // It does not come to adopting the model before another is asked for.
            nameof(IJobGrain.AdoptReestimatedAsync) when !Volatile.Read(ref goesOn) => throw new TimeoutException("tried"),
            nameof(IPartitionGrain.LayByVotesAsync) when Volatile.Read(ref isByHand) => hand.Task,
            _ => Task.CompletedTask,
        };
        await VoteAsync(cluster, job, "Fox", 25);
        await TestCluster.EventuallyAsync(async () => await Reliability(cluster, job).GetAsync(2) is { State: ModelState.Done }, "model 2 is done");
        Volatile.Write(ref isByHand, true);
        Assert.Equal(3, (await Reliability(cluster, job).StartAsync(new ReliabilitySettings()))!.Number);
        Volatile.Write(ref goesOn, true);
        await AdoptedAsync(cluster, job, 2);
        hand.SetResult();
        await EndAsync(cluster, job, 3);
        Assert.Equal(2, (await cluster.Job(job).GetAsync())!.Model!.Number);
    }

    /// <summary>What came to nothing says nothing of how many votes there were.</summary>
    [Theory]
    [InlineData(ModelState.Cancelled)]
    [InlineData(ModelState.Failed)]
    public async Task Reestimate_OneStartedByHandCameToNothing_WaitsForNewVotesAllTheSame(ModelState state)
    {
        await using var cluster = await StartAsync();
        var job = await WeightedAsync(cluster);
        var (reached, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.BeforeCall = async context =>
        {
            if (context.InterfaceMethod.Name != nameof(IPartitionGrain.LayByVotesAsync)) return;
            reached.TrySetResult();
            await go.Task;
        };
        var byHand = (await Reliability(cluster, job).StartAsync(new ReliabilitySettings()))!;
        await reached.Task;
        if (state == ModelState.Cancelled) await Reliability(cluster, job).CancelAsync(byHand.Number);
        else await Reliability(cluster, job).EndAsync(byHand with { State = state, Problem = "tried" });
        var looks = CountLooks(cluster);
        go.SetResult();
        await TestCluster.EventuallyAsync(() => Task.FromResult(looks() >= 3), "the job looks whether it is time");
        Assert.Equal([(2, state), (1, ModelState.Done)], (await Reliability(cluster, job).ListAsync()).Select(model => (model.Number, model.State)));
        await VoteAsync(cluster, job, "Fox", 25);
        await AdoptedAsync(cluster, job, 3);
    }

    /// <summary>Nor is one by itself that came to nothing tried again without new votes.</summary>
    [Fact]
    public async Task Reestimate_OneByItselfIsCancelled_WaitsForAsManyNewVotesOnceMore()
    {
        await using var cluster = await StartAsync();
        var job = await WeightedAsync(cluster);
        var go = new TaskCompletionSource();
        cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IPartitionGrain.LayByVotesAsync) ? go.Task : Task.CompletedTask;
        await VoteAsync(cluster, job, "Fox", 25);
        await TestCluster.EventuallyAsync(async () => await Reliability(cluster, job).GetAsync(2) is not null, "another model is asked for");
        await Reliability(cluster, job).CancelAsync(2);
        var looks = CountLooks(cluster);
        go.SetResult();
        await TestCluster.EventuallyAsync(() => Task.FromResult(looks() >= 3), "the job looks whether it is time");
        Assert.Equal(2, (await Reliability(cluster, job).ListAsync()).Length);
        await VoteAsync(cluster, job, "Owl", 25);
        await AdoptedAsync(cluster, job, 3);
    }

    [Theory]
    [InlineData(10, true, 20)]
    [InlineData(160, true, 300)]
    [InlineData(300, true, 300)]
    [InlineData(300, false, 10)]
    public void PauseAfter_LooksThatFindNothingNew_DoublesItUpToFiveMinutes(int last, bool isQuiet, int next) =>
        Assert.Equal(TimeSpan.FromSeconds(next), ReestimateWork.PauseAfter(TimeSpan.FromSeconds(last), isQuiet, TimeSpan.FromSeconds(10)));

    [Fact]
    public void PauseAfter_ShortestIsLongerThanFiveMinutes_StaysAsItIs() =>
        Assert.Equal(TimeSpan.FromMinutes(6), ReestimateWork.PauseAfter(TimeSpan.FromMinutes(6), true, TimeSpan.FromMinutes(6)));

    /// <summary>Whoever rests between looks can learn that the job has changed, by asking for nothing but its operations.</summary>
    [Fact]
    public async Task Reestimate_JobIsChangedBetweenLooks_IsToBeRunOnceMore()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.ReestimateInterval = TimeSpan.FromHours(1));
        var (job, _) = await VotedAsync(cluster, images: 50);
        await EstimatedAsync(cluster, job);
        var looks = CountLooks(cluster);
        await cluster.Job(job).ChangeAsync(new JobChanges(VerdictPolicy.Weighted(0.9), Model: 1, Reestimate: _everyHundred));
        // Once by whoever changes it.
        await TestCluster.EventuallyAsync(() => Task.FromResult(looks() == 2), "the job looks whether it is time");
        var runs = await RunsAsync();
        foreach (var change in (JobChanges[])[new(VerdictPolicy.Weighted(0.8)), new(Reestimate: new Reestimation(200, ReliabilityMethod.TwoCoin)), new(State: JobState.Closed), new(StopsReestimating: true)])
        {
            await cluster.Job(job).ChangeAsync(change);
            Assert.Equal(++runs, await RunsAsync());
        }

        async Task<int> RunsAsync() => Assert.Single(await cluster.Operations(job).ListAsync(), operation => operation.Kind == OperationKind.Reestimate).Runs;
    }

    /// <summary>A job that has no use for it has nobody look; it goes on once the job has.</summary>
    [Fact]
    public async Task Reestimate_JobIsClosedOrNotWeighted_EndsTheLookingUntilItIsAgain()
    {
        await using var cluster = await StartAsync();
        var job = await WeightedAsync(cluster);
        foreach (var (off, on) in ((JobChanges, JobChanges)[])
            [(new(State: JobState.Closed), new(State: JobState.Open)), (new(VerdictPolicy.Majority), new(VerdictPolicy.Weighted(0.9)))])
        {
            await cluster.Job(job).ChangeAsync(off);
            await TestCluster.EventuallyAsync(async () => (await cluster.Operations(job).ListAsync()).All(operation => operation.HasEnded), "the looking ends");
            await cluster.Job(job).ResumeAsync();
            Assert.All(await cluster.Operations(job).ListAsync(), operation => Assert.True(operation.HasEnded));
            await cluster.Job(job).ChangeAsync(on);
            Assert.Contains(await cluster.Operations(job).ListAsync(), operation => operation is { Kind: OperationKind.Reestimate, State: OperationState.Running });
        }
        await VoteAsync(cluster, job, "Fox", 25);
        await AdoptedAsync(cluster, job, 2);
    }

    [Fact]
    public async Task Reestimate_LabelsComeOutSwitched_IsNotAdopted()
    {
        await using var cluster = await StartAsync();
        var (job, _) = await VotedAsync(cluster, images: 50);
        var first = await EstimatedAsync(cluster, job);
        var go = new TaskCompletionSource();
        cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IPartitionGrain.LayByVotesAsync) ? go.Task : Task.CompletedTask;
        await cluster.Job(job).ChangeAsync(new JobChanges(VerdictPolicy.Weighted(0.9), Model: 1, Reestimate: _everyHundred));
        await VoteAsync(cluster, job, "Fox", 25);
        ModelInfo? model = null;
        await TestCluster.EventuallyAsync(async () => (model = await Reliability(cluster, job).GetAsync(2)) is not null, "another model is asked for");
        // As if that were what it came to.
        await Reliability(cluster, job).EndAsync(model! with { State = ModelState.Done, Result = first.Result! with { Votes = 375, LabelsSwitched = true } });
        var looks = CountLooks(cluster);
        go.SetResult();
        await TestCluster.EventuallyAsync(() => Task.FromResult(looks() >= 3), "the job looks at it");
        Assert.Equal(1, (await cluster.Job(job).GetAsync())!.Model!.Number);
    }

    private static Task<TestCluster> StartAsync() => TestCluster.StartAsync(Configure);

    /// <summary>A job of 50 images that has adopted its first model, and estimates anew after a hundred votes.</summary>
    private static async Task<JobInfo> WeightedAsync(TestCluster cluster)
    {
        var (job, _) = await VotedAsync(cluster, images: 50);
        await EstimatedAsync(cluster, job);
        await cluster.Job(job).ChangeAsync(new JobChanges(VerdictPolicy.Weighted(0.9), Model: 1, Reestimate: _everyHundred));
        return job;
    }

    private static void Configure(GrainsOptions options) => options.ReestimateInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>How often the job has looked since.</summary>
    private static Func<int> CountLooks(TestCluster cluster)
    {
        var looks = 0;
        cluster.BeforeCall = context =>
        {
            if (context.InterfaceMethod.Name == nameof(IReliabilityGrain.ListAsync) && context.InterfaceMethod.DeclaringType == typeof(IReliabilityGrain)) Interlocked.Increment(ref looks);
            return Task.CompletedTask;
        };
        return () => Volatile.Read(ref looks);
    }

    private static Task AdoptedAsync(TestCluster cluster, JobInfo job, int model) => TestCluster.EventuallyAsync(
        async () => (await cluster.Job(job).GetAsync())?.Model?.Number == model, $"model {model} is adopted");
}
