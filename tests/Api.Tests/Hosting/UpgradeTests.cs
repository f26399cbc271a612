using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace BulkQA.Api.Tests;

/// <summary>
/// Data that an earlier release wrote, and what it said about them: <c>Releases/</c>, one folder each. To add one, run this
/// with <c>BULKQA_RELEASE</c>, its name, and <c>BULKQA_RELEASE_PROGRAM</c>, the path of its <c>BulkQA.Api.dll</c>.
/// </summary>
public sealed class UpgradeTests
{
    /// <summary>The database, and its log where an end in good order left one.</summary>
    private const string Database = "bulkqa.db*";

    private const string Answers = "answers.json";

    private static readonly JsonSerializerOptions _readable = new() { WriteIndented = true };

    private static readonly string _releases = Path.Combine(ApiProcess.RepositoryRoot, "tests", "Api.Tests", "Hosting", "Releases");

    private static readonly string[] _paths =
    [
        "/v1/jobs", "/v1/jobs/shells", "/v1/jobs/shells/classes", "/v1/jobs/shells/images?limit=100", "/v1/jobs/shells/images?label=é/犬-2&verdict=Confirmed",
        "/v1/jobs/shells/tasks", "/v1/jobs/shells/tasks/0", "/v1/jobs/shells/thresholds?maxIncorrectPerCorrect=0.1", "/v1/jobs/shells/export?format=ndjson",
        "/v1/images?url=s3://b/1.jpg", "/v1/jobs/closed", "/v1/jobs/closed/classes", "/v1/jobs/closed/images?limit=100",
    ];

    private static readonly string[] _labels = ["Crab", "Lobster", "é/犬-2"];

    private static readonly string? _added = Environment.GetEnvironmentVariable("BULKQA_RELEASE");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Releases =>
        [.. Directory.EnumerateDirectories(_releases).Select(folder => Path.GetFileName(folder)).Append(_added).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task DataOfAnEarlierRelease_ReadByThisOne_SayTheSameAndGoOn(string release)
    {
        if (release == _added) await WriteAsync(Path.Combine(_releases, release), Environment.GetEnvironmentVariable("BULKQA_RELEASE_PROGRAM")!);
        using var folder = new TemporaryFolder();
        Copy(Path.Combine(_releases, release), folder.Path);
        await using var api = await ApiProcess.StartAsync(folder.Path);
        var expected = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_releases, release, Answers), Cancellation))!.AsObject();
        foreach (var (path, answer) in expected) AssertContains(answer, await ReadAsync(api.Http, path), path);

        var votes = await CountVotesAsync(api.Http);
        await api.Http.VoteAsync("shells", [Vote(1, "ann", true, "2026-01-02T03:04:05Z")]);
        Assert.Equal(votes, await CountVotesAsync(api.Http));
        await api.Http.VoteAsync("shells", [Vote(1, "new", true), Vote(2, "new", false)]);
        Assert.Equal(votes + 2, await CountVotesAsync(api.Http));
        foreach (var job in (string[])["shells", "closed"])
            Assert.Equal(0, (await (await api.Http.PostAsync($"/v1/jobs/{job}/audit", null, Cancellation)).JsonAsync()).Int("differences"));
        await (await api.Http.GetAsync("/v1/jobs/gone", Cancellation)).ProblemAsync(404);
    }

    [Fact]
    public async Task DataOfTheLayoutBeforeTheFacts_AreRefusedWithTheWayToTakeThemAlong()
    {
        using var folder = new TemporaryFolder();
        Copy(Path.Combine(ApiProcess.RepositoryRoot, "tests", "Api.Tests", "Hosting", "LayoutBefore"), folder.Path);
        var before = await CountRowsAsync(folder);
        var (exitCode, output) = await ApiProcess.RunToExitAsync(new Dictionary<string, string>(), "--urls", "http://127.0.0.1:0", "--data", folder.Path);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("export", output, StringComparison.Ordinal);
        Assert.Contains("import", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Equal(before, await CountRowsAsync(folder));
        Assert.True(before > 0);
    }

    private static async Task<long> CountRowsAsync(TemporaryFolder folder)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "bulkqa.db")};Pooling=False");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(Votes) FROM labels";
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static async Task WriteAsync(string folder, string program)
    {
        Directory.CreateDirectory(folder);
        using var data = new TemporaryFolder();
        var answers = new JsonObject();
        await RunAsync(FillAsync);
        // As the facts tell it, after a restart.
        await RunAsync(async http =>
        {
            foreach (var path in _paths) answers[path] = await ReadAsync(http, path);
        });
        Copy(data.Path, folder);
        await File.WriteAllTextAsync(Path.Combine(folder, Answers), answers.ToJsonString(_readable) + "\n", Cancellation);

        async Task RunAsync(Func<HttpClient, Task> work)
        {
            await using var old = await ApiProcess.StartProgramAsync(program, data.Path);
            await work(old.Http);
            Assert.Equal(0, await old.TerminateAsync());
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, Database).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
    }

    private static async Task FillAsync(HttpClient http)
    {
        await CreateAsync(http, new { name = "shells", batchSize = 4, workersPerTask = 2, bucketEdges = (double[])[50, 75.5, 100], minConfidence = 20, policy = "majority" });
        await http.ImportAsync("shells", "s3_image_url,label,confidence\n" + string.Concat(Enumerable.Range(0, 30).Select(number => $"s3://b/{number}.jpg,{_labels[number % 3]},{30 + (number * 2.35)}\n")));
        await http.ImportAsync("shells", """{"s3_image_url":"s3://b/none.jpg","label":"Crab"}""", "application/x-ndjson");
        await http.VoteAsync("shells", [.. Enumerable.Range(0, 20).Select(number => Vote(number, "ann", number % 4 > 0, "2026-01-02T03:04:05Z"))]);
        await http.VoteAsync("shells", [.. Enumerable.Range(0, 20).Select(number => Vote(number, "bob", number % 5 > 0, "2026-01-02T03:04:05.1234567Z")), Vote(1, "ann", true, "2026-01-02T03:04:06Z")]);
        var task = await http.GetJsonAsync("/v1/jobs/shells/tasks/0");
        var boxes = task.Items("images").Select((image, index) => KeyValuePair.Create($"{task.String("label")}-{index}", (object)new { Confirmed = index > 0 })).ToDictionary();
        await (await http.AnswerAsync("shells", 0, "cid", boxes, "2026-01-02T04:00:00Z")).JsonAsync();

        await CreateAsync(http, new { name = "closed" });
        await http.ImportAsync("closed", string.Concat(Enumerable.Range(0, 5).Select(number => $"s3://b/{number}.jpg,Dog,{80 + number}\n")));
        await http.VoteAsync("closed", [new { imageUrl = "s3://b/1.jpg", label = "Dog", workerId = "ann", confirmed = true }]);
        await (await http.PatchAsJsonAsync("/v1/jobs/closed", new { policy = "quorum(2)", state = "closed" }, Cancellation)).JsonAsync();

        await CreateAsync(http, new { name = "gone" });
        await http.ImportAsync("gone", "s3://b/1.jpg,Dog,80\n");
        Assert.True((await http.DeleteAsync("/v1/jobs/gone", Cancellation)).IsSuccessStatusCode);
    }

    private static async Task CreateAsync(HttpClient http, object settings) => await (await http.PostAsJsonAsync("/v1/jobs", settings, Cancellation)).JsonAsync();

    private static object Vote(int number, string worker, bool confirmed, string? at = null) =>
        new { imageUrl = $"s3://b/{number}.jpg", label = _labels[number % 3], workerId = worker, confirmed, submittedAt = at };

    private static async Task<int> CountVotesAsync(HttpClient http) => (await http.GetJsonAsync("/v1/jobs/shells")).Int("votes");

    /// <summary>JSON as it is, other text line by line.</summary>
    private static async Task<JsonNode?> ReadAsync(HttpClient http, string path)
    {
        var response = await http.GetAsync(path, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {text}");
        return response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonNode.Parse(text)
            : new JsonArray([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).Select(line => JsonNode.Parse(line))]);
    }

    /// <summary>Everything that was said is still said; more may be.</summary>
    private static void AssertContains(JsonNode? old, JsonNode? now, string where)
    {
        switch (old)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields) AssertContains(value, Assert.IsType<JsonObject>(now)[name], $"{where} {name}");
                break;
            case JsonArray items:
                Assert.True(now is JsonArray { Count: var count } && count == items.Count, $"{where}: {old.ToJsonString()} is {now?.ToJsonString()} now");
                for (var index = 0; index < items.Count; index++) AssertContains(items[index], now![index], $"{where} {index}");
                break;
            default:
                Assert.True(JsonNode.DeepEquals(old, now), $"{where}: {old?.ToJsonString() ?? "null"} is {now?.ToJsonString() ?? "null"} now");
                break;
        }
    }
}
