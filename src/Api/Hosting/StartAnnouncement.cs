using BulkQA.Silo;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>Says on the console where the service is, once it answers.</summary>
internal sealed class StartAnnouncement(
    IServer server, IHostApplicationLifetime lifetime, IConfiguration configuration, IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() =>
        {
            foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
                Console.WriteLine($"BulkQA is ready: {address}  ({Where()})");
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private string Where() => Backend.IsCluster(configuration)
        ? $"cluster {services.GetRequiredService<IOptions<ClusterSettings>>().Value.ClusterId}"
        : $"data in {Path.GetFullPath(services.GetRequiredService<IOptions<EmbeddedOptions>>().Value.DataDirectory)}";
}
