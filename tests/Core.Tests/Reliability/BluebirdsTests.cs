using BulkQA.Api.Tests;

namespace BulkQA.Core.Tests;

/// <summary>Published figures: 108 pictures, 39 people who each answered all of them, and the truth. Skipped where the data is not.</summary>
public sealed class BluebirdsTests
{
    [Fact]
    public void Majority_ErrsOn26()
    {
        var (crowd, right) = Read();
        var verdicts = crowd.Images.Select(votes => VerdictPolicy.Majority.Decide(votes.Count(vote => !vote.Disconfirms), votes.Count(vote => vote.Disconfirms)));
        Assert.Equal(26, verdicts.Zip(right).Count(image => image.Second != (image.First == Verdict.Confirmed)));
    }

    [Fact]
    public async Task TwoCoins_EstimatedPriorWithoutSmoothing_ErrOn11AtThePublishedLikelihood()
    {
        var (crowd, right) = Read();
        var estimate = await crowd.EstimateAsync(Crowd.Unsmoothed);
        Assert.True(estimate.Converged);
        Assert.Equal(-1888.1168, estimate.LogLikelihood, 0.00005);
        Assert.Equal(11, CountErrors(estimate, crowd, right));
    }

    [Fact]
    public async Task TwoCoins_UniformPrior_ErrOn12()
    {
        var (crowd, right) = Read();
        Assert.Equal(12, CountErrors(await crowd.EstimateAsync(Crowd.Unsmoothed with { Prior = 0.5 }), crowd, right));
    }

    /// <summary>The published 12 are those of a run that stops on the way; one picture more comes right at the top.</summary>
    [Fact]
    public async Task TwoCoins_UniformPriorToTheTop_ErrOn11()
    {
        var (crowd, right) = Read();
        var estimate = await crowd.EstimateAsync(Crowd.Unsmoothed with { Prior = 0.5, Tolerance = 1e-12 });
        Assert.Equal(-1888.7435, estimate.LogLikelihood, 0.00005);
        Assert.Equal(11, CountErrors(estimate, crowd, right));
    }

    [Fact]
    public async Task TwoCoins_DefaultSettings_ErrOn12()
    {
        var (crowd, right) = Read();
        Assert.Equal(12, CountErrors(await crowd.EstimateAsync(new ReliabilitySettings()), crowd, right));
    }

    /// <summary>Most people here take one kind of bird for the other and hardly ever the other way round; one coin can't say that.</summary>
    [Fact]
    public async Task OneCoin_ErrsOn45()
    {
        var (crowd, right) = Read();
        Assert.Equal(45, CountErrors(await crowd.EstimateAsync(Crowd.Unsmoothed with { Method = ReliabilityMethod.OneCoin }), crowd, right));
    }

    /// <summary>The likelihood of votes that were held out says the same without the truth.</summary>
    [Fact]
    public async Task HeldOut_TwoCoinsPredictBest()
    {
        var scores = await Crowd.ScoreAsync(Read().Crowd, new HoldOut(1, 0.2, 108, 108));
        Assert.Equal(VoteModel.TwoCoin, scores!.Best);
        Assert.True(scores.TwoCoin > scores.OneCoin + 0.03, $"{scores}");
    }

    private static int CountErrors(ReliabilityEstimate estimate, Crowd crowd, bool[] right)
    {
        var rule = new PosteriorRule(estimate.Parameters, 0.95);
        return crowd.Images.Zip(right).Count(image => image.Second != PosteriorRule.Posterior(Crowd.SumOf(rule, image.First)) >= 0.5);
    }

    private static (Crowd Crowd, bool[] Right) Read()
    {
        var votes = File.ReadLines(SharedData.Bluebirds("crowd.tsv")).Select(line => line.Split('\t')).ToList();
        var right = File.ReadLines(SharedData.Bluebirds("truth.tsv")).Select(line => line.Split('\t')).ToDictionary(line => line[0], line => line[1] == "1");
        var workers = votes.Select(vote => vote[1]).Distinct().Select((worker, index) => (worker, index)).ToDictionary(entry => entry.worker, entry => entry.index);
        var images = votes.GroupBy(vote => vote[0]).ToList();
        Assert.Equal((108, 39, 4212), (images.Count, workers.Count, votes.Count));
        var crowd = new Crowd(39, [.. images.Select(image => image.Select(vote => (workers[vote[1]], vote[2] != "1")).ToArray())]);
        return (crowd, [.. images.Select(image => right[image.Key])]);
    }
}
