using BulkQA.Core;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>The problem documents that endpoints answer with.</summary>
internal static class Problem
{
    public static ProblemHttpResult NoJob(string job) => NotFound($"There is no job '{job}'.");

    public static ProblemHttpResult Deleted(JobName job) => NotFound($"Job '{job}' was deleted meanwhile.");

    public static ProblemHttpResult NotFound(string detail) => Of(StatusCodes.Status404NotFound, "Not found", detail);

    public static ProblemHttpResult Forbidden(string detail) => Of(StatusCodes.Status403Forbidden, "Forbidden", detail);

    public static ProblemHttpResult Conflict(string detail) => Of(StatusCodes.Status409Conflict, "Conflict", detail);

    public static ProblemHttpResult TooMany(string detail) => Of(StatusCodes.Status429TooManyRequests, "Too many requests", detail);

    public static ProblemHttpResult Invalid(string detail) => Of(StatusCodes.Status400BadRequest, "Invalid request", detail);

    public static ProblemHttpResult TooLarge(string detail) => Of(StatusCodes.Status413PayloadTooLarge, "Too large", detail);

    public static ProblemHttpResult Unprocessable(string detail) => Of(StatusCodes.Status422UnprocessableEntity, "Can't be shown", detail);

    public static ProblemHttpResult MediaType(string expected, string? given) => Of(
        StatusCodes.Status415UnsupportedMediaType, "Unsupported media type", $"Send {expected}, in UTF-8 and not compressed; '{given}' came.");

    /// <summary>What is wrong with the number of items that a page is to have; null for nothing.</summary>
    public static ProblemHttpResult? OfLimit(int limit, int most) => limit >= 1 && limit <= most ? null : Invalid($"limit: {limit} is not from 1 to {most}");

    /// <summary>All that is wrong at once, by field.</summary>
    public static ProblemHttpResult Fields(IEnumerable<(string Field, string Problem)> problems)
    {
        var errors = problems.GroupBy(problem => problem.Field).ToDictionary(
            group => group.Key, group => group.Select(problem => problem.Problem).ToArray());
        return TypedResults.Problem(new HttpValidationProblemDetails(errors)
        {
            Status = StatusCodes.Status400BadRequest,
            Title = "Invalid request",
            Detail = string.Join("; ", errors.Select(error => $"{error.Key}: {string.Join(", ", error.Value)}")),
        });
    }

    /// <summary>Answers with a problem from outside an endpoint.</summary>
    public static ValueTask WriteAsync(this IProblemDetailsService problems, HttpContext context, ProblemHttpResult problem)
    {
        context.Response.StatusCode = problem.StatusCode;
        return problems.WriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem.ProblemDetails });
    }

    /// <summary>Says in the OpenAPI document that the endpoints may answer with problems.</summary>
    public static TBuilder WithProblems<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder
    {
        foreach (var status in (int[])[StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound, StatusCodes.Status503ServiceUnavailable])
            endpoints.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(Microsoft.AspNetCore.Mvc.ProblemDetails), ["application/problem+json"]));
        return endpoints;
    }

    private static ProblemHttpResult Of(int status, string title, string detail) =>
        TypedResults.Problem(detail, statusCode: status, title: title);
}
