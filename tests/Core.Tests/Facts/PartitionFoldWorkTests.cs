using System.Collections.Immutable;
using CsCheck;

namespace BulkQA.Core.Tests;

/// <summary>Work by worker and day, against counting by hand.</summary>
public sealed class PartitionFoldWorkTests : FoldTest
{
    private static readonly DateOnly _first = new(2026, 11, 1);

    /// <summary>Against a list of all that was ever answered: in any order, with resends, after packing.</summary>
    [Fact]
    public void Work_AnyAnswers_IsWhatCountingByHandComesTo() => Gen.Select(
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 2], Gen.Int[0, 3], Gen.OneOfConst(Enum.GetValues<AnswerKind>()).Array[2], Gen.Int[0, 2]).Array[1, 14], Gen.Int, Gen.Bool).Sample((given, seed, isPacked) =>
    {
        var submissions = given.Where(each => each.Item4.Any(kind => kind != AnswerKind.None)).Select(each => new Submission(
            new TaskNumber(each.Item1), WorkerId.Create($"w{each.Item2}"), each.Item3 == 0 ? SubmissionTime.None : new SubmissionTime(At(each.Item3, each.Item3)), TaskAnswers.Of(each.Item4),
            Taken: each.Item5 == 0 ? null : TimeSpan.FromSeconds(each.Item5))).ToArray();
        var fold = Fold(new JobSettings(), [[90, 91], [92, 93]], submissions.Concat(submissions));
        new Random(seed).Shuffle(submissions);
        var shuffled = Fold(new JobSettings(), [[90, 91], [92, 93]], submissions);
        Assert.Empty(fold.DifferencesFrom(shuffled));
        if (isPacked) shuffled = PartitionFold.Unpack(shuffled.Pack(), new JobSettings());
        Assert.Empty(shuffled.DifferencesFrom(fold));
        var expected = new List<WorkRecord>();
        foreach (var of in submissions.GroupBy(each => (each.Worker, each.Task)))
        {
            var firsts = new List<long>();
            for (var image = 0; image < 2; image++)
            {
                var times = of.Where(each => each.Answers[image] != AnswerKind.None).Select(each => each.At.UtcTicks).ToList();
                if (times.Count == 0) continue;
                firsts.Add(times.Where(time => time > 0).DefaultIfEmpty().Min());
                expected.Add(new WorkRecord(of.Key.Worker, DayOf(firsts[^1]), 0, 1, 0, 0));
            }
            if (firsts.Count < 2) continue;
            var taken = of.Max(each => each.Taken?.TotalSeconds ?? 0);
            expected.Add(new WorkRecord(of.Key.Worker, DayOf(firsts.Max()), 1, 0, taken, taken > 0 ? 1 : 0));
        }
        Assert.Equal(WorkRecord.Sum(expected), Count(fold, []));
        Assert.Equal(Count(fold, []), Count(shuffled, []));
        Assert.Equal(WorkRecord.Sum(expected).Where(record => record.Day >= _first.AddDays(2) && record.Day <= _first.AddDays(2)), Count(fold, [], _first.AddDays(2), _first.AddDays(2)));

        static DateOnly? DayOf(long ticks) => ticks == 0 ? null : DateOnly.FromDateTime(new DateTime(ticks));
    }, iter: 2_000);

    [Fact]
    public void Work_ACorrectionTheDayAfter_ChangesNothing()
    {
        var fold = Fold(new JobSettings(), [[90, 91]], [Submission(0, "ann", At(1), "cc")]);
        var before = Count(fold, []);
        Assert.Equal([new WorkRecord(WorkerId.Create("ann"), _first.AddDays(1), 1, 2, 0, 0)], before);
        fold.Apply(Submission(0, "ann", At(2), "dc"));
        Assert.Equal(before, Count(fold, []));
        // One that was given before, and comes late, is what counts.
        fold.Apply(Submission(0, "ann", At(0), "c-"));
        Assert.Equal([(_first, 0, 1), (_first.AddDays(1), 1, 1)], Count(fold, []).Select(record => (record.Day!.Value, (int)record.Tasks, (int)record.Images)));
    }

    /// <summary>Answers to a follow-up are stored with the tasks that its images are of; it is one task all the same.</summary>
    [Fact]
    public void Work_OfAFollowUp_IsATaskOfItsOwn()
    {
        ImmutableArray<ImageSpot> followUp = [new(new TaskNumber(0), 1), new(new TaskNumber(1), 0)];
        // Gathered twice, and answered once.
        ImmutableArray<ImageSpot>[] followUps = [followUp, followUp, [new(new TaskNumber(0), 0), new(new TaskNumber(1), 1)]];
        var fold = Fold(new JobSettings(), [[90, 91], [92, 93], [94]],
        [
            // All of both tasks, at one time.
            Submission(0, "ann", At(1), "cc"), Submission(1, "ann", At(1), "cc"),
            // The follow-up, and a correction of it.
            Submission(0, "bob", At(2), "-c"), Submission(1, "bob", At(2), "d-"), Submission(0, "bob", At(3), "-d"),
            // Its images one by one.
            Submission(0, "carl", At(1), "-c"), Submission(1, "carl", At(1, 1), "d-"),
        ]);
        Assert.Equal(
            [("ann", 2, 4, 1), ("bob", 1, 2, 2), ("carl", 0, 2, 1)],
            Count(fold, followUps).Select(record => (record.Worker.Value, (int)record.Tasks, (int)record.Images, record.Day!.Value.DayNumber - _first.DayNumber)));
        Assert.Equal(0, Count(fold, [[new(new TaskNumber(9), 0)]]).Single(record => record.Worker.Value == "bob").Tasks);
    }

    [Fact]
    public void Work_OfAFollowUpThatIsAWholeTask_IsOne()
    {
        var fold = Fold(new JobSettings(), [[90, 91], [92]], [Submission(0, "ann", At(1), "cc"), Submission(1, "ann", At(1), "c")]);
        Assert.Equal([(1, 3)], Count(fold, [[new(new TaskNumber(0), 0), new(new TaskNumber(0), 1), new(new TaskNumber(1), 0)]]).Select(record => ((int)record.Tasks, (int)record.Images)));
    }

    /// <summary>Where all of a task was in doubt, its images may come in several follow-ups: each is a task, and the task is none beside them.</summary>
    [Fact]
    public void Work_OfFollowUpsThatTogetherAreATask_IsOneEach()
    {
        ImmutableArray<ImageSpot>[] followUps = [[new(new TaskNumber(0), 0), new(new TaskNumber(0), 1)], [new(new TaskNumber(0), 2), new(new TaskNumber(0), 3)]];
        var fold = Fold(new JobSettings(), [[90, 91, 92, 93]],
        [
            Submission(0, "bob", At(1), "cd--"), Submission(0, "bob", At(2), "--cc"),
            // One follow-up, and the rest image by image.
            Submission(0, "carl", At(1), "cd--"), Submission(0, "carl", At(2), "--c-"), Submission(0, "carl", At(2, 1), "---c"),
        ]);
        Assert.Equal(
            [("bob", 1, 1, 2), ("bob", 2, 1, 2), ("carl", 1, 1, 2), ("carl", 2, 1, 2)],
            Count(fold, followUps).Select(record => (record.Worker.Value, record.Day!.Value.DayNumber - _first.DayNumber, (int)record.Tasks, (int)record.Images)));
    }

    /// <summary>Whoever answered the task itself has it counted with its time, also once somebody else is asked about all of its images again.</summary>
    [Fact]
    public void Work_OfATaskThatIsAFollowUpToOthers_KeepsItsTime()
    {
        var fold = Fold(new JobSettings(), [[90, 91]], [Submission(0, "ann", At(1), "cc") with { Taken = TimeSpan.FromSeconds(9) }, Submission(0, "bob", At(2), "cd")]);
        var before = Count(fold, []);
        Assert.Equal([("ann", 1, 9.0, 1), ("bob", 1, 0.0, 0)], before.Select(record => (record.Worker.Value, (int)record.Tasks, record.Seconds, (int)record.TasksTimed)));
        Assert.Equal(before, Count(fold, [[new(new TaskNumber(0), 0), new(new TaskNumber(0), 1)]]));
    }

    /// <summary>A release before notes nothing of when replaced answers were given, and whoever asks has to know.</summary>
    [Fact]
    public void Unpack_OfAReleaseThatNotedNoFirstAnswers_SaysSo()
    {
        var fold = Fold(new JobSettings(), [[90]], [Submission(0, "ann", At(1), "c")]);
        Assert.True(PartitionFold.Unpack(fold.Pack(), new JobSettings()).KnowsFirsts);
        var before = PartitionFold.Unpack(fold.Pack()[..^sizeof(int)], new JobSettings());
        Assert.False(before.KnowsFirsts);
        Assert.False(PartitionFold.Unpack(before.Pack(), new JobSettings()).KnowsFirsts);
    }

    [Fact]
    public void Differences_OfFirstAnswersAlone_AreFound()
    {
        var (one, other) = (Fold(new JobSettings(), [[90]], [Submission(0, "ann", At(1), "t"), Submission(0, "ann", At(3), "c")]), Fold(new JobSettings(), [[90]], [Submission(0, "ann", At(2), "t"), Submission(0, "ann", At(3), "c")]));
        Assert.Equal(["image 0 of task 0 has the same answers, first given at other times"], one.DifferencesFrom(other));
    }

    private static ImmutableArray<WorkRecord> Count(PartitionFold fold, ImmutableArray<ImageSpot>[] followUps, DateOnly? from = null, DateOnly? to = null)
    {
        var counting = fold.BeginWork(fold.Workers);
        foreach (var images in followUps) counting.AddFollowUp(images);
        foreach (var task in fold.Tasks) counting.Add(task);
        return counting.ToRecords(from, to);
    }

    private static long At(int day, int hour = 0) => _first.AddDays(day).ToDateTime(new TimeOnly(12 + hour, 0)).Ticks;
}
