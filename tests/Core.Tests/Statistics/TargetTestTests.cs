using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class TargetTestTests
{
    /// <summary>
    /// 10,000 classes reviewed to the end in random order, looked at after every image. At the edge of the target on either side, where deciding
    /// wrongly is easiest, and off it.
    /// </summary>
    [Theory]
    [InlineData(110, 11)]
    [InlineData(110, 10)]
    [InlineData(110, 14)]
    [InlineData(110, 4)]
    [InlineData(600, 55)]
    [InlineData(600, 54)]
    public void Decide_LookedAtAfterEveryImage_IsWrongNoMoreOftenThanStated(int images, int incorrect)
    {
        const int Runs = 10_000;
        const double Error = 0.05;
        var random = new Random(images + incorrect);
        var decisions = new TargetVerdict?[images + 1, images + 1];
        var (wrong, saved) = (0, 0L);
        var truth = incorrect * 11 <= images ? TargetVerdict.Pass : TargetVerdict.Fail;
        for (var run = 0; run < Runs; run++)
        {
            var seen = 0;
            for (var reviewed = 1; reviewed <= images; reviewed++)
            {
                if (random.Next(images - reviewed + 1) < incorrect - seen) seen++;
                var decision = decisions[reviewed, seen] ??= TargetTest.Decide(new ReviewCounts(images, reviewed, reviewed - seen), 0.1, Error);
                if (decision == TargetVerdict.Open) continue;
                if (decision != truth) wrong++;
                saved += images - reviewed;
                break;
            }
        }
        TestContext.Current.SendDiagnosticMessage($"{incorrect} of {images}: {wrong} of {Runs} wrong, {(double)saved / images / Runs:P1} saved");
        Assert.True(wrong <= Error * Runs, $"{wrong} of {Runs} decisions are wrong");
    }

    /// <summary>10,000 jobs of five classes at the edge of the target, looked at after every image: in how many is any class ever decided wrongly?</summary>
    [Fact]
    public void Decide_FamilyLookedAtAfterEveryImage_HasAnyWrongDecisionNoMoreOftenThanStated()
    {
        const int Runs = 10_000;
        const double Level = 0.95;
        var target = new JobTarget(0.1, Level, TargetScope.Class);
        (int Images, int Incorrect)[] classes = [(110, 11), (110, 10), (60, 6), (220, 21), (40, 3)];
        var known = classes.Select(one => new TargetVerdict?[one.Images + 1, one.Images + 1]).ToArray();
        var random = new Random(31);
        var wrong = 0;
        for (var run = 0; run < Runs; run++) if (classes.Index().Any(entry => IsWrong(entry.Index, entry.Item.Images, entry.Item.Incorrect))) wrong++;
        TestContext.Current.SendDiagnosticMessage($"{wrong} of {Runs} jobs with a wrong decision");
        Assert.True(wrong <= (1 - Level) * Runs, $"{wrong} of {Runs} jobs have a wrong decision");

        bool IsWrong(int number, int images, int incorrect)
        {
            for (var (reviewed, seen) = (1, 0); reviewed <= images; reviewed++)
            {
                if (random.Next(images - reviewed + 1) < incorrect - seen) seen++;
                var decision = known[number][reviewed, seen] ??= TargetTest.Decide(new ReviewCounts(images, reviewed, reviewed - seen), 0.1, target.ErrorOfEach(classes.Length));
                if (decision != TargetVerdict.Open) return decision != (incorrect * 11 <= images ? TargetVerdict.Pass : TargetVerdict.Fail);
            }
            return false;
        }
    }

    /// <summary>The ratio has the mean 1 under each number of incorrect images that is to be excluded: with whole sums over all that may be drawn.</summary>
    [Fact]
    public void Evidence_UnderTheNumberItIsAgainst_HasMeanOne() => Gen.Select(Gen.Int[2, 60], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Double[0.02, 0.98], Gen.Bool).Sample(
        (images, markedShare, reviewedShare, edge, isBelow) =>
        {
            var (marked, reviewed) = ((int)(markedShare * images), 1 + (int)(reviewedShare * (images - 1)));
            var mean = 0.0;
            for (var incorrect = Math.Max(0, reviewed - (images - marked)); incorrect <= Math.Min(reviewed, marked); incorrect++)
            {
                // The chance of each order, times their number, times the ratio: the mixture over what may be drawn. It misses what can't be.
                mean += Math.Exp(TargetTest.LogMixture(incorrect, reviewed, edge, isBelow) + Hypergeometric.LogChoose(reviewed, incorrect));
                Assert.Equal(
                    Hypergeometric.AtMost(incorrect, reviewed, marked, images) - Hypergeometric.AtMost(incorrect - 1, reviewed, marked, images),
                    Math.Exp(TargetTest.LogChance(incorrect, reviewed, marked, images) + Hypergeometric.LogChoose(reviewed, incorrect)), 1e-10);
            }
            Assert.True(mean <= 1 + 1e-9, $"{mean}");
            var all = Enumerable.Range(0, reviewed + 1).Sum(incorrect => Math.Exp(TargetTest.LogMixture(incorrect, reviewed, edge, isBelow) + Hypergeometric.LogChoose(reviewed, incorrect)));
            Assert.Equal(1, all, 1e-9);
        }, iter: 300);

    /// <summary>A decision against the number next to the target is one against all beyond it.</summary>
    [Fact]
    public void Decide_Passes_OnlyWhereEveryNumberBeyondTheTargetIsExcluded() => Gen.Select(Gen.Int[5, 80], Gen.Double[0, 1], Gen.Double[0, 0.5]).Sample((images, reviewedShare, seenShare) =>
    {
        var reviewed = 1 + (int)(reviewedShare * (images - 1));
        var seen = (int)(seenShare * reviewed);
        var allowed = images / 11;
        var decision = TargetTest.Decide(new ReviewCounts(images, reviewed, reviewed - seen), 0.1, 0.05);
        if (decision == TargetVerdict.Open || seen > allowed || seen + images - reviewed <= allowed) return;
        var isPass = decision == TargetVerdict.Pass;
        foreach (var marked in isPass ? Enumerable.Range(allowed + 1, images - allowed) : Enumerable.Range(0, allowed + 1))
            Assert.True(
                TargetTest.LogMixture(seen, reviewed, (allowed + 0.5) / images, isPass) - TargetTest.LogChance(seen, reviewed, marked, images) >= -Math.Log(0.05) - 1e-9,
                $"{decision} at {seen} of {reviewed} of {images} does not exclude {marked}");
    }, iter: 2_000);

    [Theory]
    [InlineData(0, 0, 0, TargetVerdict.Pass)]
    [InlineData(10, 0, 0, TargetVerdict.Open)]
    [InlineData(10, 1, 0, TargetVerdict.Fail)]
    [InlineData(10, 10, 10, TargetVerdict.Pass)]
    [InlineData(11, 11, 10, TargetVerdict.Pass)]
    [InlineData(22, 21, 20, TargetVerdict.Pass)]
    [InlineData(1, 1, 0, TargetVerdict.Fail)]
    [InlineData(1, 0, 0, TargetVerdict.Open)]
    public void Decide_WhatCountingSettles_IsDecided(int images, int reviewed, int confirmed, TargetVerdict verdict) =>
        Assert.Equal(verdict, TargetTest.Decide(new ReviewCounts(images, reviewed, confirmed), 0.1, 0.05));

    [Fact]
    public void Decide_TargetZero_PassesOnceNearlyAllAreReviewed()
    {
        Assert.Equal(TargetVerdict.Open, TargetTest.Decide(new ReviewCounts(100, 94, 94), 0, 0.05));
        Assert.Equal(TargetVerdict.Pass, TargetTest.Decide(new ReviewCounts(100, 100, 100), 0, 0.05));
        Assert.Equal(TargetVerdict.Fail, TargetTest.Decide(new ReviewCounts(100, 50, 49), 0, 0.05));
    }

    [Fact]
    public void Decide_MillionsOfImages_IsDecided()
    {
        Assert.Equal(TargetVerdict.Pass, TargetTest.Decide(new ReviewCounts(10_000_000, 1_000_000, 950_000), 0.1, 0.001));
        Assert.Equal(TargetVerdict.Fail, TargetTest.Decide(new ReviewCounts(10_000_000, 1_000_000, 850_000), 0.1, 0.001));
        Assert.Equal(TargetVerdict.Open, TargetTest.Decide(new ReviewCounts(10_000_000, 1_000_000, 909_090), 0.1, 0.001));
    }

    [Theory]
    [InlineData(-0.1, 0.05)]
    [InlineData(double.PositiveInfinity, 0.05)]
    [InlineData(double.NaN, 0.05)]
    [InlineData(0.1, 0)]
    [InlineData(0.1, 1)]
    public void Decide_OutsideItsRange_Throws(double ratio, double error) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TargetTest.Decide(new ReviewCounts(10, 5, 5), ratio, error));
}
