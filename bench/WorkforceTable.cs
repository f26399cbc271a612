using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Bench;

/// <summary>
/// A team at work: people who are signed in, each with a session of its own, take the next batch across jobs, look at it for a while and answer it,
/// all at once; what each of the two calls takes over HTTP.
/// </summary>
internal static class WorkforceTable
{
    private const int Batches = 8;
    private const int Images = 100_000;

    /// <summary>Signing up takes a slow hash each, by intention.</summary>
    private const int SignUpsAtOnce = 4;

    private static readonly TimeSpan _looks = TimeSpan.FromSeconds(5);
    private static readonly int[] _priorities = [100, 200, 300];

    public static async Task<int> RunAsync(int people)
    {
        var folder = Directory.CreateTempSubdirectory("bulkqa-bench-").FullName;
        try
        {
            await using var api = await ApiServer.StartAsync(folder, "--BulkQA:SignIn:Enabled=true", "--BulkQA:SignIn:AttemptsPerMinute=100000", "--BulkQA:Access:RequestsPerSecond=100000");
            // Each person's cookie goes along by hand; as from a browser's own pages.
            using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = api.Http.BaseAddress, DefaultRequestHeaders = { { "Sec-Fetch-Site", "same-origin" } } };
            var lead = await SignUpAsync(http, await api.FirstOperatorLinkAsync(), 0);
            await SendAsync(http, lead, HttpMethod.Put, "/v1/teams/dogs", new { });
            foreach (var priority in _priorities)
            {
                var job = $"job-{priority}";
                await SendAsync(http, lead, HttpMethod.Post, "/v1/jobs", new { name = job, assignment = new { teams = (string[])["dogs"], priority } });
                using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/jobs/{job}/items") { Content = new StringContent(Corpus(), System.Text.Encoding.UTF8, "text/csv"), Headers = { { "Cookie", lead } } };
                (await http.SendAsync(request)).EnsureSuccessStatusCode();
            }
            var link = (await SendAsync(http, lead, HttpMethod.Post, "/v1/invitations", new { grants = (object[])[new { role = "worker", team = "dogs" }], uses = people })).GetProperty("link").GetString()!;
            var sessions = new string[people];
            var began = TimeProvider.System.GetTimestamp();
            await Parallel.ForAsync(0, people, new ParallelOptions { MaxDegreeOfParallelism = SignUpsAtOnce }, async (number, _) => sessions[number] = await SignUpAsync(http, link, number + 1));
            Print($"{people} people sign up by one link", $"{people / TimeProvider.System.GetElapsedTime(began).TotalSeconds:F0}/s");
            // The first are not counted: they load, and compile.
            await WorkAsync(http, sessions, new Times(), new Times(), 2, TimeSpan.FromSeconds(1));
            var (leases, answers) = (new Times(), new Times());
            began = TimeProvider.System.GetTimestamp();
            var byJob = await WorkAsync(http, sessions, leases, answers, Batches, _looks);
            Print($"{people} people at once who look for {_looks.TotalSeconds:F0} s: batches", $"{leases.Count / TimeProvider.System.GetElapsedTime(began).TotalSeconds:F0}/s");
            Print("next batch across three jobs, p50 and p99", $"{leases.Percentile(0.5):F1}, {leases.Percentile(0.99):F1} ms");
            Print("answer of a batch of 25, durable, p50 and p99", $"{answers.Percentile(0.5):F1}, {answers.Percentile(0.99):F1} ms");
            Print("batches by priority 100, 200, 300", string.Join(" : ", _priorities.Select(priority => byJob.GetValueOrDefault($"job-{priority}").ToString(CultureInfo.InvariantCulture))));
            Print("resident memory", $"{Usage.ResidentBytes(api.ProcessId) >> 20} MB");
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <returns>Batches of each job.</returns>
    private static async Task<Dictionary<string, int>> WorkAsync(HttpClient http, string[] sessions, Times leases, Times answers, int batches, TimeSpan looks)
    {
        var jobs = await Task.WhenAll(sessions.Select(async (session, number) =>
        {
            var found = new List<string>();
            await Task.Delay(looks * number / sessions.Length, TimeProvider.System);
            for (var batch = 0; batch < batches; batch++)
            {
                var next = await leases.MeasureAsync(() => SendAsync(http, session, HttpMethod.Get, "/v1/work/next", null));
                var (job, task) = (next.GetProperty("job").GetString()!, next.GetProperty("task"));
                found.Add(job);
                await Task.Delay(looks, TimeProvider.System);
                var boxes = task.GetProperty("images").EnumerateArray().ToDictionary(image => image.GetProperty("box").GetString()!, _ => new Dictionary<string, bool> { ["Confirmed"] = true });
                await answers.MeasureAsync(() => SendAsync(http, session, HttpMethod.Post, $"/v1/jobs/{job}/tasks/{task.GetProperty("task")}/annotations", new { answers = boxes }));
            }
            return found;
        }));
        return jobs.SelectMany(found => found).CountBy(job => job).ToDictionary();
    }

    /// <summary>Follows an invitation as somebody new.</summary>
    /// <returns>The cookie of the session.</returns>
    private static async Task<string> SignUpAsync(HttpClient http, string link, int number)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["name"] = $"Person {number}", ["signInName"] = $"person-{number}", ["password"] = "correct horse battery" });
        using var response = await http.PostAsync(new Uri(link).PathAndQuery, form);
        return response.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith("bulkqa.session=", StringComparison.Ordinal)).Split(';')[0];
    }

    private static async Task<JsonElement> SendAsync(HttpClient http, string session, HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body), Headers = { { "Cookie", session } } };
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement : throw new InvalidOperationException($"{method} {path}: {(int)response.StatusCode} {text}");
    }

    private static string Corpus() => "s3_image_url,label,confidence\n" + string.Join('\n', Enumerable.Range(0, Images).Select(number => $"{Votes.Url(number).Value},Dog,{Votes.Confidence(number)}"));

    private static void Print(string what, string found) => Console.WriteLine($"| {what} | {found} |");
}
