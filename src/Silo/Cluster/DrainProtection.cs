using System.Text.Json;
using System.Threading.Channels;

namespace BulkQA.Silo;

/// <summary>
/// Silos leave one at a time: while another one drains, this one asks ECS to end it neither by scaling in nor by a
/// deployment. By the agent's
/// <see href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html">task protection endpoint</see>;
/// outside ECS it does nothing. A protection that nobody takes back ends by itself.
/// </summary>
internal sealed partial class DrainProtection(ISiloStatusOracle silos, TimeProvider time, ILogger<DrainProtection> log)
    : BackgroundService, ISiloStatusListener
{
    public const string UriVariable = "ECS_AGENT_URI";

    /// <summary>Longer than ECS lets a task drain, so that it can't end while the other is still at it.</summary>
    private const int ExpiresInMinutes = 3;

    /// <summary>The agent's names begin with capitals.</summary>
    private static readonly JsonSerializerOptions _asNamed = new();

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(5);

    /// <summary>One that waits is enough, whatever it is for.</summary>
    private readonly Channel<bool> _looks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>A drain may be over before the next look by the clock.</summary>
    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status) => _looks.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!Uri.TryCreate(Environment.GetEnvironmentVariable(UriVariable), UriKind.Absolute, out var agent)) return;
        using var http = new HttpClient { Timeout = _timeout };
        var endpoint = new Uri($"{agent.ToString().TrimEnd('/')}/task-protection/v1/state");
        var isProtected = false;
        silos.SubscribeToSiloStatusEvents(this);
        // Also by the clock: the agent may have refused.
        await using var timer = time.CreateTimer(_ => _looks.Writer.TryWrite(true), null, _interval, _interval);
        await foreach (var _ in _looks.Reader.ReadAllAsync(stoppingToken))
        {
            var wanted = silos.GetApproximateSiloStatuses().Any(silo =>
                !silo.Key.Equals(silos.SiloAddress) && silo.Value is SiloStatus.ShuttingDown or SiloStatus.Stopping);
            if (wanted == isProtected) continue;
            try
            {
                object request = wanted ? new { ProtectionEnabled = true, ExpiresInMinutes } : new { ProtectionEnabled = false };
                using var response = await http.PutAsJsonAsync(endpoint, request, _asNamed, stoppingToken);
                response.EnsureSuccessStatusCode();
                isProtected = wanted;
                LogProtection(wanted);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !stoppingToken.IsCancellationRequested)
            {
                LogNotSet(e);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Another silo drains, and this one is protected from being ended: {IsProtected}")]
    private partial void LogProtection(bool isProtected);

    [LoggerMessage(LogLevel.Warning, "ECS' agent did not take the task's protection; it is asked again")]
    private partial void LogNotSet(Exception exception);
}
