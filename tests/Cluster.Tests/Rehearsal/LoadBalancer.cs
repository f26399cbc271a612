using System.Collections.Immutable;
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

    private LoadBalancer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
        _app.Run(PassAsync);
    }

    public string Url => _app.Urls.Single();

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
        try
        {
            using var onward = new HttpRequestMessage(new HttpMethod(context.Request.Method), target.Url + context.Request.Path + context.Request.QueryString);
            if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is true) onward.Content = new StreamContent(context.Request.Body);
            foreach (var (name, values) in context.Request.Headers)
                if (!onward.Headers.TryAddWithoutValidation(name, values.ToArray())) onward.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            using var response = await _http.SendAsync(onward, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            context.Response.StatusCode = (int)response.StatusCode;
            if (response.Content.Headers.ContentType is { } type) context.Response.ContentType = type.ToString();
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

    private sealed class Target(string url)
    {
        private int _underWay;

        public string Url => url;

        public int UnderWay => _underWay;

        public void Begin() => Interlocked.Increment(ref _underWay);

        public void End() => Interlocked.Decrement(ref _underWay);
    }
}
