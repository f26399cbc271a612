using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BulkQA.Emulators;

/// <summary>A request on its way to an emulator.</summary>
/// <param name="Target">The operation, such as <c>DynamoDB_20120810.PutItem</c>; empty for REST calls.</param>
public sealed record ProxiedRequest(string Method, string Path, string Target, string Authorization, string Body);

/// <summary>What becomes of a request.</summary>
public abstract record Fault
{
    /// <summary>Answered by us and never passed on.</summary>
    public sealed record Answer(int Status, string ContentType, string Body) : Fault;

    /// <summary>Passed on, done there, and its answer lost: the connection breaks off.</summary>
    public sealed record LostAnswer : Fault;

    /// <summary>Never answered, until the client goes away.</summary>
    public sealed record Hang : Fault;

    /// <summary>What DynamoDB and SQS say when they refuse.</summary>
    public static Fault Error(int status, string type) => new Answer(
        status, "application/x-amz-json-1.0", $$"""{"__type":"com.amazonaws#{{type}}","message":"a fault of the test"}""");
}

/// <summary>
/// Stands between the code under test and an emulator, and passes everything on unless a rule says otherwise. Rules tell
/// tests apart by what only theirs send, so that tests may share it.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Func<ProxiedRequest, Fault?>, bool> _rules = [];
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly string _target;
    private readonly WebApplication _app;

    private FaultProxy(string target)
    {
        _target = target;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
        _app.Run(PassAsync);
    }

    public string Url => _app.Urls.Single();

    public static async Task<FaultProxy> StartAsync(string target)
    {
        var proxy = new FaultProxy(target);
        await proxy._app.StartAsync();
        return proxy;
    }

    /// <summary>Asks the rule about every request until disposed.</summary>
    public IDisposable When(Func<ProxiedRequest, Fault?> rule)
    {
        _rules[rule] = true;
        return new Removal(() => _rules.TryRemove(rule, out _));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task PassAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        var seen = new ProxiedRequest(
            context.Request.Method, context.Request.Path.Value!, context.Request.Headers["X-Amz-Target"].ToString(),
            context.Request.Headers.Authorization.ToString(), System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
        var fault = _rules.Keys.Select(rule => rule(seen)).FirstOrDefault(fault => fault is not null);
        if (fault is Fault.Answer answer)
        {
            context.Response.StatusCode = answer.Status;
            context.Response.ContentType = answer.ContentType;
            await context.Response.WriteAsync(answer.Body);
            return;
        }
        if (fault is Fault.Hang)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }
        using var onward = Onward(context.Request, buffer.ToArray());
        using var response = await _http.SendAsync(onward, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        if (fault is Fault.LostAnswer)
        {
            context.Abort();
            return;
        }
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
            if (!name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)) context.Response.Headers[name] = values.ToArray();
        await response.Content.CopyToAsync(context.Response.Body);
    }

    private HttpRequestMessage Onward(HttpRequest request, byte[] body)
    {
        var raw = request.HttpContext.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        var onward = new HttpRequestMessage(new HttpMethod(request.Method), _target + raw) { Content = new ByteArrayContent(body) };
        foreach (var (name, values) in request.Headers)
        {
            if (name is "Content-Length" or "Transfer-Encoding" or "Expect") continue;
            if (!onward.Headers.TryAddWithoutValidation(name, values.ToArray()))
                onward.Content.Headers.TryAddWithoutValidation(name, values.ToArray());
        }
        return onward;
    }

    private sealed class Removal(Action remove) : IDisposable
    {
        public void Dispose() => remove();
    }
}
