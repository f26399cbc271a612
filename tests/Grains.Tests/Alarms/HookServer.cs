using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BulkQA.Grains.Tests;

/// <summary>A receiver of webhooks on a free port of this machine. Answers as it is told, and 200 once there is nothing more to say.</summary>
public sealed class HookServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    public HookServer()
    {
        using (var port = new TcpListener(IPAddress.Loopback, 0))
        {
            port.Start();
            Url = $"http://127.0.0.1:{((IPEndPoint)port.LocalEndpoint).Port}";
        }
        _listener.Prefixes.Add($"{Url}/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url { get; }

    /// <summary>The next answers.</summary>
    public ConcurrentQueue<HttpStatusCode> Answers { get; } = [];

    /// <summary>What every further call is answered.</summary>
    public HttpStatusCode Otherwise { get; set; } = HttpStatusCode.OK;

    public ConcurrentQueue<HookCall> Calls { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            var body = await reader.ReadToEndAsync();
            Calls.Enqueue(new HookCall(context.Request.HttpMethod, context.Request.Url!.PathAndQuery, context.Request.Headers[AlarmWebhook.EventHeader], context.Request.Headers[AlarmWebhook.SignatureHeader], body));
            context.Response.StatusCode = (int)(Answers.TryDequeue(out var status) ? status : Otherwise);
            if (context.Response.StatusCode is >= 300 and < 400) context.Response.RedirectLocation = $"{Url}/elsewhere";
            context.Response.Close();
        }
    }

    public sealed record HookCall(string Method, string Path, string? Event, string? Signature, string Body);
}
