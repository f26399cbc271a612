using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;

namespace BulkQA.Web;

public static class ConsoleRegistration
{
    /// <summary>
    /// The console's own services. Whoever hosts it adds a <see cref="RestClient"/> a circuit.
    /// </summary>
    public static IServiceCollection AddConsoleComponents(this IServiceCollection services)
    {
        services.AddMudServices(options => options.SnackbarConfiguration.VisibleStateDuration = 8_000);
        services.AddScoped<Theme>();
        return services.AddSingleton<LiveFeed>();
    }
}
