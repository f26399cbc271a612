using System.Globalization;
using System.Text;
using System.Text.Json;
using BulkQA.Core;

namespace BulkQA.Api.Tests;

public sealed class CertaintyTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>As they were before there were intervals, to the byte.</summary>
    [Fact]
    public async Task ClassesAndThresholds_NothingAsked_AreAsTheyAlwaysWere()
    {
        var job = await CreateAsync([("Dog", 90, true), ("Dog", 97.5, false)]);
        Assert.Equal(
            $$$"""{"job":"{{{job}}}","buckets":[{"from":80,"to":85},{"from":85,"to":90},{"from":90,"to":95},{"from":95,"to":100}],"classes":[{"label":"Dog","total":2,"reviewed":2,"confirmed":1,"disconfirmed":1,"split":0,"correctPercent":50,"buckets":[{"from":80,"to":85,"total":0,"reviewed":0,"incorrect":0,"correctPercent":null},{"from":85,"to":90,"total":0,"reviewed":0,"incorrect":0,"correctPercent":null},{"from":90,"to":95,"total":1,"reviewed":1,"incorrect":0,"correctPercent":100},{"from":95,"to":100,"total":1,"reviewed":1,"incorrect":1,"correctPercent":0}]}],"totals":{"total":2,"reviewed":2,"confirmed":1,"disconfirmed":1,"split":0,"correctPercent":50,"buckets":[{"from":80,"to":85,"total":0,"reviewed":0,"incorrect":0,"correctPercent":null},{"from":85,"to":90,"total":0,"reviewed":0,"incorrect":0,"correctPercent":null},{"from":90,"to":95,"total":1,"reviewed":1,"incorrect":0,"correctPercent":100},{"from":95,"to":100,"total":1,"reviewed":1,"incorrect":1,"correctPercent":0}]},"classAverage":{"correctPercent":50,"buckets":[{"from":80,"to":85,"correctPercent":null},{"from":85,"to":90,"correctPercent":null},{"from":90,"to":95,"correctPercent":100},{"from":95,"to":100,"correctPercent":0}]}}""",
            await api.Http.GetStringAsync($"/v1/jobs/{job}/classes", Cancellation));
        Assert.Equal(
            """[{"label":"Dog","threshold":null,"reason":"95-100 has 1 incorrect to 0 correct, more than 0.1 to 1"}]""",
            await api.Http.GetStringAsync($"/v1/jobs/{job}/thresholds", Cancellation));
    }

    [Theory]
    [InlineData("level=0.9")]
    [InlineData("scope=corpus")]
    [InlineData("scope=model&level=0.99")]
    public async Task Classes_LevelOrScope_HaveTheIntervalBesideEveryPercentage(string query)
    {
        var job = await CreateAsync(Enumerable.Range(0, 40).Select(image => (image % 3 == 0 ? "Cat" : "Dog", 81.0 + (image * 0.45), image % 4 == 0 ? (bool?)null : image % 5 != 0)));
        var table = await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes?{query}");
        var certainty = new Certainty(query.Contains("0.99", StringComparison.Ordinal) ? 0.99 : query.Contains("0.9", StringComparison.Ordinal) ? 0.9 : 0.95, query.Contains("model", StringComparison.Ordinal) ? Scope.Model : Scope.Corpus);
        foreach (var row in table.Items("classes"))
        {
            var (lower, upper) = certainty.PercentOf(new BucketTally(row.Int("total"), row.Int("confirmed"), row.Int("disconfirmed"), row.Int("split")));
            Assert.Equal((lower, upper), (row.GetProperty("lower").GetDouble(), row.GetProperty("upper").GetDouble()));
            foreach (var cell in row.Items("buckets"))
            {
                var bucket = certainty.PercentOf(new BucketTally(cell.Int("total"), cell.Int("reviewed") - cell.Int("incorrect"), cell.Int("incorrect"), 0));
                Assert.Equal((bucket.Lower, bucket.Upper), (cell.GetProperty("lower").GetDouble(), cell.GetProperty("upper").GetDouble()));
            }
        }
        Assert.Equal((certainty.Level, Certainty.NameOf(certainty.Scope)), (table.GetProperty("level").GetDouble(), table.String("scope")));
        // Tasks are handed out as they were cut, and not all is reviewed.
        Assert.Contains("in the order asCut, not at random", table.String("condition"), StringComparison.Ordinal);
        // Classes are reviewed in unequal parts: nothing says how right all of them together are.
        var totals = table.GetProperty("totals");
        Assert.All(totals.Items("buckets").Append(totals), row => Assert.False(row.TryGetProperty("lower", out _) || row.TryGetProperty("upper", out _)));
        var average = table.GetProperty("classAverage");
        foreach (var cell in average.Items("buckets").Append(average))
            Assert.InRange(cell.GetProperty("correctPercent").GetDouble(), cell.GetProperty("lower").GetDouble(), cell.GetProperty("upper").GetDouble());
    }

    [Fact]
    public async Task Thresholds_EachMethod_HasWhatItCovers()
    {
        // From 90 up all are right, below one in two.
        var job = await CreateAsync(Enumerable.Range(0, 200).Select(image => ("Dog", 80 + (image * 0.1), image < 100 ? image % 2 == 0 : (bool?)true)));
        Assert.Equal((90.0, 100, 0.5, 0.0, 0), await ReadAsync(job, "method=walk"));
        Assert.Equal((90.0, 100, 0.5, 0.0, 0), await ReadAsync(job, "level=0.9"));
        Assert.Equal((90.0, 100, 0.5, 0.0, 0), await ReadAsync(job, "method=boundedWalk&level=0.99"));
        // 10 incorrect among 120 are within one in ten, 11 among 122 too; 12 among 124 are not, but 123 with the right one above them are not either.
        var continuous = await ReadAsync(job, "method=continuous&targetPrecision=0.91");
        Assert.Equal(continuous, await ReadAsync(job, "method=continuous&targetPrecision=0.91&level=0.95"));
        Assert.True(continuous.Incorrect <= 0.09 * continuous.Images && continuous.Images > 110, $"{continuous}");
        Assert.Equal(continuous.Incorrect, continuous.Upper);
        var parity = await ReadAsync(job, "method=parity&maxIncorrectPerCorrect=0.1&level=0.95");
        Assert.InRange(parity.Incorrect / (parity.Images - parity.Incorrect), 0.08, 0.1);
        Assert.Equal((90.0, 100, 0.5, 0.0, 0), await ReadAsync(job, "method=cost&costFalsePositive=10&costLostTruePositive=1"));
        Assert.Equal(200, (await ReadAsync(job, "method=cost&costFalsePositive=1&costLostTruePositive=10")).Images);

        var withCurve = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/thresholds?method=continuous&curve=true"))[0].Items("curve").ToList();
        Assert.InRange(withCurve.Count, 190, 200);
        Assert.Equal((200, 75.0), (withCurve[^1].Int("images"), withCurve[^1].GetProperty("correctPercent").GetDouble()));
    }

    [Fact]
    public async Task Thresholds_ByWhatIsFinal_GoByAdjudications()
    {
        var job = await CreateAsync([("Dog", 90, false), ("Dog", 95, true)]);
        Assert.Equal(95.0, (await ReadAsync(job, "method=continuous&targetPrecision=1")).Threshold);
        var url = Uri.EscapeDataString("s3://b/0.jpg");
        (await api.Http.PutAsync($"/v1/jobs/{job}/image/adjudication?url={url}&label=Dog", HttpExtensions.Text("""{"verdict":"Confirmed"}""", "application/json"), Cancellation)).EnsureSuccessStatusCode();
        Assert.Equal(95.0, (await ReadAsync(job, "method=continuous&targetPrecision=1")).Threshold);
        Assert.Equal(90.0, (await ReadAsync(job, "method=continuous&targetPrecision=1&basis=final")).Threshold);
        var final = await api.Http.GetJsonAsync($"/v1/jobs/{job}/calibration?basis=final");
        Assert.Equal(100, final.GetProperty("overall").GetProperty("correctPercent").GetDouble());
    }

    [Theory]
    [InlineData("classes?level=95&scope=world&emptyAs=one&basis=none", "emptyAs", "basis", "level", "scope")]
    [InlineData("classes?level=0", "level")]
    [InlineData("classes?level=1", "level")]
    [InlineData("classes?level=NaN", "level")]
    [InlineData("thresholds?method=boundedWalk&level=1e-300", "level")]
    [InlineData("thresholds?method=best&level=1&maxIncorrectPerCorrect=-1", "method", "level", "maxIncorrectPerCorrect")]
    [InlineData("thresholds?method=continuous&targetPrecision=95", "targetPrecision")]
    [InlineData("thresholds?targetPrecision=0.95&curve=true&costFalsePositive=1", "targetPrecision", "curve", "costFalsePositive")]
    [InlineData("thresholds?method=cost&costFalsePositive=-1", "costFalsePositive", "costLostTruePositive")]
    public async Task Query_OutsideWhatCanBe_IsRefusedAllAtOnceByField(string query, params string[] fields)
    {
        var job = await CreateAsync([("Dog", 90, true)]);
        var response = await api.Http.GetAsync($"/v1/jobs/{job}/{query}", Cancellation);
        Assert.Equal(400, (int)response.StatusCode);
        var errors = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement.GetProperty("errors");
        Assert.Equal(fields.Order(), errors.EnumerateObject().Select(error => error.Name).Order());
    }

    /// <summary>Whether one class is asked about or all of them, the error is shared by all that are reviewed.</summary>
    [Fact]
    public async Task Parity_OneClassNamed_HasTheThresholdItHasAmongAll()
    {
        var job = await CreateAsync(Enumerable.Range(0, 6).SelectMany(number => Enumerable.Range(0, 60).Select(image => ($"c{number}", 80 + (image * 0.3), image % 3 == 0 ? (bool?)null : image > 9))));
        const string Query = "method=parity&maxIncorrectPerCorrect=0.1&level=0.95";
        var all = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/thresholds?{Query}")).EnumerateArray().Single(row => row.String("label") == "c3");
        var named = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/thresholds?{Query}&label=c3")).EnumerateArray().Single();
        var alone = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/thresholds?method=continuous&level=0.95&label=c3")).EnumerateArray().Single();
        Assert.Equal(all.ToString(), named.ToString());
        Assert.NotEqual(alone.GetProperty("threshold").ToString(), named.GetProperty("threshold").ToString());
    }

    [Theory]
    [InlineData("thresholds?method=parity&level=0.9999999999999999")]
    [InlineData("thresholds?method=continuous&level=0.9999999999999999&curve=true")]
    [InlineData("thresholds?method=boundedWalk&level=0.9999999999999999")]
    [InlineData("classes?scope=corpus&level=0.9999999999999999")]
    [InlineData("classes?scope=model&level=0.9999999999999999")]
    [InlineData("classes?scope=model&level=0.0000000000000002")]
    public async Task Answer_LevelNextToItsLimits_IsGiven(string query)
    {
        var job = await CreateAsync([("Dog", 90, true), ("Dog", 91, null), ("Dog", 92, false), ("Cat", 92, true)]);
        Assert.Equal(200, (int)(await api.Http.GetAsync($"/v1/jobs/{job}/{query}", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Query_OfMoreClassesThanAtOnce_WantsThemNamed()
    {
        var job = await CreateAsync(Enumerable.Range(0, 201).Select(number => ($"c{number}", 90.0, (bool?)null)));
        foreach (var (query, field) in ((string, string)[])[("calibration?", "label"), ("thresholds?method=continuous&curve=true", "curve")])
            await RefusedAsync(query, field);
        Assert.Equal(201, (await api.Http.GetJsonAsync($"/v1/jobs/{job}/thresholds?method=continuous")).GetArrayLength());
        Assert.Equal(1, (await api.Http.GetJsonAsync($"/v1/jobs/{job}/calibration?label=c7")).GetProperty("classes").GetArrayLength());
        Assert.Equal(1, (await api.Http.GetJsonAsync($"/v1/jobs/{job}/thresholds?method=continuous&curve=true&label=c7")).GetArrayLength());

        async Task RefusedAsync(string query, string field)
        {
            var response = await api.Http.GetAsync($"/v1/jobs/{job}/{query}", Cancellation);
            Assert.Equal(400, (int)response.StatusCode);
            var errors = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement.GetProperty("errors");
            Assert.Contains("201 classes", errors.GetProperty(field)[0].GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Calibration_ConfidencesThatAreTooHigh_SaysSoOfTheClassAndOfAll()
    {
        var job = await CreateAsync(Enumerable.Range(0, 120).Select(image => (image < 100 ? "Dog" : "Cat", image < 119 ? 90.5 : double.NaN, image is 118 ? (bool?)null : image % 10 < 7)));
        var found = await api.Http.GetJsonAsync($"/v1/jobs/{job}/calibration");
        Assert.Equal((15, 5), (found.Int("bins"), found.Int("folds")));
        var dog = found.Items("classes").Last();
        Assert.Equal(("Dog", 100, 70.0), (dog.String("label"), dog.Int("reviewed"), dog.GetProperty("correctPercent").GetDouble()));
        Assert.Equal(0.205, dog.GetProperty("scores").GetProperty("ece").GetDouble(), 0.0001);
        Assert.Equal(0.7, 1 / (1 + Math.Exp(-Math.Log(0.90505 / 0.09495) / dog.GetProperty("temperature").GetProperty("temperature").GetDouble())), 1e-6);
        // Parts of 20 have 14 right ones by chance only.
        Assert.InRange(dog.GetProperty("isotonic").GetProperty("after").GetProperty("ece").GetDouble(), 0, 0.15);
        Assert.Equal((90.5, 70.0), (dog.GetProperty("isotonic").Items("steps").Single().GetProperty("from").GetDouble(), dog.GetProperty("isotonic").Items("steps").Single().GetProperty("correctPercent").GetDouble()));
        var overall = found.GetProperty("overall");
        Assert.Equal((118, 1), (overall.Int("reviewed"), overall.Int("withoutConfidence")));
        Assert.False(overall.TryGetProperty("label", out _));
    }

    [Fact]
    public async Task Calibration_NothingReviewed_HasNoScores()
    {
        var job = await CreateAsync([("Dog", 90, null)]);
        var overall = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/calibration")).GetProperty("overall");
        Assert.Equal((0, JsonValueKind.Null), (overall.Int("reviewed"), overall.GetProperty("scores").ValueKind));
    }

    [Theory]
    [InlineData("classes?level=0.95")]
    [InlineData("thresholds?method=continuous")]
    [InlineData("calibration")]
    public async Task Answer_OfNoJob_IsNotFound(string query) => await (await api.Http.GetAsync($"/v1/jobs/no-such-job/{query}", Cancellation)).ProblemAsync(404);

    [Fact]
    public async Task Page_OfAJob_ShowsIntervals()
    {
        var job = await CreateAsync([("Dog", 90, true), ("Dog", 91, null)]);
        Assert.Contains("50.00–100.00", System.Net.WebUtility.HtmlDecode(await api.Http.GetStringAsync($"/jobs/{job}", Cancellation)), StringComparison.Ordinal);
    }

    private async Task<(double? Threshold, int Images, double Shipped, double Incorrect, int Upper)> ReadAsync(string job, string query)
    {
        var row = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/thresholds?{query}"))[0];
        Assert.NotEmpty(row.String("reason"));
        return (row.GetProperty("threshold") is { ValueKind: JsonValueKind.Number } threshold ? threshold.GetDouble() : null,
            row.Int("images"), row.GetProperty("shipped").GetDouble(), row.GetProperty("expectedIncorrect").GetDouble(), row.Int("upperIncorrect"));
    }

    /// <summary>Images of which one worker says whether they are right; null for not reviewed.</summary>
    private async Task<string> CreateAsync(IEnumerable<(string Label, double Confidence, bool? IsRight)> images)
    {
        var job = await api.Http.CreateJobAsync();
        var all = images.ToList();
        var csv = new StringBuilder("s3_image_url,label,confidence\n");
        foreach (var (index, image) in all.Index()) csv.Append(CultureInfo.InvariantCulture, $"s3://b/{index}.jpg,{image.Label},{(double.IsNaN(image.Confidence) ? "" : image.Confidence)}\n");
        Assert.Equal(all.Count, (await api.Http.ImportAsync(job, csv.ToString())).Int("accepted"));
        var votes = all.Index().Where(entry => entry.Item.IsRight is not null)
            .Select(entry => (object)new { imageUrl = $"s3://b/{entry.Index}.jpg", label = entry.Item.Label, workerId = "ann", confirmed = entry.Item.IsRight }).ToList();
        if (votes.Count > 0) Assert.Equal(votes.Count, (await api.Http.VoteAsync(job, votes)).Int("accepted"));
        return job;
    }
}
