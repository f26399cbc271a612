using BulkQA.Silo;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>Says on the console where the service is, once it answers.</summary>
internal sealed class StartAnnouncement(
    IServer server, IHostApplicationLifetime lifetime, IOptions<EmbeddedOptions> embedded) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() =>
        {
            foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
                Console.WriteLine($"BulkQA is ready: {address}  (data in {Path.GetFullPath(embedded.Value.DataDirectory)})");
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
