using System.Globalization;
using System.Net;
using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

/// <summary>Jobs of which only a sample of each class and bucket is reviewed.</summary>
public sealed class SampledJobTests(SharedApi api)
{
    private const int Batch = 5;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sample_OfEachBucket_IsHandedOutAndNothingElse()
    {
        var job = await CreateAsync(new { images = 8 });
        var created = await api.Http.GetJsonAsync($"/v1/jobs/{job}");
        // Forty images of one bucket, fifteen of another, three of a third: 8 each, in whole tasks of five, or all there are.
        Assert.Equal((8, 58, 12, 7), (created.GetProperty("sample").Int("images"), created.Int("images"), created.Int("tasks"), created.Int("tasksHeldBack")));
        var leased = await AnswerAllAsync(job, "ann");
        Assert.Equal(12 - 7, leased.Count);
        var table = await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes");
        Assert.Equal([(40, 10), (15, 10), (3, 3)], table.Items("classes").Single().Items("buckets").Where(bucket => bucket.Int("total") > 0).Select(bucket => (bucket.Int("total"), bucket.Int("reviewed"))));
        // Nobody is asked about the others, and who asks gets them all the same.
        var tasks = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks")).Items();
        Assert.Equal(7, tasks.Count(task => task.String("state") == "heldBack"));
        Assert.Equal(leased.Order(), tasks.Where(task => task.String("state") == "done").Select(task => task.Int("task")).Order());
        var manifest = await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=manifest", Cancellation);
        Assert.Equal(5, manifest.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Sample_Extended_KeepsWhatWasReviewedAndGoesOn()
    {
        var job = await CreateAsync(new { width = 60, level = 0.9 });
        var first = await AnswerAllAsync(job, "ann");
        var changed = await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { sample = new { all = true } }, Cancellation)).JsonAsync();
        Assert.Equal((true, 0), (changed.GetProperty("sample").GetProperty("all").GetBoolean(), changed.Int("tasksHeldBack")));
        var more = await AnswerAllAsync(job, "ann");
        Assert.Equal((12, 0), (first.Count + more.Count, first.Intersect(more).Count()));
        Assert.InRange(first.Count, 3, 11);
        var done = await api.Http.GetJsonAsync($"/v1/jobs/{job}");
        Assert.Equal((12, 58), (done.Int("tasksDone"), done.Int("reviewed")));
        Assert.Equal(0, (await (await api.Http.PostAsync($"/v1/jobs/{job}/audit", null, Cancellation)).JsonAsync()).Int("differences"));
    }

    [Fact]
    public async Task Sample_WithTheSameSeed_IsTheSame()
    {
        var (one, other) = (await CreateAsync(new { images = 8 }), await CreateAsync(new { images = 8 }));
        Assert.Equal(await ReviewedAsync(one), await ReviewedAsync(other));
    }

    [Fact]
    public async Task Sample_OfAJobNotInRandomOrder_IsRefused()
    {
        var response = await api.Http.PostAsJsonAsync("/v1/jobs", new { name = $"job-{Guid.NewGuid():N}", sample = new { images = 8 } }, Cancellation);
        Assert.Contains("give the order random(seed)", await ErrorsAsync(response), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "give one of")]
    [InlineData("{\"images\":8,\"width\":10}", "give one of")]
    [InlineData("{\"level\":0.9}", "give one of")]
    [InlineData("{\"images\":0}", "0 is not 1 or more")]
    [InlineData("{\"width\":100}", "100 is not above 0 and below 100")]
    [InlineData("{\"width\":10,\"level\":1}", "1 is not above 0 and below 1")]
    public async Task Sample_ThatCannotBe_IsRefused(string sample, string why)
    {
        var response = await api.Http.PostAsync(
            "/v1/jobs", HttpExtensions.Text($"{{\"name\":\"job-{Guid.NewGuid():N}\",\"order\":\"random(1)\",\"sample\":{sample}}}", "application/json"), Cancellation);
        Assert.Contains(why, await ErrorsAsync(response), StringComparison.Ordinal);
    }

    /// <summary>Its tasks hold images of several buckets.</summary>
    [Fact]
    public async Task Sample_OfAJobThatHasNone_CannotBeDrawnLater()
    {
        var job = await api.Http.CreateJobAsync(new { order = "random(1)" });
        var response = await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { sample = new { images = 8 } }, Cancellation);
        Assert.Contains("create a job with a sample", await response.ProblemAsync(400), StringComparison.Ordinal);
        Assert.Contains("give one of", await ErrorsAsync(await api.Http.PatchAsync($"/v1/jobs/{job}", HttpExtensions.Text("{\"sample\":null}", "application/json"), Cancellation)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Target_OfASampledJob_IsRefused()
    {
        var job = await CreateAsync(new { images = 8 });
        var response = await api.Http.PutAsJsonAsync($"/v1/jobs/{job}/target", new { maxIncorrectPerCorrect = 0.1, level = 0.95, per = "class" }, Cancellation);
        Assert.Contains("it is sampled", await response.ProblemAsync(409), StringComparison.Ordinal);
    }

    /// <summary>Of each bucket another part is reviewed: only the weighted percentage is about the class.</summary>
    [Fact]
    public async Task Classes_OfASampledJob_WeighBucketsByTheirImages()
    {
        var job = await CreateAsync(new { images = 8 });
        await AnswerAllAsync(job, "ann", confidence => confidence != 82);
        var row = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes?level=0.95")).Items("classes").Single();
        // All of forty are wrong as far as anybody looked, and all of eighteen right.
        Assert.Equal(100.0 * 18 / 58, row.GetProperty("weighted").GetProperty("percent").GetDouble(), 9);
        Assert.Equal(100.0 * 13 / 23, row.GetProperty("correctPercent").GetDouble(), 9);
        Assert.False(row.TryGetProperty("lower", out _));
        Assert.Contains("weightedPercent", await api.Http.GetStringAsync($"/v1/jobs/{job}/classes?level=0.95&format=csv", Cancellation), StringComparison.Ordinal);
        foreach (var call in (string[])["thresholds?method=continuous&targetPrecision=0.9", "calibration", "compare?a=2026-01-01&b=2026-01-02", "timeline?minCorrectPercent=90"])
            Assert.Contains("is sampled", await (await api.Http.GetAsync($"/v1/jobs/{job}/{call}", Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
        var threshold = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/thresholds?method=walk&level=0.95")).EnumerateArray().Single();
        Assert.Equal((85, 15, 0), (threshold.Int("threshold"), threshold.Int("images"), threshold.Int("expectedIncorrect")));
    }

    /// <summary>Ten of forty, ten of fifteen and three of three are reviewed.</summary>
    [Fact]
    public async Task Export_OfASampledJob_SaysForHowManyImagesEachStands()
    {
        var job = await CreateAsync(new { images = 8 });
        await AnswerAllAsync(job, "ann", confidence => confidence != 82);
        var lines = (await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=csv", Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r').Split(',')).ToList();
        Assert.Equal("weight", lines[0][^1]);
        var images = lines[1..].Select(line => (Confidence: line[2], IsReviewed: line[5] != "Unreviewed", IsRight: line[5] == "Confirmed", Weight: double.Parse(line[^1], CultureInfo.InvariantCulture))).ToList();
        Assert.Equal([("20", 1), ("82", 4), ("96", 1.5)], images.Where(image => image.IsReviewed).Select(image => (image.Confidence, image.Weight)).Distinct().Order());
        Assert.All(images.Where(image => !image.IsReviewed), image => Assert.Equal(0, image.Weight));
        // What the class table says of the whole.
        Assert.Equal((58, 18), (images.Sum(image => image.Weight), images.Where(image => image.IsRight).Sum(image => image.Weight)));
        Assert.Contains("\"weight\":1.5", await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=ndjson", Cancellation), StringComparison.Ordinal);
        var whole = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(whole, "s3://b/1.jpg,Dog,90");
        Assert.DoesNotContain("weight", await api.Http.GetStringAsync($"/v1/jobs/{whole}/export?format=csv", Cancellation), StringComparison.Ordinal);
        Assert.DoesNotContain("weight", await api.Http.GetStringAsync($"/v1/jobs/{whole}/export?format=ndjson", Cancellation), StringComparison.Ordinal);
    }

    private static async Task<string> ErrorsAsync(HttpResponseMessage response)
    {
        await response.ProblemAsync(400);
        return await response.Content.ReadAsStringAsync(Cancellation);
    }

    private async Task<string> CreateAsync(object sample)
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = Batch, workersPerTask = 1, order = "random(7)", sample });
        (int Images, int Confidence)[] buckets = [(40, 82), (15, 96), (3, 20)];
        var lines = buckets.SelectMany(bucket => Enumerable.Range(0, bucket.Images).Select(number => $"{bucket.Confidence}/{number}.png,Dog,{bucket.Confidence}"));
        Assert.Equal(58, (await api.Http.ImportAsync(job, string.Join('\n', lines))).Int("accepted"));
        return job;
    }

    /// <summary>The tasks that a worker is given one after the other, each answered.</summary>
    private async Task<List<int>> AnswerAllAsync(string job, string worker, Func<double, bool>? confirms = null)
    {
        var tasks = new List<int>();
        while (true)
        {
            using var response = await api.Http.GetAsync($"/v1/jobs/{job}/tasks/next?worker={worker}", Cancellation);
            if (response.StatusCode == HttpStatusCode.NoContent) return tasks;
            var task = await response.JsonAsync();
            tasks.Add(task.Int("task"));
            var answers = task.Items("images").ToDictionary(image => image.String("box"), image => new { Confirmed = confirms?.Invoke(image.GetProperty("confidence").GetDouble()) ?? true });
            (await api.Http.AnswerAsync(job, tasks[^1], worker, answers)).EnsureSuccessStatusCode();
        }
    }

    private async Task<List<string>> ReviewedAsync(string job)
    {
        await AnswerAllAsync(job, "ann");
        return [.. (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images?verdict=Confirmed&limit=100")).Items().Select(image => image.String("imageUrl")).Order(StringComparer.Ordinal)];
    }
}
