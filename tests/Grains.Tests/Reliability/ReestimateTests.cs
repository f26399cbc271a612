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
        var (job, _) = await VotedAsync(cluster, images: 50);
        await EstimatedAsync(cluster, job);
        await cluster.Job(job).ChangeAsync(new JobChanges(VerdictPolicy.Weighted(0.9), Model: 1, Reestimate: _everyHundred));
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
        var looks = CountLooks(cluster, nameof(IJobGrain.GetAsync));
        await cluster.Job(job).ChangeAsync(new JobChanges(Reestimate: _everyHundred));
        await TestCluster.EventuallyAsync(() => Task.FromResult(looks() >= 5), "the job looks whether it is time");
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
        var (job, _) = await VotedAsync(cluster, images: 50);
        await EstimatedAsync(cluster, job);
        await cluster.Job(job).ChangeAsync(new JobChanges(VerdictPolicy.Weighted(0.9), Model: 1, Reestimate: _everyHundred));
        await VoteAsync(cluster, job, "Fox", 25);
        await AdoptedAsync(cluster, job, 2);
        await cluster.Job(job).ChangeAsync(new JobChanges(Model: 1));
        var looks = CountLooks(cluster);
        Assert.Equal(1, (await cluster.Job(job).AdoptReestimatedAsync(job.Incarnation, 2))!.Model!.Number);
        await TestCluster.EventuallyAsync(() => Task.FromResult(looks() >= 3), "the job looks whether it is time");
        Assert.Equal(1, (await cluster.Job(job).GetAsync())!.Model!.Number);
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

    private static void Configure(GrainsOptions options) => options.ReestimateInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>How often the job has looked since.</summary>
    private static Func<int> CountLooks(TestCluster cluster, string method = nameof(IReliabilityGrain.ListAsync))
    {
        var looks = 0;
        cluster.BeforeCall = context =>
        {
            if (context.InterfaceMethod.Name == method && context.InterfaceMethod.DeclaringType != typeof(IOperationsGrain)) Interlocked.Increment(ref looks);
            return Task.CompletedTask;
        };
        return () => Volatile.Read(ref looks);
    }

    private static Task AdoptedAsync(TestCluster cluster, JobInfo job, int model) => TestCluster.EventuallyAsync(
        async () => (await cluster.Job(job).GetAsync())?.Model?.Number == model, $"model {model} is adopted");

    /// <summary>Everybody confirms so many images of a new class.</summary>
    private static async Task VoteAsync(TestCluster cluster, JobInfo job, string label, int images)
    {
        var address = await cluster.ImportAsync(job, label, images);
        foreach (var task in await cluster.TasksAsync(address))
            foreach (var worker in Workers) await cluster.SubmitAsync(address, TestCluster.Answer(task.Number.Value, worker, new string('c', task.Images.Length)));
    }
}
