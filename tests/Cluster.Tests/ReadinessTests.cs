using System.Net;
using BulkQA.Emulators;

namespace BulkQA.Cluster.Tests;

/// <summary>What load balancers are told: each process speaks for its own store and its own place in the cluster.</summary>
public sealed class ReadinessTests(SharedApi aws)
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ready_StoreOrSilosLost_Is503WithTheirNameUntilTheyAreBack()
    {
        await using var cluster = await TestCluster.StartAsync(aws, silos: 1);
        var silo = cluster.Silos[0];
        await IsAsync(cluster.Http, HttpStatusCode.OK, "Healthy");
        await IsAsync(silo.Http, HttpStatusCode.OK, "Healthy");

        var table = cluster.Settings()["BulkQA__Dynamo__StateTable"];
        using (aws.DynamoDb.When(request => IsPing(request, table) ? new Fault.Hang() : null))
        {
            await IsAsync(cluster.Http, HttpStatusCode.ServiceUnavailable, "Unhealthy\nstorage: Unhealthy");
            await IsAsync(silo.Http, HttpStatusCode.ServiceUnavailable, "Unhealthy\nstorage: Unhealthy");
            foreach (var http in (HttpClient[])[cluster.Http, silo.Http])
                Assert.Equal("Healthy", await http.GetStringAsync("/health/live", Cancellation));
        }
        using (aws.DynamoDb.When(request => IsPing(request, table) ? Fault.Error(400, "ProvisionedThroughputExceededException") : null))
            await IsAsync(cluster.Http, HttpStatusCode.OK, "Degraded\nstorage: Degraded");
        await IsAsync(cluster.Http, HttpStatusCode.OK, "Healthy");

        await silo.Child.KillAsync();
        cluster.Remove(silo);
        await IsAsync(cluster.Http, HttpStatusCode.ServiceUnavailable, "Unhealthy\nsilos: Unhealthy");
        await cluster.AddSiloAsync();
        await IsAsync(cluster.Http, HttpStatusCode.OK, "Healthy");

        // An answer stands for a while before the next is asked for.
        Task IsAsync(HttpClient http, HttpStatusCode status, string text) => cluster.WaitAsync(
            async () =>
            {
                using var response = await http.GetAsync("/health/ready", Cancellation);
                return response.StatusCode == status && await response.Content.ReadAsStringAsync(Cancellation) == text;
            },
            _limit, $"{http.BaseAddress} is not {status} {text.ReplaceLineEndings(" ")}");
    }

    private static bool IsPing(ProxiedRequest request, string table) =>
        request.Target == "DynamoDB_20120810.GetItem" && request.Body.Contains(table, StringComparison.Ordinal) && request.Body.Contains("\"ping\"", StringComparison.Ordinal);
}
