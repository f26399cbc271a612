using System.Net;

namespace BulkQA.Api;

/// <summary>
/// Without authentication, who may speak to us is decided by where the words come from: only loopback connections, only
/// under a loopback name (a page of another site that rebinds its name to 127.0.0.1 has another), and no writes on behalf
/// of another site's page.
/// </summary>
internal sealed class LoopbackGuard(RequestDelegate next, IProblemDetailsService problems)
{
    /// <summary>What pages may load, with <c>{0}</c> where pictures may come from besides.</summary>
    private const string PageContentSecurity =
        "default-src 'none'; img-src 'self'{0}; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
        + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    public async Task InvokeAsync(HttpContext context)
    {
        if (Refusal(context) is { } refusal)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await problems.WriteAsync(new ProblemDetailsContext
            {
                HttpContext = context,
                ProblemDetails = { Status = StatusCodes.Status403Forbidden, Title = "Forbidden", Detail = refusal },
            });
            return;
        }
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        // Not no-referrer: under that a browser names the origin of our own forms "null", as it does a stranger's.
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // The reference page brings inline scripts of its own; it shows nothing but our own OpenAPI document.
        if (!context.Request.Path.StartsWithSegments("/reference")) AllowPictures(context.Response, null);
        await next(context);
    }

    /// <summary>Lets the page show pictures of one more origin.</summary>
    public static void AllowPictures(HttpResponse response, string? origin) =>
        response.Headers.ContentSecurityPolicy = PageContentSecurity.Replace("{0}", origin is null ? "" : $" {origin}", StringComparison.Ordinal);

    private static string? Refusal(HttpContext context)
    {
        var request = context.Request;
        if (context.Connection.RemoteIpAddress is { } remote && !IPAddress.IsLoopback(remote))
            return "Only this machine may connect while no authentication is configured.";
        if (!ListeningAddresses.IsLoopbackHost(request.Host.Host))
            return $"The Host header names '{request.Host}', which is not this machine.";
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) return null;
        if (request.Headers.Origin.ToString() is { Length: > 0 } origin
            && !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase))
            return $"The request comes from a page of '{origin}'.";
        return request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site" ? "The request comes from a page of another site." : null;
    }
}
