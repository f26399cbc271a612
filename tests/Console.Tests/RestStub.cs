using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BulkQA.Web.Tests;

/// <summary>Stands for REST: answers what a test has set, by method and path with query, and notes what was asked.</summary>
internal sealed class RestStub : HttpMessageHandler, IConsoleCaller
{
    private readonly ConcurrentDictionary<string, Func<(HttpStatusCode Status, string Body)>> _answers = new();

    /// <summary>What was asked, in order: method, path with query, and body where there was one.</summary>
    public ConcurrentQueue<(string Method, string Path, JsonNode? Body)> Asked { get; } = [];

    public string Scope { get; set; } = "all";

    public RestClient NewClient() => new(new HttpClient(this, disposeHandler: false) { BaseAddress = new Uri("http://localhost") }, this);

    public void Answer(string path, object body, string method = "GET") => _answers[$"{method} {path}"] = () => (HttpStatusCode.OK, JsonSerializer.Serialize(body, JsonSerializerOptions.Web));

    public void Refuse(string path, HttpStatusCode status, string detail, string method = "GET") =>
        _answers[$"{method} {path}"] = () => (status, JsonSerializer.Serialize(new { title = status.ToString(), status = (int)status, detail }, JsonSerializerOptions.Web));

    /// <summary>How often a path was asked for.</summary>
    public int Count(string path, string method = "GET") => Asked.Count(asked => asked.Method == method && asked.Path == path);

    public ValueTask<string> GetScopeAsync() => ValueTask.FromResult(Scope);

    public void Touch()
    {
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.PathAndQuery;
        var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        Asked.Enqueue((request.Method.Method, path, body is { Length: > 0 } ? JsonNode.Parse(body) : null));
        var (status, answer) = _answers.TryGetValue($"{request.Method} {path}", out var set) ? set() : (HttpStatusCode.NotFound, """{"title":"Not Found","status":404,"detail":"The test has not set it."}""");
        return new HttpResponseMessage(status) { Content = new StringContent(answer, Encoding.UTF8, "application/json") };
    }
}
