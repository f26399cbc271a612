using System.Net;
using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

public sealed class OrderTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Next_ByValue_BeginsWithTheTaskOfMostErrorsByItsConfidences()
    {
        var job = await api.Http.CreateJobAsync(new { order = "byValue", batchSize = 2, workersPerTask = 1 });
        await api.Http.ImportAsync(job, "a.jpg,Dog,99\nb.jpg,Dog,98\nc.jpg,Dog,40\nd.jpg,Dog,30\ne.jpg,Dog,70\nf.jpg,Dog,60\n");
        var handed = new List<string>();
        for (var count = 0; count < 3; count++)
        {
            var task = await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next?worker=ann");
            handed.Add(string.Concat(task.Items("images").Select(image => Path.GetFileName(image.String("imageUrl"))[0])));
            await (await api.Http.AnswerAsync(job, task.Int("task"), "ann", new Dictionary<string, object> { ["Dog-0"] = new { Confirmed = true }, ["Dog-1"] = new { Confirmed = true } })).JsonAsync();
        }
        Assert.Equal(["cd", "ef", "ab"], handed);
        Assert.Equal(HttpStatusCode.NoContent, (await api.Http.GetAsync($"/v1/jobs/{job}/tasks/next?worker=ann", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Import_InRandomOrder_CutsAnotherOrderForEachSeedAndTheSameForOne()
    {
        var corpus = string.Concat(Enumerable.Range(0, 300).Select(number => $"{number:d4}.jpg,Dog,{number % 100}\n"));
        var orders = new List<string[]>();
        foreach (var order in (string[])["asCut", "random(1)", "random(1)", "random(2)"])
        {
            var job = await api.Http.CreateJobAsync(new { order });
            Assert.Equal(300, (await api.Http.ImportAsync(job, corpus)).Int("accepted"));
            // The same corpus again is nothing but duplicates, in whatever order it was cut.
            Assert.Equal(300, (await api.Http.ImportAsync(job, corpus)).Int("duplicates"));
            orders.Add(await ImagesAsync(job));
        }
        Assert.Equal(orders[0].Order(StringComparer.Ordinal), orders[0]);
        Assert.All(orders, order => Assert.Equal(300, order.Distinct().Count()));
        Assert.Equal(orders[1], orders[2]);
        Assert.NotEqual(orders[1], orders[0]);
        Assert.NotEqual(orders[1], orders[3]);
    }

    [Fact]
    public async Task Import_InRandomOrderWithContradictions_LetsTheFirstLineStandAndNamesTheOther()
    {
        var job = await api.Http.CreateJobAsync(new { order = "random(7)" });
        var summary = await api.Http.ImportAsync(job, "a.jpg,Dog,90\nb.jpg,Dog,80\na.jpg,Dog,91\n");
        Assert.Equal((2, 1), (summary.Int("accepted"), summary.Int("rejectedCount")));
        var rejected = Assert.Single(summary.Items("rejected"));
        Assert.Equal(3, rejected.Int("line"));
        Assert.Contains("confidence 91 came, and the image has 90", rejected.String("reason"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("order", "sideways")]
    [InlineData("order", "random(-1)")]
    [InlineData("labelTable", "always")]
    public async Task Create_OrderOrLabelTableThatIsNone_Is400(string field, string value)
    {
        var response = await api.Http.PostAsJsonAsync("/v1/jobs", new Dictionary<string, string> { ["name"] = "never", [field] = value }, Cancellation);
        Assert.Contains(value, await response.ProblemAsync(400), StringComparison.Ordinal);
    }

    private async Task<string[]> ImagesAsync(string job)
    {
        var urls = new List<string>();
        foreach (var task in (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks?limit=500")).Items())
            urls.AddRange((await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/{task.Int("task")}")).Items("images").Select(image => image.String("imageUrl")));
        return [.. urls];
    }
}
