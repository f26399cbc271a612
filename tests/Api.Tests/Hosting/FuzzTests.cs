using System.Globalization;
using System.Text;
using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>
/// Every call of the interface with made-up paths, queries and bodies: refused with a problem document or answered, never
/// a failure of ours. <c>BULKQA_FUZZ_CALLS</c> says how often (1,500), <c>BULKQA_FUZZ_SEED</c> from where.
/// </summary>
public sealed class FuzzTests(SharedApi api)
{
    private static readonly string[] _values =
    [
        "", "0", "-1", "1", "100000", "9223372036854775808", "NaN", "1e308", "true", "null", "Dog", "dog", "犬", "a b", "'", "\"", "<script>", "../..", "..%2f", "%00", "\u0001", "{}", "[]", "quorum(0)",
        "quorum(99999999999)", "80-85", "eyJ4IjoxfQ", "WyJqb2JzIiwieCJd", "s3://b/1", "s3://", "file:///etc/passwd", "http://169.254.169.254/", "csv", "manifest", "incorrect", "unanimous", "open", "closed",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryCall_WhateverIsSent_IsAnsweredWithoutAFailureOfOurs()
    {
        var calls = int.TryParse(Environment.GetEnvironmentVariable("BULKQA_FUZZ_CALLS"), CultureInfo.InvariantCulture, out var given) ? given : 1_500;
        var seed = int.TryParse(Environment.GetEnvironmentVariable("BULKQA_FUZZ_SEED"), CultureInfo.InvariantCulture, out given) ? given : 1;
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "s3_image_url,label,confidence\ns3://b/1,Dog,90\n");
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(ApiProcess.RepositoryRoot, "docs", "openapi.json"), Cancellation));
        var operations = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => (Path: path.Name, Method: operation.Name.ToUpperInvariant(), Operation: operation.Value)))
            // Deleting would take the ground from under the others.
            .Where(call => call.Method != "DELETE")
            .Concat(((string[])["/jobs", "/jobs/{job}", "/jobs/{job}/images", "/jobs/{job}/picture", "/work/{job}"]).Select(page => (Path: page, Method: "GET", Operation: default(JsonElement)))).ToList();
        var statuses = new SortedDictionary<int, int>();
        for (var call = 0; call < calls; call++)
        {
            var random = new Random(seed + call);
            var (path, method, operation) = operations[random.Next(operations.Count)];
            using var request = new HttpRequestMessage(new HttpMethod(method), Url(path, operation, job, random));
            if (method is "POST" or "PUT" or "PATCH") request.Content = Body(random);
            var response = await api.Http.SendAsync(request, Cancellation);
            var status = (int)response.StatusCode;
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            Assert.True(status < 500, $"BULKQA_FUZZ_SEED={seed + call} BULKQA_FUZZ_CALLS=1: {method} {request.RequestUri} answers {status} {await response.Content.ReadAsStringAsync(Cancellation)}");
            if (status >= 400 && status != 405) Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }
        TestContext.Current.SendDiagnosticMessage($"{calls} calls from seed {seed}: {string.Join(", ", statuses.Select(status => $"{status.Value} x {status.Key}"))}");
        Assert.Equal("Healthy", await api.Http.GetStringAsync("/health/ready", Cancellation));
    }

    private static string Url(string path, JsonElement operation, string job, Random random)
    {
        string Value() => Uri.EscapeDataString(_values[random.Next(_values.Length)]);
        var url = path.Replace("{job}", random.Next(4) == 0 ? Value() : job, StringComparison.Ordinal).Replace("{task}", random.Next(2) == 0 ? "0" : Value(), StringComparison.Ordinal);
        List<string> names = operation.ValueKind == JsonValueKind.Object && operation.TryGetProperty("parameters", out var parameters)
            ? [.. parameters.EnumerateArray().Where(parameter => parameter.String("in") == "query").Select(parameter => parameter.String("name"))]
            : ["label", "verdict", "bucket", "cursor", "url", "worker", "maxIncorrectPerCorrect"];
        // Dry runs only: nobody is to be asked for anything outside.
        var query = names.Where(_ => random.Next(3) > 0).Select(name => $"{name}={(name == "dryRun" ? "true" : Value())}");
        return $"{url}?{string.Join('&', query)}";
    }

    private static StringContent Body(Random random)
    {
        string Value() => random.Next(3) switch
        {
            0 => JsonSerializer.Serialize(_values[random.Next(_values.Length)]),
            1 => ((string[])["0", "-1", "1e400", "true", "null", "[]", "{}", "99999999999999999999", "[[[[[]]]]]"])[random.Next(9)],
            _ => "\"\\ud800\"",
        };
        string[] names = ["name", "batchSize", "policy", "bucketEdges", "minConfidence", "imageBase", "state", "workerId", "answers", "submittedAt", "imageUrl", "label", "confirmed", "ids", "title"];
        var json = $"{{{string.Join(',', Enumerable.Range(0, random.Next(6)).Select(_ => $"\"{names[random.Next(names.Length)]}\":{Value()}"))}}}";
        var text = random.Next(6) switch
        {
            0 => json[..random.Next(json.Length)],
            1 => $"[{json},{json}]",
            2 => new string('[', 2_000),
            3 => "a.jpg,Dog,80\n\"open",
            _ => json,
        };
        string[] types = ["application/json", "application/x-ndjson", "text/csv", "text/html", "application/xml"];
        return new StringContent(text, Encoding.UTF8, types[random.Next(types.Length)]);
    }
}
