namespace BulkQA.Api;

/// <summary>
/// What browsers are told (run nothing but our own scripts, guess no types, stay on TLS), and what they are not believed:
/// no writes on behalf of another site's page, though the browser sends the caller's key along.
/// </summary>
internal sealed class BrowserGuard(RequestDelegate next, IProblemDetailsService problems)
{
    /// <summary>What pages may load, with <c>{0}</c> where pictures may come from besides.</summary>
    private const string PageContentSecurity =
        "default-src 'none'; img-src 'self'{0}; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
        + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /// <summary>
    /// What the console may, besides: its base, pictures of hosts that jobs name (which only lead to what the service itself names), and small
    /// pictures within styles. Its scripts are ours, too, and none stands in a page.
    /// </summary>
    private const string ConsoleContentSecurity =
        "default-src 'none'; img-src 'self' data: blob: https:; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; connect-src 'self'; "
        + "form-action 'self'; frame-ancestors 'none'; base-uri 'self'";

    public async Task InvokeAsync(HttpContext context)
    {
        if (Refusal(context.Request) is { } refusal)
        {
            await problems.WriteAsync(context, Problem.Forbidden(refusal));
            return;
        }
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        // Not no-referrer: under that a browser names the origin of our own forms "null", as it does a stranger's.
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // Browsers heed it only over TLS, which a load balancer may end before us.
        if (!ListeningAddresses.IsLoopbackHost(context.Request.Host.Host)) headers.StrictTransportSecurity = "max-age=31536000";
        // The reference page brings inline scripts of its own; it shows nothing but our own OpenAPI document.
        if (context.Request.Path.StartsWithSegments(ConsoleHosting.Path)) headers.ContentSecurityPolicy = ConsoleContentSecurity;
        else if (!context.Request.Path.StartsWithSegments("/reference")) AllowPictures(context.Response, []);
        await next(context);
    }

    /// <summary>Lets the page show pictures of these origins besides ours.</summary>
    public static void AllowPictures(HttpResponse response, IEnumerable<string> origins) =>
        response.Headers.ContentSecurityPolicy = PageContentSecurity.Replace("{0}", string.Concat(origins.Select(origin => $" {origin}")), StringComparison.Ordinal);

    private static string? Refusal(HttpRequest request)
    {
        // A circuit begins with a GET, and then does whatever its caller may: another site's page begins none.
        if ((HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && !request.Path.StartsWithSegments(CircuitTicket.Path)) return null;
        // Host and port, without the scheme: behind a load balancer that ends TLS, and that nobody told us to trust, we don't
        // see the one that the browser does.
        if (request.Headers.Origin.ToString() is { Length: > 0 } origin
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)))
            return $"The request comes from a page of '{origin}'.";
        return request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site" ? "The request comes from a page of another site." : null;
    }
}
