using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BulkQA.Api.Tests;

public sealed class AccessTests(AccessTests.Guarded api) : IClassFixture<AccessTests.Guarded>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryEndpoint_WithoutAKey_Is401()
    {
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(ApiProcess.RepositoryRoot, "docs", "openapi.json"), Cancellation));
        var endpoints = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => (Method: operation.Name.ToUpperInvariant(), Path: path.Name.Replace("{job}", "mine", StringComparison.Ordinal).Replace("{task}", "0", StringComparison.Ordinal))))
            .Concat(((string[])["/", "/jobs", "/console", "/console/jobs/mine", "/_blazor", "/jobs/mine", "/jobs/mine/images", "/jobs/mine/picture", "/work/mine", "/work/mine/ahead?task=0", "/assets/site.css", "/metrics", "/reference", "/openapi/v1.json", "/nothing/here", "/health"]).Select(path => (Method: "GET", Path: path)))
            .Append(("POST", "/work/mine/worker")).Append(("POST", "/jobs/mine/pictures")).ToList();
        Assert.True(endpoints.Count > 30);
        foreach (var (method, path) in endpoints)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            var response = await api.Stranger.SendAsync(request, Cancellation);
            Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{method} {path} answers {response.StatusCode} to a stranger");
        }
        foreach (var open in (string[])["/health/live", "/health/ready"])
            Assert.Equal(HttpStatusCode.OK, (await api.Stranger.GetAsync(open, Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("viewer", "GET", "/v1/jobs/mine", 200)]
    [InlineData("viewer", "GET", "/v1/jobs/mine/classes", 200)]
    [InlineData("viewer", "GET", "/v1/jobs/mine/export", 200)]
    [InlineData("viewer", "GET", "/jobs", 200)]
    [InlineData("viewer", "GET", "/assets/site.css", 200)]
    [InlineData("viewer", "GET", "/v1/jobs/mine/tasks/next", 403)]
    [InlineData("viewer", "POST", "/v1/jobs", 403)]
    [InlineData("viewer", "DELETE", "/v1/jobs/mine", 403)]
    [InlineData("viewer", "POST", "/v1/jobs/mine/votes", 403)]
    [InlineData("viewer", "POST", "/v1/jobs/mine/audit", 403)]
    [InlineData("viewer", "POST", "/v1/jobs/mine/tasks/0/unshown", 403)]
    [InlineData("viewer", "POST", "/v1/jobs/mine/pictures", 403)]
    [InlineData("viewer", "POST", "/jobs/mine/pictures", 403)]
    [InlineData("worker", "POST", "/v1/jobs/mine/pictures", 403)]
    [InlineData("confined", "POST", "/v1/jobs/other/pictures", 404)]
    [InlineData("viewer", "GET", "/v1/dead-letters", 403)]
    [InlineData("viewer", "GET", "/metrics", 403)]
    [InlineData("worker", "GET", "/v1/jobs/mine/tasks/next", 200)]
    [InlineData("worker", "GET", "/work/mine", 200)]
    [InlineData("worker", "GET", "/work/mine/ahead?task=0", 200)]
    [InlineData("confined", "GET", "/work/other/ahead?task=0", 404)]
    [InlineData("viewer", "GET", "/work/mine/ahead?task=0", 403)]
    [InlineData("worker", "GET", "/assets/crowd-elements.js", 200)]
    [InlineData("worker", "GET", "/v1/jobs/mine/classes", 403)]
    [InlineData("worker", "GET", "/v1/jobs/mine/tasks", 403)]
    [InlineData("worker", "GET", "/v1/jobs/mine/export", 403)]
    [InlineData("worker", "GET", "/", 403)]
    [InlineData("worker", "POST", "/v1/jobs/mine/votes", 403)]
    [InlineData("worker", "POST", "/v1/jobs/mine/tasks/0/unshown", 204)]
    [InlineData("viewer", "DELETE", "/v1/jobs/mine/image/adjudication?url=s3://b/1&label=Dog", 403)]
    [InlineData("worker", "DELETE", "/v1/jobs/mine/image/adjudication?url=s3://b/1&label=Dog", 403)]
    [InlineData("adjudicator", "DELETE", "/v1/jobs/mine/image/adjudication?url=s3://b/none&label=Dog", 404)]
    [InlineData("adjudicator", "GET", "/v1/jobs/mine/classes", 200)]
    [InlineData("adjudicator", "GET", "/v1/jobs/mine/workers", 200)]
    [InlineData("adjudicator", "GET", "/v1/jobs/mine/tasks/next", 403)]
    [InlineData("adjudicator", "POST", "/v1/jobs/mine/votes", 403)]
    [InlineData("adjudicator", "PATCH", "/v1/jobs/mine/workers/ann", 403)]
    [InlineData("adjudicator", "POST", "/v1/jobs/mine/reliability", 403)]
    [InlineData("viewer", "PATCH", "/v1/jobs/mine/workers/ann", 403)]
    [InlineData("viewer", "POST", "/v1/jobs/mine/reliability", 403)]
    [InlineData("viewer", "GET", "/v1/workers/nobody", 404)]
    [InlineData("viewer", "POST", "/v1/jobs/mine/worker-responses", 403)]
    [InlineData("worker", "GET", "/v1/workers/ann", 403)]
    [InlineData("viewer", "POST", "/v1/items/preview", 403)]
    [InlineData("confined", "POST", "/v1/items/preview", 415)]
    [InlineData("viewer", "GET", "/v1/jobs/mine/agreement", 200)]
    [InlineData("worker", "GET", "/v1/jobs/mine/workers", 403)]
    [InlineData("worker", "GET", "/v1/jobs/mine/agreement", 403)]
    [InlineData("operator", "GET", "/v1/dead-letters", 200)]
    [InlineData("operator", "GET", "/metrics", 200)]
    [InlineData("operator", "GET", "/v1/jobs/mine/classes", 200)]
    [InlineData("confined", "POST", "/v1/jobs/mine/audit", 200)]
    [InlineData("confined", "POST", "/v1/jobs/other/audit", 404)]
    [InlineData("confined", "DELETE", "/v1/jobs/OTHER", 404)]
    [InlineData("confined", "GET", "/jobs/other", 404)]
    [InlineData("confined", "GET", "/v1/dead-letters", 403)]
    [InlineData("confined", "GET", "/metrics", 403)]
    [InlineData("operator", "GET", "/v1/service", 200)]
    [InlineData("viewer", "GET", "/v1/service", 403)]
    [InlineData("confined", "GET", "/v1/service", 403)]
    [InlineData("viewer", "GET", "/v1/keys", 403)]
    [InlineData("confined", "GET", "/v1/keys", 403)]
    public async Task Role_ForACall_MayOrMayNot(string key, string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (path == "/v1/jobs") request.Content = JsonContent.Create(new { name = "forbidden" });
        if (path.EndsWith("/votes", StringComparison.Ordinal)) request.Content = JsonContent.Create(Array.Empty<object>());
        if (method == "PATCH" || path.EndsWith("/reliability", StringComparison.Ordinal)) request.Content = JsonContent.Create(new { });
        if (path.EndsWith("/unshown", StringComparison.Ordinal)) request.Content = JsonContent.Create(new { });
        Assert.Equal(status, (int)(await api.As(key).SendAsync(request, Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Worker_AnswersUnderItsOwnIdOnly()
    {
        var http = api.As("worker");
        var lease = await http.GetJsonAsync("/v1/jobs/mine/tasks/next");
        var answers = lease.GetProperty("images").EnumerateArray().ToDictionary(image => image.String("box"), _ => new { Confirmed = true });
        var task = lease.Int("task");
        Assert.Contains("somebody else", await (await http.AnswerAsync("mine", task, "bob", answers)).ProblemAsync(403), StringComparison.Ordinal);
        Assert.Contains("somebody else", await (await http.GetAsync("/v1/jobs/mine/tasks/next?worker=bob", Cancellation)).ProblemAsync(403), StringComparison.Ordinal);
        await (await http.GetAsync("/work/mine?worker=bob", Cancellation)).ProblemAsync(403);
        await (await http.GetAsync("/work/mine/ahead?task=0&worker=bob", Cancellation)).ProblemAsync(403);
        Assert.Equal("ann", (await (await http.AnswerAsync("mine", task, null, answers)).JsonAsync()).String("workerId"));
        Assert.DoesNotContain("who are you", await http.GetStringAsync("/work/mine", Cancellation), StringComparison.OrdinalIgnoreCase);
        // The operator answers for whom it says.
        Assert.Equal("bob", (await (await api.As("operator").AnswerAsync("mine", task, "bob", answers)).JsonAsync()).String("workerId"));
    }

    [Fact]
    public async Task ManifestExport_ByAViewer_ListsWhatAnOperatorWroteAndWritesNothing()
    {
        var (viewer, @operator) = (api.As("viewer"), api.As("operator"));
        var job = await @operator.CreateJobAsync(new { batchSize = 10 });
        var export = $"/v1/jobs/{job}/export?format=manifest";
        Assert.Equal("", await viewer.GetStringAsync(export, Cancellation));
        await ImportAsync("Dog");
        Assert.Contains("An operator must export the manifest", await (await viewer.GetAsync(export, Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
        Assert.Empty(Inputs());

        var lines = await @operator.GetStringAsync(export, Cancellation);
        var written = Inputs();
        Assert.Equal((3, 3), (lines.Count(c => c == '\n'), written.Count));
        Assert.Equal(lines, await viewer.GetStringAsync(export, Cancellation));
        // Inputs of another policy are there all the same: to mend them is an operator's task.
        await (await @operator.PatchAsync($"/v1/jobs/{job}", HttpExtensions.Text("""{"policy":"majority"}""", "application/json"), Cancellation)).JsonAsync();
        Assert.Equal(lines, await viewer.GetStringAsync(export, Cancellation));
        await ImportAsync("Cat");
        await (await viewer.GetAsync(export, Cancellation)).ProblemAsync(409);
        Assert.Equal(written, Inputs());

        lines = await @operator.GetStringAsync(export, Cancellation);
        Assert.All(Inputs().Values, content => Assert.Contains("\"majority\"", content, StringComparison.Ordinal));
        Assert.Equal((6, 6), (lines.Count(c => c == '\n'), Inputs().Count));
        Assert.Equal(lines, await viewer.GetStringAsync(export, Cancellation));

        Task ImportAsync(string label) => @operator.ImportAsync(job, string.Concat(Enumerable.Range(0, 25).Select(number => $"{number}.jpg,{label},90\n")));

        SortedDictionary<string, string> Inputs()
        {
            var folder = Path.Combine(api.DataDirectory, "objects");
            return Directory.Exists(folder)
                ? new(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => path.Contains($"{job}~", StringComparison.Ordinal)).ToDictionary(path => path, File.ReadAllText))
                : [];
        }
    }

    [Fact]
    public async Task ConfinedCaller_SeesAndCreatesItsJobsOnly()
    {
        var http = api.As("confined");
        Assert.Equal(["mine"], (await http.GetJsonAsync("/v1/jobs")).Items().Select(job => job.String("name")));
        Assert.Equal(["mine"], (await http.GetJsonAsync("/v1/images?url=s3://bulkqa/images/0.jpg")).Items().Select(image => image.String("job")));
        // Other tests of this class have jobs of their own with this image.
        var everywhere = (await api.As("operator").GetJsonAsync("/v1/images?url=s3://bulkqa/images/0.jpg")).Items().Select(image => image.String("job")).ToList();
        Assert.Superset(new HashSet<string> { "mine", "other" }, everywhere.ToHashSet());
        Assert.Contains("confined", await (await http.PostAsJsonAsync("/v1/jobs", new { name = "new" }, Cancellation)).ProblemAsync(403), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_AsPasswordOfBasicAuthentication_IsTaken()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/jobs");
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"anybody:{api.Keys["viewer"]}")));
        Assert.Equal(HttpStatusCode.OK, (await api.Stranger.SendAsync(request, Cancellation)).StatusCode);
        Assert.StartsWith("Basic", (await api.Stranger.GetAsync("/", Cancellation)).Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer bqa_unknown")]
    [InlineData("Bearer ")]
    [InlineData("Basic")]
    [InlineData("Basic !!!")]
    [InlineData("Basic YQ==")]
    [InlineData("Bearer a.b.c")]
    [InlineData("Negotiate abc")]
    public async Task Header_ThatIsNoKey_Is401(string header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/jobs");
        request.Headers.TryAddWithoutValidation("Authorization", header);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.Stranger.SendAsync(request, Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Key_Expired_Is401() =>
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.As("expired").GetAsync("/v1/jobs", Cancellation)).StatusCode);

    /// <summary>The browser sends the key along whoever's page asks.</summary>
    [Fact]
    public async Task Write_OnBehalfOfAnotherSitesPage_Is403EvenWithAKey()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs/mine/audit");
        request.Headers.Add("Origin", "https://evil.example");
        await (await api.As("operator").SendAsync(request, Cancellation)).ProblemAsync(403);
        using var own = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs/mine/audit") { Headers = { Host = "bulkqa.example.com" } };
        own.Headers.Add("Origin", "https://bulkqa.example.com");
        var response = await api.As("operator").SendAsync(own, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("max-age", response.Headers.GetValues("Strict-Transport-Security").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_OfTheIssuer_GivesItsRolesAndJobs()
    {
        Assert.Equal(200, await StatusAsync(api.Issuer.Token(("roles", "viewer")), "/v1/jobs/mine/classes"));
        Assert.Equal(200, await StatusAsync(api.Issuer.Token(("roles", new[] { "something-else", "operator" })), "/v1/dead-letters"));
        Assert.Equal(403, await StatusAsync(api.Issuer.Token(("roles", "administrator")), "/v1/jobs/mine/classes"));
        Assert.Equal(403, await StatusAsync(api.Issuer.Token(), "/v1/jobs/mine/classes"));
        Assert.Equal(404, await StatusAsync(api.Issuer.Token(("roles", "viewer"), ("bulkqa_jobs", "mine")), "/v1/jobs/other/classes"));
        // Confined to nothing, which is not the same as not confined.
        foreach (var nothing in (object[])["", " ", Array.Empty<string>()])
            Assert.Equal(404, await StatusAsync(api.Issuer.Token(("roles", "viewer"), ("bulkqa_jobs", nothing)), "/v1/jobs/mine/classes"));
        Assert.Equal(200, await StatusAsync(api.Issuer.Token(("roles", "worker")), "/v1/jobs/mine/tasks/next?worker=ann"));
        Assert.Equal(403, await StatusAsync(api.Issuer.Token(("roles", "worker")), "/v1/jobs/mine/tasks/next?worker=bob"));
        // As Cognito's access tokens are: no audience, but the client.
        Assert.Equal(200, await StatusAsync(api.Issuer.Token(("roles", "viewer"), ("aud", null), ("client_id", OidcIssuer.Audience)), "/v1/jobs/mine/classes"));
    }

    [Fact]
    public async Task Token_ForgedOrNotForUs_Is401()
    {
        using var other = RSA.Create(2048);
        (string, object?)[] claims = [("roles", "operator")];
        string[] tokens =
        [
            api.Issuer.Token(("roles", "operator"), ("aud", "another")),
            api.Issuer.Token(("roles", "operator"), ("aud", null)),
            api.Issuer.Token(("roles", "operator"), ("iss", "https://evil.example")),
            api.Issuer.Token(("roles", "operator"), ("exp", TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeSeconds())),
            api.Issuer.Token(("roles", "operator"), ("nbf", TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds())),
            api.Issuer.Sign("RS256", claims, signed => other.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            api.Issuer.Sign("none", claims, _ => []),
            // The classic: the public key as secret of a symmetric signature.
            api.Issuer.Sign("HS256", claims, signed => HMACSHA256.HashData(api.Issuer.PublicKey, signed)),
            api.Issuer.Token(("roles", "operator"))[..^4] + "AAAA",
        ];
        foreach (var (number, token) in tokens.Index()) Assert.Equal((number, 401), (number, await StatusAsync(token, "/v1/jobs")));
    }

    [Fact]
    public async Task Caller_BeyondItsRate_Is429AndOthersAreNot()
    {
        using var folder = new TemporaryFolder();
        var (fast, slow) = ("bqa_" + new string('f', 43), "bqa_" + new string('s', 43));
        await using var process = await ApiProcess.StartAsync(folder.Path, [.. Key(0, "fast", fast, "viewer"), .. Key(1, "slow", slow, "viewer"), "--BulkQA:Access:RequestsPerSecond=5"]);
        var statuses = new List<int>();
        for (var call = 0; call < 40; call++) statuses.Add(await StatusAsync(process.Http, fast, "/v1/jobs"));
        Assert.Equal(200, statuses[0]);
        Assert.Contains(429, statuses);
        Assert.Equal(200, await StatusAsync(process.Http, slow, "/v1/jobs"));
    }

    [Fact]
    public async Task Body_LargerThanAllowed_Is413()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs")
        {
            Content = new StringContent("{\"name\":\"" + new string('x', 2 * 1024 * 1024) + "\"}", Encoding.UTF8, "application/json"),
        };
        // It asks before it sends: a connection closed while it is still sending would hide the answer.
        request.Headers.ExpectContinue = true;
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await api.As("operator").SendAsync(request, Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Start_WithAuthentication_MayListenBeyondLoopback()
    {
        using var folder = new TemporaryFolder();
        await using var process = await ApiProcess.StartAsync(folder.Path, [.. Key(0, "a", "bqa_a", "viewer"), "--urls", "http://0.0.0.0:0"]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{process.Http.BaseAddress!.Port}") };
        Assert.Equal(401, (int)(await http.GetAsync("/v1/jobs", Cancellation)).StatusCode);
        Assert.Equal(200, await StatusAsync(http, "bqa_a", "/v1/jobs"));
    }

    [Fact]
    public async Task Start_WrongSettings_AreAllNamedWithoutTheirSecrets()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output) = await ApiProcess.RunToExitAsync(
            new Dictionary<string, string>
            {
                ["BulkQA__Access__Keys__0__Hash"] = "plain-text-secret",
                ["BulkQA__Access__Keys__0__Role"] = "root",
                ["BulkQA__Access__Keys__1__Name"] = "worker",
                ["BulkQA__Access__Keys__1__Hash"] = new string('0', 64),
                ["BulkQA__Access__Keys__1__Role"] = "worker",
                ["BulkQA__Access__Keys__1__ImagePrefixes__0"] = "s3://pictures/no-slash",
                ["BulkQA__Access__Issuer"] = "http://idp.example",
                ["BulkQA__Access__TrustedProxies"] = "10.0.0.0/24; the-balancer,0.0.0.0/0",
                ["BulkQA__Access__ImagePrefixes__0"] = "s3://pictures/../others/",
                ["BulkQA__Access__ImagePrefixesClaim"] = "",
            }, "--urls", "http://127.0.0.1:0", "--data", folder.Path);
        Assert.Equal(1, exitCode);
        foreach (var problem in (string[])["Keys:0 (''): Name is empty", "Keys:0 (''): Hash is not", "Role 'root' is none of", "Keys:1 ('worker'): Worker is missing", "Issuer 'http://idp.example' is not an https address", "Audience is empty",
            "Keys:1 ('worker'): ImagePrefixes: 's3://pictures/no-slash' is not", "TrustedProxies: 'the-balancer' is neither", "TrustedProxies: '0.0.0.0/0' is everybody", "ImagePrefixes: 's3://pictures/../others/' is not", "ImagePrefixesClaim is empty"])
            Assert.Contains(problem, output, StringComparison.Ordinal);
        Assert.DoesNotContain("plain-text-secret", output, StringComparison.Ordinal);
        (exitCode, output) = await ApiProcess.RunToExitAsync(new Dictionary<string, string> { ["BulkQA__Access__KeysJson"] = """[{"hash":"plain-text-secret}]""" }, "--urls", "http://127.0.0.1:0", "--data", folder.Path);
        Assert.Equal(1, exitCode);
        Assert.Contains("KeysJson is not a JSON array of keys", output, StringComparison.Ordinal);
        Assert.DoesNotContain("plain-text-secret", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NewKey_ItsHashInTheSettings_OpensTheDoor()
    {
        var (exitCode, output) = await ApiProcess.RunToExitAsync(new Dictionary<string, string>(), "--new-key");
        Assert.Equal(0, exitCode);
        var (key, hash) = (output.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], output.Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
        using var folder = new TemporaryFolder();
        await using var process = await ApiProcess.StartAsync(
            folder.Path, "--BulkQA:Access:KeysJson", $$"""[{"name":"me","hash":"{{hash}}","role":"viewer"},{"name":"ann","hash":"{{new string('0', 64)}}","role":"worker","worker":"ann","jobs":["a","b"],"expiresAt":"2030-01-01T00:00:00Z"}]""");
        Assert.Equal(200, await StatusAsync(process.Http, key, "/v1/jobs"));
        Assert.DoesNotContain(key, process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Log_HoldsNoKey() => Assert.All(api.Keys.Values, key => Assert.DoesNotContain(key, api.Process.Output, StringComparison.Ordinal));

    private Task<int> StatusAsync(string token, string path) => StatusAsync(api.Stranger, token, path);

    private static async Task<int> StatusAsync(HttpClient http, string token, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        return (int)(await http.SendAsync(request, Cancellation)).StatusCode;
    }

    /// <summary>The settings of an API key.</summary>
    internal static string[] Key(int number, string name, string key, string role, params string[] more) =>
    [
        $"--BulkQA:Access:Keys:{number}:Name={name}", $"--BulkQA:Access:Keys:{number}:Role={role}",
        $"--BulkQA:Access:Keys:{number}:Hash={Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}",
        .. more.Select(setting => $"--BulkQA:Access:Keys:{number}:{setting}"),
    ];

    /// <summary>The service with a key of each kind and an issuer, and two jobs.</summary>
    public sealed class Guarded : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();
        private readonly Dictionary<string, HttpClient> _clients = [];

        public Dictionary<string, string> Keys { get; } = ((string[])["viewer", "worker", "operator", "confined", "expired", "adjudicator"]).ToDictionary(name => name, name => $"bqa_{Guid.NewGuid():N}{name}");

        public string DataDirectory => _folder.Path;

        public OidcIssuer Issuer { get; private set; } = null!;

        public ApiProcess Process { get; private set; } = null!;

        public HttpClient Stranger => Process.Http;

        public HttpClient As(string key) => _clients[key];

        public async ValueTask InitializeAsync()
        {
            Issuer = await OidcIssuer.StartAsync();
            Process = await ApiProcess.StartAsync(_folder.Path,
            [
                .. Key(0, "viewer", Keys["viewer"], "viewer"), .. Key(1, "worker", Keys["worker"], "worker", "Worker=ann"),
                .. Key(2, "operator", Keys["operator"], "operator"), .. Key(5, "adjudicator", Keys["adjudicator"], "adjudicator"), .. Key(3, "confined", Keys["confined"], "operator", "Jobs:0=Mine"),
                .. Key(4, "expired", Keys["expired"], "operator", "ExpiresAt=2020-01-01T00:00:00Z"),
                $"--BulkQA:Access:Issuer={Issuer.Url}", $"--BulkQA:Access:Audience={OidcIssuer.Audience}",
            ]);
            foreach (var (name, key) in Keys)
            {
                _clients[name] = new HttpClient { BaseAddress = Process.Http.BaseAddress };
                _clients[name].DefaultRequestHeaders.Authorization = new("Bearer", key);
            }
            foreach (var job in (string[])["mine", "other"])
            {
                await As("operator").PostAsJsonAsync("/v1/jobs", new { name = job }, Cancellation);
                await As("operator").ImportAsync(job, string.Concat(Enumerable.Range(0, 30).Select(number => $"{number}.jpg,Dog,90\n")));
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var client in _clients.Values) client.Dispose();
            await Process.DisposeAsync();
            await Issuer.DisposeAsync();
            _folder.Dispose();
        }
    }
}
