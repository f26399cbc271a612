namespace BulkQA.Api.Tests;

/// <summary>Who may see what of a worker.</summary>
public sealed class WorkerAccessTests(AccessTests.Guarded api) : IClassFixture<AccessTests.Guarded>
{
    /// <summary>Neither its jobs nor its cursors name one that is not the caller's, wherever that is in their order.</summary>
    [Fact]
    public async Task WorkerAcrossJobs_ForAConfinedCaller_HasItsJobsOnly()
    {
        var (worker, votes) = ($"w-{Guid.NewGuid():N}", 0);
        foreach (var job in (string[])["mine", "other"])
            votes += (await api.As("operator").VoteAsync(job, [new { imageUrl = "s3://bulkqa/images/7.jpg", label = "Dog", workerId = worker, confirmed = true }])).Int("accepted");
        Assert.Equal(2, votes);
        var own = await api.As("confined").GetJsonAsync($"/v1/workers/{worker}?limit=1");
        Assert.Equal(["mine"], own.Items("jobs").Select(job => job.String("job")));
        Assert.Equal((1, null), (own.GetProperty("totals").Int("votes"), own.GetProperty("nextCursor").GetString()));
        var first = await api.As("viewer").GetJsonAsync($"/v1/workers/{worker}?limit=1");
        Assert.Equal(["mine"], first.Items("jobs").Select(job => job.String("job")));
        var next = await api.As("viewer").GetJsonAsync($"/v1/workers/{worker}?limit=1&cursor={first.String("nextCursor")}");
        Assert.Equal(["other"], next.Items("jobs").Select(job => job.String("job")));
        Assert.Null(next.GetProperty("nextCursor").GetString());
    }
}
