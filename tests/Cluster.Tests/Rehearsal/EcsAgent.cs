using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BulkQA.Cluster.Tests;

/// <summary>What ECS' agent serves to the tasks of a machine: who they are, and their protection.</summary>
internal sealed class EcsAgent : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EcsAgent()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet("/v4/{address}", (string address) => Results.Json(new
        {
            DockerId = $"task-{address}",
            Name = "bulkqa",
            Networks = new[] { new { NetworkMode = "awsvpc", IPv4Addresses = new[] { address } } },
        }, new System.Text.Json.JsonSerializerOptions()));
        _app.MapPut("/api/{address}/task-protection/v1/state", async (string address, HttpRequest request) =>
        {
            var asked = (await request.ReadFromJsonAsync<Protection>())!;
            Protections.Enqueue((address, asked.ProtectionEnabled, asked.ExpiresInMinutes));
            return Results.Json(new { protection = new { asked.ProtectionEnabled } });
        });
    }

    /// <summary>What was asked for, by whom, in order.</summary>
    public ConcurrentQueue<(string Address, bool Enabled, int? Minutes)> Protections { get; } = [];

    public static async Task<EcsAgent> StartAsync()
    {
        var agent = new EcsAgent();
        await agent._app.StartAsync();
        return agent;
    }

    /// <summary>What ECS puts into the environment of the task with that address.</summary>
    public IEnumerable<(string Name, string Value)> Variables(string address) =>
        [("ECS_CONTAINER_METADATA_URI_V4", $"{_app.Urls.Single()}/v4/{address}"), ("ECS_AGENT_URI", $"{_app.Urls.Single()}/api/{address}")];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private sealed record Protection(bool ProtectionEnabled, int? ExpiresInMinutes);
}
