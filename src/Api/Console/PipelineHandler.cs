using System.Net;
using Microsoft.AspNetCore.Http.Features;

namespace BulkQA.Api;

/// <summary>
/// Sends the console's requests through this process's own pipeline, without a network in between: they are authenticated as whoever looks at the
/// circuit, and routed, checked, answered and recorded like any other. Answers are held in memory whole: what is large, browsers fetch themselves.
/// </summary>
internal sealed class PipelineHandler(Pipeline pipeline, IHttpContextFactory contexts, CircuitCaller caller) : HttpMessageHandler
{
    /// <summary>The address that requests are made to; it stands for this process.</summary>
    public static readonly Uri Here = new("http://localhost");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = await RequestOfAsync(request, cancellationToken);
        var answered = new PipelineResponse();
        using var body = new MemoryStream();
        var written = new StreamResponseBodyFeature(body);
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(asked);
        features.Set<IHttpResponseFeature>(answered);
        features.Set<IHttpResponseBodyFeature>(written);
        features.Set<IHttpRequestBodyDetectionFeature>(new BodyDetection(request.Content is not null));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = cancellationToken });
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature { RemoteIpAddress = IPAddress.Loopback });
        features.Set(caller);
        var context = contexts.Create(features);
        try
        {
            await pipeline.RunAsync(context);
            await answered.StartAsync();
            await written.CompleteAsync();
        }
        finally
        {
            // What the request was served by goes with it.
            await answered.EndAsync();
            contexts.Dispose(context);
            written.Dispose();
        }
        cancellationToken.ThrowIfCancellationRequested();
        return ResponseOf(request, answered, body);
    }

    private static async Task<HttpRequestFeature> RequestOfAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var uri = request.RequestUri!;
        var headers = new HeaderDictionary { ["Host"] = uri.Authority };
        // A page of ours asks, and not another site's: that is what browsers say by it, too.
        headers["Sec-Fetch-Site"] = "same-origin";
        foreach (var (name, values) in request.Headers) headers.Append(name, values.ToArray());
        var content = Stream.Null;
        if (request.Content is { } given)
        {
            content = await given.ReadAsStreamAsync(cancellation);
            foreach (var (name, values) in given.Headers) headers.Append(name, values.ToArray());
        }
        return new HttpRequestFeature
        {
            Protocol = HttpProtocol.Http11,
            Method = request.Method.Method,
            Scheme = uri.Scheme,
            Path = PathOf(uri),
            QueryString = uri.Query,
            RawTarget = uri.PathAndQuery,
            Headers = headers,
            Body = content,
        };
    }

    /// <summary>Unescaped but for slashes within a segment, as Kestrel does it.</summary>
    private static string PathOf(Uri uri) =>
        string.Join("%2F", uri.AbsolutePath.Split(["%2F", "%2f"], StringSplitOptions.None).Select(Uri.UnescapeDataString));

    private static HttpResponseMessage ResponseOf(HttpRequestMessage request, HttpResponseFeature answered, MemoryStream body)
    {
        var response = new HttpResponseMessage((HttpStatusCode)answered.StatusCode) { RequestMessage = request, Content = new ByteArrayContent(body.ToArray()) };
        foreach (var (name, values) in answered.Headers)
            if (!response.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values)) response.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        return response;
    }

    /// <summary>Without it, endpoints take a request to have no body.</summary>
    private sealed record BodyDetection(bool CanHaveBody) : IHttpRequestBodyDetectionFeature;
}
