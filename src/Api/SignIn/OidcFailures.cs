using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Tokens;

namespace BulkQA.Api;

/// <summary>What the page says where a sign-in failed: enough for who wanted to sign in, and nothing for who probes.</summary>
internal static partial class OidcFailures
{
    private const int MaxLoggedLength = 500;

    /// <param name="context">Of the callback.</param>
    /// <param name="failure">Null: somebody said no at the identity provider.</param>
    public static async Task AnswerAsync(HandleRequestContext<RemoteAuthenticationOptions> context, Exception? failure)
    {
        context.HandleResponse();
        await AnswerAsync(context.HttpContext, failure);
    }

    public static Task AnswerAsync(HttpContext context, Exception? failure)
    {
        var log = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(OidcFailures));
        if (failure is null)
            return SignInNotice.WriteAsync(context, StatusCodes.Status403Forbidden, "You did not sign in", "The identity provider says that you may not, or do not want to.", "/");
        // Of what comes along a stranger may have written some.
        LogFailure(log, failure.GetType().Name, string.Concat(failure.Message.Take(MaxLoggedLength).Select(character => char.IsControl(character) ? ' ' : character)));
        if (IsOutOfReach(failure)) return WriteOutOfReachAsync(context);
        var isClock = failure is ClockSkewException or SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException;
        return SignInNotice.WriteAsync(
            context, StatusCodes.Status400BadRequest, "The sign-in did not succeed",
            isClock
                ? "The clock of the identity provider and ours are more than five minutes apart. Somebody has to set the one that is wrong; until then nobody can sign in."
                : "It took too long, was begun in another browser, or was used already. Begin again.",
            "/");
    }

    public static Task WriteOutOfReachAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "60";
        return SignInNotice.WriteAsync(
            context, StatusCodes.Status503ServiceUnavailable, "Sign-in is not possible just now",
            "The identity provider does not answer. Who is signed in already stays so. Try again in a minute.");
    }

    /// <summary>Whether the issuer could not be asked; what it answered is another matter.</summary>
    public static bool IsOutOfReach(Exception failure) => failure switch
    {
        HttpRequestException or IOException or TimeoutException or OperationCanceledException => true,
        // So the discovery document and the keys are reported missing.
        InvalidOperationException { InnerException: { } inner } => IsOutOfReach(inner),
        AuthenticationFailureException { InnerException: { } inner } => IsOutOfReach(inner),
        _ => false,
    };

    [LoggerMessage(LogLevel.Warning, "A sign-in by the identity provider failed: {Kind}: {Problem}")]
    private static partial void LogFailure(ILogger log, string kind, string problem);
}
