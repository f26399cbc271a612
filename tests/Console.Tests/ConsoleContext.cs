using Bunit;
using Microsoft.Extensions.DependencyInjection;

namespace BulkQA.Web.Tests;

/// <summary>Renders components of the console with <see cref="Rest"/> behind them.</summary>
public abstract class ConsoleContext : BunitContext
{
    protected ConsoleContext()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton(TimeProvider.System);
        Services.AddConsoleComponents();
        Services.AddScoped(_ => Rest.NewClient());
    }

    internal RestStub Rest { get; } = new();

    protected static CancellationToken Cancellation => Xunit.TestContext.Current.CancellationToken;
}
