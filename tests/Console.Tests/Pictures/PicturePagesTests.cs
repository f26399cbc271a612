using BulkQA.Web.Pictures;

namespace BulkQA.Web.Tests;

public sealed class PicturePagesTests
{
    private readonly List<string?> _asked = [];

    [Fact]
    public async Task GetAsync_FromAnyPlace_IsTheImagesThere()
    {
        var pages = Pages(1_050);
        Assert.Equal(["5", "6", "7"], Names(await pages.GetAsync(5, 3, Cancellation)));
        Assert.Equal((PicturePages.PageSize, true), (pages.Count, pages.HasMore));
        Assert.Equal(["398", "399", "400", "401"], Names(await pages.GetAsync(398, 4, Cancellation)));
        Assert.Equal(["1048", "1049"], Names(await pages.GetAsync(1_048, 50, Cancellation)));
        Assert.Equal((1_050, false), (pages.Count, pages.HasMore));
        Assert.Empty(await pages.GetAsync(2_000, 3, Cancellation));
        Assert.Equal("399", pages.Find(399)?.ImageUrl);
        Assert.Null(pages.Find(1_050));
    }

    [Fact]
    public async Task GetAsync_ThroughALongListing_HoldsFewAndFetchesAgainWhatItLetGo()
    {
        var pages = Pages(20_000);
        for (var at = 0; at < 20_000; at += 100) await pages.GetAsync(at, 100, Cancellation);
        Assert.True(pages.Held <= PicturePages.MaxHeld * PicturePages.PageSize, $"{pages.Held} are held");
        Assert.Null(pages.Find(3));
        var asked = _asked.Count;
        Assert.Equal(["3"], Names(await pages.GetAsync(3, 1, Cancellation)));
        Assert.Equal(asked + 1, _asked.Count);
        Assert.Equal(["9999", "10000"], Names(await pages.GetAsync(9_999, 2, Cancellation)));
    }

    /// <summary>A filter that few fit has pages with nothing on them before the end.</summary>
    [Fact]
    public async Task GetAsync_OverEmptyPages_GoesOnToTheNext()
    {
        var pages = new PicturePages((cursor, _) => Task.FromResult(cursor switch
        {
            null => new PageModel<ImageModel>([Image(0)], "1"),
            "1" or "2" => new PageModel<ImageModel>([], (int.Parse(cursor, System.Globalization.CultureInfo.InvariantCulture) + 1).ToString(System.Globalization.CultureInfo.InvariantCulture)),
            _ => new PageModel<ImageModel>([Image(1), Image(2)], null),
        }));
        Assert.Equal(["0", "1", "2"], Names(await pages.GetAsync(0, 10, Cancellation)));
        Assert.Equal(["1", "2"], Names(await pages.GetAsync(1, 10, Cancellation)));
        Assert.Equal(["1", "2"], new[] { pages.Find(1)!.ImageUrl, pages.Find(2)!.ImageUrl });
    }

    [Fact]
    public async Task GetAsync_SeveralAtOnce_AsksForEachPageOnce()
    {
        var pages = Pages(1_000);
        await Task.WhenAll(pages.GetAsync(0, 30, Cancellation), pages.GetAsync(10, 30, Cancellation), pages.GetAsync(150, 100, Cancellation));
        Assert.Equal([null, "200"], _asked);
    }

    [Fact]
    public async Task GetAsync_AfterAFailure_CanBeTriedAgain()
    {
        var fails = true;
        var pages = new PicturePages((_, _) => fails ? throw new RestException(503, "Busy", "Later.") : Task.FromResult(new PageModel<ImageModel>([Image(0)], null)));
        await Assert.ThrowsAsync<RestException>(() => pages.GetAsync(0, 1, Cancellation));
        fails = false;
        Assert.Equal(["0"], Names(await pages.GetAsync(0, 1, Cancellation)));
    }

    [Fact]
    public async Task Replace_AnImage_IsFoundInItsPlace()
    {
        var pages = Pages(10);
        await pages.GetAsync(0, 10, Cancellation);
        pages.Replace(Image(4) with { Final = "Confirmed" });
        Assert.Equal("Confirmed", pages.Find(4)!.Final);
        Assert.Equal("", pages.Find(5)!.Final);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static ImageModel Image(int number) => new() { ImageUrl = number.ToString(System.Globalization.CultureInfo.InvariantCulture), Label = "Dog" };

    private static IEnumerable<string> Names(IEnumerable<ImageModel> images) => images.Select(image => image.ImageUrl);

    private PicturePages Pages(int count) => new((cursor, _) =>
    {
        _asked.Add(cursor);
        var from = cursor is null ? 0 : int.Parse(cursor, System.Globalization.CultureInfo.InvariantCulture);
        var to = Math.Min(count, from + PicturePages.PageSize);
        return Task.FromResult(new PageModel<ImageModel>([.. Enumerable.Range(from, to - from).Select(Image)], to < count ? to.ToString(System.Globalization.CultureInfo.InvariantCulture) : null));
    });
}
