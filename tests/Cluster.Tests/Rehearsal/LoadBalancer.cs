using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace BulkQA.Cluster.Tests;

/// <summary>Passes requests to its targets in turn, and none to one that is being taken out. Tries nothing twice.</summary>
internal sealed class LoadBalancer : IAsyncDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(1) }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly WebApplication _app;
    private ImmutableList<Target> _targets = [];
    private int _next;
    private string? _authorization;

    private LoadBalancer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(PassAsync);
    }

    public string Url => _app.Urls.Single();

    /// <summary>Which target got what, in order.</summary>
    public ConcurrentQueue<(string Path, string Target)> Passed { get; } = [];

    /// <summary>From now on whoever says nothing of who they are has this header, as from a browser that has asked for it once.</summary>
    public void SignIn(string authorization) => _authorization = authorization;

    public static async Task<LoadBalancer> StartAsync()
    {
        var balancer = new LoadBalancer();
        await balancer._app.StartAsync();
        return balancer;
    }

    public void Register(string url) => ImmutableInterlocked.Update(ref _targets, targets => targets.Add(new Target(url)));

    /// <summary>Sends it nothing more, and returns once what it has is answered, or after the limit.</summary>
    public async Task DeregisterAsync(string url, TimeSpan limit)
    {
        var target = _targets.Find(target => target.Url == url)!;
        ImmutableInterlocked.Update(ref _targets, targets => targets.Remove(target));
        using var end = new CancellationTokenSource(limit);
        while (target.UnderWay > 0 && !end.IsCancellationRequested)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task PassAsync(HttpContext context)
    {
        var targets = _targets;
        var target = targets[(int)((uint)Interlocked.Increment(ref _next) % (uint)targets.Count)];
        target.Begin();
        Passed.Enqueue((context.Request.Path, target.Url));
        if (_authorization is not null && context.Request.Headers.Authorization.Count == 0) context.Request.Headers.Authorization = _authorization;
        try
        {
            if (context.WebSockets.IsWebSocketRequest)
            {
                await PassSocketAsync(context, target.Url);
                return;
            }
            using var onward = new HttpRequestMessage(new HttpMethod(context.Request.Method), target.Url + context.Request.Path + context.Request.QueryString);
            if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is true) onward.Content = new StreamContent(context.Request.Body);
            foreach (var (name, values) in context.Request.Headers)
                if (!onward.Headers.TryAddWithoutValidation(name, values.ToArray())) onward.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            using var response = await _http.SendAsync(onward, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            context.Response.StatusCode = (int)response.StatusCode;
            foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
                if (name != "Transfer-Encoding") context.Response.Headers[name] = values.ToArray();
            await response.Content.CopyToAsync(context.Response.Body);
        }
        catch (HttpRequestException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            await context.Response.WriteAsync(e.Message);
        }
        finally
        {
            target.End();
        }
    }

    /// <summary>Both ways, until one side ends; what one side says of the end is not told to the other.</summary>
    private static async Task PassSocketAsync(HttpContext context, string target)
    {
        using var onward = new ClientWebSocket();
        foreach (var name in (string[])["Host", "Origin", "Cookie", "Authorization"])
            if (context.Request.Headers[name] is { Count: > 0 } value) onward.Options.SetRequestHeader(name, value.ToString());
        await onward.ConnectAsync(new UriBuilder(target) { Scheme = "ws", Path = context.Request.Path, Query = context.Request.QueryString.Value }.Uri, context.RequestAborted);
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        await Task.WhenAny(PassMessagesAsync(socket, onward, end.Token), PassMessagesAsync(onward, socket, end.Token));
        await end.CancelAsync();
        socket.Abort();
    }

    private static async Task PassMessagesAsync(WebSocket from, WebSocket to, CancellationToken cancellation)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReceiveAsync(buffer.AsMemory(), cancellation) is { MessageType: not WebSocketMessageType.Close } part)
            await to.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, cancellation);
    }

    private sealed class Target(string url)
    {
        private int _underWay;

        public string Url => url;

        public int UnderWay => _underWay;

        public void Begin() => Interlocked.Increment(ref _underWay);

        public void End() => Interlocked.Decrement(ref _underWay);
    }
}
