using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class VoteBlockTests
{
    private static readonly Gen<Crowd> _crowd = Crowd.Any(workers: 5);

    private static readonly Gen<ReliabilityParameters> _parameters =
        Gen.Select(Gen.Double[0, 1], Crowd.AnyCoins.Array[5], (prior, coins) => new ReliabilityParameters(prior, [.. coins], default));

    /// <summary>Against the closed form: votes on known images add themselves to the counts, and their logarithms to the likelihood.</summary>
    [Fact]
    public void Expect_WithKnownImages_AddsTheirVotesAndNoImage() => Gen.Select(_crowd, _crowd, Gen.Bool.Array[7], _parameters).Sample((crowd, known, right, parameters) =>
    {
        var builder = new VoteBlockBuilder([.. Enumerable.Range(0, 5).Select(worker => HoldOut.KeyOf($"worker {worker}"))]);
        foreach (var (image, votes) in crowd.Images.Index()) builder.Add(HoldOut.KeyOf($"image {image}"), votes);
        foreach (var (image, votes) in known.Images.Index()) builder.AddKnown(right[image], votes);
        var block = builder.Build();
        foreach (var (without, with) in ((ExpectedCounts, ExpectedCounts)[])[(crowd.Block().Expect(parameters), block.Expect(parameters)), (crowd.Block().ExpectByMajority(), block.ExpectByMajority())])
        {
            Assert.Equal((without.Images, without.RightImages), (with.Images, with.RightImages));
            for (var worker = 0; worker < 5; worker++)
            {
                var votes = known.Images.Index().SelectMany(image => image.Item.Where(vote => vote.Worker == worker).Select(vote => (IsRight: right[image.Index], vote.Disconfirms))).ToList();
                var of = without[worker];
                AssertIs(new WorkerCounts(
                    of.RightVotes + votes.Count(vote => vote.IsRight), of.RightConfirms + votes.Count(vote => vote is { IsRight: true, Disconfirms: false }),
                    of.WrongVotes + votes.Count(vote => !vote.IsRight), of.WrongDisconfirms + votes.Count(vote => vote is { IsRight: false, Disconfirms: true })), with[worker]);
            }
        }
        var logs = known.Images.Index().Sum(image => image.Item.Sum(vote => Math.Log(Crowd.Probability(parameters.CoinsOf(vote.Worker), vote.Disconfirms, right[image.Index]))));
        Assert.Equal(crowd.Block().Expect(parameters).LogLikelihood + logs, block.Expect(parameters).LogLikelihood, 1e-6);
        Assert.Equal((crowd.Block().Images, crowd.Block().Votes), (block.Images, block.Votes));
        var holdOut = new HoldOut(1, 0.5, block.Images, 1_000);
        Assert.Equal(crowd.Block().WithoutHeldOut(holdOut).Expect(parameters).Votes + known.Images.Sum(votes => votes.Length), block.WithoutHeldOut(holdOut).Expect(parameters).Votes);
    });

    /// <summary>Against the sum over all 2^n ways in which n labels can be right or wrong.</summary>
    [Fact]
    public void Expect_SmallCrowd_IsTheSumOverAllTruths() => Gen.Select(_crowd, _parameters).Sample((crowd, parameters) =>
    {
        var images = crowd.Images.Where(votes => votes.Length > 0).ToArray();
        var (all, rightImages, counts) = (0.0, 0.0, new WorkerCounts[5]);
        for (var truth = 0; truth < 1 << images.Length; truth++)
        {
            var probability = 1.0;
            for (var image = 0; image < images.Length; image++)
            {
                var isRight = (truth >> image & 1) == 1;
                probability *= isRight ? parameters.Prior : 1 - parameters.Prior;
                foreach (var (worker, disconfirms) in images[image]) probability *= Crowd.Probability(parameters.Coins[worker], disconfirms, isRight);
            }
            all += probability;
            for (var image = 0; image < images.Length; image++)
            {
                var isRight = (truth >> image & 1) == 1;
                rightImages += isRight ? probability : 0;
                foreach (var (worker, disconfirms) in images[image])
                {
                    var of = counts[worker];
                    counts[worker] = isRight
                        ? of with { RightVotes = of.RightVotes + probability, RightConfirms = of.RightConfirms + (disconfirms ? 0 : probability) }
                        : of with { WrongVotes = of.WrongVotes + probability, WrongDisconfirms = of.WrongDisconfirms + (disconfirms ? probability : 0) };
                }
            }
        }
        var expected = crowd.Block().Expect(parameters);
        Assert.Equal(images.Length, expected.Images);
        Assert.Equal(images.Sum(votes => votes.Length), expected.Votes);
        Assert.Equal(Math.Log(all), expected.LogLikelihood, 1e-9);
        Assert.Equal(rightImages / all, expected.RightImages, 1e-9);
        for (var worker = 0; worker < 5; worker++)
        {
            var of = counts[worker];
            AssertIs(new WorkerCounts(of.RightVotes / all, of.RightConfirms / all, of.WrongVotes / all, of.WrongDisconfirms / all), expected[worker]);
        }
    }, iter: 300);

    [Fact]
    public void ExpectByMajority_SharesAndATie_CountAsThey()
    {
        var counts = Crowd.Of("++-", "+-.", "-..").Block().ExpectByMajority();
        Assert.Equal((0.0, 3L, 6L), (counts.LogLikelihood, counts.Images, counts.Votes));
        Assert.Equal((2.0 / 3) + 0.5, counts.RightImages, 1e-12);
        AssertIs(new WorkerCounts((2.0 / 3) + 0.5, (2.0 / 3) + 0.5, (1.0 / 3) + 1.5, 1), counts[0]);
        AssertIs(new WorkerCounts(2.0 / 3, 0, 1.0 / 3, 1.0 / 3), counts[2]);
    }

    /// <summary>Parts number their workers for themselves; only rounding tells their sum from the whole.</summary>
    [Fact]
    public void AddInto_PartsWithTheirOwnWorkers_AddUpToTheWhole()
    {
        WorkerCoins[] coins = [.. Enumerable.Range(0, 30).Select(worker => new WorkerCoins(0.6 + (worker * 0.01), 0.9 - (worker * 0.01)))];
        var (crowd, _) = Crowd.Simulate(7, 3_000, 3, 0.7, coins);
        var parameters = new ReliabilityParameters(0.6, [.. coins], new WorkerCoins(0.1, 0.1));
        var whole = crowd.Block().Expect(parameters);
        var sum = new ExpectedCounts(30);
        foreach (var part in crowd.Images.Chunk(131))
        {
            int[] localToGlobal = [.. part.SelectMany(votes => votes.Select(vote => vote.Worker)).Distinct()];
            var local = localToGlobal.Select((global, index) => (global, index)).ToDictionary(entry => entry.global, entry => entry.index);
            var own = new Crowd(localToGlobal.Length, [.. part.Select(votes => votes.Select(vote => (local[vote.Worker], vote.Disconfirms)).ToArray())]);
            var counts = own.Block().Expect(ReliabilityParameters.Unpack(parameters.Select(localToGlobal).Pack()));
            ExpectedCounts.Unpack(counts.Pack()).AddInto(sum, localToGlobal);
        }
        AssertSame(whole, sum);
    }

    [Fact]
    public void AddInto_IndicesOfOtherWorkers_Throws() => Assert.Throws<ArgumentException>(() => new ExpectedCounts(2).AddInto(new ExpectedCounts(3), [0]));

    [Fact]
    public void Expect_ImagesAndVotesInAnyOrder_IsTheSame() => Gen.Select(_crowd, _parameters, Gen.Int).Sample((crowd, parameters, seed) =>
    {
        var random = new Random(seed);
        var shuffled = crowd with { Images = [.. crowd.Images.Select(votes => votes.OrderBy(_ => random.Next()).ToArray()).OrderBy(_ => random.Next())] };
        AssertSame(crowd.Block().Expect(parameters), shuffled.Block().Expect(parameters));
    }, iter: 300);

    [Fact]
    public void Expect_MoreVotesThanASegmentHolds_CountsThemAll()
    {
        var images = Enumerable.Repeat(((int, bool)[])[(0, false), (1, true), (2, false)], VoteBlockBuilder.MaxVotes).ToArray();
        var block = new Crowd(3, images).Block();
        Assert.Equal((images.Length, 3L * images.Length), (block.Images, block.Votes));
        var counts = block.ExpectByMajority();
        Assert.Equal((images.Length, images.Length), (counts.Images, counts[1].Votes));
        Assert.Equal(images.Length / 3.0, counts[1].WrongDisconfirms, 1e-6);
    }

    /// <summary>A likelihood of e^-5000 is 0 as a number; its logarithm is not.</summary>
    [Fact]
    public void Expect_ManySureWorkersWhoContradictEachOther_StaysFinite()
    {
        var votes = Enumerable.Range(0, 512).Select(worker => (worker, worker % 2 == 0)).ToArray();
        var parameters = new ReliabilityParameters(1, [.. Enumerable.Repeat(new WorkerCoins(1, 0), 512)], default);
        var counts = new Crowd(512, [votes]).Block().Expect(parameters);
        Assert.Equal(256 * Math.Log(ReliabilityParameters.Edge), counts.LogLikelihood, 1e-5);
        Assert.All(counts.Pack(), value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void Add_WorkerWithoutAKey_IsRefusedAndNothingIsTaken()
    {
        var builder = new VoteBlockBuilder([1, 2]);
        Assert.Throws<ArgumentException>(() => builder.Add(1, [(0, true), (2, true)]));
        Assert.Throws<ArgumentException>(() => builder.Add(1, [(-1, true)]));
        Assert.Equal(0, builder.Build().Votes);
    }

    [Fact]
    public void Add_ImageWithoutVotes_IsSkipped() => Assert.Equal(1, Crowd.Of("..", "+.").Block().Images);

    private static void AssertIs(WorkerCounts expected, WorkerCounts actual)
    {
        Assert.Equal(expected.RightVotes, actual.RightVotes, 1e-9);
        Assert.Equal(expected.RightConfirms, actual.RightConfirms, 1e-9);
        Assert.Equal(expected.WrongVotes, actual.WrongVotes, 1e-9);
        Assert.Equal(expected.WrongDisconfirms, actual.WrongDisconfirms, 1e-9);
    }

    private static void AssertSame(ExpectedCounts expected, ExpectedCounts actual)
    {
        Assert.Equal(expected.Workers, actual.Workers);
        foreach (var (left, right) in expected.Pack().Zip(actual.Pack())) Assert.Equal(left, right, 1e-9 * Math.Max(1, Math.Abs(left)));
    }
}
