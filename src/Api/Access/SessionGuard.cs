using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;

namespace BulkQA.Api;

/// <summary>
/// What changes something by a session has to show that a page of ours asked for it, since browsers send the cookie along
/// whoever asks. <see cref="BrowserGuard"/> refuses what says that it comes from elsewhere; this, what says nothing. Keys and
/// tokens are put into a request on purpose, and are not concerned.
/// </summary>
internal sealed class SessionGuard(RequestDelegate next, IProblemDetailsService problems)
{
    private const string FormType = "application/x-www-form-urlencoded";

    /// <summary>ASP.NET Core's own name for it.</summary>
    private const string AntiforgeryHeader = "RequestVerificationToken";

    public async Task InvokeAsync(HttpContext context)
    {
        if (IsChange(context.Request.Method) && IsBySession(context) && !NamesOurPage(context.Request) && !await HasTokenAsync(context))
            await problems.WriteAsync(context, Problem.Forbidden(
                "The request comes with a session and does not say of which page it is: send it from a page of BulkQA in a browser that sends Origin or Sec-Fetch-Site, with the page's antiforgery token, or with an API key."));
        else
            await next(context);
    }

    private static bool IsChange(string method) =>
        !(HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method));

    /// <summary>By the scheme that authenticated the request, whichever was asked first.</summary>
    private static bool IsBySession(HttpContext context) =>
        context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult is { Succeeded: true, Ticket.AuthenticationScheme: var scheme }
        && scheme == IdentityConstants.ApplicationScheme;

    /// <summary>An Origin that is there is ours: <see cref="BrowserGuard"/> let it through.</summary>
    private static bool NamesOurPage(HttpRequest request) => request.Headers.Origin.ToString().Length > 0 || request.Headers["Sec-Fetch-Site"].ToString() == "same-origin";

    /// <summary>In a header, or in the field of a small form. Uploads are read as they come, and not here.</summary>
    private static async Task<bool> HasTokenAsync(HttpContext context)
    {
        if (context.RequestServices.GetService<IAntiforgery>() is not { } antiforgery) return false;
        if (context.Request.Headers[AntiforgeryHeader].Count == 0 && context.Request.ContentType?.StartsWith(FormType, StringComparison.OrdinalIgnoreCase) is not true) return false;
        try
        {
            return await antiforgery.IsRequestValidAsync(context);
        }
        catch (AntiforgeryValidationException)
        {
            // A form that can't be read, or with more fields than any of ours.
            return false;
        }
    }
}
