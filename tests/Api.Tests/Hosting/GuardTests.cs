using System.Net;
using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

public sealed class GuardTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("evil.example", 403)]
    [InlineData("localhost.evil.example:80", 403)]
    [InlineData("localhost:1", 200)]
    [InlineData("[::1]", 200)]
    public async Task AnyCall_UnderAnotherHostName_Is403(string host, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/jobs") { Headers = { Host = host } };
        var response = await api.Http.SendAsync(request, Cancellation);
        if (status == 200) await response.JsonAsync();
        else Assert.Contains("Host header", await response.ProblemAsync(status), StringComparison.Ordinal);
    }

    /// <summary>Whoever speaks to a proxy on this machine may be anybody, whatever the proxy says of them.</summary>
    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.1")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("X-Forwarded-Host", "localhost")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("Via", "1.1 proxy")]
    public async Task AnyCall_ThatAProxyPassedOn_Is403WithoutAuthentication(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/jobs");
        request.Headers.TryAddWithoutValidation(header, value);
        Assert.Contains(header, await (await api.Http.SendAsync(request, Cancellation)).ProblemAsync(403), StringComparison.Ordinal);
    }

    /// <summary>Neither our own setting nor ASP.NET Core's switch, which believes everybody, makes a proxy's word count here.</summary>
    [Fact]
    public async Task AnyCall_ThatATrustedProxyPassedOn_Is403WithoutAuthenticationAllTheSame()
    {
        using var folder = new TemporaryFolder();
        await using var process = await ApiProcess.StartAsync(folder.Path, "--BulkQA:Access:TrustedProxies=127.0.0.1", "--ForwardedHeaders_Enabled=true");
        foreach (var address in (string[])["127.0.0.1", "203.0.113.1"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/jobs") { Headers = { { "X-Forwarded-For", address } } };
            await (await process.Http.SendAsync(request, Cancellation)).ProblemAsync(403);
        }
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://localhost:1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task Write_OnBehalfOfAnotherSitesPage_Is403(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs") { Content = JsonContent.Create(new { name = "forged" }) };
        request.Headers.Add(header, value);
        await (await api.Http.SendAsync(request, Cancellation)).ProblemAsync(403);
        await (await api.Http.GetAsync("/v1/jobs/forged", Cancellation)).ProblemAsync(404);
    }

    /// <summary>It begins with a GET, and then does what its caller may.</summary>
    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Circuit_OnBehalfOfAnotherSitesPage_Is403(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/_blazor");
        request.Headers.Add(header, value);
        await (await api.Http.SendAsync(request, Cancellation)).ProblemAsync(403);
    }

    [Fact]
    public async Task Write_FromOurOwnPage_IsTaken()
    {
        var name = $"own-{Guid.NewGuid():N}";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs") { Content = JsonContent.Create(new { name }) };
        request.Headers.Add("Origin", api.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        Assert.Equal(HttpStatusCode.Created, (await api.Http.SendAsync(request, Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Pages_RunNoInlineScript()
    {
        var response = await api.Http.GetAsync("/jobs", Cancellation);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--urls", "http://0.0.0.0:0")]
    [InlineData("--urls", "http://127.0.0.1:0;http://*:0")]
    [InlineData("--urls", "http://[::]:0")]
    [InlineData("--urls", "http://example.com:0")]
    [InlineData("--Kestrel:Endpoints:Http:Url", "http://+:0")]
    [InlineData("--http_ports", "0")]
    public async Task Start_BeyondLoopbackWithoutAuthentication_IsRefused(string setting, string value)
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output) = await ApiProcess.RunToExitAsync(new Dictionary<string, string>(), setting, value, "--data", folder.Path);
        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Contains("Refusing to listen", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_SeveralWrongSettings_ReportsThemAll()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output) = await ApiProcess.RunToExitAsync(
            new Dictionary<string, string> { ["BulkQA__Grains__MaxImagesPerPartition"] = "1", ["BulkQA__Grains__LeaseDuration"] = "00:00:00", ["BulkQA__Sample__SimulatedAccuracy"] = "0.1", ["BulkQA__Sqlite__Readers"] = "0" },
            "--urls", "http://127.0.0.1:0", "--data", folder.Path);
        Assert.Equal(1, exitCode);
        Assert.All(["MaxImagesPerPartition is 1", "LeaseDuration is 00:00:00", "SimulatedAccuracy must be", "Readers must be"], problem => Assert.Contains(problem, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_DataDirectoryInUse_SaysSo()
    {
        var (exitCode, output) = await ApiProcess.RunToExitAsync(
            new Dictionary<string, string> { ["BulkQA__DataDirectory"] = api.DataDirectory }, "--urls", "http://127.0.0.1:0");
        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Contains("in use by another process", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/health/live", "Healthy")]
    [InlineData("/health/ready", "Healthy")]
    [InlineData("/metrics", "bulkqa_answers")]
    [InlineData("/reference", "BulkQA REST v1")]
    public async Task Operations_AreThere(string path, string text)
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "a.jpg,Dog,90");
        await api.Http.VoteAsync(job, [new { imageUrl = "s3://bulkqa/images/a.jpg", label = "Dog", workerId = "w", confirmed = true }]);
        Assert.Contains(text, await api.Http.GetStringAsync(path, Cancellation), StringComparison.Ordinal);
    }

    /// <summary>Which part it is, and nothing else that would be a stranger's business.</summary>
    [Fact]
    public async Task Ready_DatabaseGone_Is503AndNamesTheStorageWhileTheProcessLives()
    {
        using var folder = new TemporaryFolder();
        await using var process = await ApiProcess.StartAsync(folder.Path);
        foreach (var file in Directory.GetFiles(folder.Path, "bulkqa.db*")) File.Delete(file);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        // An answer stands for some seconds, and the process may just have asked for its own metric.
        for (var tries = 0; ; tries++)
        {
            var ready = await process.Http.GetAsync("/health/ready", Cancellation);
            var answer = (ready.StatusCode, await ready.Content.ReadAsStringAsync(Cancellation));
            if (answer == (HttpStatusCode.ServiceUnavailable, "Unhealthy\nstorage: Unhealthy")) break;
            Assert.True(tries < 100, $"{answer}");
            await timer.WaitForNextTickAsync(Cancellation);
        }
        Assert.Equal("Healthy", await process.Http.GetStringAsync("/health/live", Cancellation));
    }

    /// <summary>Clients are generated from the document, and a name written otherwise is another argument to them.</summary>
    [Fact]
    public async Task OpenApi_QueryParameters_AreCamelCase()
    {
        var document = await api.Http.GetJsonAsync("/openapi/v1.json");
        var names = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Where(entry => entry.Value.ValueKind == System.Text.Json.JsonValueKind.Object)
            .Where(operation => operation.Value.TryGetProperty("parameters", out _)).SelectMany(operation => operation.Value.Items("parameters")))
            .Where(parameter => parameter.String("in") == "query").Select(parameter => parameter.String("name")).Distinct().ToList();
        Assert.Contains("maxIncorrectPerCorrect", names);
        Assert.All(names, name => Assert.Matches("^[a-z][a-zA-Z0-9]*$", name));
    }

    /// <summary>The document is committed, so that a change of the interface is a diff to review.</summary>
    [Fact]
    public async Task OpenApi_Document_IsTheCommittedOne()
    {
        var served = await api.Http.GetStringAsync("/openapi/v1.json", Cancellation);
        var path = Path.Combine(ApiProcess.RepositoryRoot, "docs", "openapi.json");
        if (Environment.GetEnvironmentVariable("BULKQA_UPDATE_OPENAPI") == "1") await File.WriteAllTextAsync(path, served + "\n", Cancellation);
        Assert.True(served + "\n" == await File.ReadAllTextAsync(path, Cancellation), "the interface changed: run the tests with BULKQA_UPDATE_OPENAPI=1 and review the diff of docs/openapi.json");
    }
}
