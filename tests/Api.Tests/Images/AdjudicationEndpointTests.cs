using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Api.Tests;

public sealed class AdjudicationEndpointTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Adjudicate_ThenWithdraw_ChangesWhatIsFinalAndNotWhatWasVoted()
    {
        var job = await VotedAsync();
        var path = $"/v1/jobs/{job}/image/adjudication?url=s3://b/1&label=Dog";
        var image = await (await api.Http.PutAsJsonAsync(path, new { verdict = "Disconfirmed", rightLabel = "Cat", note = " whiskers " }, Cancellation)).JsonAsync();
        Assert.Equal(("Confirmed", "Disconfirmed"), (image.String("verdict"), image.String("final")));
        var decided = image.GetProperty("adjudication");
        Assert.Equal(("Disconfirmed", "Cat", "whiskers"), (decided.String("verdict"), decided.String("rightLabel"), decided.String("note")));
        Assert.NotEqual("", decided.String("by"));
        Assert.Equal((100.0, 50.0), (await CorrectAsync(job, "votes"), await CorrectAsync(job, "final")));
        Assert.Equal(100.0, await CorrectAsync(job, null));
        Assert.Equal(1, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("adjudicated"));
        // An image that nobody voted on is reviewed by what is final.
        await (await api.Http.PutAsJsonAsync($"/v1/jobs/{job}/image/adjudication?url=s3://b/3&label=Dog", new { verdict = "Disconfirmed" }, Cancellation)).JsonAsync();
        Assert.Equal(2, (await ClassAsync(job, "votes")).Int("reviewed"));
        Assert.Equal(3, (await ClassAsync(job, "final")).Int("reviewed"));
        image = await (await api.Http.DeleteAsync(path, Cancellation)).JsonAsync();
        Assert.Equal(("Confirmed", JsonValueKind.Null), (image.String("final"), image.GetProperty("adjudication").ValueKind));
        Assert.Equal(0, (await (await api.Http.PostAsync($"/v1/jobs/{job}/audit", null, Cancellation)).JsonAsync()).Int("differences"));
    }

    [Fact]
    public async Task Corrections_CountWhatIsDecided_AndNotWhatWasWithdrawn()
    {
        var job = await VotedAsync();
        Assert.Empty((await CorrectionsAsync()).Items());
        foreach (var (image, right) in ((string, string?)[])[("1", "Cat"), ("2", "Cat"), ("3", "Wolf")])
            await (await api.Http.PutAsJsonAsync($"/v1/jobs/{job}/image/adjudication?url=s3://b/{image}&label=Dog", new { verdict = "Disconfirmed", rightLabel = right }, Cancellation)).JsonAsync();
        var found = await CorrectionsAsync();
        Assert.Equal((3, 2), (found.Int("images"), found.Int("pairs")));
        Assert.Equal([("Dog", "Cat", 2), ("Dog", "Wolf", 1)], found.Items().Select(item => (item.String("label"), item.String("rightLabel"), item.Int("images"))));
        await (await api.Http.DeleteAsync($"/v1/jobs/{job}/image/adjudication?url=s3://b/1&label=Dog", Cancellation)).JsonAsync();
        await (await api.Http.PutAsJsonAsync($"/v1/jobs/{job}/image/adjudication?url=s3://b/3&label=Dog", new { verdict = "Disconfirmed" }, Cancellation)).JsonAsync();
        Assert.Equal([("Dog", "Cat", 1)], (await CorrectionsAsync()).Items().Select(item => (item.String("label"), item.String("rightLabel"), item.Int("images"))));

        Task<JsonElement> CorrectionsAsync() => api.Http.GetJsonAsync($"/v1/jobs/{job}/corrections");
    }

    [Fact]
    public async Task Thresholds_ByWhatIsFinal_HeedAdjudications()
    {
        var job = await VotedAsync();
        Assert.NotEqual(JsonValueKind.Null, (await ThresholdAsync("votes")).ValueKind);
        await (await api.Http.PutAsJsonAsync($"/v1/jobs/{job}/image/adjudication?url=s3://b/1&label=Dog", new { verdict = "Disconfirmed" }, Cancellation)).JsonAsync();
        Assert.NotEqual((await ThresholdAsync("votes")).ToString(), (await ThresholdAsync("final")).ToString());

        async Task<JsonElement> ThresholdAsync(string basis) => (await api.Http.GetJsonAsync($"/v1/jobs/{job}/thresholds?basis={basis}"))[0].GetProperty("threshold");
    }

    [Theory]
    [InlineData("{}", "verdict")]
    [InlineData("{\"verdict\":\"Split\"}", "verdict")]
    [InlineData("{\"verdict\":\"Confirmed\",\"rightLabel\":\"Cat\"}", "rightLabel")]
    [InlineData("{\"verdict\":\"Disconfirmed\",\"rightLabel\":\"Dog\"}", "rightLabel")]
    [InlineData("{\"verdict\":\"Disconfirmed\",\"note\":\"a\\u0007b\"}", "note")]
    [InlineData("{\"verdict\":\"Disconfirmed\",\"rightLabel\":\"a\\u0007b\"}", "rightLabel")]
    public async Task Adjudicate_BadRequest_IsRefusedWithItsField(string body, string field)
    {
        var job = await VotedAsync();
        var response = await api.Http.PutAsync($"/v1/jobs/{job}/image/adjudication?url=s3://b/1&label=Dog", HttpExtensions.Text(body, "application/json"), Cancellation);
        Assert.Contains(field, await response.ProblemAsync(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adjudicate_ImageOrJobThatIsNotThere_Is404()
    {
        var job = await VotedAsync();
        foreach (var path in (string[])[$"/v1/jobs/{job}/image/adjudication?url=s3://b/9&label=Dog", $"/v1/jobs/{job}/image/adjudication?url=s3://b/1&label=Cat", "/v1/jobs/none/image/adjudication?url=s3://b/1&label=Dog"])
        {
            await (await api.Http.PutAsJsonAsync(path, new { verdict = "Confirmed" }, Cancellation)).ProblemAsync(404);
            await (await api.Http.DeleteAsync(path, Cancellation)).ProblemAsync(404);
        }
        await (await api.Http.GetAsync($"/v1/jobs/{job}/image/history?url=s3://b/9&label=Dog", Cancellation)).ProblemAsync(404);
        await (await api.Http.GetAsync($"/v1/jobs/{job}/classes?basis=all", Cancellation)).ProblemAsync(400);
        await (await api.Http.GetAsync($"/v1/jobs/{job}/thresholds?basis=all", Cancellation)).ProblemAsync(400);
    }

    [Fact]
    public async Task History_OfAnImage_TellsWhoSaidWhatWhenAndWhatReplacedWhat()
    {
        var job = await VotedAsync();
        await api.Http.VoteAsync(job, [new { imageUrl = "s3://b/1", label = "Dog", workerId = "ann", confirmed = false, submittedAt = "2026-01-03T00:00:00Z" }]);
        await (await api.Http.PutAsJsonAsync($"/v1/jobs/{job}/image/adjudication?url=s3://b/1&label=Dog", new { verdict = "Confirmed" }, Cancellation)).JsonAsync();
        await (await api.Http.DeleteAsync($"/v1/jobs/{job}/image/adjudication?url=s3://b/1&label=Dog", Cancellation)).JsonAsync();
        await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}/workers/bob", new { state = "setAside", reason = "asleep" }, Cancellation)).JsonAsync();
        var history = await api.Http.GetJsonAsync($"/v1/jobs/{job}/image/history?url=s3://b/1&label=Dog");
        Assert.Equal(
            ["ann confirm True:2", "bob confirm False:", "ann disconfirm False:"],
            history.Items("answers").Select(answer => $"{answer.String("workerId")} {answer.String("answer")} {!answer.GetProperty("stands").GetBoolean()}:{answer.GetProperty("replacedBy")}"));
        Assert.Equal(["Confirmed", ""], history.Items("adjudications").Select(entry => entry.GetProperty("verdict").ToString()));
        var setAside = Assert.Single(history.Items("setAside"));
        Assert.Equal(("bob", "asleep"), (setAside.String("workerId"), setAside.String("reason")));
        Assert.Equal("Disconfirmed", history.GetProperty("image").String("verdict"));
        Assert.Contains(history.GetProperty("image").Items("votes"), vote => vote.String("workerId") == "bob" && vote.GetProperty("setAside").GetBoolean());
    }

    private async Task<double?> CorrectAsync(string job, string? basis) => (await ClassAsync(job, basis)).GetProperty("correctPercent").GetDouble();

    private async Task<JsonElement> ClassAsync(string job, string? basis) =>
        (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes{(basis is null ? "" : $"?basis={basis}")}")).Items("classes").Single();

    /// <summary>Three dogs, of which the first two are confirmed by ann and bob.</summary>
    private async Task<string> VotedAsync()
    {
        var job = await api.Http.CreateJobAsync(new { policy = "majority" });
        await api.Http.ImportAsync(job, "s3_image_url,label,confidence\ns3://b/1,Dog,97\ns3://b/2,Dog,92\ns3://b/3,Dog,92\n");
        await api.Http.VoteAsync(job, from image in Enumerable.Range(1, 2)
                                      from worker in (string[])["ann", "bob"]
                                      select (object)new { imageUrl = $"s3://b/{image}", label = "Dog", workerId = worker, confirmed = true, submittedAt = worker == "ann" ? "2026-01-01T00:00:00Z" : "2026-01-02T00:00:00Z" });
        return job;
    }
}
