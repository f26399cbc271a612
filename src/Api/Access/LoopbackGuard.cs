using System.Net;

namespace BulkQA.Api;

/// <summary>
/// Without authentication, who may speak to us is decided by where the words come from: only loopback connections, and
/// only under a loopback name (a page of another site that rebinds its name to 127.0.0.1 has another). What a proxy passed
/// on comes from elsewhere, though the proxy is here.
/// </summary>
internal sealed class LoopbackGuard(RequestDelegate next, IProblemDetailsService problems)
{
    private static readonly string[] _ofProxies = ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"];

    public async Task InvokeAsync(HttpContext context)
    {
        if (Refusal(context) is { } refusal) await problems.WriteAsync(context, Problem.Forbidden(refusal));
        else await next(context);
    }

    private static string? Refusal(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is { } remote && !IPAddress.IsLoopback(remote))
            return "Only this machine may connect while no authentication is configured.";
        if (Array.Find(_ofProxies, context.Request.Headers.ContainsKey) is { } header)
            return $"A proxy passed the request on (its header {header} says so), and only this machine may connect while no authentication is configured.";
        var host = context.Request.Host;
        return ListeningAddresses.IsLoopbackHost(host.Host) ? null : $"The Host header names '{host}', which is not this machine.";
    }
}
