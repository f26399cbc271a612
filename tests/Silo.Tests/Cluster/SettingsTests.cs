using System.Net;
using BulkQA.Emulators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BulkQA.Silo.Tests;

public sealed class SettingsTests
{
    [Fact]
    public async Task EcsMetadata_Task_GivesItsPrivateAddress()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var calls = 0;
        // The shape of the documentation's example; not there at the first call.
        app.MapGet("/v4/abc", () => Interlocked.Increment(ref calls) == 1
            ? Results.StatusCode(503)
            : Results.Text("""{"DockerId":"x","Networks":[{"NetworkMode":"awsvpc","IPv4Addresses":["10.0.2.106"],"SubnetGatewayIpv4Address":"10.0.2.1/24"}]}"""));
        app.MapGet("/v4/none", () => Results.Text("""{"DockerId":"x"}"""));
        await app.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(IPAddress.Parse("10.0.2.106"), EcsMetadata.ReadAddress($"{app.Urls.Single()}/v4/abc"));
        var failure = Assert.Throws<InvalidOperationException>(() => EcsMetadata.ReadAddress($"{app.Urls.Single()}/v4/none"));
        Assert.Contains("tells no private IPv4 address", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EcsMetadata_NotInEcs_SaysWhatToSet() => Assert.Contains(
        "BulkQA:Cluster:AdvertisedAddress", Assert.Throws<InvalidOperationException>(() => EcsMetadata.ReadAddress(null)).Message, StringComparison.Ordinal);

    [Fact]
    public void Queue_WrongSettings_AreAllNamed()
    {
        var result = new QueueOptionsValidator().Validate(null, new QueueOptions
        {
            Url = "votes",
            ReceiveWait = TimeSpan.FromSeconds(21),
            MaxImagesInFlight = 0,
            MergeTarget = TimeSpan.Zero,
            VisibilityTimeout = TimeSpan.FromSeconds(1),
        });
        Assert.Equal(6, result.Failures!.Count());
    }

    /// <summary>All problems at once, in sentences, without a stack trace; and closed without the operator's key.</summary>
    [Fact]
    public async Task Silo_WrongSettings_ExitsWithEveryProblemNamed()
    {
        var program = Path.Combine(Path.GetDirectoryName(typeof(EcsMetadata).Assembly.Location)!, "BulkQA.Silo.dll");
        await using var silo = ChildProcess.Start("dotnet", [program], new Dictionary<string, string>
        {
            ["BulkQA__Cluster__SiloPort"] = "0",
            ["BulkQA__Dynamo__MaxRetries"] = "99",
            ["BulkQA__Operator__Key"] = "short",
            ["BulkQA__Alarms__WebhookHosts__0"] = "https://hooks.example.org",
            ["BulkQA__Alarms__WebhookSecret"] = "short, too",
            ["BulkQA__Alarms__AllowLoopback"] = "true",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        });
        await silo.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, silo.Process.ExitCode);
        foreach (var setting in (string[])["Cluster:Redis is empty", "Cluster:SiloPort is 0", "Dynamo:MaxRetries is 99", "Operator:Key is shorter than", "Alarms:WebhookHosts", "Alarms:WebhookSecret is shorter than", "Alarms:AllowLoopback is on"])
            Assert.Contains($"BulkQA:{setting}", silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("short, too", silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", silo.Output, StringComparison.Ordinal);
    }
}
