using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

/// <summary>Keeping a batch while somebody works at it.</summary>
public sealed class LeaseTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Renew_ByWhoeverHoldsIt_SaysUntilWhenItIsKept()
    {
        var job = await JobAsync();
        var leased = await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next?worker=ann");
        var renewed = await (await RenewAsync(job, leased.Int("task"), "ann")).JsonAsync();
        Assert.Equal((leased.Int("task"), "ann"), (renewed.Int("task"), renewed.String("workerId")));
        // So soon it is not worth another entry.
        Assert.Equal(leased.GetProperty("expiresAt").GetDateTimeOffset(), renewed.GetProperty("expiresAt").GetDateTimeOffset());
        Assert.Equal(leased.GetProperty("expiresAt").GetDateTimeOffset() + TimeSpan.FromMinutes(50), renewed.GetProperty("renewableUntil").GetDateTimeOffset());
        Assert.InRange(renewed.GetProperty("servedAt").GetDateTimeOffset(), leased.GetProperty("servedAt").GetDateTimeOffset(), renewed.GetProperty("expiresAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task Renew_OfWhatIsSomebodyElsesAnsweredOrGone_SaysSo()
    {
        var job = await JobAsync();
        var task = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next?worker=ann")).Int("task");
        Assert.Contains("kept for 'bob' no longer", await (await RenewAsync(job, task, "bob")).ProblemAsync(409), StringComparison.Ordinal);
        Assert.Contains("no task 7", await (await RenewAsync(job, 7, "ann")).ProblemAsync(404), StringComparison.Ordinal);
        await (await RenewAsync("none", task, "ann")).ProblemAsync(404);
        await (await RenewAsync(job, task, " ")).ProblemAsync(400);
        await (await api.Http.AnswerAsync(job, task, "ann", new Dictionary<string, object> { ["Dog-0"] = new { Confirmed = true } })).JsonAsync();
        Assert.Contains("is answered by 'ann'", await (await RenewAsync(job, task, "ann")).ProblemAsync(409), StringComparison.Ordinal);
        await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { state = "closed" }, Cancellation)).JsonAsync();
        Assert.Contains("closed", await (await RenewAsync(job, task, "ann")).ProblemAsync(409), StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> RenewAsync(string job, int task, string worker) =>
        api.Http.PostAsJsonAsync($"/v1/jobs/{job}/tasks/{task}/lease", new { workerId = worker }, Cancellation);

    private async Task<string> JobAsync()
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = 1, workersPerTask = 1 });
        await api.Http.ImportAsync(job, "0.png,Dog,90\n1.png,Dog,90\n");
        return job;
    }
}
