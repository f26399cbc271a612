using BulkQA.Core;
using BulkQA.Silo;
using BulkQA.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>
/// Where people sign in and nobody can be an operator yet, by key, token or session: prints a link that makes one. Whoever reads what this process
/// prints runs it.
/// </summary>
internal sealed partial class FirstOperator(
    Operators operators, Invitations invitations, IOptions<AccessOptions> access, IServer server, IHostApplicationLifetime host, TimeProvider time, ILogger<FirstOperator> log) : BackgroundService
{
    private static readonly TimeSpan _lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await host.WaitForStartAsync(stoppingToken);
        if (access.Value.IsEnabled) return;
        while (true)
        {
            try
            {
                if (await operators.AreThereAnyAsync(stoppingToken)) return;
                var (invitation, link) = await invitations.CreateAsync([new Grant(PersonRole.Operator)], null, 1, _lifetime, Invitations.ByThisMachine, null);
                var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "";
                Console.WriteLine($"BulkQA has no operator yet. Become it until {invitation.ExpiresAt:HH:mm} UTC: {address}{link}");
                return;
            }
            catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
            {
                LogLater(e, _pause);
                await Task.Delay(_pause, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Whether there is an operator could not be read; next try after {Pause}")]
    private partial void LogLater(Exception exception, TimeSpan pause);
}
