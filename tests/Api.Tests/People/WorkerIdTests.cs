using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>Worker ids of other paths that are linked to people.</summary>
public sealed class WorkerIdTests
{
    private const string Sub = "private.eu-west-1.zyxw";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Link_ThenAnswersByBothPaths_AreOneWorkersUntilThePersonIsErased()
    {
        await using var process = new SignInProcess();
        await process.InitializeAsync();
        var http = process.Operator.Http;
        using var ann = await SignedIn.InvitedAsync(process.Address, await process.Operator.InviteAsync(new { role = "worker" }), "Ann");
        using var bob = await SignedIn.InvitedAsync(process.Address, await process.Operator.InviteAsync(new { role = "worker" }), "Bob");
        for (var call = 0; call < 2; call++) Assert.Equal([Sub], Ids(await (await PutAsync(http, ann.PersonId, Sub)).JsonAsync()));
        Assert.Contains(ann.PersonId, await (await PutAsync(http, bob.PersonId, Sub)).ProblemAsync(409), StringComparison.Ordinal);
        await (await PutAsync(http, ann.PersonId, bob.PersonId)).ProblemAsync(400);
        await (await PutAsync(http, "p-0123456789abcdef0123456789abcdef", Sub)).ProblemAsync(404);
        Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync(ann.Http, ann.PersonId, "other")).StatusCode);

        var job = await http.CreateJobAsync(new { batchSize = 2, workersPerTask = 3 });
        await http.ImportAsync(job, "image,label\ns3://b/0,Dog\ns3://b/1,Dog\n");
        await (await http.AnswerAsync(job, 0, Sub, Boxes(true), "2026-11-01T10:00:00Z")).JsonAsync();
        await (await ann.Http.AnswerAsync(job, 0, null, Boxes(false))).JsonAsync();
        await (await bob.Http.AnswerAsync(job, 0, null, Boxes(true))).JsonAsync();
        await http.VoteAsync(job, [new { imageUrl = "s3://b/1", label = "Dog", workerId = Sub, confirmed = true, submittedAt = "2026-11-01T11:00:00Z" }]);
        Assert.Equal(new[] { ann.PersonId, bob.PersonId }.Order(StringComparer.Ordinal), (await http.GetJsonAsync($"/v1/jobs/{job}/workers")).Items().Select(worker => worker.String("workerId")));
        Assert.Equal(4, (await http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
        // Files name the id, and the answer is the person's.
        var line = JsonSerializer.Serialize(new { @object = 0, answers = new[] { new { workerId = Sub, submissionTime = "2026-11-01T10:00:00Z", timeSpentInSeconds = 40, answerContent = Boxes(true) } } });
        var summary = await (await http.PostAsync($"/v1/jobs/{job}/worker-responses", HttpExtensions.Text(line, "application/x-ndjson"), Cancellation)).JsonAsync();
        Assert.Equal((1, 0, 0), (summary.Int("accepted"), summary.Int("added"), summary.Int("rejectedCount")));
        Assert.InRange((await http.GetJsonAsync($"/v1/jobs/{job}/workers/{ann.PersonId}")).GetProperty("secondsPerBatch").GetDouble(), 38, 42);

        var data = await http.GetJsonAsync($"/v1/people/{ann.PersonId}/data");
        Assert.Equal([Sub], Ids(data.GetProperty("person")));
        // What is personal is not in the log, which outlives people.
        var log = await http.GetStringAsync("/v1/changes?format=ndjson", Cancellation);
        Assert.Contains($"PUT /v1/people/{ann.PersonId}/worker-ids/…", log.Replace("\\u2026", "…", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("zyxw", log, StringComparison.Ordinal);

        Assert.Empty(Ids(await (await http.DeleteAsync($"/v1/people/{ann.PersonId}/worker-ids/{Uri.EscapeDataString(Sub)}", Cancellation)).JsonAsync()));
        await (await PutAsync(http, bob.PersonId, Sub)).JsonAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await http.DeleteAsync($"/v1/people/{bob.PersonId}", Cancellation)).StatusCode);
        Assert.Empty(Ids(await http.GetJsonAsync($"/v1/people/{bob.PersonId}")));
        await (await PutAsync(http, bob.PersonId, "another")).ProblemAsync(404);
        await (await PutAsync(http, ann.PersonId, Sub)).JsonAsync();
    }

    /// <summary>Whoever asks under a linked id is handed what the person has not answered, by the person's limits and qualification.</summary>
    [Fact]
    public async Task Next_UnderALinkedId_GoesByThePerson()
    {
        await using var process = new SignInProcess();
        await process.InitializeAsync();
        var http = process.Operator.Http;
        using var ann = await SignedIn.InvitedAsync(process.Address, await process.Operator.InviteAsync(new { role = "worker" }), "Ann");
        await (await PutAsync(http, ann.PersonId, Sub)).JsonAsync();
        var job = await http.CreateJobAsync(new { batchSize = 1, workersPerTask = 3, assignment = new { maxTasksPerWorker = 3 } });
        await http.ImportAsync(job, "image,label\ns3://b/0,Dog\ns3://b/1,Dog\ns3://b/2,Dog\ns3://b/3,Dog\n");
        var handed = new HashSet<int>();
        for (var batch = 0; batch < 3; batch++)
        {
            var task = (batch == 1 ? (await http.GetJsonAsync($"/v1/work/next?worker={Sub}")).GetProperty("task") : await NextAsync(job)).Int("task");
            Assert.True(handed.Add(task), $"task {task} was handed out again");
            Assert.Contains($"data-task=\"{task}\"", await http.GetStringAsync($"/work/{job}?worker={Sub}", Cancellation), StringComparison.Ordinal);
            await (await http.PostAsJsonAsync($"/v1/jobs/{job}/tasks/{task}/lease", new { workerId = Sub }, Cancellation)).JsonAsync();
            await (await http.AnswerAsync(job, task, Sub, Box())).JsonAsync();
        }
        foreach (var path in (string[])[$"/v1/jobs/{job}/tasks/next?worker={Sub}", $"/v1/jobs/{job}/tasks/next?worker={ann.PersonId}"])
            Assert.Contains("one worker answers 3 at most", await (await http.GetAsync(path, Cancellation)).ProblemAsync(403), StringComparison.Ordinal);
        Assert.Contains("one worker answers 3 at most", await http.GetStringAsync($"/work/{job}?worker={Sub}", Cancellation), StringComparison.Ordinal);
        Assert.Equal(3, Assert.Single((await http.GetJsonAsync($"/v1/work?worker={Sub}")).EnumerateArray()).GetProperty("refusal").Int("answered"));

        var strict = await http.CreateJobAsync(new { batchSize = 1, workersPerTask = 3, qualification = new { passMark = 50 } });
        await http.ImportAsync(strict, "image,label,gold\ns3://b/g,Dog,right\n");
        await http.ImportAsync(strict, "image,label\ns3://b/0,Dog\n");
        var (gold, other) = ((await NextAsync(strict)).Int("task"), Assert.Single((await http.GetJsonAsync($"/v1/jobs/{strict}/tasks")).Items()).Int("task"));
        await (await http.AnswerAsync(strict, other, Sub, Box())).ProblemAsync(403);
        await (await http.AnswerAsync(strict, gold, Sub, Box())).JsonAsync();
        Assert.Equal("passed", (await http.GetJsonAsync($"/v1/jobs/{strict}/workers/{ann.PersonId}")).GetProperty("qualification").String("state"));
        Assert.Equal(other, (await NextAsync(strict)).Int("task"));
        await (await http.AnswerAsync(strict, other, Sub, Box())).JsonAsync();

        Task<JsonElement> NextAsync(string of) => http.GetJsonAsync($"/v1/jobs/{of}/tasks/next?worker={Sub}");

        static Dictionary<string, object> Box() => new() { ["Dog-0"] = new { Confirmed = true } };
    }

    [Fact]
    public async Task List_ForALead_HasNoWorkerIds()
    {
        await using var process = new SignInProcess();
        await process.InitializeAsync();
        Assert.Equal(HttpStatusCode.Created, (await process.Operator.Http.PutAsJsonAsync("/v1/teams/dogs", new { }, Cancellation)).StatusCode);
        using var lead = await SignedIn.InvitedAsync(process.Address, await process.Operator.InviteAsync(new { role = "lead", team = "dogs" }), "Lena");
        await (await PutAsync(process.Operator.Http, lead.PersonId, Sub)).JsonAsync();
        Assert.Equal(JsonValueKind.Null, Assert.Single((await lead.Http.GetJsonAsync("/v1/people")).Items()).GetProperty("workerIds").ValueKind);
        await (await PutAsync(lead.Http, lead.PersonId, "other")).ProblemAsync(403);
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient http, string person, string worker) => http.PutAsync($"/v1/people/{person}/worker-ids/{Uri.EscapeDataString(worker)}", null, Cancellation);

    private static IEnumerable<string?> Ids(JsonElement person) => person.GetProperty("workerIds").EnumerateArray().Select(id => id.GetString());

    private static Dictionary<string, object> Boxes(bool confirmed) => new() { ["Dog-0"] = new { Confirmed = confirmed }, ["Dog-1"] = new { Confirmed = true } };
}
