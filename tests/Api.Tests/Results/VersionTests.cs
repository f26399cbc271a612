using System.Globalization;
using System.Text.Json;
using BulkQA.Core;

namespace BulkQA.Api.Tests;

/// <summary>Model versions of images: imported, counted apart, compared, and over time.</summary>
public sealed class VersionTests(SharedApi api)
{
    private const string Corpus = "s3_image_url,label,confidence,model_version\ns3://b/1.jpg,Dog,91,v1\ns3://b/2.jpg,Dog,92,v2\ns3://b/3.jpg,Dog,93,v2\ns3://b/4.jpg,Dog,94,\ns3://b/5.jpg,Cat,95,v1\n";

    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("asCut")]
    [InlineData("random(7)")]
    public async Task Import_ColumnOfVersions_IsInImagesTablesAndExports(string order)
    {
        var job = await api.Http.CreateJobAsync(new { order });
        var summary = await api.Http.ImportAsync(job, Corpus);
        Assert.Equal((5, "model_version"), (summary.Int("accepted"), summary.GetProperty("read").GetProperty("columns").String("modelVersion")));
        await VoteAsync(job, ("1", "Dog", true, 1), ("2", "Dog", false, 1), ("3", "Dog", true, 1), ("4", "Dog", true, 1));
        var versions = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images")).Items().ToDictionary(image => image.String("imageUrl")[7..8], image => image.TryGetProperty("modelVersion", out var version) ? version.GetString() : null);
        Assert.Equal(("v1", "v2", "v2", null, "v1"), (versions["1"], versions["2"], versions["3"], versions["4"], versions["5"]));
        Assert.Equal(["v1", "v2"], (await api.Http.GetJsonAsync($"/v1/jobs/{job}/model-versions")).EnumerateArray().Select(version => version.GetString()!));

        Assert.Equal([("Cat", 1, 0), ("Dog", 1, 1)], await TableAsync(job, "v1"));
        Assert.Equal([("Dog", 2, 1)], await TableAsync(job, "v2"));
        Assert.Contains("'v1', 'v2'", await (await api.Http.GetAsync($"/v1/jobs/{job}/classes?modelVersion=v3", Cancellation)).ProblemAsync(404), StringComparison.Ordinal);
        var threshold = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/thresholds?modelVersion=v2"))[0];
        Assert.Equal(("Dog", 95.0, "90-95 has 1 incorrect to 1 correct, more than 0.1 to 1"), (threshold.String("label"), threshold.GetProperty("threshold").GetDouble(), threshold.String("reason")));

        var csv = (await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=csv", Cancellation)).Split("\r\n");
        Assert.Equal("s3_image_url,label,confidence,WorkerConfirmCount,WorkerDisconfirmCount,Verdict,model_version", csv[0]);
        Assert.Contains("s3://b/2.jpg,Dog,92,0,1,Disconfirmed,v2", csv);
        Assert.Contains("s3://b/4.jpg,Dog,94,1,0,Confirmed,", csv);
        foreach (var (format, type) in ((string, string)[])[("csv", "text/csv"), ("parquet", "application/vnd.apache.parquet")])
        {
            var copy = await api.Http.CreateJobAsync();
            using var content = new ByteArrayContent(await api.Http.GetByteArrayAsync($"/v1/jobs/{job}/export?format={format}", Cancellation));
            content.Headers.ContentType = new(type);
            Assert.Equal(5, (await (await api.Http.PostAsync($"/v1/jobs/{copy}/items", content, Cancellation)).JsonAsync()).Int("accepted"));
            Assert.Equal([("Cat", 1, 0), ("Dog", 1, 0)], await TableAsync(copy, "v1"));
        }
        var audit = await (await api.Http.PostAsync($"/v1/jobs/{job}/audit", null, Cancellation)).JsonAsync();
        Assert.Equal((5, 0), (audit.Int("images"), audit.Int("differences")));
    }

    [Fact]
    public async Task Import_VersionOfTheWhole_GoesBeforeColumns()
    {
        var (job, none) = (await api.Http.CreateJobAsync(), await api.Http.CreateJobAsync());
        var dry = await ImportAsync(job, Corpus, "?modelVersion=2026-11%20b&dryRun=true");
        Assert.Equal("2026-11 b", dry.Items("preview").First().String("modelVersion"));
        Assert.False(dry.GetProperty("read").GetProperty("columns").TryGetProperty("modelVersion", out _));
        await ImportAsync(job, Corpus, "?modelVersion=2026-11%20b");
        Assert.Equal([("Cat", 1, 0), ("Dog", 4, 0)], await TableAsync(job, "2026-11 b"));
        // Empty for none, whatever a column says.
        await ImportAsync(none, Corpus, "?modelVersion=");
        Assert.Empty((await api.Http.GetJsonAsync($"/v1/jobs/{none}/model-versions")).EnumerateArray());
        Assert.DoesNotContain("model_version", await api.Http.GetStringAsync($"/v1/jobs/{none}/export?format=csv", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_AgainWithAnotherVersion_IsRejectedAndTheFirstStands()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, Corpus);
        // Those that are there as v2 agree, and so does whoever says nothing.
        var again = await ImportAsync(job, Corpus, "?modelVersion=v2");
        Assert.Equal((0, 2, 3), (again.Int("accepted"), again.Int("duplicates"), again.Int("rejectedCount")));
        Assert.All(again.Items("rejected"), line => Assert.Contains("model version", line.String("reason"), StringComparison.Ordinal));
        Assert.Equal((5, 0), (await ImportAsync(job, Corpus, "?modelVersion=")) is var silent ? (silent.Int("duplicates"), silent.Int("rejectedCount")) : default);
        // In one file, too.
        var twice = await api.Http.ImportAsync(job, "s3_image_url,label,confidence,model_version\ns3://b/9.jpg,Dog,91,v1\ns3://b/9.jpg,Dog,91,v2\n");
        Assert.Equal((1, 1), (twice.Int("accepted"), twice.Int("rejectedCount")));
    }

    [Fact]
    public async Task Import_MoreVersionsThanAJobTakes_RejectsTheLinesThatHaveThem()
    {
        var job = await api.Http.CreateJobAsync();
        var summary = await api.Http.ImportAsync(job, "s3_image_url,label,confidence,model_version\n" + string.Concat(Enumerable.Range(0, 103).Select(number => $"s3://b/{number}.jpg,Dog,90,v{number}\n")) + "s3://b/x.jpg,Dog,90,\n" + $"s3://b/y.jpg,Dog,90,{new string('v', 101)}\n");
        Assert.Equal((101, 4), (summary.Int("accepted"), summary.Int("rejectedCount")));
        Assert.Equal(3, summary.Items("rejected").Count(line => line.String("reason").Contains("100 model versions", StringComparison.Ordinal)));
        Assert.Contains(summary.Items("rejected"), line => line.Int("line") == 106 && line.String("reason").Contains("101 UTF-8 bytes", StringComparison.Ordinal));
        Assert.Equal(100, (await api.Http.GetJsonAsync($"/v1/jobs/{job}/model-versions")).GetArrayLength());
    }

    /// <summary>As an import would: what it says is accepted, an import takes.</summary>
    [Fact]
    public async Task DryRun_OfMoreVersionsThanAJobTakes_RejectsTheRest()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "s3_image_url,label,confidence,model_version\ns3://b/0.jpg,Dog,90,v0\n");
        var corpus = "s3_image_url,label,confidence,model_version\n" + string.Concat(Enumerable.Range(0, 103).Select(number => $"s3://b/{number}.jpg,Dog,90,v{number}\n"));
        var tried = await (await api.Http.PostAsync($"/v1/jobs/{job}/items?dryRun=true", HttpExtensions.Text(corpus, "text/csv"), Cancellation)).JsonAsync();
        Assert.Equal((100, 3), (tried.Int("accepted"), tried.Int("rejectedCount")));
        Assert.Equal(1, (await api.Http.GetJsonAsync($"/v1/jobs/{job}/model-versions")).GetArrayLength());
    }

    [Fact]
    public async Task Import_NamedPropertyThatNoRecordHas_IsWarnedOf()
    {
        var job = await api.Http.CreateJobAsync();
        var summary = await (await api.Http.PostAsync($"/v1/jobs/{job}/items?modelVersionColumn=by", HttpExtensions.Text("""{"image":"a.jpg","label":"Dog","confidence":90,"model":"v1"}""", "application/x-ndjson"), Cancellation)).JsonAsync();
        Assert.Contains("'by'", summary.Items("warnings").Single(warning => warning.String("kind") == "noModelVersion").String("detail"), StringComparison.Ordinal);
        Assert.Empty((await api.Http.GetJsonAsync($"/v1/jobs/{job}/model-versions")).EnumerateArray());
    }

    [Theory]
    [InlineData("?modelVersion=v1&modelVersionColumn=model", "text/csv", "modelVersionColumn")]
    [InlineData("?format=coco&modelVersionColumn=model", "application/json", "modelVersionColumn")]
    [InlineData("?modelVersion=a%0Ab", "text/csv", "modelVersion")]
    public async Task Import_VersionThatCantBe_IsRefused(string query, string type, string field)
    {
        var response = await api.Http.PostAsync($"/v1/jobs/{await api.Http.CreateJobAsync()}/items{query}", HttpExtensions.Text(Corpus, type), Cancellation);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.True(JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement.GetProperty("errors").TryGetProperty(field, out _));
    }

    /// <summary>What is said of one version of a job is what is said of a job that has no other images.</summary>
    [Theory]
    [InlineData("calibration?basis=votes")]
    [InlineData("calibration?basis=final&label=Dog")]
    [InlineData("thresholds?method=continuous&targetPrecision=0.8&curve=true")]
    [InlineData("thresholds?method=continuous&targetPrecision=0.8&level=0.9")]
    [InlineData("thresholds?method=parity&maxIncorrectPerCorrect=0.3&level=0.9")]
    [InlineData("thresholds?method=parity&maxIncorrectPerCorrect=0.3&level=0.9&label=Dog&basis=final")]
    [InlineData("thresholds?method=cost&costFalsePositive=2&costLostTruePositive=1")]
    public async Task ConfidencesOfAVersion_AreThoseOfAJobWithNothingElse(string query)
    {
        var (all, alone) = (await VersionsAsync(image => true), await VersionsAsync(image => image % 2 == 0));
        var said = (await api.Http.GetStringAsync($"/v1/jobs/{all}/{query}&modelVersion=v0", Cancellation)).Replace(all, "job", StringComparison.Ordinal);
        Assert.Equal((await api.Http.GetStringAsync($"/v1/jobs/{alone}/{query}", Cancellation)).Replace(alone, "job", StringComparison.Ordinal), said);
        Assert.NotEqual((await api.Http.GetStringAsync($"/v1/jobs/{all}/{query}", Cancellation)).Replace(all, "job", StringComparison.Ordinal), said);
        Assert.Contains("'v0', 'v1'", await (await api.Http.GetAsync($"/v1/jobs/{all}/{query}&modelVersion=v9", Cancellation)).ProblemAsync(404), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Timeline_VotesOfSeveralDays_HasEachImageOnTheDayOfItsLastVote()
    {
        var job = await api.Http.CreateJobAsync(new { level = 0.9, workersPerTask = 1 });
        await api.Http.ImportAsync(job, Corpus);
        await VoteAsync(job, ("1", "Dog", true, 3), ("2", "Dog", true, 3), ("3", "Dog", true, 2), ("5", "Cat", true, 2));
        await VoteAsync(job, ("2", "Dog", false, 1));
        await api.Http.VoteAsync(job, [new { imageUrl = "s3://b/4.jpg", label = "Dog", workerId = "ann", confirmed = true }]);
        var timeline = await api.Http.GetJsonAsync($"/v1/jobs/{job}/timeline?label=Dog&by=day");
        Assert.Equal((1, 1), (timeline.Int("undated"), timeline.GetProperty("classes").GetArrayLength()));
        var days = timeline.Items("classes").Single().Items("days").ToList();
        Assert.Equal([(Day(3), 1, 1), (Day(2), 1, 1), (Day(1), 1, 0)], days.Select(day => (day.String("day"), day.Int("reviewed"), day.Int("confirmed"))));
        var (lower, upper) = new Certainty(0.9, Scope.Model).PercentOf(new BucketTally(1, 1, 0, 0));
        Assert.Equal((lower, upper), (days[0].GetProperty("lower").GetDouble(), days[0].GetProperty("upper").GetDouble()));
        // All classes together have no interval.
        var all = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/timeline")).Items("days").ToList();
        Assert.Equal([1, 2, 1], all.Select(day => day.Int("reviewed")));
        Assert.DoesNotContain(all, day => day.TryGetProperty("lower", out _));
        Assert.Equal([(Day(2), 1), (Day(1), 1)], (await api.Http.GetJsonAsync($"/v1/jobs/{job}/timeline?modelVersion=v2")).Items("days").Select(day => (day.String("day"), day.Int("reviewed"))));
        Assert.Equal([Day(2)], (await api.Http.GetJsonAsync($"/v1/jobs/{job}/timeline?from={Day(2)}&to={Day(2)}")).Items("days").Select(day => day.String("day")));
        Assert.Equal(0, (await (await api.Http.PostAsync($"/v1/jobs/{job}/audit", null, Cancellation)).JsonAsync()).Int("differences"));
    }

    [Fact]
    public async Task Timeline_ClassThatFalls_HasAnAlarm()
    {
        var job = await api.Http.CreateJobAsync(new { workersPerTask = 1 });
        await api.Http.ImportAsync(job, string.Concat(Enumerable.Range(0, 80).SelectMany(image => (string[])[$"s3://b/{image}.jpg,Dog,90\n", $"s3://b/{image}.jpg,Cat,90\n"])));
        await VoteAsync(job, [.. Enumerable.Range(0, 80).SelectMany(image => ((string, string, bool, int)[])[($"{image}", "Dog", image < 60 || image % 2 == 0, image < 60 ? 3 : 1), ($"{image}", "Cat", true, 2)])]);
        var classes = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/timeline?minCorrectPercent=95&falseAlarmDays=100")).Items("classes").ToDictionary(row => row.String("label"));
        Assert.False(classes["Cat"].TryGetProperty("alarm", out _));
        Assert.Equal((Day(1), Day(1)), (classes["Dog"].GetProperty("alarm").String("raisedOn"), classes["Dog"].GetProperty("alarm").String("since")));
        Assert.False((await api.Http.GetJsonAsync($"/v1/jobs/{job}/timeline?label=Dog")).Items("classes").Single().TryGetProperty("alarm", out _));
    }

    [Theory]
    [InlineData("timeline?by=week&from=yesterday&to=2026-13-01&modelVersion=%20&level=2&minCorrectPercent=100&falseAlarmDays=1", "by", "from", "to", "modelVersion", "level", "minCorrectPercent", "falseAlarmDays")]
    [InlineData("timeline?from=2026-11-02&to=2026-11-01", "from")]
    [InlineData("timeline?falseAlarmDays=30", "falseAlarmDays")]
    [InlineData("compare?a=v1&level=0", "a", "b", "level")]
    [InlineData("compare?a=2026-11-02..2026-11-01&b=modelVersion:", "a", "b")]
    [InlineData("compare?a=job:%2F&b=2026-11-02..2026-11-03..2026-11-04", "a", "b")]
    public async Task Query_OutsideWhatCanBe_IsRefusedAllAtOnceByField(string query, params string[] fields)
    {
        var response = await api.Http.GetAsync($"/v1/jobs/{await api.Http.CreateJobAsync()}/{query}", Cancellation);
        Assert.Equal(400, (int)response.StatusCode);
        var errors = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement.GetProperty("errors");
        Assert.Equal(fields.Order(), errors.EnumerateObject().Select(error => error.Name).Order());
    }

    [Fact]
    public async Task Compare_VersionsDaysAndJobs_HasTheDifferenceWithItsInterval()
    {
        var job = await api.Http.CreateJobAsync(new { workersPerTask = 1 });
        await api.Http.ImportAsync(job, "s3_image_url,label,confidence,model_version\n" + string.Concat(Enumerable.Range(0, 100).Select(image => $"s3://b/{image}.jpg,Dog,90,v{(image < 60 ? 1 : 2)}\n")) + "s3://b/1.jpg,Cat,90,v1\ns3://b/1.jpg,Emu,90,\n");
        // 30 of 60 are right of v1, 38 of 40 of v2.
        await VoteAsync(job, [.. Enumerable.Range(0, 100).Select(image => ($"{image}", "Dog", image < 60 ? image % 2 == 0 : image > 61, image < 60 ? 4 : 2)), ("1", "Cat", true, 4)]);
        var (lower, upper) = DifferenceInterval.Newcombe(38, 40, 30, 60, 0.95);
        foreach (var query in (string[])["a=modelVersion:v1&b=modelVersion:v2", $"a={Day(5)}..{Day(3)}&b={Day(2)}"])
        {
            var compared = await api.Http.GetJsonAsync($"/v1/jobs/{job}/compare?{query}");
            var (cat, dog) = (compared.Items("classes").First(), compared.Items("classes").Last());
            Assert.Equal((2, "Cat", "Dog"), (compared.GetProperty("classes").GetArrayLength(), cat.String("label"), dog.String("label")));
            Assert.Equal((60, 30, 40, 38), (dog.GetProperty("a").Int("reviewed"), dog.GetProperty("a").Int("confirmed"), dog.GetProperty("b").Int("reviewed"), dog.GetProperty("b").Int("confirmed")));
            Assert.Equal((45.0, 100 * lower, 100 * upper, "better"), (dog.GetProperty("difference").GetDouble(), dog.GetProperty("lower").GetDouble(), dog.GetProperty("upper").GetDouble(), dog.String("change")));
            // Nothing of one of the two: nothing is known of the difference.
            Assert.Equal((JsonValueKind.Null, "unclear", 0), (cat.GetProperty("difference").ValueKind, cat.String("change"), cat.GetProperty("b").Int("reviewed")));
            Assert.InRange(cat.GetProperty("upper").GetDouble() - cat.GetProperty("lower").GetDouble(), 100, 200);
        }
        var back = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/compare?a=modelVersion:v2&b=modelVersion:v1&label=Dog&level=0.5")).Items("classes").Single();
        Assert.Equal((-45.0, "worse"), (back.GetProperty("difference").GetDouble(), back.String("change")));
        var twin = await api.Http.CreateJobAsync(new { workersPerTask = 1 });
        await api.Http.ImportAsync(twin, string.Concat(Enumerable.Range(0, 100).Select(image => $"s3://b/{image}.jpg,Dog,90\n")));
        await VoteAsync(twin, [.. Enumerable.Range(0, 100).Select(image => ($"{image}", "Dog", image < 60 ? image % 2 == 0 : image > 61, 4))]);
        var same = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/compare?a=job:{job}&b=job:{twin}&label=Dog")).Items("classes").Single();
        Assert.Equal((0.0, "unclear", 100), (same.GetProperty("difference").GetDouble(), same.String("change"), same.GetProperty("a").Int("reviewed")));
        await (await api.Http.GetAsync($"/v1/jobs/{job}/compare?a=job:{job}&b=job:no-such-job", Cancellation)).ProblemAsync(404);
        await (await api.Http.GetAsync($"/v1/jobs/{job}/compare?a=modelVersion:v9&b=job:{twin}", Cancellation)).ProblemAsync(404);
    }

    /// <summary>Images in doubt move to later days, so that days of such a job are of no two samples of the same.</summary>
    [Fact]
    public async Task DaysOfAJobThatAsksFurtherWorkers_HaveNoIntervalsAndAreNotCompared()
    {
        var job = await api.Http.CreateJobAsync(new { workersPerTask = 1, maxWorkersPerTask = 3, policy = "majority" });
        await api.Http.ImportAsync(job, "s3://b/0.jpg,Dog,90\n");
        await VoteAsync(job, ("0", "Dog", true, 2));
        Assert.Contains("maxWorkersPerTask", await (await api.Http.GetAsync($"/v1/jobs/{job}/compare?a={Day(2)}&b={Day(1)}", Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
        var days = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/timeline?level=0.95")).Items("classes").Single().Items("days").ToList();
        Assert.NotEmpty(days);
        Assert.All(days, day => Assert.False(day.TryGetProperty("lower", out var lower) && lower.ValueKind == JsonValueKind.Number));
    }

    /// <summary>A difference supposes two samples: of sides with images in common it would be too small, and its interval of nothing.</summary>
    [Theory]
    [InlineData("a=2026-11-01..2026-11-07&b=2026-11-05..2026-11-10", "days in common")]
    [InlineData("a=2026-11-01..2026-11-07&b=2026-11-07", "days in common")]
    [InlineData("a=modelVersion:v1&b=2026-11-05", "images in common")]
    [InlineData("a=modelVersion:v1&b=modelVersion:v1", "the same as a")]
    [InlineData("a=job:@&b=job:@", "the same as a")]
    [InlineData("a=job:other&b=job:other", "the same as a")]
    [InlineData("a=modelVersion:v1&b=job:@", "which is the whole")]
    [InlineData("a=job:@&b=2026-11-05", "which is the whole")]
    public async Task Compare_SidesThatMayHaveImagesInCommon_AreRefused(string query, string reason)
    {
        var job = await api.Http.CreateJobAsync();
        Assert.Contains(reason, await (await api.Http.GetAsync($"/v1/jobs/{job}/compare?{query.Replace("@", job, StringComparison.Ordinal)}", Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
    }

    private async Task<JsonElement> ImportAsync(string job, string csv, string query) =>
        await (await api.Http.PostAsync($"/v1/jobs/{job}/items{query}", HttpExtensions.Text(csv, "text/csv"), Cancellation)).JsonAsync();

    private async Task<IEnumerable<(string Label, int Total, int Confirmed)>> TableAsync(string job, string version) =>
        (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes?modelVersion={Uri.EscapeDataString(version)}")).Items("classes").Select(row => (row.String("label"), row.Int("total"), row.Int("confirmed")));

    /// <summary>
    /// A job of those of 200 images that are wanted: dogs and cats, some reviewed, some adjudicated, the odd ones of version v1 and worse; and emus, of v1 alone.
    /// </summary>
    private async Task<string> VersionsAsync(Func<int, bool> isWanted)
    {
        var job = await api.Http.CreateJobAsync(new { workersPerTask = 1 });
        string LabelOf(int image) => image % 20 == 19 ? "Emu" : image % 3 == 0 ? "Cat" : "Dog";
        var images = Enumerable.Range(0, 200).Where(isWanted).ToList();
        await api.Http.ImportAsync(job, "s3_image_url,label,confidence,model_version\n" + string.Concat(images.Select(image =>
            string.Create(CultureInfo.InvariantCulture, $"s3://b/{image}.jpg,{LabelOf(image)},{(image % 50 == 2 ? "" : $"{80 + (image / 10.0):R}")},v{image % 2}\n"))));
        await VoteAsync(job, [.. images.Where(image => image % 5 != 0).Select(image => ($"{image}", LabelOf(image), image % 2 == 1 ? image % 4 == 1 : image % 14 != 0, 2))]);
        foreach (var image in images.Where(image => image % 28 == 14 || image == 1))
        {
            var url = Uri.EscapeDataString($"s3://b/{image}.jpg");
            (await api.Http.PutAsync($"/v1/jobs/{job}/image/adjudication?url={url}&label={LabelOf(image)}", HttpExtensions.Text("""{"verdict":"Confirmed"}""", "application/json"), Cancellation)).EnsureSuccessStatusCode();
        }
        return job;
    }

    /// <summary>Votes of one worker, so many days ago.</summary>
    private async Task VoteAsync(string job, params (string Image, string Label, bool Confirmed, int DaysAgo)[] votes) =>
        Assert.Equal(votes.Length, (await api.Http.VoteAsync(job, votes.Select(vote => (object)new
        {
            imageUrl = $"s3://b/{vote.Image}.jpg",
            label = vote.Label,
            workerId = "ann",
            confirmed = vote.Confirmed,
            submittedAt = $"{Day(vote.DaysAgo)}T12:00:00Z",
        }))).Int("accepted"));

    private string Day(int daysAgo) => _now.AddDays(-daysAgo).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
