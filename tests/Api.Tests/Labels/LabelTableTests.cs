using System.Net;
using System.Net.Http.Json;
using Microsoft.Data.Sqlite;

namespace BulkQA.Api.Tests;

public sealed class LabelTableTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OnDone_TaskHasAllItsAnswers_RowsFollowAndAChangeOfPolicyTheirVerdicts()
    {
        var job = await api.Http.CreateJobAsync(new { labelTable = "onDone", batchSize = 2, workersPerTask = 2 });
        await api.Http.ImportAsync(job, "a.jpg,Dog,99\nb.jpg,Dog,98\nc.jpg,Dog,40\n");
        await AnswerAsync(job, 0, "ann", true, true);
        await AnswerAsync(job, 0, "bob", true, false);
        await WaitForRowsAsync(job, ["a.jpg 99 2 0 Confirmed", "b.jpg 98 1 1 Split"]);
        await AnswerAsync(job, 0, "eve", true, true);
        await WaitForRowsAsync(job, ["a.jpg 99 3 0 Confirmed", "b.jpg 98 2 1 Split"]);
        await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { policy = "majority" }, Cancellation)).JsonAsync();
        await WaitForRowsAsync(job, ["a.jpg 99 3 0 Confirmed", "b.jpg 98 2 1 Confirmed"]);
        // At its close every image has a row.
        await (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { state = "closed" }, Cancellation)).JsonAsync();
        await WaitForRowsAsync(job, ["a.jpg 99 3 0 Confirmed", "b.jpg 98 2 1 Confirmed", "c.jpg 40 0 0 Unreviewed"]);
        await api.Http.DeleteAsync($"/v1/jobs/{job}", Cancellation);
        await WaitForRowsAsync(job, []);
    }

    [Fact]
    public async Task Off_RowsAreWrittenWhenAskedForAndNotBefore()
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = 2, workersPerTask = 1 });
        await api.Http.ImportAsync(job, "a.jpg,Dog,99\nb.jpg,Dog,98\n");
        await AnswerAsync(job, 0, "ann", false, true);
        Assert.Empty(await RowsAsync(job));
        var accepted = await api.Http.PostAsync($"/v1/jobs/{job}/label-table", null, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        await WaitForRowsAsync(job, ["a.jpg 99 0 1 Disconfirmed", "b.jpg 98 1 0 Confirmed"]);
        Assert.Equal("labelTable", (await api.Http.GetJsonAsync(accepted.Headers.Location!.ToString())).String("kind"));
        await (await api.Http.PostAsync("/v1/jobs/no-such-job/label-table", null, Cancellation)).ProblemAsync(404);
    }

    private async Task AnswerAsync(string job, int task, string worker, params bool[] confirmed) =>
        await (await api.Http.AnswerAsync(job, task, worker, confirmed.Select((value, index) => KeyValuePair.Create($"Dog-{index}", (object)new { Confirmed = value })).ToDictionary())).JsonAsync();

    private async Task WaitForRowsAsync(string job, string[] expected)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var rows = await RowsAsync(job); !rows.SequenceEqual(expected); rows = await RowsAsync(job))
            Assert.True(await poll.WaitForNextTickAsync(limit.Token), string.Join("; ", rows));
    }

    /// <summary>As a program reads them that knows the table and nothing else.</summary>
    private async Task<List<string>> RowsAsync(string job)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(api.DataDirectory, "bulkqa.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT s3_image_url, confidence, WorkerConfirmCount, WorkerDisconfirmCount, Verdict, label FROM labels WHERE pk LIKE $1 ORDER BY s3_image_url";
        command.Parameters.AddWithValue("$1", $"{job.ToLowerInvariant()}~%");
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var rows = new List<string>();
        while (await reader.ReadAsync(Cancellation))
        {
            Assert.Equal("Dog", reader.GetString(5));
            rows.Add($"{Path.GetFileName(reader.GetString(0))} {reader.GetDouble(1)} {reader.GetInt32(2)} {reader.GetInt32(3)} {reader.GetString(4)}");
        }
        return rows;
    }
}
