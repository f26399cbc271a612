using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BulkQA.Core;

namespace BulkQA.Api.Tests;

/// <summary>The class table as a job's settings have it, in pages, in orders, and as CSV.</summary>
public sealed class ClassListingTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Level_OfTheJob_IsThatOfAnswersThatAskForNone()
    {
        var job = await CreateAsync(new { level = 0.9, scope = "model" });
        var settings = await api.Http.GetJsonAsync($"/v1/jobs/{job}");
        Assert.Equal((0.9, "model"), (settings.GetProperty("level").GetDouble(), settings.String("scope")));
        var (lower, upper) = new Certainty(0.9, Scope.Model).PercentOf(new BucketTally(4, 3, 1, 0));
        AssertInterval((lower, upper), await RowAsync(job, ""));
        // What is asked for goes first, each by itself.
        AssertInterval((75, 75), await RowAsync(job, "scope=corpus"));
        var other = new Certainty(0.5, Scope.Model).PercentOf(new BucketTally(4, 3, 1, 0));
        AssertInterval((other.Lower, other.Upper), await RowAsync(job, "level=0.5"));
        // Thresholds have what they cover, as with level=.
        Assert.True((await api.Http.GetJsonAsync($"/v1/jobs/{job}/thresholds"))[0].TryGetProperty("upperIncorrect", out _));

        var changed = await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { level = (double?)null, scope = "corpus" }, Cancellation)).JsonAsync();
        Assert.Equal((JsonValueKind.Null, "corpus"), (changed.GetProperty("level").ValueKind, changed.String("scope")));
        Assert.False((await RowAsync(job, "")).TryGetProperty("lower", out _));
        Assert.Equal(0.8, (await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { level = 0.8 }, Cancellation)).JsonAsync()).GetProperty("level").GetDouble());
        AssertInterval((75, 75), await RowAsync(job, ""));
    }

    [Theory]
    [InlineData("""{"level":1,"scope":"world"}""", "level", "scope")]
    [InlineData("""{"level":0}""", "level")]
    public async Task Level_OutsideItsRange_IsRefusedAtCreationAndInChanges(string settings, params string[] fields)
    {
        var job = await api.Http.CreateJobAsync();
        var named = $$"""{"name":"{{job}}x",{{settings[1..]}}""";
        foreach (var response in (HttpResponseMessage[])[
            await api.Http.PostAsync("/v1/jobs", HttpExtensions.Text(named, "application/json"), Cancellation),
            await api.Http.PatchAsync($"/v1/jobs/{job}", HttpExtensions.Text(settings, "application/json"), Cancellation)])
            await AssertRefusedAsync(response, fields);
        await AssertRefusedAsync(await api.Http.PatchAsync($"/v1/jobs/{job}", HttpExtensions.Text("""{"level":"high"}""", "application/json"), Cancellation), ["level"]);
    }

    [Fact]
    public async Task Create_AgainWithAnotherLevel_IsAConflict()
    {
        var job = await api.Http.CreateJobAsync(new { level = 0.9 });
        Assert.Equal(200, (int)(await api.Http.PostAsJsonAsync("/v1/jobs", new { name = job, level = 0.9, scope = "corpus" }, Cancellation)).StatusCode);
        var detail = await (await api.Http.PostAsJsonAsync("/v1/jobs", new { name = job, level = 0.95, scope = "model" }, Cancellation)).ProblemAsync(409);
        Assert.Contains("level is 0.9", detail, StringComparison.Ordinal);
        Assert.Contains("scope is corpus", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SmallSample_FewReviews_SaysSoWhereAnIntervalIsAskedFor()
    {
        var job = await CreateAsync(new { });
        Assert.False((await RowAsync(job, "")).TryGetProperty("smallSample", out _));
        Assert.Contains("4 reviewed", (await RowAsync(job, "scope=model")).String("smallSample"), StringComparison.Ordinal);
        // All are reviewed: what there is of them is certain.
        Assert.False((await RowAsync(job, "scope=corpus")).TryGetProperty("smallSample", out _));
    }

    [Theory]
    [InlineData("label", "a b c d e f")]
    [InlineData("-label", "f e d c b a")]
    [InlineData("total", "d c e b f a")]
    [InlineData("-total", "a f b c e d")]
    [InlineData("reviewed", "f d b c e a")]
    [InlineData("correctPercent", "c b e a d f")]
    [InlineData("-correctPercent", "d a e b c f")]
    [InlineData("-disconfirmed", "c a b e d f")]
    public async Task Sort_InPagesOfAnySize_GivesEachClassOnceInOrder(string sort, string labels)
    {
        // f has no review; c and e have as many images.
        var job = await ManyAsync();
        var whole = await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes?sort={sort}");
        Assert.Equal(labels, string.Join(' ', whole.Items("classes").Select(row => row.String("label"))));
        Assert.False(whole.TryGetProperty("nextCursor", out _));
        foreach (var size in (int[])[1, 2, 4, 6])
        {
            var (found, cursor) = (new List<string>(), "");
            do
            {
                var page = await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes?sort={sort}&limit={size}{cursor}");
                Assert.Equal(whole.GetProperty("totals").ToString(), page.GetProperty("totals").ToString());
                Assert.Equal(whole.GetProperty("classAverage").ToString(), page.GetProperty("classAverage").ToString());
                Assert.InRange(page.GetProperty("classes").GetArrayLength(), 1, size);
                found.AddRange(page.Items("classes").Select(row => row.String("label")));
                cursor = page.TryGetProperty("nextCursor", out var next) ? $"&cursor={next.GetString()}" : "";
            }
            while (cursor.Length > 0);
            Assert.Equal(labels, string.Join(' ', found));
        }
    }

    [Theory]
    [InlineData("sort=best&limit=0&format=xml", "sort", "limit", "format")]
    [InlineData("limit=1001", "limit")]
    [InlineData("format=csv&limit=5", "limit")]
    [InlineData("modelVersion=%20&expected=true", "modelVersion", "expected")]
    public async Task Query_OutsideWhatCanBe_IsRefusedAllAtOnceByField(string query, params string[] fields) =>
        await AssertRefusedAsync(await api.Http.GetAsync($"/v1/jobs/{await api.Http.CreateJobAsync()}/classes?{query}", Cancellation), fields);

    [Fact]
    public async Task Cursor_OfAnotherOrderOrJob_IsRefused()
    {
        var job = await ManyAsync();
        var cursor = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes?limit=1")).String("nextCursor");
        foreach (var path in (string[])[$"{job}/classes?sort=total&cursor={cursor}", $"{await ManyAsync()}/classes?cursor={cursor}", $"{job}/classes?cursor=x"])
            await (await api.Http.GetAsync($"/v1/jobs/{path}", Cancellation)).ProblemAsync(400);
    }

    [Fact]
    public async Task Csv_AskedForEitherWay_HasTheTableWithIntervals()
    {
        var job = await CreateAsync(new { bucketEdges = new[] { 80, 90, 100 } });
        var plain = await api.Http.GetAsync($"/v1/jobs/{job}/classes?format=csv", Cancellation);
        Assert.Equal("text/csv", plain.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            "label,total,reviewed,confirmed,disconfirmed,split,correctPercent,80-90 total,80-90 reviewed,80-90 incorrect,80-90 correctPercent,90-100 total,90-100 reviewed,90-100 incorrect,90-100 correctPercent\r\n"
            + "Dog,4,4,3,1,0,75,0,0,0,,4,4,1,75\r\n",
            await plain.Content.ReadAsStringAsync(Cancellation));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{job}/classes?level=0.9");
        request.Headers.Accept.ParseAdd("text/csv");
        var lines = (await (await api.Http.SendAsync(request, Cancellation)).Content.ReadAsStringAsync(Cancellation)).Split("\r\n");
        Assert.StartsWith("label,total,reviewed,confirmed,disconfirmed,split,correctPercent,lower,upper,80-90 total,80-90 reviewed,80-90 incorrect,80-90 correctPercent,80-90 lower,80-90 upper,", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(",level,scope,smallSample,condition", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("Dog,4,4,3,1,0,75,75,75,0,0,0,,0,100,4,4,1,75,75,75,0.9,corpus,", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expected_WithoutAModel_IsRefused() =>
        Assert.Contains("no reliability model", await (await api.Http.GetAsync($"/v1/jobs/{await CreateAsync(new { })}/classes?expected=true", Cancellation)).ProblemAsync(409), StringComparison.Ordinal);

    [Fact]
    public async Task Page_OfAJob_HidesIntervalsThatSayNothingAndShowsBoxes()
    {
        var job = await CreateAsync(new { boxes = "unticked", boxesByClass = new { Cat = "neither" } });
        var page = System.Net.WebUtility.HtmlDecode(await api.Http.GetStringAsync($"/jobs/{job}", Cancellation));
        Assert.DoesNotContain("75.00–75.00", page, StringComparison.Ordinal);
        Assert.DoesNotContain("0.00–100.00", page, StringComparison.Ordinal);
        Assert.Contains("boxes unticked (Cat neither)", page, StringComparison.Ordinal);
        await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { scope = "model", level = 0.9 }, Cancellation);
        var (lower, upper) = new Certainty(0.9, Scope.Model).PercentOf(new BucketTally(4, 3, 1, 0));
        page = System.Net.WebUtility.HtmlDecode(await api.Http.GetStringAsync($"/jobs/{job}", Cancellation));
        Assert.Contains(FormattableString.Invariant($"{lower:0.00}–{upper:0.00}"), page, StringComparison.Ordinal);
        Assert.Contains("with 90 %", page, StringComparison.Ordinal);
    }

    private static void AssertInterval((double Lower, double Upper) expected, JsonElement row) =>
        Assert.Equal(expected, (row.GetProperty("lower").GetDouble(), row.GetProperty("upper").GetDouble()));

    private static async Task AssertRefusedAsync(HttpResponseMessage response, string[] fields)
    {
        Assert.Equal(400, (int)response.StatusCode);
        var errors = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement.GetProperty("errors");
        Assert.Equal(fields.Order(), errors.EnumerateObject().Select(error => error.Name).Order());
    }

    private async Task<JsonElement> RowAsync(string job, string query) => (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes?{query}")).Items("classes").Single();

    /// <summary>One class of four images, all reviewed, one of them incorrect.</summary>
    private async Task<string> CreateAsync(object settings)
    {
        var job = await api.Http.CreateJobAsync(settings);
        await api.Http.ImportAsync(job, string.Concat(Enumerable.Range(0, 4).Select(image => $"s3://b/{image}.jpg,Dog,9{image}\n")));
        await api.Http.VoteAsync(job, Enumerable.Range(0, 4).Select(image => (object)new { imageUrl = $"s3://b/{image}.jpg", label = "Dog", workerId = "ann", confirmed = image > 0 }));
        return job;
    }

    /// <summary>Six classes, whose images, reviews and incorrect ones are in different orders.</summary>
    private async Task<string> ManyAsync()
    {
        (string Label, int Total, int Reviewed, int Incorrect)[] classes = [("c", 3, 3, 3), ("a", 9, 6, 1), ("b", 5, 2, 1), ("f", 6, 0, 0), ("e", 3, 3, 1), ("d", 1, 1, 0)];
        var job = await api.Http.CreateJobAsync();
        var csv = new StringBuilder("s3_image_url,label,confidence\n");
        foreach (var (label, total, _, _) in classes) for (var image = 0; image < total; image++) csv.Append(System.Globalization.CultureInfo.InvariantCulture, $"s3://b/{image}.jpg,{label},90\n");
        await api.Http.ImportAsync(job, csv.ToString());
        var votes = classes.SelectMany(entry => Enumerable.Range(0, entry.Reviewed).Select(image => (object)new { imageUrl = $"s3://b/{image}.jpg", label = entry.Label, workerId = "ann", confirmed = image >= entry.Incorrect })).ToList();
        Assert.Equal(votes.Count, (await api.Http.VoteAsync(job, votes)).Int("accepted"));
        return job;
    }
}
