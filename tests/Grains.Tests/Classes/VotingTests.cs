using System.Globalization;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

public sealed class VotingTests
{
    [Fact]
    public async Task Vote_AnyOrderSplitAndRepeated_CountsAsEachOnce()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(30));
        var random = new Random(7);
        var votes = Enumerable.Range(0, 300)
            .Select(_ => TestCluster.Votes($"s3://b/{random.Next(30)}", ($"w{random.Next(4)}", random.Next(2) == 0, random.Next(1, 5)))).ToList();
        var sent = votes.Concat(votes).OrderBy(_ => random.Next()).Chunk(9);
        await Task.WhenAll(sent.Select(chunk => cluster.VoteAsync(address, chunk)));
        var expected = new ClassView(job.Settings, _ => true);
        foreach (var image in votes.GroupBy(vote => vote.Url))
        {
            var last = image.SelectMany(vote => vote.Votes).GroupBy(vote => vote.Worker)
                .Select(group => group.OrderBy(vote => vote.At).ThenByDescending(vote => vote.Confirmed).Last()).ToList();
            expected.Apply(ImageHash.Of(image.Key), new Contribution(
                1, Percent.Create(80 + (int.Parse(image.Key.Value.AsSpan(7), CultureInfo.InvariantCulture) % 20)), last.Count(vote => vote.Confirmed), last.Count(vote => !vote.Confirmed), default,
                last.Max(vote => vote.At), null));
        }
        var tally = await cluster.TallyAsync(address);
        Assert.Equal(expected.Tally().Votes, tally.Votes);
        Assert.Equal(expected.Tally().LastVoteAt, tally.LastVoteAt);
        Assert.Equal(expected.Tally().Buckets.Select(bucket => (bucket.Confirmed, bucket.Disconfirmed, bucket.Split)), tally.Buckets.Select(bucket => (bucket.Confirmed, bucket.Disconfirmed, bucket.Split)));
        Assert.Equal(await cluster.FoldAsync(job, address), tally);
        Assert.Equal(0, (await cluster.Job(job).AuditAsync())!.Differences);
    }

    [Fact]
    public async Task Vote_NeverImported_IsRejectedAndLeavesNoRow()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(2));
        var outcomes = await cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", ("a", true, 1)), TestCluster.Votes("s3://b/none", ("a", true, 1)));
        Assert.Equal([VoteOutcome.Accepted, VoteOutcome.UnknownImage], outcomes.Select(outcome => outcome.Kind));
        Assert.Equal((2, 1), ((await cluster.TallyAsync(address)).All.Total, (int)(await cluster.TallyAsync(address)).Votes));
        Assert.Null(await cluster.Rows.ReadAsync(new ImageAddress(address, ImageUrl.Create("s3://b/none")), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Vote_SeveralWorkersOfOneImage_IsOneRowWrite()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(25));
        var votes = TestCluster.Lines(25).Select(line => TestCluster.Votes(line.Url.Value, ("a", true, 1), ("b", true, 1), ("c", false, 1))).ToArray();
        await cluster.VoteAsync(address, votes);
        Assert.Equal(25, cluster.Table.Updates.Count);
        await cluster.VoteAsync(address, votes);
        Assert.Equal(25, cluster.Table.Updates.Count);
    }

    [Fact]
    public async Task Vote_MoreWorkersThanAnImageHolds_RefusesTheLateOnesOnly()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(1));
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", [.. Enumerable.Range(0, VoteSet.MaxWorkers).Select(number => ($"w{number}", true, 1L))]));
        var outcome = Assert.Single(await cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", ("w1", false, 2), ("late", true, 2))));
        Assert.Equal((VoteOutcome.TooManyWorkers, "late"), (outcome.Kind, Assert.Single(outcome.Refused).Value));
        Assert.Equal(VoteSet.MaxWorkers, (await cluster.TallyAsync(address)).Votes);
        Assert.Equal(1, (await cluster.TallyAsync(address)).All.Split);
    }

    [Fact]
    public async Task Vote_FirstOnAnImage_IsWrittenWithoutARead()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        ImportLine[] lines = [.. TestCluster.Lines(20), new(ImageUrl.Create("s3://b/counted"), Percent.Create(90), new AnonymousVotes(2, 1))];
        var address = await cluster.ImportAsync(job, "Dog", lines);
        await cluster.VoteAsync(address, [.. lines.Select(line => TestCluster.Votes(line.Url.Value, ("a", true, 1)))]);
        // A row with counts of another system holds more than the view knows.
        Assert.Equal(["s3://b/counted"], cluster.Table.Reads.Select(url => url.Value));
        Assert.Equal(21, (await cluster.TallyAsync(address)).Votes);
        Assert.Equal(0, (await cluster.Job(job).AuditAsync())!.Differences);
    }

    [Fact]
    public async Task Vote_FirstOnAnImageThatSomebodyElseWrote_KeepsBoth()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(1));
        var row = (await cluster.Rows.ReadAsync(new ImageAddress(address, ImageUrl.Create("s3://b/0")), TestContext.Current.CancellationToken))!;
        await cluster.Rows.UpdateAsync(row with { Version = 2, Votes = VoteSet.Of([new Vote(WorkerId.Create("x"), true, default)]) }, 1, TestContext.Current.CancellationToken);
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", ("a", false, 1)));
        Assert.Equal((2, 1), ((await cluster.TallyAsync(address)).Votes, (await cluster.TallyAsync(address)).All.Split));
    }

    [Fact]
    public async Task Vote_AgainOnImages_ReadsAndWritesEachRowOnceAndTakesNoGrainOfTheirs()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(25));
        foreach (var worker in (string[])["a", "b"])
            await cluster.VoteAsync(address, [.. TestCluster.Lines(25).Select(line => TestCluster.Votes(line.Url.Value, (worker, true, 1)))]);
        Assert.Equal((25, 50), (cluster.Table.Reads.Count, cluster.Table.Updates.Count));
        Assert.Equal(50, (await cluster.TallyAsync(address)).Votes);
        var active = await cluster.ActiveGrainTypesAsync();
        Assert.Contains(active, type => type.Contains(nameof(PartitionGrain), StringComparison.Ordinal));
        Assert.DoesNotContain(active, type => type.Contains(nameof(ImageGrain), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Vote_SameImageTwiceInACall_CountsBoth()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(1));
        foreach (var (one, two) in ((string, string)[])[("a", "b"), ("c", "d")])
            await cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", (one, true, 1)), TestCluster.Votes("s3://b/0", (two, false, 1)));
        Assert.Equal((4, 1), ((await cluster.TallyAsync(address)).Votes, (await cluster.TallyAsync(address)).All.Split));
    }

    [Theory]
    [InlineData(Fault.Fail)]
    [InlineData(Fault.LoseAnswer)]
    public async Task Vote_StoreFailsForSomeImages_IsNotAcknowledgedAndCountsOnceWhenSentAgain(Fault fault)
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(20));
        var votes = TestCluster.Lines(20).Select(line => TestCluster.Votes(line.Url.Value, ("a", true, 1))).ToArray();
        cluster.Table.OnWrite = url => url.Value.EndsWith('3') ? fault : Fault.None;
        await Assert.ThrowsAsync<StorageException>(() => cluster.VoteAsync(address, votes));
        cluster.Table.OnWrite = _ => Fault.None;
        // Nobody sends again yet: the view finds out by itself what its rows hold.
        await TestCluster.EventuallyAsync(
            async () => (await cluster.TallyAsync(address)).Equals(await cluster.FoldAsync(job, address)), "the view equals its rows");
        Assert.Equal(fault == Fault.Fail ? 18 : 20, (await cluster.TallyAsync(address)).Votes);
        Assert.All(await cluster.VoteAsync(address, votes), outcome => Assert.Equal(VoteOutcome.Accepted, outcome.Kind));
        Assert.Equal(20, (await cluster.TallyAsync(address)).Votes);
        Assert.Equal(0, (await cluster.Job(job).AuditAsync())!.Differences);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Vote_AnotherWriterChangesTheRowInBetween_MergesBoth(int earlier)
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", TestCluster.Lines(1));
        for (var worker = 0; worker < earlier; worker++) await cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", ($"w{worker}", true, 1)));
        var raced = false;
        cluster.Table.BeforeUpdate = async row =>
        {
            if (raced) return;
            raced = true;
            var stored = (await cluster.Rows.ReadAsync(row.Address))!;
            await cluster.Rows.UpdateAsync(stored with { Version = stored.Version + 1, Votes = stored.Votes.Merge([new Vote(WorkerId.Create("other"), true, default)], out _) }, stored.Version);
        };
        await cluster.VoteAsync(address, TestCluster.Votes("s3://b/0", ("a", true, 1)));
        Assert.Equal(earlier + 2, (await cluster.TallyAsync(address)).Votes);
        Assert.Equal(await cluster.FoldAsync(job, address), await cluster.TallyAsync(address));
    }
}
