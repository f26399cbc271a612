using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class VoteSetTests
{
    public static readonly Gen<Vote> AnyVote = Gen.Select(
        Gen.Int[0, 5].Select(number => WorkerId.Create($"w{number}")), Gen.Bool, Gen.Long[0, 4].Select(ticks => new SubmissionTime(ticks)),
        (worker, confirmed, at) => new Vote(worker, confirmed, at));

    [Fact]
    public void Merge_AnyOrderSplitAndRepetition_EndsInTheSameSet() => Gen.Select(AnyVote.Array[0, 30], Gen.Int).Sample((votes, seed) =>
    {
        var random = new Random(seed);
        var once = VoteSet.Of(votes);
        var shuffled = votes.Concat(votes.Where(_ => random.Next(2) == 0)).OrderBy(_ => random.Next()).ToList();
        var pieces = VoteSet.Empty;
        foreach (var piece in shuffled.Chunk(random.Next(1, 6))) pieces = pieces.Merge(piece, out _);
        Assert.Equal(once.Votes, pieces.Votes);
        Assert.Equal(votes.Select(vote => vote.Worker).Distinct().Count(), once.Votes.Length);
    });

    [Fact]
    public void Merge_LaterAnswer_ReplacesEarlier()
    {
        var set = VoteSet.Of([Vote("a", true, 2), Vote("a", false, 1)]);
        Assert.True(Assert.Single(set.Votes).Confirmed);
    }

    [Fact]
    public void Merge_SameTime_DisconfirmWins() =>
        Assert.False(Assert.Single(VoteSet.Of([Vote("a", false, 1), Vote("a", true, 1)]).Votes).Confirmed);

    [Fact]
    public void Merge_NothingNew_IsTheSameInstance()
    {
        var set = VoteSet.Of([Vote("a", true, 2)]);
        Assert.Same(set, set.Merge([Vote("a", true, 2), Vote("a", false, 1)], out _));
    }

    [Fact]
    public void Merge_MoreWorkersThanARowHolds_RefusesTheNewOnesOnly()
    {
        var full = VoteSet.Of(Enumerable.Range(0, VoteSet.MaxWorkers).Select(number => Vote($"w{number}", true, 1)));
        var merged = full.Merge([Vote("late", true, 1), Vote("w7", false, 2)], out var refused);
        Assert.Equal(["late"], refused.Select(worker => worker.Value));
        Assert.Equal((VoteSet.MaxWorkers - 1, 1), (merged.Confirms, merged.Disconfirms));
    }

    [Fact]
    public void SubmissionTime_MoreThanFiveMinutesAhead_IsTooFar()
    {
        var now = new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.False(SubmissionTime.From(now.AddMinutes(5)).IsTooFarAhead(now));
        Assert.True(SubmissionTime.From(now.AddMinutes(5).AddTicks(1)).IsTooFarAhead(now));
        Assert.False(SubmissionTime.None.IsTooFarAhead(now));
    }

    private static Vote Vote(string worker, bool confirmed, long ticks) => new(WorkerId.Create(worker), confirmed, new SubmissionTime(ticks));
}
