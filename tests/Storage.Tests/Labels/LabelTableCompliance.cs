using BulkQA.Core;

namespace BulkQA.Storage.Tests;

/// <summary>What every label table must do, whatever it is made of. A backend derives from this and names its table.</summary>
public abstract class LabelTableCompliance
{
    protected abstract ILabelTable Table { get; }

    private readonly ClassAddress _class = new(Incarnation.New(JobName.Create("job")), Label.Create("Dog # / | % 犬"));

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_Nothing_IsNull() => Assert.Null(await Table.ReadAsync(Address("s3://b/none"), Cancellation));

    [Fact]
    public async Task Read_Several_GivesEachInItsPlaceAndNullForNone()
    {
        var rows = Enumerable.Range(0, 230).Select(number => number % 7 == 0 ? Voted(Row($"s3://b/{number}"), 2) : Row($"s3://b/{number}")).ToList();
        await Table.InsertAsync([.. rows.Where((_, number) => number % 3 > 0)], Cancellation);
        var found = await Table.ReadAsync([.. rows.Select(row => row.Address)], Cancellation);
        Assert.Equal(rows.Count, found.Count);
        foreach (var (row, number) in rows.Select((row, number) => (row, number)))
        {
            if (number % 3 > 0) AssertSame(row, found[number]);
            else Assert.Null(found[number]);
        }
        Assert.Empty(await Table.ReadAsync([], Cancellation));
    }

    [Theory]
    [InlineData("s3://b/a.jpg")]
    [InlineData("s3://b/with space/é 犬 🐕/%2F#?|.jpg")]
    [InlineData("'; DROP TABLE labels; --")]
    public async Task Insert_ThenRead_GivesTheRow(string url)
    {
        var row = Row(url) with { Confidence = Percent.Create(87.123456789012345), Task = new TaskPlace(new TaskNumber(7), new Shard(3)) };
        Assert.Equal([true], await Table.InsertAsync([row], Cancellation));
        AssertSame(row, await Table.ReadAsync(row.Address, Cancellation));
    }

    [Fact]
    public async Task Insert_WithoutConfidenceAndTask_KeepsThemAbsent()
    {
        var row = Row("s3://b/a");
        await Table.InsertAsync([row], Cancellation);
        AssertSame(row, await Table.ReadAsync(row.Address, Cancellation));
    }

    [Fact]
    public async Task AnonymousVotes_StayBesideTheVotesThroughEveryWrite()
    {
        var row = Row("s3://b/a") with { Anonymous = new AnonymousVotes(3, 2) };
        await Table.InsertAsync([row], Cancellation);
        AssertSame(row, await Table.ReadAsync(row.Address, Cancellation));
        var voted = Voted(row, 2);
        Assert.True(await Table.UpdateAsync(voted, 1, Cancellation));
        AssertSame(voted, await Table.ReadAsync(row.Address, Cancellation));
    }

    [Fact]
    public async Task Insert_ExistingAmongNew_LeavesItUntouchedAndInsertsTheOthers()
    {
        var voted = Voted(Row("s3://b/1"), 2);
        await Table.InsertAsync([voted], Cancellation);
        Assert.Equal([true, false, true], await Table.InsertAsync([Row("s3://b/0"), Row("s3://b/1"), Row("s3://b/2")], Cancellation));
        AssertSame(voted, await Table.ReadAsync(voted.Address, Cancellation));
    }

    [Fact]
    public async Task Update_ExpectedVersion_ReplacesEverything()
    {
        var row = Row("s3://b/a");
        await Table.InsertAsync([row], Cancellation);
        var next = Voted(row, 2) with { Confidence = Percent.Create(12), Task = new TaskPlace(new TaskNumber(1), new Shard(15)) };
        Assert.True(await Table.UpdateAsync(next, 1, Cancellation));
        AssertSame(next, await Table.ReadAsync(row.Address, Cancellation));
    }

    [Fact]
    public async Task Update_OtherVersionOrNoRow_IsRefusedAndChangesNothing()
    {
        var row = Voted(Row("s3://b/a"), 3);
        await Table.InsertAsync([row], Cancellation);
        Assert.False(await Table.UpdateAsync(row with { Version = 3, Votes = VoteSet.Empty }, 2, Cancellation));
        Assert.False(await Table.UpdateAsync(row with { Version = 5, Votes = VoteSet.Empty }, 4, Cancellation));
        Assert.False(await Table.UpdateAsync(Row("s3://b/none") with { Version = 2 }, 1, Cancellation));
        AssertSame(row, await Table.ReadAsync(row.Address, Cancellation));
        Assert.Null(await Table.ReadAsync(Address("s3://b/none"), Cancellation));
    }

    [Fact]
    public async Task Update_Several_ReplacesThoseAtTheVersionBeforeAndLeavesTheOthers()
    {
        LabelRow[] rows = [Row("s3://b/0"), Voted(Row("s3://b/1"), 3), Row("s3://b/2")];
        await Table.InsertAsync(rows, Cancellation);
        LabelRow[] next = [Voted(rows[0], 2), rows[1] with { Version = 2, Votes = VoteSet.Empty }, Voted(rows[2], 2), Voted(Row("s3://b/none"), 2)];
        Assert.Equal([true, false, true, false], await Table.UpdateAsync(next, Cancellation));
        foreach (var row in (LabelRow[])[next[0], rows[1], next[2]]) AssertSame(row, await Table.ReadAsync(row.Address, Cancellation));
        Assert.Null(await Table.ReadAsync(Address("s3://b/none"), Cancellation));
    }

    [Fact]
    public async Task Update_ManyAtOnceFromTheSameVersion_OneWins()
    {
        var row = Row("s3://b/a");
        await Table.InsertAsync([row], Cancellation);
        var won = await Task.WhenAll(Enumerable.Range(0, 20).Select(number =>
            Table.UpdateAsync(row with { Version = 2, Votes = Votes($"w{number}") }, 1, Cancellation)));
        Assert.Single(won, true);
        var stored = await Table.ReadAsync(row.Address, Cancellation);
        Assert.Equal($"w{Array.IndexOf(won, true)}", Assert.Single(stored!.Votes.Votes).Worker.Value);
    }

    [Fact]
    public async Task Update_MostVotesARowHolds_RoundTrips()
    {
        var row = Row("s3://b/a");
        await Table.InsertAsync([row], Cancellation);
        var full = row with
        {
            Version = 2,
            Votes = VoteSet.Of(Enumerable.Range(0, VoteSet.MaxWorkers).Select(number =>
                new Vote(WorkerId.Create($"{number:D3}" + new string('é', 62)), number % 2 == 0, new SubmissionTime(number)))),
        };
        Assert.True(await Table.UpdateAsync(full, 1, Cancellation));
        AssertSame(full, await Table.ReadAsync(row.Address, Cancellation));
    }

    [Fact]
    public async Task Scan_PageByPage_GivesEveryRowOfTheShardOnceInOrder()
    {
        var rows = Enumerable.Range(0, 400).Select(number => Row($"s3://b/{number}")).ToList();
        await Table.InsertAsync(rows, Cancellation);
        var found = new List<string>();
        for (var shard = 0; shard < Shard.Count; shard++)
        {
            var urls = new List<string>();
            ImageUrl? after = null;
            do
            {
                var page = await Table.ScanAsync(_class, new Shard(shard), after, 7, Cancellation);
                Assert.InRange(page.Rows.Count, 0, 7);
                urls.AddRange(page.Rows.Select(row => row.Address.Url.Value));
                after = page.Next;
            }
            while (after is not null);
            Assert.Equal(urls.Order(StringComparer.Ordinal), urls);
            found.AddRange(urls);
        }
        Assert.Equal(rows.Select(row => row.Address.Url.Value).Order(), found.Order());
    }

    [Fact]
    public async Task Scan_OtherClassWithASimilarName_IsNotMixedIn()
    {
        await Table.InsertAsync([Row("s3://b/a")], Cancellation);
        var other = new ClassAddress(_class.Incarnation, Label.Create("Dog"));
        await foreach (var _ in Table.ReadAllAsync(other, Cancellation)) Assert.Fail("a row of another class");
    }

    [Fact]
    public async Task Find_Url_GivesItsImagesAcrossJobs()
    {
        var url = $"s3://b/{Guid.NewGuid()}";
        var addresses = Enumerable.Range(0, 5)
            .Select(number => new ImageAddress(new ClassAddress(Incarnation.New(JobName.Create($"job{number}")), Label.Create("L")), ImageUrl.Create(url))).ToList();
        await Table.InsertAsync([.. addresses.Select(address => Row("s3://b/x") with { Address = address })], Cancellation);
        var found = new List<ImageAddress>();
        string? cursor = null;
        do
        {
            var page = await Table.FindAsync(ImageUrl.Create(url), cursor, 2, Cancellation);
            found.AddRange(page.Addresses);
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(addresses.Select(address => address.GrainKey).Order(), found.Select(address => address.GrainKey).Order());
    }

    [Fact]
    public async Task Delete_ByPages_LeavesNothingOfTheShardAndEverythingElse()
    {
        var rows = Enumerable.Range(0, 200).Select(number => Row($"s3://b/{number}")).ToList();
        await Table.InsertAsync(rows, Cancellation);
        var shard = new Shard(4);
        var inShard = rows.Count(row => ImageHash.Of(row.Address.Url).Shard == shard);
        var deleted = 0;
        for (int page; (page = await Table.DeleteAsync(_class, shard, 3, Cancellation)) > 0;) deleted += page;
        Assert.Equal(inShard, deleted);
        Assert.Empty((await Table.ScanAsync(_class, shard, null, 10, Cancellation)).Rows);
        Assert.Equal(200 - inShard, await Table.ReadAllAsync(_class, Cancellation).CountAsync(Cancellation));
    }

    private ImageAddress Address(string url) => new(_class, ImageUrl.Create(url));

    private LabelRow Row(string url) => new(Address(url), null, VoteSet.Empty, Verdict.Unreviewed, 1, null);

    private static LabelRow Voted(LabelRow row, int version) =>
        row with { Votes = Votes("ann \"quoted\"", "bob"), Verdict = Verdict.Confirmed, Version = version };

    private static VoteSet Votes(params string[] workers) =>
        VoteSet.Of(workers.Select((worker, index) => new Vote(WorkerId.Create(worker), true, new SubmissionTime(index * long.MaxValue / 2))));

    private static void AssertSame(LabelRow expected, LabelRow? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Votes.Votes, actual.Votes.Votes);
        Assert.Equal(expected with { Votes = VoteSet.Empty }, actual with { Votes = VoteSet.Empty });
    }
}
