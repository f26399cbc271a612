using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class AnswerSetTests
{
    private static readonly Gen<ImageAnswer> _answer = Gen.Select(
        Gen.Int[0, 5].Select(number => WorkerId.Create($"w{number}")), Gen.OneOfConst(AnswerKind.NotSeen, AnswerKind.CantTell, AnswerKind.Confirm, AnswerKind.Disconfirm),
        Gen.Long[0, 4].Select(ticks => new SubmissionTime(ticks)), (worker, kind, at) => new ImageAnswer(worker, kind, at));

    [Fact]
    public void Merge_AnyOrderSplitAndRepetition_EndsInTheSameSet() => Gen.Select(_answer.Array[0, 30], Gen.Int).Sample((answers, seed) =>
    {
        var random = new Random(seed);
        var once = AnswerSet.Of(answers);
        var shuffled = answers.Concat(answers.Where(_ => random.Next(2) == 0)).OrderBy(_ => random.Next()).ToList();
        var pieces = AnswerSet.Empty;
        foreach (var piece in shuffled.Chunk(random.Next(1, 6))) pieces = AnswerSet.Of(pieces.Answers.Concat(piece));
        Assert.Equal(once.Answers, pieces.Answers);
        var best = answers.GroupBy(answer => answer.Worker.Value).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => group.OrderBy(answer => answer.At.UtcTicks).ThenBy(answer => (int)answer.Kind).Last()).ToList();
        Assert.Equal(best, once.Answers);
        Assert.Equal(
            (Count(AnswerKind.Confirm), Count(AnswerKind.Disconfirm), Count(AnswerKind.CantTell), Count(AnswerKind.NotSeen)),
            (once.Confirms, once.Disconfirms, once.CantTell, once.NotSeen));
        Assert.Equal(best.Select(answer => answer.At.UtcTicks).DefaultIfEmpty().Max(), once.LastAt.UtcTicks);

        int Count(AnswerKind kind) => best.Count(answer => answer.Kind == kind);
    });

    [Fact]
    public void Merge_LaterAnswer_ReplacesEarlier() =>
        Assert.Equal(AnswerKind.NotSeen, Assert.Single(AnswerSet.Of([Answer("a", AnswerKind.NotSeen, 2), Answer("a", AnswerKind.Disconfirm, 1)]).Answers).Kind);

    [Fact]
    public void Merge_SameTime_DisconfirmWinsOverConfirmOverCantTellOverNotSeen()
    {
        AnswerKind[] ascending = [AnswerKind.NotSeen, AnswerKind.CantTell, AnswerKind.Confirm, AnswerKind.Disconfirm];
        foreach (var (one, other) in ascending.SelectMany(one => ascending.Select(other => (one, other))))
            Assert.Equal((AnswerKind)Math.Max((int)one, (int)other), Assert.Single(AnswerSet.Of([Answer("a", one, 1), Answer("a", other, 1)]).Answers).Kind);
        Assert.Equal(ascending, ascending.Order());
    }

    [Fact]
    public void Of_Workers_AreOrderedByIdOrdinally() =>
        Assert.Equal(["B", "a", "b"], AnswerSet.Of([Answer("b", AnswerKind.Confirm, 1), Answer("B", AnswerKind.Confirm, 1), Answer("a", AnswerKind.Confirm, 1)]).Answers.Select(answer => answer.Worker.Value));

    [Fact]
    public void Decide_NotSeenAndCantTell_CountForNothing()
    {
        var set = AnswerSet.Of([Answer("a", AnswerKind.Confirm, 1), Answer("b", AnswerKind.NotSeen, 2), Answer("c", AnswerKind.CantTell, 3)]);
        Assert.Equal(Verdict.Confirmed, new VerdictRules(0, VerdictPolicy.Unanimous).Decide(set));
        Assert.Equal(Verdict.Unreviewed, new VerdictRules(0, VerdictPolicy.Quorum(2)).Decide(set));
        Assert.Equal([true, false, false], set.Answers.Select(answer => answer.IsVote));
        Assert.True(Answer("a", AnswerKind.Disconfirm, 1).IsVote);
    }

    [Fact]
    public void Of_NoAnswers_IsEmpty() => Assert.Equal((AnswerSet.Empty, SubmissionTime.None), (AnswerSet.Of([]), AnswerSet.Of([]).LastAt));

    [Fact]
    public void SubmissionTime_MoreThanFiveMinutesAhead_IsTooFar()
    {
        var now = new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.False(SubmissionTime.From(now.AddMinutes(5)).IsTooFarAhead(now));
        Assert.True(SubmissionTime.From(now.AddMinutes(5).AddTicks(1)).IsTooFarAhead(now));
        Assert.False(SubmissionTime.None.IsTooFarAhead(now));
    }

    private static ImageAnswer Answer(string worker, AnswerKind kind, long ticks) => new(WorkerId.Create(worker), kind, new SubmissionTime(ticks));
}
