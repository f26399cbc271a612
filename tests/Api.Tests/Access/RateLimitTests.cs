using System.Net;
using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

/// <summary>How often a caller may call, and who counts as one caller: here behind a proxy that is trusted, and that the tests play.</summary>
public sealed class RateLimitTests(RateLimitTests.Behind api) : IClassFixture<RateLimitTests.Behind>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stranger_BeyondItsRate_Is429WithAProblemAndRetryAfterAndOthersBehindTheProxyAreNot()
    {
        var refused = await FloodAsync(_ => Request("203.0.113.1"));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
        Assert.Contains("1 request a second", await refused.ProblemAsync(429), StringComparison.Ordinal);
        await AnswersAsync(401, Request("203.0.113.2"));
    }

    /// <summary>A proxy adds the address it sees at the end; what stands before it is what the caller likes to say.</summary>
    [Fact]
    public async Task Stranger_InventingForwardedAddresses_IsStillOne()
    {
        await FloodAsync(number => Request($"198.51.100.{number}, 203.0.113.3"));
        await AnswersAsync(401, Request("203.0.113.3, 203.0.113.4"));
    }

    [Fact]
    public async Task Stranger_NotBehindATrustedProxy_IsWhoConnects()
    {
        using var folder = new TemporaryFolder();
        await using var process = await ApiProcess.StartAsync(
            folder.Path, [.. AccessTests.Key(0, "a", "bqa_a", "viewer"), "--BulkQA:Access:TrustedProxies=192.0.2.0/24", "--BulkQA:Access:RequestsPerSecond=1", "--ForwardedHeaders_Enabled=true"]);
        await FloodAsync(number => Request($"203.0.113.{number}"), process.Http);
    }

    /// <summary>Whoever has one address of IPv6 mostly has all 2^64 of its network.</summary>
    [Fact]
    public async Task Strangers_OfOneIpv6Network_ShareItsRate()
    {
        await FloodAsync(number => Request($"2001:db8:0:1::{number:x}"));
        await AnswersAsync(401, Request("2001:db8:0:2::1"));
    }

    [Theory]
    [InlineData("bqa_wrong")]
    [InlineData("no.such.token")]
    public async Task KnownCaller_FromTheAddressOfAFloodOfWrongKeys_IsServed(string wrong)
    {
        var address = $"203.0.113.{100 + wrong.Length}";
        await FloodAsync(_ => Request(address, wrong));
        await AnswersAsync(429, Request(address, wrong));
        await AnswersAsync(200, Request(address, wrong == "bqa_wrong" ? "bqa_bob" : "bqa_eve"));
    }

    [Fact]
    public async Task Key_NamedLikeATokensSubject_SharesNoRateWithIt()
    {
        await FloodAsync(_ => Request("203.0.113.5", "bqa_ann"));
        await AnswersAsync(200, Request("203.0.113.5", api.Issuer.Token(("roles", "viewer"), ("sub", "ann"))));
    }

    /// <summary>The balancer's checks come from its own address, where a flood may come from too.</summary>
    [Fact]
    public async Task Health_HoweverOftenAsked_IsNeverRefused()
    {
        await FloodAsync(_ => Request(null));
        for (var call = 0; call < 20; call++)
            foreach (var path in (string[])["/health/live", "/health/ready"])
                Assert.Equal(HttpStatusCode.OK, (await api.Process.Http.GetAsync(path, Cancellation)).StatusCode);
    }

    /// <summary>The page's address begins with https there, and ours with http.</summary>
    [Fact]
    public async Task Write_FromOurOwnPageBehindTls_IsTaken()
    {
        using var request = Request("203.0.113.6", "bqa_ops");
        request.Method = HttpMethod.Post;
        request.Content = JsonContent.Create(new { name = "behind" });
        request.Headers.Host = "bulkqa.example.com";
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("Origin", "https://bulkqa.example.com");
        var created = await api.Process.Http.SendAsync(request, Cancellation);
        Assert.Equal((HttpStatusCode.Created, "/v1/jobs/behind"), (created.StatusCode, created.Headers.Location!.ToString()));
    }

    /// <summary>Sends requests until one is refused for being too many.</summary>
    private async Task<HttpResponseMessage> FloodAsync(Func<int, HttpRequestMessage> request, HttpClient? http = null)
    {
        var statuses = new List<HttpStatusCode>();
        for (var call = 1; call <= 200; call++)
        {
            using var next = request(call);
            var response = await (http ?? api.Process.Http).SendAsync(next, Cancellation);
            if (response.StatusCode == HttpStatusCode.TooManyRequests) return response;
            statuses.Add(response.StatusCode);
        }
        throw new InvalidOperationException($"none was refused: {string.Join(", ", statuses)}");
    }

    private async Task AnswersAsync(int status, HttpRequestMessage request)
    {
        using (request) Assert.Equal(status, (int)(await api.Process.Http.SendAsync(request, Cancellation)).StatusCode);
    }

    private static HttpRequestMessage Request(string? forwardedFor, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/jobs");
        if (forwardedFor is not null) request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwardedFor);
        if (key is not null) request.Headers.Authorization = new("Bearer", key);
        return request;
    }

    /// <summary>The service behind a proxy on this machine; one request a second for each caller.</summary>
    public sealed class Behind : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        public OidcIssuer Issuer { get; private set; } = null!;

        public ApiProcess Process { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Issuer = await OidcIssuer.StartAsync();
            Process = await ApiProcess.StartAsync(_folder.Path,
            [
                .. ((string[])["ann", "bob", "eve"]).SelectMany((name, number) => AccessTests.Key(number, name, $"bqa_{name}", "viewer")),
                .. AccessTests.Key(3, "ops", "bqa_ops", "operator"),
                $"--BulkQA:Access:Issuer={Issuer.Url}", $"--BulkQA:Access:Audience={OidcIssuer.Audience}",
                // As one value, which is how a container is told.
                "--BulkQA:Access:TrustedProxies=192.0.2.0/24; 127.0.0.1", "--BulkQA:Access:RequestsPerSecond=1",
            ]);
        }

        public async ValueTask DisposeAsync()
        {
            await Process.DisposeAsync();
            await Issuer.DisposeAsync();
            _folder.Dispose();
        }
    }
}
