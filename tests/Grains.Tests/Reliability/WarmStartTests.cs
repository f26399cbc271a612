using BulkQA.Core;

namespace BulkQA.Grains.Tests;

/// <summary>Estimates that begin from a model, because somebody says so.</summary>
public sealed class WarmStartTests : EstimateTest
{
    /// <summary>The same top as from the votes alone, in fewer rounds.</summary>
    [Fact]
    public async Task Start_FromAModelAfterAThousandNewVotes_EndsWhereOneFromTheVotesAloneDoes()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, submissions) = await VotedAsync(cluster, images: 400);
        var settings = new ReliabilitySettings();
        var first = await EstimatedAsync(cluster, job, settings);
        submissions = submissions.AddRange(await AnswerAsync(cluster, job, "Fox", 200, new Random(3)));
        var asked = (await Reliability(cluster, job).StartAsync(settings, first.Number))!;
        var model = await EndAsync(cluster, job, asked.Number);
        Assert.Equal((1, false, 3_000L), (model.BeginsFrom, model.IsByItself, model.Result!.Votes));
        var fromVotesAlone = await DirectAsync(submissions, settings);
        Assert.True(model.Result.Converged && model.Result.Iterations < fromVotesAlone.Iterations, $"{model.Result.Iterations} rounds instead of {fromVotesAlone.Iterations}");
        Assert.Equal(fromVotesAlone.LogLikelihood, model.Result.LogLikelihood, 1e-2);
    }

    [Fact]
    public async Task Start_FromAModelThatItCanNotBeginFrom_IsRefusedInWords()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, _) = await VotedAsync(cluster, images: 50);
        await EstimatedAsync(cluster, job, new ReliabilitySettings { Method = ReliabilityMethod.OneCoin });
        var failing = await cluster.CreateJobAsync("empty");
        await EstimatedAsync(cluster, failing);
        foreach (var (of, number, problem) in ((JobInfo, int, string)[])[(job, 2, "no model 2"), (job, 1, "is of method oneCoin, and twoCoin is asked for"), (failing, 1, "model 1 is not done")])
            Assert.Contains(problem, (await Assert.ThrowsAsync<BadInputException>(() => Reliability(cluster, of).StartAsync(new ReliabilitySettings(), number))).Message, StringComparison.Ordinal);
        Assert.Single(await Reliability(cluster, job).ListAsync());
    }
}
