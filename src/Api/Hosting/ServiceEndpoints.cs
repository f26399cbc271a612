using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using BulkQA.Silo;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>A silo that has not ended.</summary>
/// <param name="Address">Where other silos reach it, and which start of it that is.</param>
/// <param name="Status"><c>active</c>, or on its way there or away: <c>created</c>, <c>joining</c>, <c>shuttingDown</c>, <c>stopping</c>.</param>
public sealed record SiloResponse(string Name, string Host, string Address, string Status, DateTimeOffset StartedAt);

/// <summary>How much waits in the vote queue and beside it, by SQS's own estimates.</summary>
/// <param name="Waiting">Messages that nobody has taken yet; null where this process may not ask.</param>
/// <param name="UnderWay">Messages that silos are at; null likewise.</param>
/// <param name="DeadLetters">Messages set aside; null likewise.</param>
/// <param name="Problem">What is missing to tell all three; null for nothing.</param>
public sealed record QueueResponse(long? Waiting, long? UnderWay, long? DeadLetters, string? Problem);

/// <summary>What runs here.</summary>
/// <param name="Version">Of this process.</param>
/// <param name="Mode"><c>embedded</c> or <c>cluster</c>.</param>
/// <param name="StartedAt">When this process started; silos may have started at another time.</param>
/// <param name="Silos">By name.</param>
/// <param name="Queue">Null where there is no queue, as in an embedded process.</param>
public sealed record ServiceResponse(string Version, string Mode, DateTimeOffset StartedAt, IReadOnlyList<SiloResponse> Silos, QueueResponse? Queue);

internal static class ServiceEndpoints
{
    private static readonly string _version = typeof(ServiceEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public static void MapService(this IEndpointRouteBuilder app) => app.MapGet("/v1/service", GetAsync).For(Role.Operator).WithTags("Service").WithProblems()
        .WithSummary("Version, silos, and how much waits in the queue");

    private static async Task<Ok<ServiceResponse>> GetAsync(IGrainFactory grains, IConfiguration configuration, IServiceProvider services, CancellationToken cancellation)
    {
        var silos = await grains.GetGrain<IManagementGrain>(0).GetDetailedHosts(onlyActive: false, cancellation);
        using var process = Process.GetCurrentProcess();
        return TypedResults.Ok(new ServiceResponse(
            _version, Backend.IsCluster(configuration) ? "cluster" : "embedded", process.StartTime.ToUniversalTime(),
            [.. silos.Where(silo => silo.Status != SiloStatus.Dead).OrderBy(silo => silo.SiloName, StringComparer.Ordinal).Select(silo => new SiloResponse(
                silo.SiloName, silo.HostName, silo.SiloAddress.ToString(), JsonNamingPolicy.CamelCase.ConvertName(silo.Status.ToString()), new DateTimeOffset(DateTime.SpecifyKind(silo.StartTime, DateTimeKind.Utc))))],
            services.GetService<QueueDepths>() is { } queue ? Of(await queue.ReadAsync(cancellation)) : null));
    }

    private static QueueResponse Of(QueueDepth depth) => new(depth.Waiting, depth.UnderWay, depth.DeadLetters, depth.Problem);
}
