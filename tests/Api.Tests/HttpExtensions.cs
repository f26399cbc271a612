using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>The calls that most tests make.</summary>
internal static class HttpExtensions
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Creates a job with a name of its own.</summary>
    public static async Task<string> CreateJobAsync(this HttpClient http, object? settings = null)
    {
        var name = $"job-{Guid.NewGuid():N}";
        var body = JsonSerializer.SerializeToNode(settings ?? new { })!.AsObject();
        body["name"] = name;
        var response = await http.PostAsJsonAsync("/v1/jobs", body, Cancellation);
        Assert.Equal(System.Net.HttpStatusCode.Created, response.StatusCode);
        return name;
    }

    public static async Task<JsonElement> ImportAsync(this HttpClient http, string job, string csv, string type = "text/csv") =>
        await (await http.PostAsync($"/v1/jobs/{job}/items", Text(csv, type), Cancellation)).JsonAsync();

    public static async Task<JsonElement> VoteAsync(this HttpClient http, string job, IEnumerable<object> votes) =>
        await (await http.PostAsync($"/v1/jobs/{job}/votes", Text(string.Join('\n', votes.Select(vote => JsonSerializer.Serialize(vote))), "application/x-ndjson"), Cancellation)).JsonAsync();

    /// <summary>Box names and Confirmed are what they are: not camel-cased.</summary>
    public static Task<HttpResponseMessage> AnswerAsync(
        this HttpClient http, string job, int task, string? workerId, object answers, string? submittedAt = null) =>
        http.PostAsync(
            $"/v1/jobs/{job}/tasks/{task}/annotations",
            Text(JsonSerializer.Serialize(new { workerId, answers, submittedAt }), "application/json"), Cancellation);

    public static async Task<JsonElement> GetJsonAsync(this HttpClient http, string path) => await (await http.GetAsync(path, Cancellation)).JsonAsync();

    /// <summary>The body of a response that must be a success.</summary>
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>The detail of a response that must be a problem document with this status.</summary>
    public static async Task<string> ProblemAsync(this HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        return problem.TryGetProperty("detail", out var detail) ? detail.GetString()! : "";
    }

    public static StringContent Text(string text, string type) => new(text, Encoding.UTF8, type);

    public static int Int(this JsonElement json, string name) => json.GetProperty(name).GetInt32();

    public static string String(this JsonElement json, string name) => json.GetProperty(name).GetString()!;

    public static IEnumerable<JsonElement> Items(this JsonElement json, string name = "items") => json.GetProperty(name).EnumerateArray();
}
