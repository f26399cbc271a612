using CsCheck;

namespace BulkQA.Core.Tests;

/// <summary>What a fold says of workers, against counting by hand.</summary>
public sealed class PartitionFoldWorkersTests
{
    private static readonly Gen<AnswerKind[][]> _answers = Gen.OneOfConst(Enum.GetValues<AnswerKind>()).Array[3].Array[1, 5];

    [Fact]
    public void TallyWorkers_AnyAnswers_IsWhatCountingByHandComesTo() => Gen.Select(_answers.Array[1, 3], Gen.Int[-1, 4]).Sample((tasks, setAside) =>
    {
        var rules = new VerdictRules(0, VerdictPolicy.Majority, setAside < 0 ? [] : [Worker(setAside)]);
        var fold = new PartitionFold(new JobSettings(), rules);
        var all = new List<(int Task, int Image, int Worker, AnswerKind Kind)>();
        foreach (var (task, answers) in tasks.Index())
        {
            fold.AddTask(new TaskNumber(task), [90, 91, 92]);
            foreach (var (worker, kinds) in answers.Index())
            {
                if (kinds.All(kind => kind == AnswerKind.None)) continue;
                fold.Apply(new Submission(
                    new TaskNumber(task), Worker(worker), new SubmissionTime(10 + worker), TaskAnswers.Of(kinds), AnswerSource.WorkerPage,
                    worker == 0 ? BoxesAtStart.Ticked : worker == 1 ? BoxesAtStart.Unticked : BoxesAtStart.Unknown, worker == 3 ? TimeSpan.FromSeconds(6) : null));
                all.AddRange(kinds.Index().Where(kind => kind.Item != AnswerKind.None).Select(kind => (task, kind.Index, worker, kind.Item)));
            }
        }
        var tallies = fold.Workers.Zip(fold.TallyWorkers()).ToDictionary(entry => entry.First.Value, entry => entry.Second);
        Assert.Equal(all.Select(answer => answer.Worker).Distinct().Count(), tallies.Count);
        foreach (var own in all.GroupBy(answer => answer.Worker))
        {
            var tally = tallies[$"w{own.Key}"];
            var votes = own.Where(answer => answer.Kind >= AnswerKind.Confirm).ToList();
            Assert.Equal(
                (own.Count(answer => answer.Kind == AnswerKind.Confirm), own.Count(answer => answer.Kind == AnswerKind.Disconfirm), own.Count(answer => answer.Kind == AnswerKind.CantTell), own.Count(answer => answer.Kind == AnswerKind.NotSeen)),
                (tally.Confirms, tally.Disconfirms, tally.CantTell, tally.NotSeen));
            var compared = votes.Select(vote => (Own: vote.Kind, Lead: Others(vote).Sum(kind => kind == AnswerKind.Confirm ? 1 : -1))).Where(vote => vote.Lead != 0).ToList();
            Assert.Equal(compared.Count, tally.Compared);
            Assert.Equal(compared.Count(vote => vote.Own == AnswerKind.Confirm == vote.Lead > 0), tally.Agreed);
            Assert.Equal(compared.Count(vote => vote.Lead < 0), tally.OthersDisconfirm);
            Assert.Equal(compared.Count(vote => vote.Lead < 0 && vote.Own == AnswerKind.Disconfirm), tally.DisconfirmsWithOthers);
            Assert.Equal(new StartTally(own.Key == 0 ? tally.Votes : 0, own.Key == 0 ? tally.Disconfirms : 0), tally.Ticked);
            Assert.Equal(new StartTally(own.Key == 1 ? tally.Votes : 0, own.Key == 1 ? tally.Disconfirms : 0), tally.Unticked);
            var whole = own.GroupBy(answer => answer.Task).Count(task => task.Count() == 3);
            Assert.Equal((whole, own.Key == 3 ? whole * 6.0 : 0), (tally.Batches, tally.TimedSeconds));
            Assert.Equal((10L + own.Key, 10L + own.Key), (tally.FirstAt.UtcTicks, tally.LastAt.UtcTicks));
        }

        IEnumerable<AnswerKind> Others((int Task, int Image, int Worker, AnswerKind Kind) vote) => all
            .Where(answer => answer.Task == vote.Task && answer.Image == vote.Image && answer.Worker != vote.Worker && answer.Worker != setAside && answer.Kind >= AnswerKind.Confirm)
            .Select(answer => answer.Kind);
    }, iter: 2_000);

    [Fact]
    public void Tallies_OfParts_AddUpToThoseOfTheWhole()
    {
        var parts = Enumerable.Range(0, 3).Select(part => new WorkerTally
        {
            Batches = part,
            Confirms = 2,
            Disconfirms = 3,
            OthersConfirm = 1,
            ConfirmsWithOthers = 1,
            BatchTimes = DurationCounts.OfSteps([part, 0, 1]),
            TimedSeconds = 1.5,
            TimedImages = 3,
            FirstAt = new SubmissionTime(part == 1 ? 0 : 5 + part),
            LastAt = new SubmissionTime(9 - part),
        }).ToList();
        var sum = parts.Aggregate(new WorkerTally(), WorkerTally.Add);
        Assert.Equal((3L, 15L, 3L, 4.5, 5L, 9L), (sum.Batches, sum.Votes, sum.Agreed, sum.TimedSeconds, sum.FirstAt.UtcTicks, sum.LastAt.UtcTicks));
        Assert.Equal([3, 0, 3], sum.BatchTimes.Counts);
        Assert.Equal(sum, parts.AsEnumerable().Reverse().Aggregate(new WorkerTally(), WorkerTally.Add));
    }

    [Fact]
    public void CountAgreement_ByDay_CountsImagesWithTwoVotesThatCount()
    {
        var fold = new PartitionFold(new JobSettings());
        fold.AddTask(new TaskNumber(0), [90, 91, 92]);
        var day = new DateTimeOffset(2026, 11, 28, 23, 0, 0, TimeSpan.Zero);
        fold.Apply(new Submission(new TaskNumber(0), Worker(0), SubmissionTime.From(day), TaskAnswers.Parse("ccd")));
        fold.Apply(new Submission(new TaskNumber(0), Worker(1), SubmissionTime.From(day), TaskAnswers.Parse("dc-")));
        fold.Apply(new Submission(new TaskNumber(0), Worker(2), SubmissionTime.From(day.AddHours(2)), TaskAnswers.Parse("t--")));
        Assert.Equal(
            [KeyValuePair.Create(new DateOnly(2026, 11, 28), AgreementCounts.Of(2, 0)), KeyValuePair.Create(new DateOnly(2026, 11, 29), AgreementCounts.Of(1, 1))],
            fold.CountAgreement());
    }

    [Theory]
    [InlineData(0.01, 1)]
    [InlineData(0.1, 1)]
    [InlineData(12, 4)]
    [InlineData(90, 1_000)]
    [InlineData(3_600, 3)]
    public void Median_OfTheSameTimes_IsThatTimeWithinFivePercent(double seconds, int times)
    {
        var steps = new int[DurationCounts.Steps];
        steps[DurationCounts.StepOf(seconds)] = times;
        Assert.InRange(DurationCounts.OfSteps(steps).Median!.Value.TotalSeconds, Math.Max(0.1, seconds) * 0.95, Math.Max(0.1, seconds) * 1.05);
    }

    [Fact]
    public void Median_OfMany_IsTheMiddleOneAndOfNoneNull()
    {
        var steps = new int[DurationCounts.Steps];
        foreach (var seconds in (double[])[1, 2, 3, 100, 10_000]) steps[DurationCounts.StepOf(seconds)]++;
        Assert.InRange(DurationCounts.OfSteps(steps).Median!.Value.TotalSeconds, 2.85, 3.15);
        Assert.Null(default(DurationCounts).Median);
        Assert.Equal(DurationCounts.Steps - 1, DurationCounts.StepOf(double.MaxValue));
        Assert.Equal(0, DurationCounts.StepOf(0));
    }

    [Theory]
    // Misses all of 40 wrong ones.
    [InlineData(100, 100, 40, 0, 0, "neverUnticks")]
    // Misses all of five: too few to say.
    [InlineData(100, 100, 5, 0, 0, "")]
    [InlineData(100, 100, 40, 30, 0, "")]
    [InlineData(100, 30, 100, 30, 0, "disagrees")]
    [InlineData(100, 99, 40, 38, 0.1, "tooFast")]
    [InlineData(100, 99, 40, 38, 1, "")]
    [InlineData(0, 0, 0, 0, 0, "")]
    public void Flags_OfAWorker_SayWhatIsRemarkable(int othersConfirm, int with, int othersDisconfirm, int caught, double secondsPerImage, string flag)
    {
        var steps = new int[DurationCounts.Steps];
        if (secondsPerImage > 0) steps[DurationCounts.StepOf(25 * secondsPerImage)] = 4;
        var tally = new WorkerTally
        {
            Confirms = with + othersDisconfirm - caught,
            Disconfirms = othersConfirm - with + caught,
            OthersConfirm = othersConfirm,
            ConfirmsWithOthers = with,
            OthersDisconfirm = othersDisconfirm,
            DisconfirmsWithOthers = caught,
            BatchTimes = DurationCounts.OfSteps(steps),
            TimedImages = secondsPerImage > 0 ? 100 : 0,
            TimedSeconds = 100 * secondsPerImage,
        };
        Assert.Equal(flag, string.Join(',', WorkerFlag.Of(tally).Select(found => found.Kind)));
    }

    private static WorkerId Worker(int number) => WorkerId.Create($"w{number}");
}
