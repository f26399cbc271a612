namespace BulkQA.Api;

/// <summary>All that a request goes through here, from the first middleware to its endpoint; known once the process has started.</summary>
internal sealed class Pipeline : IStartupFilter
{
    private RequestDelegate? _run;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(after => _run = after);
        next(app);
    };

    /// <exception cref="InvalidOperationException">The process has not started.</exception>
    public Task RunAsync(HttpContext context) => (_run ?? throw new InvalidOperationException("The pipeline is not built yet."))(context);
}
