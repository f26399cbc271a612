using System.Collections.Immutable;
using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class PartitionFoldTests : FoldTest
{
    private static readonly VerdictPolicy[] _policies = [VerdictPolicy.Unanimous, VerdictPolicy.Majority, VerdictPolicy.Quorum(1), VerdictPolicy.Quorum(2), VerdictPolicy.Quorum(3)];

    private static readonly Gen<JobSettings> _settings = Gen.Select(
        Gen.Int[1, 3], Gen.OneOfConst<int?>(null, 1, 2), Gen.OneOfConst(_policies), Gen.OneOfConst(BucketEdges.Default, BucketEdges.Create([50, 90]), BucketEdges.Create([0, 10, 85, 99.5])),
        (workers, further, policy, edges) => new JobSettings { WorkersPerTask = workers, MaxWorkersPerTask = workers + further, Policy = policy, BucketEdges = edges });

    private static readonly Gen<double> _confidence =
        Gen.Frequency((3, Gen.OneOfConst(double.NaN, 0, 79.99, 80, 84.99, 85, 89.999, 90, 95, 99.5, 100)), (1, Gen.Double[0, 100]));

    /// <summary>By task, its images' confidences; <see cref="GoldOf"/> says which are gold.</summary>
    private static readonly Gen<double[][]> _tasks = _confidence.Array[1, 7].Array[1, 4];

    private static readonly Gen<AnswerKind> _kind = Gen.OneOfConst(Enum.GetValues<AnswerKind>());

    /// <summary>Few workers and times, so that much collides; from whole answers to a single one.</summary>
    private static readonly Gen<Given> _given = Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, 4], Gen.Long[0, 4], _kind.Array[7], Gen.Bool,
        (task, worker, ticks, kinds, whole) => new Given(task, worker, ticks, whole ? [.. kinds.Select(kind => kind == AnswerKind.None ? AnswerKind.Confirm : kind)] : kinds));

    /// <summary>Few times, so that much collides; what is decided says nothing of votes.</summary>
    private static readonly Gen<Decided> _decided = Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, 6], Gen.Long[0, 4], Gen.OneOfConst<Verdict?>(Verdict.Confirmed, Verdict.Disconfirmed, null), Gen.OneOfConst("ann", "bob"),
        (task, image, ticks, verdict, by) => new Decided(task, image, ticks, verdict, by));

    private static readonly Gen<VerdictRules> _rules = Gen.Select(
        Gen.OneOfConst(_policies), Gen.Int[0, 4].HashSet[0, 3],
        (policy, setAside) => new VerdictRules(0, policy, setAside.Select(worker => WorkerId.Create($"w{worker}"))));

    private static readonly Gen<Step> _step = Gen.Frequency(
        (12, _given.Select(given => new Step(given, null, null, false))),
        (3, _decided.Select(decided => new Step(null, decided, null, false))),
        (1, _rules.Select(rules => new Step(null, null, rules, false))),
        (1, _rules.Select(rules => new Step(null, null, rules, true))));

    /// <summary>Answers of all kinds, adjudications, tasks when they are first needed, changes of rules and moves to a fold that was unpacked.</summary>
    [Fact]
    public void Fold_AfterEveryStep_IsWhatCountingAnewComesTo() => Gen.Select(_settings, _tasks, _step.Array[0, 40]).Sample((settings, tasks, steps) =>
    {
        var (fold, model) = (new PartitionFold(settings), new FoldModel(settings));
        foreach (var step in steps)
        {
            if (step.Given is { } given)
            {
                var submission = given.To(tasks);
                Assert.Equal(model.Check(submission), fold.Check(submission));
                Add(fold, model, submission.Task, tasks);
                Assert.Equal(model.Check(submission), fold.Check(submission));
                fold.Apply(submission);
                model.Apply(submission);
            }
            else if (step.Decided is { } decided)
            {
                var adjudication = decided.To(tasks);
                Add(fold, model, adjudication.Task, tasks);
                fold.Apply(adjudication);
                model.Apply(adjudication);
            }
            else
            {
                model.Policy = step.Rules!.Policy;
                model.SetAside = Enumerable.Range(0, 5).Select(worker => $"w{worker}").Where(worker => step.Rules.IsSetAside(WorkerId.Create(worker))).ToHashSet();
                if (step.Packed) fold = PartitionFold.Unpack(fold.Pack(), settings, step.Rules);
                else fold.ChangeRules(step.Rules);
            }
            Assert.Equal(model.Tally(), fold.Tally());
        }
        model.AssertIs(fold);
    }, iter: 1_000);

    /// <summary>What an activation reads, in whatever order and pieces it was written, is what the one before held.</summary>
    [Fact]
    public void Apply_SameAnswersInAnyOrderSplitAndRepeated_EndsInTheSameFold() => Gen.Select(_settings, _tasks, _given.Array[0, 25], _decided.Array[0, 8], Gen.Int).Sample((settings, tasks, givens, decisions, seed) =>
    {
        var random = new Random(seed);
        var adjudications = decisions.Select(decided => decided.To(tasks)).ToList();
        var submissions = givens.Select(given => given.To(tasks)).ToList();
        var once = Fold(settings, tasks, submissions);
        foreach (var adjudication in adjudications) once.Apply(adjudication);
        var pieces = submissions.Concat(submissions.Where(_ => random.Next(3) == 0)).SelectMany(submission => Split(submission, random)).OrderBy(_ => random.Next()).ToList();
        var again = Fold(settings, [], []);
        foreach (var task in Enumerable.Range(0, tasks.Length).OrderBy(_ => random.Next())) again.AddTask(new TaskNumber(task), tasks[task], GoldOf(task, tasks[task].Length), VersionsOf(task, tasks[task].Length));
        foreach (var piece in pieces)
        {
            if (random.Next(8) == 0) again.ChangeRules(new VerdictRules(0, _policies[random.Next(_policies.Length)], random.Next(2) == 0 ? [piece.Worker] : []));
            if (random.Next(4) == 0 && adjudications.Count > 0) again.Apply(adjudications[random.Next(adjudications.Count)]);
            again.Apply(piece);
        }
        foreach (var adjudication in adjudications.OrderBy(_ => random.Next())) again.Apply(adjudication);
        again.ChangeRules(new VerdictRules(0, settings.Policy));
        Assert.Empty(again.DifferencesFrom(once));
        Assert.Empty(once.DifferencesFrom(again));
        Assert.Equal(once.Tally(), again.Tally());
        Assert.Equal(once.Workers.Select(once.CountAnswered), once.Workers.Select(again.CountAnswered));
    }, iter: 2_000);

    [Theory]
    // Later wins, whatever it is and whenever it comes.
    [InlineData("1c 2d", "d")]
    [InlineData("2d 1c", "d")]
    [InlineData("2n 1d", "n")]
    [InlineData("0d 1n", "n")]
    // At the same time disconfirm over confirm over can't tell over not seen.
    [InlineData("1c 1d", "d")]
    [InlineData("1d 1c", "d")]
    [InlineData("1t 1c", "c")]
    [InlineData("1c 1t", "c")]
    [InlineData("1n 1t", "t")]
    [InlineData("1t 1n", "t")]
    [InlineData("0n 0d 0c 0t", "d")]
    public void Apply_OneWorkersAnswers_HoldsTheLatestAndOfTheSameTimeTheGreatest(string answers, string held)
    {
        var fold = Fold(new JobSettings(), [[90]], []);
        foreach (var answer in answers.Split(' ')) fold.Apply(Submission(0, "ann", answer[0] - '0', answer[1..]));
        Assert.Equal(held[0], AnswerKinds.CodeOf(Assert.Single(fold.AnswersOf(new TaskNumber(0), 0).Answers).Kind));
        Assert.Equal(held is "c" or "d" ? 1 : 0, fold.Tally().Votes);
    }

    [Fact]
    public void Apply_NotSeenAndCantTell_MakeATaskDoneWithoutAVote()
    {
        var fold = Fold(new JobSettings { WorkersPerTask = 2 }, [[90, 91]], [Submission(0, "ann", 5, "nt")]);
        Assert.Equal((false, 1), (fold.IsDone(new TaskNumber(0)), fold.CountWhole(new TaskNumber(0))));
        fold.Apply(Submission(0, "bob", 6, "tn"));
        Assert.True(fold.IsDone(new TaskNumber(0)));
        ImmutableArray<BucketTally> buckets = [default, default, new BucketTally(2, 0, 0, 0), default, default, default, default];
        Assert.Equal(new ClassTally(buckets, 0, 1, 1, new SubmissionTime(6), 2) { Done = buckets }, fold.Tally());
    }

    /// <summary>An image that two workers were not shown counts once, and no longer once both have been.</summary>
    [Fact]
    public void Apply_NotSeen_CountsImagesByTheAnswersThatStand()
    {
        var fold = Fold(new JobSettings(), [[90, 91], [90]], []);
        foreach (var (submission, unseen) in ((Submission, int)[])[
            (Submission(0, "ann", 5, "nc"), 1), (Submission(0, "bob", 5, "nn"), 2), (Submission(1, "ann", 5, "t"), 2), (Submission(0, "ann", 4, "cc"), 2),
            (Submission(0, "ann", 6, "c-"), 2), (Submission(0, "bob", 6, "d-"), 1), (Submission(0, "bob", 7, "-t"), 0), (Submission(0, "bob", 8, "n-"), 1)])
        {
            fold.Apply(submission);
            Assert.Equal(unseen, fold.Tally().Unseen);
        }
    }

    [Fact]
    public void Apply_ImageAfterImage_IsWholeWithTheLast()
    {
        var fold = Fold(new JobSettings { WorkersPerTask = 1 }, [[90, 91, 92], [90]], [Submission(0, "ann", 1, "c--"), Submission(0, "ann", 2, "--d")]);
        Assert.Equal((false, false, 0, 0), State());
        fold.Apply(Submission(0, "ann", 3, "-t-"));
        Assert.Equal((true, true, 1, 1), State());
        fold.Apply(Submission(0, "ann", 4, "ddd"));
        Assert.Equal((true, true, 1, 1), State());
        Assert.Equal(4, fold.CountSubmissions(new TaskNumber(0)));

        (bool, bool, int, int) State() => (
            fold.IsDone(new TaskNumber(0)), fold.HasAnswered(new TaskNumber(0), WorkerId.Create("ann")), fold.CountAnswered(WorkerId.Create("ann")), fold.WorkersOf(new TaskNumber(0)).Length);
    }

    [Fact]
    public void Apply_OtherNumberOfImages_IsRefusedAndChangesNothing()
    {
        var fold = Fold(new JobSettings(), [[90, 91, 92]], [Submission(0, "ann", 1, "ccc"), Submission(0, "bob", 1, "ccc")]);
        Assert.Throws<ArgumentException>(() => fold.Apply(Submission(0, "ann", 2, "dddd")));
        Assert.Throws<ArgumentException>(() => fold.Apply(Submission(0, "cid", 2, "dd")));
        Assert.Empty(fold.DifferencesFrom(Fold(new JobSettings(), [[90, 91, 92]], [Submission(0, "ann", 1, "ccc"), Submission(0, "bob", 1, "ccc")])));
        Assert.Equal(2, fold.Workers.Count);
    }

    [Fact]
    public void AddTask_Again_StaysAsItWas()
    {
        var fold = Fold(new JobSettings(), [[81, 82]], [Submission(0, "ann", 1, "cc")]);
        var before = fold.Tally();
        fold.AddTask(new TaskNumber(0), [91, 92, 93]);
        Assert.Equal((before, 2, 1), (fold.Tally(), fold.Images, fold.TaskCount));
        Assert.Equal([81, 82], fold.ConfidencesOf(new TaskNumber(0)).ToArray());
        Assert.True(fold.HasAnswered(new TaskNumber(0), WorkerId.Create("ann")));
    }

    [Fact]
    public void AddTask_WithoutImages_IsRefused() => Assert.Throws<ArgumentException>(() => Fold(new JobSettings(), [[]], []));

    [Fact]
    public void AddTask_ConfidencesOutsideTheEdgesAndNone_GoToBucketsOfTheirOwn()
    {
        var edges = BucketEdges.Create([80, 90]);
        var fold = Fold(new JobSettings { BucketEdges = edges }, [[10, 85, 95, double.NaN, double.NaN]], [Submission(0, "ann", 1, "---cd")]);
        Assert.Equal([new(1, 0, 0, 0), new(1, 0, 0, 0), new(1, 0, 0, 0), new BucketTally(2, 1, 1, 0)], fold.Tally().Buckets);
        Assert.Equal("unknown", edges.NameOf(3));
    }

    [Fact]
    public void AnswersOf_UnknownTask_IsAFaultAndTheRestSaysNo()
    {
        var fold = Fold(new JobSettings(), [[90]], []);
        var (unknown, ann) = (new TaskNumber(9), WorkerId.Create("ann"));
        Assert.Throws<KeyNotFoundException>(() => fold.AnswersOf(unknown, 0));
        Assert.Throws<KeyNotFoundException>(() => fold.Apply(Submission(9, "ann", 1, "c")));
        Assert.Equal((false, 0, false, 0), (fold.Knows(unknown), fold.ImagesOf(unknown), fold.HasAnswered(unknown, ann), fold.CountAnswered(ann)));
        Assert.Empty(fold.Workers);
    }

    [Fact]
    public void ChangePolicy_VotesThatDisagree_DecidesAnew()
    {
        var fold = Fold(new JobSettings(), [[99]], [Submission(0, "ann", 1, "c"), Submission(0, "bob", 1, "c"), Submission(0, "cid", 1, "d")]);
        var before = fold.Tally();
        Assert.Equal(new BucketTally(1, 0, 0, 1), before.All);
        fold.ChangeRules(new VerdictRules(1, VerdictPolicy.Majority));
        Assert.Equal(new BucketTally(1, 1, 0, 0), fold.Tally().All);
        fold.ChangeRules(new VerdictRules(2, VerdictPolicy.Quorum(4)));
        Assert.Equal(new BucketTally(1, 0, 0, 0), fold.Tally().All);
        Assert.Equal((before.Votes, before.TasksDone, before.LastVoteAt), (fold.Tally().Votes, fold.Tally().TasksDone, fold.Tally().LastVoteAt));
        fold.Apply(Submission(0, "dan", 2, "c"));
        Assert.Equal(new BucketTally(1, 1, 0, 0), fold.Tally().All);
    }

    [Fact]
    public void Unpack_UnderOtherSettings_CountsByThem()
    {
        var fold = Fold(new JobSettings(), [[10, double.NaN, 90], [90]], [Submission(0, "ann", 1, "cc-"), Submission(0, "ann", 2, "--d"), Submission(0, "犬", 1, "dct"), Submission(1, "犬", 7, "c")]);
        var settings = new JobSettings { WorkersPerTask = 2, Policy = VerdictPolicy.Majority, BucketEdges = BucketEdges.Create([0, 100]) };
        var unpacked = PartitionFold.Unpack(fold.Pack(), settings);
        Assert.Equal(
            new ClassTally([new BucketTally(3, 1, 1, 1), default, default, new BucketTally(1, 1, 0, 0)], 6, 2, 1, new SubmissionTime(7), 0) { Done = [new BucketTally(2, 0, 1, 1), default, default, new BucketTally(1, 1, 0, 0)] },
            unpacked.Tally());
        Assert.Equal(["ann", "犬"], unpacked.WorkersOf(new TaskNumber(0)).Select(worker => worker.Value));
        Assert.Equal((1, 2), (unpacked.CountAnswered(WorkerId.Create("ann")), unpacked.CountAnswered(WorkerId.Create("犬"))));
    }

    [Fact]
    public void Unpack_OfNothing_IsEmpty() => Assert.Empty(PartitionFold.Unpack(Fold(new JobSettings(), [], []).Pack(), new JobSettings()).DifferencesFrom(Fold(new JobSettings(), [], [])));

    public static TheoryData<string, string> Differences => new()
    {
        { "nothing", "" },
        { "a task that should be", "task 1 is missing" },
        { "a task that should not be", "task 2 has no content" },
        { "another confidence", "task 1 has other confidences" },
        { "no confidence", "task 1 has other confidences" },
        { "more images", "task 1 has other confidences" },
        { "an image that is gold", "task 1 has other gold" },
        { "another kind", "image 1 of task 0 has other answers" },
        { "another time", "image 1 of task 0 has other answers" },
        { "another worker", "image 1 of task 0 has other answers" },
        { "one worker less", "image 1 of task 0 has other answers" },
        { "another policy", "the counters are " },
    };

    [Theory]
    [MemberData(nameof(Differences))]
    public void DifferencesFrom_FoldWithSomethingElse_NamesIt(string what, string found)
    {
        var submissions = (string kind, int time, string worker) => (Submission[])[Submission(0, "ann", 1, "cd"), Submission(0, worker, time, $"-{kind}")];
        var should = Fold(new JobSettings(), [[90, double.NaN], [80, double.NaN]], submissions("c", 2, "bob"));
        var own = what switch
        {
            "a task that should be" => Fold(new JobSettings(), [[90, double.NaN]], submissions("c", 2, "bob")),
            "a task that should not be" => Fold(new JobSettings(), [[90, double.NaN], [80, double.NaN], [80]], submissions("c", 2, "bob")),
            "another confidence" => Fold(new JobSettings(), [[90, double.NaN], [80.0001, double.NaN]], submissions("c", 2, "bob")),
            "no confidence" => Fold(new JobSettings(), [[90, double.NaN], [double.NaN, double.NaN]], submissions("c", 2, "bob")),
            "more images" => Fold(new JobSettings(), [[90, double.NaN], [80, double.NaN, 80]], submissions("c", 2, "bob")),
            "an image that is gold" => WithGold(submissions("c", 2, "bob")),
            "another kind" => Fold(new JobSettings(), [[90, double.NaN], [80, double.NaN]], submissions("t", 2, "bob")),
            "another time" => Fold(new JobSettings(), [[90, double.NaN], [80, double.NaN]], submissions("c", 3, "bob")),
            "another worker" => Fold(new JobSettings(), [[90, double.NaN], [80, double.NaN]], submissions("c", 2, "bib")),
            "one worker less" => Fold(new JobSettings(), [[90, double.NaN], [80, double.NaN]], submissions("c", 2, "bob")[..1]),
            "another policy" => Fold(new JobSettings { Policy = VerdictPolicy.Quorum(2) }, [[90, double.NaN], [80, double.NaN]], submissions("c", 2, "bob")),
            _ => Fold(new JobSettings(), [[90, double.NaN], [80, double.NaN]], submissions("c", 2, "bob").Reverse()),
        };
        PartitionFold WithGold(Submission[] answers)
        {
            var fold = Fold(new JobSettings(), [[90, double.NaN]], answers);
            fold.AddTask(new TaskNumber(1), [80, double.NaN], [new GoldMark(0, new GoldAnswer(true))]);
            return fold;
        }

        var differences = own.DifferencesFrom(should).ToList();
        if (found.Length == 0) Assert.Empty(differences);
        else Assert.Single(differences, difference => difference.StartsWith(found, StringComparison.Ordinal));
        // Whatever else differs besides, no other image or task does.
        Assert.All(differences, difference => Assert.True(difference.StartsWith(found, StringComparison.Ordinal) || difference.StartsWith("the counters are ", StringComparison.Ordinal), difference));
    }

    /// <summary>So that the log of an audit says what is wrong.</summary>
    [Fact]
    public void DifferencesFrom_CountersAlone_ShowsBoth()
    {
        var own = Fold(new JobSettings { BucketEdges = BucketEdges.Create([0, 100]) }, [[90, 91]], [Submission(0, "ann", 1, "cd")]);
        var should = Fold(new JobSettings { BucketEdges = BucketEdges.Create([0, 100]), Policy = VerdictPolicy.Quorum(2) }, [[90, 91]], [Submission(0, "ann", 1, "cd")]);
        var difference = Assert.Single(own.DifferencesFrom(should));
        Assert.Contains("Total = 2, Confirmed = 1, Disconfirmed = 1, Split = 0", difference, StringComparison.Ordinal);
        Assert.Contains("Total = 2, Confirmed = 0, Disconfirmed = 0, Split = 0", difference, StringComparison.Ordinal);
    }

    [Fact]
    public void DifferencesFrom_SameBucketsWithOtherConfidences_SaysThatTheyDiffer()
    {
        var own = Fold(new JobSettings(), [[90, 91]], [Submission(0, "ann", 1, "cd")]);
        var should = Fold(new JobSettings(), [[91, 90]], [Submission(0, "ann", 1, "cd")]);
        Assert.Contains("counters agree by bucket, and differ by confidence", own.DifferencesFrom(should));
    }

    [Fact]
    public async Task Tally_FromAnotherThread_IsNeverOfHalfAChange()
    {
        var fold = Fold(new JobSettings { WorkersPerTask = 1 }, [[90, 90]], [Submission(0, "ann", 0, "cc")]);
        var writing = Task.Run(
            () =>
            {
                for (var time = 1; time < 300_000; time++)
                {
                    fold.Apply(Submission(0, "ann", time, time % 2 == 0 ? "cc" : "dd"));
                    if (time % 64 == 0) fold.ChangeRules(new VerdictRules(0, _policies[time / 64 % 2]));
                }
            },
            TestContext.Current.CancellationToken);
        while (!writing.IsCompleted)
        {
            var tally = fold.Tally();
            Assert.Equal((2, 2, 2L, 1L), (tally.All.Total, tally.All.Reviewed, tally.Votes, tally.TasksDone));
            Assert.Equal((0, 0), (tally.All.Confirmed % 2, tally.All.Split));
            Assert.Equal(tally.LastVoteAt.UtcTicks % 2 == 0 ? 2 : 0, tally.All.Confirmed);
        }
        await writing;
    }

    /// <summary>By its name and size alone: of every other task with more than two images, the first and the last.</summary>
    private static ImmutableArray<GoldMark> GoldOf(int task, int images) => task % 2 == 0 || images < 3 ? [] :
        [new GoldMark(0, new GoldAnswer(true, new GoldPlace(new TaskNumber(7), task))), new GoldMark(images - 1, new GoldAnswer(false))];

    /// <summary>None, one of all images, or different ones.</summary>
    private static TaskVersions VersionsOf(int task, int images) => TaskVersions.Of([.. Enumerable.Range(0, images).Select(image => (task % 3, image % 3) switch
    {
        (0, _) or (2, 1) => (ModelVersion?)null,
        (2, 0) => ModelVersion.Create("v 2"),
        _ => ModelVersion.Create("v1"),
    })]);

    private static void Add(PartitionFold fold, FoldModel model, TaskNumber task, double[][] tasks)
    {
        var gold = GoldOf(task.Value, tasks[task.Value].Length);
        var versions = VersionsOf(task.Value, tasks[task.Value].Length);
        fold.AddTask(task, tasks[task.Value], gold, versions);
        model.AddTask(task.Value, tasks[task.Value], gold.Select(mark => mark.Image), versions);
    }

    private static new PartitionFold Fold(JobSettings settings, double[][] tasks, IEnumerable<Submission> submissions)
    {
        var fold = new PartitionFold(settings);
        for (var task = 0; task < tasks.Length; task++) fold.AddTask(new TaskNumber(task), tasks[task], GoldOf(task, tasks[task].Length), VersionsOf(task, tasks[task].Length));
        foreach (var submission in submissions) fold.Apply(submission);
        return fold;
    }

    /// <summary>One submission or several that say the same together.</summary>
    private static IEnumerable<Submission> Split(Submission submission, Random random)
    {
        var pieces = random.Next(1, 4);
        var piece = Enumerable.Range(0, submission.Answers.Count).Select(_ => random.Next(pieces)).ToArray();
        return Enumerable.Range(0, pieces)
            .Select(number => string.Concat(submission.Answers.Text.Select((code, image) => piece[image] == number ? code : '-')))
            .Where(answers => answers.Any(code => code != '-'))
            .Select(answers => submission with { Answers = TaskAnswers.Parse(answers) });
    }

    /// <param name="Task">Any number: of the tasks that there are, one is meant.</param>
    /// <param name="Kinds">As many as a task can have images.</param>
    private sealed record Given(int Task, int Worker, long Ticks, AnswerKind[] Kinds)
    {
        public Submission To(double[][] tasks)
        {
            var task = Task % tasks.Length;
            var kinds = Kinds.Take(tasks[task].Length).ToArray();
            if (kinds.All(kind => kind == AnswerKind.None)) kinds[0] = AnswerKind.Disconfirm;
            return new Submission(new TaskNumber(task), WorkerId.Create($"w{Worker}"), new SubmissionTime(Ticks * TimeSpan.TicksPerDay / 2), TaskAnswers.Of(kinds));
        }
    }

    /// <param name="Task">Any number: of the tasks that there are, one is meant.</param>
    /// <param name="Image">Any number: of the task's images, one is meant.</param>
    private sealed record Decided(int Task, int Image, long Ticks, Verdict? Verdict, string By)
    {
        public Adjudication To(double[][] tasks)
        {
            var task = Task % tasks.Length;
            return new Adjudication(new TaskNumber(task), Image % tasks[task].Length, new SubmissionTime(Ticks), By, Verdict, Verdict == Core.Verdict.Disconfirmed ? Label.Create("Cat") : null);
        }
    }

    /// <summary>An answer; an adjudication; or other rules, in place or by being packed and unpacked under them.</summary>
    private sealed record Step(Given? Given, Decided? Decided, VerdictRules? Rules, bool Packed);
}
