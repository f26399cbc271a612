using System.Globalization;
using System.Net;
using System.Text.Json;

namespace BulkQA.Lambdas;

/// <summary>One event to work on.</summary>
/// <param name="Deadline">When Lambda ends the invocation.</param>
/// <param name="InvocationId">To be echoed where it was given.</param>
internal sealed record Invocation(
    string RequestId, DateTimeOffset Deadline, string FunctionArn, string? TraceId, string? InvocationId, byte[] Event);

/// <summary>
/// The Lambda Runtime API
/// (<see href="https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html">its reference</see>), version 2018-06-01.
/// </summary>
internal sealed class RuntimeApi : IDisposable
{
    private const string InvocationIdHeader = "Lambda-Runtime-Invocation-Id";
    private const string ErrorTypeHeader = "Lambda-Runtime-Function-Error-Type";

    // The next event may be hours away: the environment is frozen meanwhile.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly string _base;

    public RuntimeApi(string hostAndPort) => _base = $"http://{hostAndPort}/2018-06-01/runtime";

    public async Task<Invocation> NextAsync()
    {
        using var response = await _http.GetAsync(new Uri($"{_base}/invocation/next"));
        response.EnsureSuccessStatusCode();
        var deadline = long.TryParse(Header(response, "Lambda-Runtime-Deadline-Ms"), CultureInfo.InvariantCulture, out var milliseconds)
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : DateTimeOffset.MaxValue;
        return new Invocation(
            Header(response, "Lambda-Runtime-Aws-Request-Id") ?? throw new HttpRequestException("the runtime API gave no request id"),
            deadline, Header(response, "Lambda-Runtime-Invoked-Function-Arn") ?? "", Header(response, "Lambda-Runtime-Trace-Id"),
            Header(response, InvocationIdHeader), await response.Content.ReadAsByteArrayAsync());
    }

    /// <returns>False where the response is too large to be taken.</returns>
    public async Task<bool> RespondAsync(Invocation invocation, byte[] content)
    {
        var status = await PostAsync($"invocation/{invocation.RequestId}/response", content, invocation, null);
        return status != HttpStatusCode.RequestEntityTooLarge;
    }

    public Task FailAsync(Invocation invocation, Exception error) =>
        PostAsync($"invocation/{invocation.RequestId}/error", Describe(error), invocation, error);

    public Task FailInitAsync(Exception error) => PostAsync("init/error", Describe(error), null, error);

    public void Dispose() => _http.Dispose();

    /// <summary>
    /// A refusal (any 4xx) is logged and no more than that: it concerns this invocation, which may have timed out (410), be
    /// unknown (400, 403, 404) or have too large a response (413). The next event may come all the same.
    /// </summary>
    /// <exception cref="HttpRequestException">The API is in trouble or gone; there is no one else to tell.</exception>
    private async Task<HttpStatusCode> PostAsync(string path, byte[] content, Invocation? invocation, Exception? error)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_base}/{path}") { Content = new ByteArrayContent(content) };
        request.Content.Headers.ContentType = new("application/json");
        if (invocation?.InvocationId is { } id) request.Headers.TryAddWithoutValidation(InvocationIdHeader, id);
        if (error is not null) request.Headers.TryAddWithoutValidation(ErrorTypeHeader, error.GetType().Name);
        using var response = await _http.SendAsync(request);
        if ((int)response.StatusCode is >= 400 and < 500)
            Log.Warning("the runtime API refused how the invocation ended", invocation?.RequestId,
                ("path", path), ("status", $"{(int)response.StatusCode}"), ("reason", await response.Content.ReadAsStringAsync()));
        else
            response.EnsureSuccessStatusCode();
        return response.StatusCode;
    }

    private static byte[] Describe(Exception error)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("errorMessage", error.Message);
            writer.WriteString("errorType", error.GetType().Name);
            writer.WriteStartArray("stackTrace");
            foreach (var line in (error.StackTrace ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries)) writer.WriteStringValue(line.Trim());
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
