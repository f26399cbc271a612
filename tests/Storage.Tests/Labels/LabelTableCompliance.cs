using BulkQA.Core;

namespace BulkQA.Storage.Tests;

/// <summary>What every label table must do, whatever it is made of. A backend derives from this and names its table.</summary>
public abstract class LabelTableCompliance
{
    private readonly ClassAddress _class = new(Incarnation.New(JobName.Create("job")), Label.Create("Dog # / | % 犬"));

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract ILabelTable Table { get; }

    [Fact]
    public async Task Read_Nothing_IsNull() => Assert.Null(await Table.ReadAsync(Address("s3://b/none"), Cancellation));

    [Theory]
    [InlineData("s3://b/a.jpg")]
    [InlineData("s3://b/with space/é 犬 🐕/%2F#?|@.jpg")]
    [InlineData("'; DROP TABLE labels; --")]
    public async Task Write_ThenRead_GivesTheRow(string url)
    {
        var row = new LabelRow(ImageUrl.Create(url), Percent.Create(87.123456789012345), 3, 1_000_000, Verdict.Split);
        await Table.WriteAsync(_class, [row], Cancellation);
        Assert.Equal(row, await ReadAsync(url));
    }

    [Fact]
    public async Task Write_EveryVerdictAndNoConfidence_IsReadAsItWas()
    {
        var rows = Enum.GetValues<Verdict>().Select(verdict => Row($"s3://b/{verdict}") with { Confidence = null, Verdict = verdict }).ToList();
        await Table.WriteAsync(_class, rows, Cancellation);
        foreach (var row in rows) Assert.Equal(row, await ReadAsync(row.Url.Value));
    }

    [Fact]
    public async Task Write_OverWhatIsThere_ReplacesAllOfIt()
    {
        await Table.WriteAsync(_class, [Row("s3://b/0"), Row("s3://b/1")], Cancellation);
        var later = new LabelRow(ImageUrl.Create("s3://b/1"), null, 0, 0, Verdict.Unreviewed);
        await Table.WriteAsync(_class, [later, Row("s3://b/2")], Cancellation);
        await Table.WriteAsync(_class, [later, Row("s3://b/2")], Cancellation);
        foreach (var row in (LabelRow[])[Row("s3://b/0"), later, Row("s3://b/2")]) Assert.Equal(row, await ReadAsync(row.Url.Value));
    }

    [Fact]
    public async Task Write_Many_AreAllThere()
    {
        var rows = Enumerable.Range(0, 230).Select(number => Row($"s3://b/{number}") with { Confirms = number }).ToList();
        await Table.WriteAsync(_class, rows, Cancellation);
        foreach (var row in rows) Assert.Equal(row, await ReadAsync(row.Url.Value));
        await Table.WriteAsync(_class, [], Cancellation);
    }

    [Fact]
    public async Task Write_ManyAtOnceOfOneRow_LeavesOneOfThemWhole()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(number =>
            Table.WriteAsync(_class, [Row("s3://b/a") with { Confirms = number, Disconfirms = 100 - number }], Cancellation)));
        var row = await ReadAsync("s3://b/a");
        Assert.Equal(100, row!.Confirms + row.Disconfirms);
    }

    [Fact]
    public async Task Write_OfAnotherClass_IsNotMixedIn()
    {
        await Table.WriteAsync(_class, [Row("s3://b/a")], Cancellation);
        foreach (var other in (ClassAddress[])[_class with { Label = Label.Create("Dog") }, new ClassAddress(Incarnation.New(JobName.Create("job")), _class.Label)])
        {
            Assert.Null(await Table.ReadAsync(new ImageAddress(other, ImageUrl.Create("s3://b/a")), Cancellation));
            Assert.Equal(0, await Table.DeleteAsync(other, 10, Cancellation));
        }
        Assert.NotNull(await ReadAsync("s3://b/a"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000)]
    public async Task Delete_ByPages_LeavesNothingOfTheClassAndEverythingElse(int limit)
    {
        var other = _class with { Label = Label.Create("Cat") };
        var rows = Enumerable.Range(0, 100).Select(number => Row($"s3://b/{number}")).ToList();
        await Table.WriteAsync(_class, rows, Cancellation);
        await Table.WriteAsync(other, rows, Cancellation);
        var (deleted, last) = (0, limit);
        while (last == limit)
        {
            last = await Table.DeleteAsync(_class, limit, Cancellation);
            Assert.InRange(last, 0, limit);
            deleted += last;
        }
        Assert.Equal(100, deleted);
        foreach (var row in rows)
        {
            Assert.Null(await ReadAsync(row.Url.Value));
            Assert.Equal(row, await Table.ReadAsync(new ImageAddress(other, row.Url), Cancellation));
        }
    }

    private static LabelRow Row(string url) => new(ImageUrl.Create(url), Percent.Create(90), 2, 1, Verdict.Confirmed);

    private ImageAddress Address(string url) => new(_class, ImageUrl.Create(url));

    private Task<LabelRow?> ReadAsync(string url) => Table.ReadAsync(Address(url), Cancellation);
}
