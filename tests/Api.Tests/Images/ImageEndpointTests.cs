using System.Text.Json;

namespace BulkQA.Api.Tests;

public sealed class ImageEndpointTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", 90)]
    [InlineData("&label=A", 30)]
    [InlineData("&verdict=Confirmed", 20)]
    [InlineData("&verdict=incorrect", 10)]
    [InlineData("&verdict=reviewed&label=C", 10)]
    [InlineData("&bucket=80-85", 30)]
    [InlineData("&bucket=underflow", 0)]
    [InlineData("&label=A&bucket=95-100&verdict=unreviewed", 3)]
    [InlineData("&label=none", 0)]
    [InlineData("&text=s/A1", 11)]
    [InlineData("&text=s/a1&label=A&bucket=80-85", 3)]
    [InlineData("&text=%25", 0)]
    [InlineData("&problem=unseen", 6)]
    [InlineData("&problem=unseen&label=B", 1)]
    [InlineData("&problem=unseen&verdict=unreviewed&bucket=80-85", 5)]
    public async Task Images_FilteredPageByPage_GivesEachOnce(string filter, int count)
    {
        var job = await JobAsync();
        foreach (var limit in (int[])[1, 7, 1_000])
        {
            var found = new List<string>();
            for (string? cursor = ""; cursor is not null;)
            {
                var page = await api.Http.GetJsonAsync($"/v1/jobs/{job}/images?limit={limit}{filter}{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
                Assert.InRange(page.Items().Count(), 0, limit);
                found.AddRange(page.Items().Select(image => image.String("imageUrl")));
                cursor = page.GetProperty("nextCursor").GetString();
            }
            Assert.Equal(count, found.Count);
            Assert.Equal(count, found.Distinct().Count());
        }
    }

    [Fact]
    public async Task Images_BadQuery_Is400()
    {
        var (job, other) = (await JobAsync(), await JobAsync());
        var cursor = (await api.Http.GetJsonAsync($"/v1/jobs/{other}/images?limit=1")).String("nextCursor");
        foreach (var query in (string[])["verdict=maybe", "problem=maybe", "problem=", "verdict=1", "bucket=1-2", "limit=0", "limit=1001", "cursor=xyz", $"cursor={cursor}", "label=%00", "text=a&sort=value", $"text={new string('a', 201)}"])
            await (await api.Http.GetAsync($"/v1/jobs/{job}/images?{query}", Cancellation)).ProblemAsync(400);
    }

    /// <summary>By the answers that stand: an image that all have been shown by now is none.</summary>
    [Fact]
    public async Task Unseen_OnceTheWorkerWasShownIt_IsNeitherListedNorCounted()
    {
        var job = await JobAsync();
        Assert.Equal(6, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("unseen"));
        await api.Http.VoteAsync(job, [new { imageUrl = "s3://bulkqa/images/a0.jpg", label = "A", workerId = "v", confirmed = true, submittedAt = "2026-01-02T03:04:05Z" }]);
        Assert.Equal(5, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("unseen"));
        Assert.DoesNotContain((await api.Http.GetJsonAsync($"/v1/jobs/{job}/images?problem=unseen")).Items(), image => image.String("imageUrl").EndsWith("/a0.jpg", StringComparison.Ordinal));
        Assert.Equal(0, (await (await api.Http.PostAsync($"/v1/jobs/{job}/audit", null, Cancellation)).JsonAsync()).Int("differences"));
    }

    [Fact]
    public async Task FindByUrl_AcrossJobs_GivesEach()
    {
        var url = $"s3://bulkqa/images/{Guid.NewGuid()}.jpg";
        var jobs = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            jobs.Add(await api.Http.CreateJobAsync());
            await api.Http.ImportAsync(jobs[i], $"s3_image_url,label,confidence\n{url},L{i},90");
        }
        await api.Http.DeleteAsync($"/v1/jobs/{jobs[2]}", Cancellation);
        var found = await api.Http.GetJsonAsync($"/v1/images?url={url}");
        Assert.Equal(jobs.Take(2).Order(), found.Items().Select(item => item.String("job")).Order());
        Assert.All(found.Items(), item => Assert.Equal(url, item.GetProperty("image").String("imageUrl")));
    }

    [Fact]
    public async Task Image_NotThere_Is404()
    {
        var job = await JobAsync();
        await (await api.Http.GetAsync($"/v1/jobs/{job}/image?url=s3://b/none&label=A", Cancellation)).ProblemAsync(404);
        await (await api.Http.GetAsync($"/v1/jobs/{job}/image?label=A", Cancellation)).ProblemAsync(400);
    }

    [Fact]
    public async Task Export_EveryFormat_HoldsEveryImage()
    {
        var job = await JobAsync();
        var csv = (await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=csv", Cancellation)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("s3_image_url,label,confidence,WorkerConfirmCount,WorkerDisconfirmCount,Verdict", csv[0]);
        Assert.Equal(91, csv.Length);
        Assert.Contains("s3://bulkqa/images/b0.jpg,B,80,2,0,Confirmed", csv);
        Assert.Equal(11, (await api.Http.GetStringAsync($"/v1/jobs/{job}/export?verdict=incorrect", Cancellation)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        var lines = (await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=ndjson", Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(90, lines.Select(line => JsonDocument.Parse(line).RootElement.String("imageUrl")).Distinct().Count());
        await (await api.Http.GetAsync($"/v1/jobs/{job}/export?format=xml", Cancellation)).ProblemAsync(400);
    }

    [Fact]
    public async Task Import_OfAnotherSystemsTable_KeepsItsCountsApartFromVotes()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "s3_image_url,label,confidence,WorkerConfirmCount,WorkerDisconfirmCount\ns3://b/1,Dog,90,3,0\n");
        var image = await api.Http.GetJsonAsync($"/v1/jobs/{job}/image?url=s3://b/1&label=Dog");
        Assert.Equal((3, 0), (image.GetProperty("anonymousVotes").Int("confirms"), image.GetProperty("anonymousVotes").Int("disconfirms")));
        Assert.Equal(("Unreviewed", 0), (image.String("verdict"), image.Int("confirms")));
        await api.Http.VoteAsync(job, [new { imageUrl = "s3://b/1", label = "Dog", workerId = "ann", confirmed = false }]);
        image = await api.Http.GetJsonAsync($"/v1/jobs/{job}/image?url=s3://b/1&label=Dog");
        Assert.Equal(("Disconfirmed", 0, 1, 3), (image.String("verdict"), image.Int("confirms"), image.Int("disconfirms"), image.GetProperty("anonymousVotes").Int("confirms")));
    }

    /// <summary>A spreadsheet would run it.</summary>
    [Theory]
    [InlineData("=HYPERLINK(1)")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("@SUM(1)")]
    public async Task ExportCsv_LabelThatIsAFormula_IsDefused(string label)
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, $"a.jpg,{label},90");
        var csv = await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=csv", Cancellation);
        Assert.Contains($",'{label},", csv.Replace("\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(label, JsonDocument.Parse(await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=ndjson", Cancellation)).RootElement.String("label"));
    }

    [Fact]
    public async Task Export_Manifest_NamesInputsThatAreThere()
    {
        var job = await JobAsync();
        var lines = (await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=manifest", Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var images = new List<string>();
        foreach (var line in lines)
        {
            var uri = JsonDocument.Parse(line).RootElement.String("source-ref");
            images.AddRange(JsonDocument.Parse(await api.ReadObjectAsync(uri)).RootElement.EnumerateArray().Select(image => image.String("s3_image_url")));
        }
        Assert.Equal((6, 90, 90), (lines.Length, images.Count, images.Distinct().Count()));
    }

    /// <summary>Ground Truth's function consolidates by what the inputs say.</summary>
    [Fact]
    public async Task Export_ManifestOnceThePolicyChanged_RewritesTheInputs()
    {
        var job = await JobAsync();
        Assert.Equal([("unanimous", 0)], await PoliciesOfInputsAsync(job));
        await (await api.Http.PatchAsync($"/v1/jobs/{job}", HttpExtensions.Text("""{"policy":"quorum(2)"}""", "application/json"), Cancellation)).JsonAsync();
        Assert.Equal([("quorum(2)", 1)], await PoliciesOfInputsAsync(job));
    }

    [Fact]
    public async Task Picture_OnlyOfTheJobsBaseAndServedInertly()
    {
        await api.WriteObjectAsync("s3://bulkqa/images/pictures/a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
        await api.WriteObjectAsync("s3://bulkqa/secret.svg", "secret");
        await api.WriteObjectAsync("s3://bulkqa/images/pictures/a.html", "<script>");
        var job = await JobAsync();
        var picture = await api.Http.GetAsync($"/jobs/{job}/picture?url=s3://bulkqa/images/pictures/a.svg", Cancellation);
        Assert.Equal("image/svg+xml", picture.Content.Headers.ContentType!.MediaType);
        Assert.Equal("nosniff", picture.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("sandbox", picture.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        foreach (var url in (string[])["s3://bulkqa/secret.svg", "s3://bulkqa/images/pictures/a.html", "s3://bulkqa/images/none.svg", "http://127.0.0.1/a.svg", "file:///etc/passwd"])
            await (await api.Http.GetAsync($"/jobs/{job}/picture?url={url}", Cancellation)).ProblemAsync(404);
        foreach (var url in (string[])["s3://bulkqa/images/../secret.svg", "s3://bulkqa/images/pictures/../../secret.svg", "s3://bulkqa/images//x.svg"])
            await (await api.Http.GetAsync($"/jobs/{job}/picture?url={Uri.EscapeDataString(url)}", Cancellation)).ProblemAsync(400);
    }

    /// <summary>Exports the manifest; gives the policies that its tasks' inputs name.</summary>
    private async Task<IEnumerable<(string, int)>> PoliciesOfInputsAsync(string job)
    {
        var found = new HashSet<(string, int)>();
        foreach (var line in (await api.Http.GetStringAsync($"/v1/jobs/{job}/export?format=manifest", Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            foreach (var image in JsonDocument.Parse(await api.ReadObjectAsync(JsonDocument.Parse(line).RootElement.String("source-ref"))).RootElement.EnumerateArray())
                found.Add((image.String("policy"), image.Int("policyRevision")));
        return found;
    }

    /// <summary>Three classes of 30; A unreviewed, B confirmed by 20, C disconfirmed by 10; five of A and one of B not seen by somebody.</summary>
    private async Task<string> JobAsync()
    {
        var job = await api.Http.CreateJobAsync();
        var csv = from label in new[] { "A", "B", "C" } from number in Enumerable.Range(0, 30) select $"{label.ToLowerInvariant()}{number}.jpg,{label},{80 + (number % 18)}";
        await api.Http.ImportAsync(job, string.Join('\n', csv));
        var votes = from worker in new[] { "v", "w" }
                    from image in Enumerable.Range(0, 20).Select(number => ($"b{number}", "B", true)).Concat(Enumerable.Range(0, 10).Select(number => ($"c{number}", "C", false)))
                    select new { imageUrl = $"s3://bulkqa/images/{image.Item1}.jpg", label = image.Item2, workerId = worker, confirmed = image.Item3 };
        await api.Http.VoteAsync(job, votes);
        var unseen = Enumerable.Range(0, 5).Select(number => ($"a{number}", "A", "v")).Append(("b0", "B", "x"));
        await api.Http.VoteAsync(job, unseen.Select(image => new { imageUrl = $"s3://bulkqa/images/{image.Item1}.jpg", label = image.Item2, workerId = image.Item3, confirmed = (bool?)null, reason = "notSeen" }));
        return job;
    }
}
