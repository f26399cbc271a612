namespace BulkQA.Api;

/// <summary>
/// Keeps callers to their jobs. A job that isn't theirs is not there: its existence is none of their business. The console's pages tell it by
/// themselves, since what they show comes by REST.
/// </summary>
internal sealed class JobAccess(RequestDelegate next, IProblemDetailsService problems)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetRouteValue("job") is string job && !context.User.MayUse(job) && !context.Request.Path.StartsWithSegments(ConsoleHosting.Path)) await problems.WriteAsync(context, Problem.NoJob(job));
        else await next(context);
    }
}
