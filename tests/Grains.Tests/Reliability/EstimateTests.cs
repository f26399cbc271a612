using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.Options;
using Orleans.Core.Internal;

namespace BulkQA.Grains.Tests;

public sealed class EstimateTests : EstimateTest
{
    /// <summary>Over classes and partitions it is what one look at all votes comes to.</summary>
    [Fact]
    public async Task Estimate_OverSeveralPartitions_IsTheModelOfAllVotesTogether()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxImagesPerPartition = 100, silos: 2);
        var (job, submissions) = await VotedAsync(cluster, images: 250);
        string? estimate = null;
        cluster.BeforeCall = context =>
        {
            if (context.InterfaceMethod.Name == nameof(IPartitionGrain.LayByVotesAsync)) estimate = (string)context.Request.GetArgument(0)!;
            return Task.CompletedTask;
        };
        var model = await EstimatedAsync(cluster, job);
        var expected = await DirectAsync(submissions, model.Settings);
        Assert.Equal((250L * Workers.Length, 250L, Workers.Length, true, false), (model.Result!.Votes, model.Result.Images, model.Result.Workers, model.Result.Converged, model.Result.LabelsSwitched));
        Assert.Equal(expected.LogLikelihood, model.Result.LogLikelihood, 1e-6);
        Assert.Equal(expected.Iterations, model.Result.Iterations);
        var stored = (await cluster.Service<ModelStore>().ReadAsync(job.Incarnation, model.Result!.Name, TestContext.Current.CancellationToken))!;
        Assert.Equal(Workers, stored.Model.Workers.Select(worker => worker.Value));
        Assert.All(stored.Workers.Zip(expected.Parameters.Coins), pair => Assert.Equal(pair.Second.ConfirmsRight, pair.First.Coins.ConfirmsRight, 1e-6));
        Assert.All(stored.Workers.Zip(expected.Parameters.Coins), pair => Assert.Equal(pair.Second.CatchesWrong, pair.First.Coins.CatchesWrong, 1e-6));
        Assert.NotNull(model.Result.HeldOut);
        // Nothing of it is left where the votes are.
        await TestCluster.EventuallyAsync(async () => await cluster.Partition(TestCluster.ClassOf(job, "Dog"), 0).ExpectAsync(estimate!, null, null) is null, "the votes are dropped");
    }

    [Fact]
    public async Task Weighted_ByAnAdoptedModel_IsWhatItsPosteriorsSayAndSoItStays()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var (job, _) = await VotedAsync(cluster, images: 200);
        var model = await EstimatedAsync(cluster, job);
        var changed = (await cluster.Job(job).ChangeAsync(new JobChanges(VerdictPolicy.Weighted(0.9), Model: model.Number)))!;
        var parameters = (await cluster.Service<ModelStore>().ReadAsync(job.Incarnation, model.Result!.Name, TestContext.Current.CancellationToken))!.Model.Parameters;
        foreach (var label in (string[])["Dog", "Cat"])
        {
            var address = TestCluster.ClassOf(job, label);
            var expected = (await PosteriorsAsync(cluster, address, parameters)).CountBy(posterior => posterior >= 0.9 ? Verdict.Confirmed : posterior <= 0.1 ? Verdict.Disconfirmed : Verdict.Split).ToDictionary();
            var tally = (await cluster.TallyAsync(address)).All;
            Assert.Equal((expected.GetValueOrDefault(Verdict.Confirmed), expected.GetValueOrDefault(Verdict.Disconfirmed), expected.GetValueOrDefault(Verdict.Split)), (tally.Confirmed, tally.Disconfirmed, tally.Split));
            Assert.InRange(tally.Split, 1, 100);
            Assert.Equal(await cluster.FoldAsync(changed, address), await cluster.TallyAsync(address));
        }
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
        var before = await cluster.TallyAsync(TestCluster.ClassOf(job, "Dog"));
        foreach (var gracefully in (bool[])[true, false])
        {
            await cluster.RestartAsync(gracefully);
            Assert.Equal(before, await cluster.TallyAsync(TestCluster.ClassOf(job, "Dog")));
        }
        // Leaving it is a change like any other.
        await cluster.Job(job).ChangeAsync(new JobChanges(VerdictPolicy.Majority, Model: 0));
        Assert.Equal(0, (await cluster.TallyAsync(TestCluster.ClassOf(job, "Dog"))).All.Split);
        Assert.Null((await cluster.Job(job).GetAsync())!.Model);
    }

    [Fact]
    public async Task Adopt_ModelThatCannotBe_IsRefusedAndChangesNothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, _) = await VotedAsync(cluster, images: 50);
        await RefusedAsync(new JobChanges(VerdictPolicy.Weighted(0.9)), "needs a reliability model");
        await RefusedAsync(new JobChanges(Model: 7), "has no model 7");
        var model = await EstimatedAsync(cluster, job);
        await cluster.Job(job).ChangeAsync(new JobChanges(VerdictPolicy.Weighted(0.9), Model: model.Number));
        await RefusedAsync(new JobChanges(Model: 0), "needs a reliability model");
        Assert.Equal((VerdictPolicy.Weighted(0.9), model.Number, 1), await StateAsync());
        var refusal = await Assert.ThrowsAsync<BadInputException>(() => cluster.CreateJobAsync("other", new JobDraft { Policy = VerdictPolicy.Weighted(0.9) }));
        Assert.Contains("a new job has none", refusal.Message, StringComparison.Ordinal);

        async Task RefusedAsync(JobChanges changes, string why)
        {
            var before = await cluster.Job(job).GetAsync();
            Assert.Contains(why, (await Assert.ThrowsAsync<BadInputException>(() => cluster.Job(job).ChangeAsync(changes))).Message, StringComparison.Ordinal);
            Assert.Equal(before, await cluster.Job(job).GetAsync());
        }

        async Task<(VerdictPolicy, int?, int)> StateAsync() => await cluster.Job(job).GetAsync() is { } now ? (now.Settings.Policy, now.Model?.Number, now.RulesRevision) : default;
    }

    [Fact]
    public async Task Estimate_WorkerSetAside_IsWithoutItsVotes()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, submissions) = await VotedAsync(cluster, images: 100);
        var eve = WorkerId.Create("eve");
        await cluster.Job(job).SetAsideAsync(job.Incarnation, eve, new SetAsideWorker(eve, "asleep", "lead", DateTimeOffset.UnixEpoch));
        var model = await EstimatedAsync(cluster, job);
        Assert.Equal(400, model.Result!.Votes);
        Assert.Equal((await DirectAsync([.. submissions.Where(submission => submission.Worker != eve)], model.Settings)).LogLikelihood, model.Result.LogLikelihood, 1e-6);
    }

    /// <summary>From one worker to nobody: an answer or a sentence, and never a number that is none.</summary>
    [Theory]
    [InlineData("", ModelState.Failed)]
    [InlineData("c", ModelState.Done)]
    [InlineData("cc", ModelState.Done)]
    [InlineData("dd", ModelState.Done)]
    [InlineData("cd", ModelState.Done)]
    [InlineData("tn", ModelState.Failed)]
    public async Task Estimate_HardlyAnyVotes_EndsWithFiniteNumbersOrAReason(string answers, ModelState state)
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", 1);
        foreach (var (index, answer) in answers.Index()) await cluster.SubmitAsync(address, TestCluster.Answer(0, $"w{index}", $"{answer}"));
        foreach (var method in (ReliabilityMethod[])[ReliabilityMethod.OneCoin, ReliabilityMethod.TwoCoin])
        {
            var model = await EstimatedAsync(cluster, job, new ReliabilitySettings { Method = method, Smoothing = CoinSmoothing.None });
            Assert.Equal(state, model.State);
            Assert.Equal(state == ModelState.Failed ? "nobody has voted yet on an image that is to be judged" : null, model.Problem);
            if (model.Result is not { } result) continue;
            Assert.True(double.IsFinite(result.LogLikelihood) && double.IsFinite(result.Prior));
            Assert.Null(result.HeldOut);
        }
    }

    [Fact]
    public async Task Estimate_AskedForWhileOneRuns_IsThatOneAndLaterOnesAreCountedOn()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, _) = await VotedAsync(cluster, images: 50);
        var reached = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        cluster.BeforeCall = async context =>
        {
            if (context.InterfaceMethod.Name != nameof(IPartitionGrain.LayByVotesAsync)) return;
            reached.TrySetResult();
            await go.Task;
        };
        var first = (await Reliability(cluster, job).StartAsync(new ReliabilitySettings()))!;
        await reached.Task;
        Assert.Equal(first, await Reliability(cluster, job).StartAsync(new ReliabilitySettings { Method = ReliabilityMethod.OneCoin }));
        go.SetResult();
        await EndAsync(cluster, job, first.Number);
        Assert.Equal(2, (await EstimatedAsync(cluster, job)).Number);
        Assert.Equal([2, 1], (await Reliability(cluster, job).ListAsync()).Select(model => model.Number));
    }

    /// <summary>One that is asked for while the last one tidies up is not lost.</summary>
    [Fact]
    public async Task Estimate_AskedForWhileTheLastOneEnds_IsEstimatedToo()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, _) = await VotedAsync(cluster, images: 50);
        var reached = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        cluster.BeforeCall = async context =>
        {
            if (context.InterfaceMethod.Name != nameof(IPartitionGrain.DropVotesAsync)) return;
            reached.TrySetResult();
            await go.Task;
        };
        await Reliability(cluster, job).StartAsync(new ReliabilitySettings());
        await reached.Task;
        var second = (await Reliability(cluster, job).StartAsync(new ReliabilitySettings { Method = ReliabilityMethod.OneCoin }))!;
        Assert.Equal(2, second.Number);
        go.SetResult();
        Assert.Equal(ModelState.Done, (await EndAsync(cluster, job, 2)).State);
    }

    /// <summary>While it takes sums, it stops; the next one is estimated, and nothing is left of the first.</summary>
    [Fact]
    public async Task Cancel_OneThatIsBeingEstimated_StopsItAndLeavesNothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, submissions) = await VotedAsync(cluster, images: 50);
        var (reached, asked, written) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        cluster.BeforeCall = async context =>
        {
            var method = context.InterfaceMethod.Name;
            if (method == nameof(IReliabilityGrain.EndAsync)) Interlocked.Increment(ref written);
            else if (method == nameof(IReliabilityGrain.GetAsync) && reached.Task.IsCompleted) asked.TrySetResult();
            else if (method == nameof(IPartitionGrain.ExpectAsync))
            {
                reached.TrySetResult();
                // Until the work has heard of it; then slowly, so that it would go on for seconds.
                await asked.Task;
                if (written == 0) await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        };
        var first = (await Reliability(cluster, job).StartAsync(new ReliabilitySettings { MaxIterations = ReliabilitySettings.IterationLimit, Tolerance = ReliabilitySettings.LeastTolerance }))!;
        await reached.Task;
        var cancelled = await Reliability(cluster, job).CancelAsync(first.Number);
        Assert.Equal((ModelState.Cancelled, null), (cancelled!.State, cancelled.Result));
        Assert.NotNull(cancelled.EndedAt);
        Assert.Equal(cancelled, await Reliability(cluster, job).CancelAsync(first.Number));
        Assert.Null(await Reliability(cluster, job).CancelAsync(7));
        Assert.Contains("was cancelled", (await Assert.ThrowsAsync<BadInputException>(() => cluster.Job(job).ChangeAsync(new JobChanges(Model: first.Number)))).Message, StringComparison.Ordinal);
        await TestCluster.EventuallyAsync(async () => (await cluster.Operations(job).ListAsync()).All(operation => operation.HasEnded), "the work ends");
        Assert.Equal(0, written);
        var next = await EstimatedAsync(cluster, job);
        Assert.Equal((2, ModelState.Done), (next.Number, next.State));
        Assert.Equal((await DirectAsync(submissions, next.Settings)).LogLikelihood, next.Result!.LogLikelihood, 1e-6);
        // Done is done.
        Assert.Equal(ModelState.Done, (await Reliability(cluster, job).CancelAsync(2))!.State);
        Assert.Equal(cancelled, await Reliability(cluster, job).GetAsync(first.Number));
        Assert.Equal(1, await CountObjectsAsync(cluster, job));
    }

    /// <summary>Just before it is written down: what was estimated is dropped again.</summary>
    [Fact]
    public async Task Cancel_OneThatHasJustBeenEstimated_LeavesNothingEither()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, _) = await VotedAsync(cluster, images: 50);
        cluster.BeforeCall = async context =>
        {
            // What an estimate asks for last.
            if (context.InterfaceMethod.Name == nameof(IPartitionGrain.ScoreAsync)) await Reliability(cluster, job).CancelAsync(1);
        };
        var model = await EstimatedAsync(cluster, job);
        Assert.Equal((ModelState.Cancelled, null), (model.State, model.Result));
        await TestCluster.EventuallyAsync(async () => (await cluster.Operations(job).ListAsync()).All(operation => operation.State == OperationState.Done), "the work ends");
        await TestCluster.EventuallyAsync(async () => await CountObjectsAsync(cluster, job) == 0, "the model's object is gone");
    }

    /// <summary>The silo dies while it is estimated: it is not estimated any more.</summary>
    [Fact]
    public async Task Cancel_ThenTheSiloDies_StaysCancelledAndTheWorkEnds()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, _) = await VotedAsync(cluster, images: 50);
        var (reached, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.BeforeCall = async context =>
        {
            if (context.InterfaceMethod.Name != nameof(IPartitionGrain.LayByVotesAsync)) return;
            reached.TrySetResult();
            await go.Task;
        };
        await Reliability(cluster, job).StartAsync(new ReliabilitySettings());
        await reached.Task;
        await Reliability(cluster, job).CancelAsync(1);
        await cluster.RestartAsync(gracefully: false);
        go.SetResult();
        cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IPartitionGrain.LayByVotesAsync) ? throw new InvalidOperationException("it was cancelled") : Task.CompletedTask;
        await cluster.Job(job).ResumeAsync();
        await TestCluster.EventuallyAsync(async () => (await cluster.Operations(job).ListAsync()).All(operation => operation.State == OperationState.Done), "the work ends");
        Assert.Equal(ModelState.Cancelled, (await Reliability(cluster, job).GetAsync(1))!.State);
    }

    /// <summary>Whoever waits for it fails: what it has under way ends first, and only then are the votes dropped.</summary>
    [Fact]
    public async Task Estimate_FailsWhileItTakesSums_LeavesNothingAtWork()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, _) = await VotedAsync(cluster, images: 50);
        var (reached, failed, dropped, late) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource(), 0);
        cluster.BeforeCall = async context =>
        {
            var method = context.InterfaceMethod.Name;
            if (method == nameof(IPartitionGrain.DropVotesAsync)) dropped.TrySetResult();
            else if (method == nameof(IReliabilityGrain.GetAsync) && context.InterfaceMethod.DeclaringType == typeof(IReliabilityGrain) && reached.Task.IsCompleted && failed.TrySetResult())
            {
                throw new InvalidOperationException("a fault of ours");
            }
            else if (method == nameof(IPartitionGrain.ExpectAsync))
            {
                reached.TrySetResult();
                await failed.Task;
                // Where nobody waits for it, the votes are dropped meanwhile.
                if (await Task.WhenAny(dropped.Task, Task.Delay(200, TestContext.Current.CancellationToken)) == dropped.Task) Interlocked.Increment(ref late);
            }
        };
        await Reliability(cluster, job).StartAsync(new ReliabilitySettings());
        await TestCluster.EventuallyAsync(async () => (await cluster.Operations(job).ListAsync()).All(operation => operation.HasEnded), "the work ends");
        var model = Assert.Single(await Reliability(cluster, job).ListAsync());
        Assert.Equal((ModelState.Failed, "a fault of ours"), (model.State, model.Problem));
        Assert.True(dropped.Task.IsCompleted);
        Assert.Equal(0, late);
    }

    /// <summary>A partition that lost its votes in the middle has the estimate begin anew.</summary>
    [Fact]
    public async Task Estimate_PartitionLostInTheMiddle_BeginsAnewAndEndsWell()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, submissions) = await VotedAsync(cluster, images: 100);
        var calls = 0;
        cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IPartitionGrain.ExpectAsync) && Interlocked.Increment(ref calls) == 3
            ? cluster.Partition(TestCluster.ClassOf(job, "Dog"), 0).Cast<IGrainManagementExtension>().DeactivateOnIdle().AsTask() : Task.CompletedTask;
        var model = await EstimatedAsync(cluster, job);
        Assert.Equal(ModelState.Done, model.State);
        Assert.Equal((await DirectAsync(submissions, model.Settings)).LogLikelihood, model.Result!.LogLikelihood, 1e-6);
        Assert.True(calls > 3);
    }

    [Fact]
    public async Task Estimate_JobDeletedMeanwhile_LeavesNothing()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.SweepAgainAfter = TimeSpan.Zero);
        var (job, _) = await VotedAsync(cluster, images: 50);
        await EstimatedAsync(cluster, job);
        await Reliability(cluster, job).StartAsync(new ReliabilitySettings());
        await cluster.Job(job).DeleteAsync(job.Incarnation);
        Assert.Null(await Reliability(cluster, job).StartAsync(new ReliabilitySettings()));
        await TestCluster.EventuallyAsync(async () => (await Reliability(cluster, job).ListAsync()).IsEmpty, "the models are forgotten");
        await TestCluster.EventuallyAsync(async () => await CountObjectsAsync(cluster, job) == 0, "the models' objects are gone");
    }

    private static async Task<int> CountObjectsAsync(TestCluster cluster, JobInfo job) => await cluster.Objects
        .ListAsync(new JobObjects(cluster.Objects, Options.Create(new ObjectOptions())).Root(job.Incarnation), TestContext.Current.CancellationToken).CountAsync();

    /// <summary>By Bayes' rule, without any of the code that decides verdicts.</summary>
    private static async Task<List<double>> PosteriorsAsync(TestCluster cluster, ClassAddress address, ReliabilityParameters parameters)
    {
        var posteriors = new List<double>();
        var submissions = (await cluster.SubmissionsAsync(address)).ToLookup(submission => submission.Task);
        foreach (var task in await cluster.TasksAsync(address))
            for (var image = 0; image < task.Images.Length; image++)
            {
                var (right, wrong) = (parameters.Prior, 1 - parameters.Prior);
                foreach (var submission in submissions[task.Number])
                {
                    var coins = parameters.Coins[Array.IndexOf(Workers, submission.Worker.Value)];
                    var confirms = submission.Answers[image] == AnswerKind.Confirm;
                    right *= confirms ? coins.ConfirmsRight : 1 - coins.ConfirmsRight;
                    wrong *= confirms ? 1 - coins.CatchesWrong : coins.CatchesWrong;
                }
                posteriors.Add(right / (right + wrong));
            }
        return posteriors;
    }
}
