using Bunit;

namespace BulkQA.Web.Tests;

public sealed class HeatMapTests : ConsoleContext
{
    private const string Path = "/v1/jobs/j/classes?level=0.95";

    [Fact]
    public void HeatMap_ShowsWhatWasCounted_AndLeadsToThePictures()
    {
        Rest.Answer(Path, Table(row: new { label = "Great Dane", total = 10, reviewed = 4, correctPercent = 75.0, lower = 40.0, upper = 98.5, buckets = new[] { new { from = 80.0, to = 85.0, total = 10, reviewed = 4, incorrect = 1, correctPercent = 75.0, lower = 40.0, upper = 98.5 } } }));
        var map = Render();
        map.WaitForAssertion(() => Assert.Contains("75.0 %", map.Find("tbody td.heat").TextContent, StringComparison.Ordinal));
        var link = map.Find("tbody td.heat:nth-child(4) a");
        Assert.Equal("/console/jobs/j/pictures?label=Great%20Dane&bucket=80-85", link.GetAttribute("href"));
        Assert.Equal("Great Dane, 80 – 85: 75.0 %40.0 – 98.5 %n 4 of 10", link.TextContent);
    }

    [Fact]
    public void HeatMap_OfAClassThatIsReviewedWhole_SaysNoInterval()
    {
        Rest.Answer(Path, Table(row: new { label = "Dog", total = 4, reviewed = 4, correctPercent = 75.0, lower = 75.0, upper = 75.0, buckets = Array.Empty<object>() }));
        var map = Render();
        map.WaitForAssertion(() => Assert.Equal("Dog, all buckets: 75.0 %n 4", map.Find("tbody td.heat").TextContent.Trim()));
    }

    [Fact]
    public void HeatMap_WithoutImages_SaysHowToGetSome()
    {
        Rest.Answer(Path, new { job = "j", buckets = Array.Empty<object>(), classes = Array.Empty<object>(), totals = new { total = 0 } });
        var map = Render();
        map.WaitForAssertion(() => Assert.Contains("No image yet", map.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void HeatMap_OfAJobThatIsNotTheirs_SaysSoAndShowsNothing()
    {
        Rest.Refuse(Path, System.Net.HttpStatusCode.Forbidden, "This is for viewers.");
        var map = Render();
        map.WaitForAssertion(() => Assert.Contains("You may not see this", map.Markup, StringComparison.Ordinal));
        Assert.Empty(map.FindAll("table"));
    }

    private static object Table(object row) => new { job = "j", buckets = new[] { new { from = 80.0, to = 85.0 } }, classes = new[] { row }, totals = new { total = 10, reviewed = 4, correctPercent = 75.0 }, level = 0.95, scope = "corpus" };

    private IRenderedComponent<Web.Table.HeatMap> Render() => Render<Web.Table.HeatMap>(parameters => parameters
        .Add(map => map.Job, "j").Add(map => map.Query, new TableQuery(null, "0.95", null, null, null, null, false)));
}
