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
            Assert.Equal(tally, Alone(fold, Worker(own.Key)));
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

        Assert.Null(Alone(fold, WorkerId.Create("nobody")));

        static WorkerTally? Alone(PartitionFold fold, WorkerId worker)
        {
            var counting = fold.BeginTally(worker);
            foreach (var task in fold.Tasks) counting.Add(task);
            return counting.Workers.SequenceEqual([worker]) ? Assert.Single(counting.ToTallies()) : null;
        }

        IEnumerable<AnswerKind> Others((int Task, int Image, int Worker, AnswerKind Kind) vote) => all
            .Where(answer => answer.Task == vote.Task && answer.Image == vote.Image && answer.Worker != vote.Worker && answer.Worker != setAside && answer.Kind >= AnswerKind.Confirm)
            .Select(answer => answer.Kind);
    }, iter: 2_000);

    /// <summary>Such as from Ground Truth's files, before or after the answer, and whatever is sent again.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(0, 1, 1, 0)]
    public void Apply_TheSameAnswerWithItsTime_AddsTheTimeAndNothingElse(params int[] order)
    {
        var plain = new Submission(new TaskNumber(0), Worker(0), new SubmissionTime(5), TaskAnswers.Parse("cd"), AnswerSource.GroundTruth);
        Submission[] both = [plain, plain with { Taken = TimeSpan.FromSeconds(40) }];
        var fold = new PartitionFold(new JobSettings());
        fold.AddTask(new TaskNumber(0), [90, 91]);
        var isNew = new HashSet<int>();
        foreach (var index in order)
        {
            // With a time it is news as long as none is known; without one it is only where nothing is.
            var isNews = index == 1 ? isNew.Add(1) : isNew.Count == 0 && isNew.Add(0);
            Assert.Equal(isNews ? SubmissionCheck.Fits : SubmissionCheck.Held, fold.Check(both[index]));
            fold.Apply(both[index]);
        }
        var tally = Assert.Single(fold.TallyWorkers());
        Assert.Equal((2L, 0L, 1L, 2L, 40.0), (tally.Votes, tally.Repeats, tally.Batches, tally.TimedImages, tally.TimedSeconds));
        var task = new AnsweredTask(new TaskContent(new TaskNumber(0), [new CorpusImage(ImageUrl.Create("s3://b/a"), null), new CorpusImage(ImageUrl.Create("s3://b/b"), null)]), [.. order.Select(index => both[index])], []);
        Assert.Equal(both[1], Assert.Single(task.SubmissionsTo(1)));
    }

    /// <summary>Against a list of all that was ever answered, in any order and with resends.</summary>
    [Fact]
    public void TallyWorkers_AnswersToTheSameImages_CountsVotesInPlaceOfOthersAndOppositeOnes() => Gen.Select(
        Gen.Select(Gen.Int[0, 2], Gen.Int[1, 4], Gen.OneOfConst(Enum.GetValues<AnswerKind>()).Array[2]).Array[1, 12], Gen.Int).Sample((given, seed) =>
    {
        var submissions = given.Where(each => each.Item3.Any(kind => kind != AnswerKind.None))
            .Select(each => new Submission(new TaskNumber(0), Worker(each.Item1), new SubmissionTime(each.Item2), TaskAnswers.Of(each.Item3))).ToArray();
        var (fold, again) = (Fold(submissions), Fold([.. submissions.Concat(submissions)]));
        new Random(seed).Shuffle(submissions);
        var shuffled = Fold(submissions);
        Assert.Empty(fold.DifferencesFrom(again));
        Assert.Empty(fold.DifferencesFrom(shuffled));
        Assert.Empty(fold.DifferencesFrom(PartitionFold.Unpack(shuffled.Pack(), new JobSettings())));
        foreach (var (worker, tally) in fold.Workers.Zip(fold.TallyWorkers()))
        {
            var (repeats, contradictions) = (0, 0);
            for (var image = 0; image < 2; image++)
            {
                var answers = submissions.Where(each => each.Worker == worker && each.Answers[image] != AnswerKind.None)
                    .Select(each => (each.At.UtcTicks, Kind: each.Answers[image])).Distinct().Order().ToList();
                if (answers is not [.. var earlier, { Kind: >= AnswerKind.Confirm } last]) continue;
                if (earlier.Exists(answer => answer.Kind >= AnswerKind.Confirm)) repeats++;
                if (earlier.Exists(answer => answer.Kind >= AnswerKind.Confirm && answer.Kind != last.Kind)) contradictions++;
            }
            Assert.Equal((repeats, contradictions), (tally.Repeats, tally.Contradictions));
        }

        static PartitionFold Fold(Submission[] submissions)
        {
            var fold = new PartitionFold(new JobSettings());
            fold.AddTask(new TaskNumber(0), [90, 91]);
            foreach (var submission in submissions) fold.Apply(submission);
            return fold;
        }
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
            Repeats = 2 * part,
            Contradictions = part,
        }).ToList();
        var sum = parts.Aggregate(new WorkerTally(), WorkerTally.Add);
        Assert.Equal((3L, 15L, 3L, 4.5, 5L, 9L), (sum.Batches, sum.Votes, sum.Agreed, sum.TimedSeconds, sum.FirstAt.UtcTicks, sum.LastAt.UtcTicks));
        Assert.Equal((6L, 3L), (sum.Repeats, sum.Contradictions));
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

    /// <summary>By the exact interval: of ten, six opposite ones are surely more than a fifth (lower end 22 %), five may not be (15 %).</summary>
    [Theory]
    [InlineData(10, 6, true)]
    [InlineData(10, 5, false)]
    [InlineData(9, 9, false)]
    [InlineData(1_000, 231, true)]
    [InlineData(1_000, 230, false)]
    [InlineData(0, 0, false)]
    public void Flags_OfAWorkerWhoSaysTheOpposite_ComeFromMoreThanAFifth(int repeats, int contradictions, bool isFlagged) =>
        Assert.Equal(
            isFlagged ? [new WorkerFlag("contradictsItself", $"said the opposite on {contradictions} of the {repeats} images it voted on again")] : [],
            WorkerFlag.Of(new WorkerTally { Confirms = repeats, Repeats = repeats, Contradictions = contradictions }));

    private static WorkerId Worker(int number) => WorkerId.Create($"w{number}");
}
