using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Api.Tests;

public sealed class OperationEndpointTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Audit_ThatEndsSoon_IsAnsweredWithItsReportAndListed()
    {
        var job = await ImportedAsync();
        var report = await (await api.Http.PostAsync($"/v1/jobs/{job}/audit", null, Cancellation)).JsonAsync();
        Assert.Equal((2, 0), (report.Int("images"), report.Int("differences")));
        var listed = Assert.Single((await api.Http.GetJsonAsync($"/v1/jobs/{job}/operations")).Items());
        Assert.Equal(("audit", "done", 1, 1), (listed.String("kind"), listed.String("state"), listed.Int("done"), listed.Int("total")));
        Assert.Equal(2, listed.GetProperty("audit").Int("images"));
    }

    [Fact]
    public async Task Audit_CallerPrefersNotToWait_Is202WithTheProgressToFollow()
    {
        var job = await ImportedAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/jobs/{job}/audit") { Headers = { { "Prefer", "respond-async" } } };
        var accepted = await api.Http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var ended = await EndOfAsync(accepted.Headers.Location!.ToString());
        Assert.Equal(("done", 2), (ended.String("state"), ended.GetProperty("audit").Int("images")));
    }

    [Fact]
    public async Task Delete_Accepted_NamesTheOperationThatEndsThoughTheJobIsGone()
    {
        var job = await ImportedAsync();
        var accepted = await api.Http.DeleteAsync($"/v1/jobs/{job}", Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Http.GetAsync($"/v1/jobs/{job}", Cancellation)).StatusCode);
        var operation = await api.Http.GetJsonAsync(accepted.Headers.Location!.ToString());
        Assert.Equal("delete", operation.String("kind"));
        Assert.Equal("delete", Assert.Single((await api.Http.GetJsonAsync($"/v1/jobs/{job}/operations")).Items()).String("kind"));
    }

    [Fact]
    public async Task ChangeOfPolicy_RewritesRowsByAnOperation()
    {
        var job = await ImportedAsync();
        (await api.Http.PatchAsync($"/v1/jobs/{job}", JsonContent.Create(new { policy = "majority" }), Cancellation)).EnsureSuccessStatusCode();
        var operation = Assert.Single((await api.Http.GetJsonAsync($"/v1/jobs/{job}/operations")).Items());
        Assert.Equal("rewriteVerdicts", operation.String("kind"));
        Assert.Equal("done", (await EndOfAsync($"/v1/jobs/{job}/operations/{operation.String("id")}")).String("state"));
    }

    [Fact]
    public async Task ChangeOfPolicy_ToAQuorumThatCannotBeReached_Is400AndChangesNothing()
    {
        var job = await ImportedAsync();
        var refused = await api.Http.PatchAsync($"/v1/jobs/{job}", JsonContent.Create(new { policy = "quorum(4)", state = "closed" }), Cancellation);
        Assert.Contains("policy: quorum(4) waits for 4 votes, and only 3 workers", await refused.ProblemAsync(400), StringComparison.Ordinal);
        var info = await api.Http.GetJsonAsync($"/v1/jobs/{job}");
        Assert.Equal(("unanimous", "open"), (info.String("policy"), info.String("state")));
    }

    [Theory]
    [InlineData("/v1/jobs/none/operations")]
    [InlineData("/v1/jobs/none/operations/audit-1")]
    [InlineData("/v1/jobs/no%20name/operations")]
    public async Task Get_WhatIsNotThere_Is404(string path) => await (await api.Http.GetAsync(path, Cancellation)).ProblemAsync(404);

    private async Task<string> ImportedAsync()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "s3_image_url,label,confidence\ns3://b/1,Dog,90\ns3://b/2,Dog,80\n");
        return job;
    }

    private async Task<JsonElement> EndOfAsync(string path)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var operation = await api.Http.GetJsonAsync(path);
            if (operation.String("state") is "done" or "failed") return operation;
            await timer.WaitForNextTickAsync(timeout.Token);
        }
    }
}
