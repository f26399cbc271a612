using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using BulkQA.Core;
using BulkQA.Emulators;

namespace BulkQA.Bench;

/// <summary>The service as a user starts it: a process, spoken to over HTTP.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private const string Ready = "BulkQA is ready: ";

    private readonly ChildProcess _child;

    private ApiServer(ChildProcess child, string url) => (_child, Http) = (child, new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(30) });

    public HttpClient Http { get; }

    public int ProcessId => _child.Process.Id;

    /// <param name="folder">Of its data.</param>
    /// <param name="settings">As on its command line.</param>
    public static async Task<ApiServer> StartAsync(string folder, params string[] settings)
    {
        var root = typeof(ApiServer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;
        var (child, url) = await ChildProcess.StartAsync(
            "dotnet", [Path.Combine(root, "src", "Api", "bin", "Release", "net10.0", "BulkQA.Api.dll"), "--urls", "http://127.0.0.1:0", "--data", folder, .. settings],
            line => line.StartsWith(Ready, StringComparison.Ordinal) ? line[Ready.Length..].Split(' ')[0] : null);
        return new ApiServer(child, url);
    }

    /// <summary>What it prints where people sign in and nobody is its operator yet.</summary>
    public async Task<string> FirstOperatorLinkAsync()
    {
        const string Before = " UTC: ";
        while (!_child.Output.Contains(Before, StringComparison.Ordinal)) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        return _child.Output[(_child.Output.IndexOf(Before, StringComparison.Ordinal) + Before.Length)..].Split('\n')[0].Trim();
    }

    public async Task CreateJobAsync(string job) => (await Http.PostAsJsonAsync("/v1/jobs", new { name = job })).EnsureSuccessStatusCode();

    /// <summary>Images spread over so many classes.</summary>
    public async Task ImportAsync(string job, int images, int classes, int first = 0, Func<int, Percent>? confidence = null)
    {
        var text = new StringBuilder("s3_image_url,label,confidence\n");
        for (var number = first; number < first + images; number++) text.Append(Votes.Url(number).Value).Append(',').Append(ClassOf(number, classes)).Append(',').Append(confidence?.Invoke(number) ?? Votes.Confidence(number)).Append('\n');
        using var content = new StringContent(text.ToString(), Encoding.UTF8, "text/csv");
        (await Http.PostAsync($"/v1/jobs/{job}/items", content)).EnsureSuccessStatusCode();
    }

    /// <summary>Durable on return.</summary>
    public async Task VoteAsync(string job, IEnumerable<int> numbers, int classes, string worker)
    {
        using var content = new StringContent(string.Join('\n', numbers.Select(number =>
            $$"""{"imageUrl":"{{Votes.Url(number).Value}}","label":"{{ClassOf(number, classes)}}","workerId":"{{worker}}","confirmed":{{(number % 7 == 0 ? "false" : "true")}}}""")), Encoding.UTF8, "application/x-ndjson");
        (await Http.PostAsync($"/v1/jobs/{job}/votes", content)).EnsureSuccessStatusCode();
    }

    public async Task<string> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    /// <summary>Reads an answer to its end on this thread.</summary>
    public void Get(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = Http.Send(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode().Content.ReadAsStream().CopyTo(Stream.Null);
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync() => _child.KillAsync();

    /// <summary>In good order.</summary>
    public Task EndAsync() => _child.TerminateAsync(TimeSpan.FromMinutes(2));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _child.DisposeAsync();
    }

    private static string ClassOf(int number, int classes) => $"Class {number % classes}";
}
