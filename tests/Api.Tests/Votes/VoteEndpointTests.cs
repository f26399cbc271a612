using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

public sealed class VoteEndpointTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Vote_BadAmongGood_IsRejectedWithIndexAndReason()
    {
        var job = await JobAsync();
        string[] votes =
        [
            """{"imageUrl":"s3://bulkqa/images/a.jpg","label":"Dog","workerId":"w","confirmed":true}""",
            """{"imageUrl":"s3://bulkqa/images/none.jpg","label":"Dog","workerId":"w","confirmed":true}""",
            """{"imageUrl":"s3://bulkqa/images/a.jpg","label":"Cat","workerId":"w","confirmed":true}""",
            """{"imageUrl":"","label":"Dog","workerId":"w","confirmed":true}""",
            """{"imageUrl":"s3://bulkqa/images/a.jpg","label":"Dog","confirmed":true}""",
            """{"imageUrl":"s3://bulkqa/images/a.jpg","label":"Dog","workerId":"w"}""",
            """{"imageUrl":"s3://bulkqa/images/a.jpg","label":"Dog","workerId":"w","confirmed":"yes"}""",
            """{"imageUrl":"s3://bulkqa/images/a.jpg","label":"Dog","workerId":"w","confirmed":true,"submittedAt":"2100-01-01T00:00:00Z"}""",
            """{"imageUrl":"s3://bulkqa/images/a.jpg","label":"Dog","workerId":"w","confirmed":true,"weight":2}""",
            "nonsense",
            """{"imageUrl":"s3://bulkqa/images/a.jpg","label":"Dog","workerId":"v","confirmed":false}""",
        ];
        var response = await api.Http.PostAsync($"/v1/jobs/{job}/votes", HttpExtensions.Text(string.Join('\n', votes), "application/x-ndjson"), Cancellation);
        var summary = await response.JsonAsync();
        Assert.Equal((2, 9), (summary.Int("accepted"), summary.Int("rejectedCount")));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], summary.Items("rejected").Select(vote => vote.Int("index")));
        string[] reasons = ["never imported", "never imported", "imageUrl", "workerId", "confirmed", "not a vote", "submittedAt", "weight", "not valid JSON"];
        Assert.All(summary.Items("rejected").Zip(reasons), pair => Assert.Contains(pair.Second, pair.First.String("reason"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Vote_JsonArray_IsTakenAndASecondTimeChangesNothing()
    {
        var job = await JobAsync();
        for (var time = 0; time < 2; time++)
        {
            var summary = await (await api.Http.PostAsJsonAsync(
                $"/v1/jobs/{job}/votes", new[] { new { imageUrl = "s3://bulkqa/images/a.jpg", label = "Dog", workerId = "w", confirmed = true } }, Cancellation)).JsonAsync();
            Assert.Equal(1, summary.Int("accepted"));
        }
        var image = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images")).Items().Single();
        Assert.Equal((2, 1, "w"), (image.Int("version"), image.Int("confirms"), image.Items("votes").Single().String("workerId")));
    }

    [Theory]
    [InlineData("application/json", "{\"imageUrl\":1}", 400)]
    [InlineData("application/json", "[{\"imageUrl\":", 400)]
    [InlineData("application/json", "", 400)]
    [InlineData("application/json", "null", 400)]
    [InlineData("application/json", "[{}", 400)]
    [InlineData("application/json", "[{},]", 400)]
    [InlineData("application/json", "[{}] x", 400)]
    [InlineData("text/plain", "[]", 415)]
    public async Task Vote_BodyThatIsNone_IsRefused(string type, string body, int status)
    {
        var job = await JobAsync();
        await (await api.Http.PostAsync($"/v1/jobs/{job}/votes", HttpExtensions.Text(body, type), Cancellation)).ProblemAsync(status);
    }

    [Fact]
    public async Task Vote_HugeElementOfAnArray_IsRejectedAtItsIndexAndTheRestCounts()
    {
        var job = await JobAsync();
        const string Good = """{"imageUrl":"s3://bulkqa/images/a.jpg","label":"Dog","workerId":"w","confirmed":true}""";
        var huge = $$"""{"imageUrl":"{{new string('x', 3_000_000)}}","label":"Dog","workerId":"w","confirmed":true}""";
        var body = $"[{Good},{huge},7,null,{Good.Replace("\"w\"", "\"v\"", StringComparison.Ordinal)}]";
        var summary = await (await api.Http.PostAsync($"/v1/jobs/{job}/votes", HttpExtensions.Text(body, "application/json"), Cancellation)).JsonAsync();
        Assert.Equal(2, summary.Int("accepted"));
        Assert.Equal([1, 2, 3], summary.Items("rejected").Select(vote => vote.Int("index")));
        Assert.Contains("longer than 65536 bytes", summary.Items("rejected").First().String("reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vote_WithoutTime_GivesWayToOneWith()
    {
        var job = await JobAsync();
        await api.Http.VoteAsync(job, [Vote(true, "2020-01-01T00:00:00Z")]);
        await api.Http.VoteAsync(job, [Vote(false, null)]);
        Assert.Equal("Confirmed", (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images")).Items().Single().String("verdict"));
    }

    [Fact]
    public async Task Vote_ManyInOneRequest_AreAllCounted()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, string.Join('\n', Enumerable.Range(0, 3_000).Select(number => $"{number}.jpg,L{number % 5},90")));
        var votes = Enumerable.Range(0, 9_000).Select(number => new
        {
            imageUrl = $"s3://bulkqa/images/{number % 3_000}.jpg",
            label = $"L{number % 3_000 % 5}",
            workerId = $"w{number / 3_000}",
            confirmed = true,
        });
        Assert.Equal(9_000, (await api.Http.VoteAsync(job, votes)).Int("accepted"));
        Assert.Equal(9_000, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
    }

    private static object Vote(bool confirmed, string? submittedAt) =>
        new { imageUrl = "s3://bulkqa/images/a.jpg", label = "Dog", workerId = "w", confirmed, submittedAt };

    private async Task<string> JobAsync()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "a.jpg,Dog,90");
        return job;
    }
}
