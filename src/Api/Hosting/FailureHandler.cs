using System.Globalization;
using BulkQA.Storage;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace BulkQA.Api;

/// <summary>Turns what an endpoint throws into a problem document, by what kind of failure it is.</summary>
internal sealed partial class FailureHandler(IProblemDetailsService problems, ILogger<FailureHandler> log) : IExceptionHandler
{
    private static readonly TimeSpan _retryAfter = TimeSpan.FromSeconds(1);

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        // Nobody is there to read an answer.
        if (context.RequestAborted.IsCancellationRequested) return true;
        var (status, title, detail) = exception switch
        {
            // What SageMaker refuses is the caller's to mend, in SageMaker's words.
            SageMakerException refused => (refused.Status, "Refused by SageMaker", $"SageMaker says {refused.Code}: {refused.Message}"),
            BadHttpRequestException bad => (bad.StatusCode, "Invalid request", bad.InnerException?.Message ?? bad.Message),
            _ => FailureClassifier.Classify(exception) switch
            {
                FailureKind.Poison => (StatusCodes.Status400BadRequest, "Invalid request", exception.Message),
                FailureKind.Transient => (StatusCodes.Status503ServiceUnavailable, "Not now",
                    $"The request could not be completed; what was not acknowledged may or may not be stored. Send it again: repeating is harmless. ({exception.Message})"),
                _ => (StatusCodes.Status500InternalServerError, "Our fault", "Something failed that should not; the log has it."),
            },
        };
        if (status >= StatusCodes.Status500InternalServerError) LogFailure(exception, context.Request.Method, context.Request.Path.StartsWithSegments(Invitations.Path) ? Invitations.Path : context.Request.Path);
        if (status == StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = ((int)_retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        context.Response.StatusCode = status;
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails { Status = status, Title = title, Detail = detail },
        });
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private partial void LogFailure(Exception exception, string method, string path);
}
