using System.Globalization;
using BulkQA.Emulators;

namespace BulkQA.Cluster.Tests;

/// <summary>
/// Three silos, API, Redis and emulators as processes under a load of votes, while processes are killed, frozen, ended and
/// started again, and DynamoDB and SQS fail and hang. <c>BULKQA_CHAOS_FAULTS</c> says how many processes are struck (8),
/// <c>BULKQA_CHAOS_SEED</c> which.
/// </summary>
public sealed class ChaosTests(SharedApi aws)
{
    /// <summary>Longer than silos take to declare a silent one dead.</summary>
    private static readonly TimeSpan _freeze = TimeSpan.FromSeconds(10);

    private readonly SortedDictionary<string, int> _struck = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Processes_StruckUnderLoad_LoseNoVoteAndCountNoneTwice()
    {
        var (faults, seed) = (Setting("FAULTS") ?? 8, Setting("SEED") ?? 20261124);
        var random = new Random(seed);
        await using var cluster = await TestCluster.StartAsync(aws, silos: 3);
        using var load = await ChaosLoad.StartAsync(cluster);
        for (var struck = 0; struck < faults;)
        {
            using var trouble = random.Next(3) == 0 ? Trouble(cluster, random) : null;
            await StrikeAsync(cluster, random);
            struck++;
            if (struck % 20 == 0) TestContext.Current.SendDiagnosticMessage($"{struck} processes struck, {load}");
        }
        var began = TimeProvider.System.GetTimestamp();
        await load.EndAsync();
        await cluster.WaitUntilEmptyAsync(TimeSpan.FromMinutes(10));
        var recovery = TimeProvider.System.GetElapsedTime(began);
        var (lost, strange) = await load.CompareAsync();
        var table = await cluster.Http.GetJsonAsync($"/v1/jobs/{load.Job}");
        var audit = await (await cluster.Http.PostAsync($"/v1/jobs/{load.Job}/audit", null, Cancellation)).JsonAsync();
        TestContext.Current.SendDiagnosticMessage(
            $"seed {seed}: {faults} processes struck ({string.Join(", ", _struck.Select(kind => $"{kind.Value} {kind.Key}"))}); {load}; queue empty {recovery.TotalSeconds:F0} s after the last; "
            + $"{lost} lost, {strange} that nobody sent, counters {table.Int("votes") - load.Expected:+0;-0;0} off, {audit.Int("differences")} differences in the audit");
        Assert.Equal((0, 0), (lost, strange));
        Assert.Equal(load.Expected, table.Int("votes"));
        Assert.Equal(0, audit.Int("differences"));
        Assert.Equal(0, await cluster.CountMessagesAsync(cluster.DeadLetterUrl));
    }

    private async Task StrikeAsync(TestCluster cluster, Random random)
    {
        var silo = cluster.Silos[random.Next(cluster.Silos.Count)];
        var kind = random.Next(100) switch { < 48 => "silos killed", < 68 => "silos ended", < 76 => "silos frozen", < 90 => "APIs killed", _ => "Redis killed" };
        _struck[kind] = _struck.GetValueOrDefault(kind) + 1;
        switch (kind)
        {
            case "silos killed":
                await silo.Child.KillAsync();
                await ReplaceAsync(cluster, silo);
                break;
            case "silos ended":
                Assert.Equal(0, await silo.Child.TerminateAsync(TimeSpan.FromSeconds(120)));
                await ReplaceAsync(cluster, silo);
                break;
            case "silos frozen":
                await silo.Child.SignalAsync("STOP");
                await Task.Delay(_freeze, TimeProvider.System, Cancellation);
                await silo.Child.SignalAsync("CONT");
                // It finds that the others took it for dead, and ends by itself; if they didn't, it goes on.
                await Task.WhenAny(silo.Child.Process.WaitForExitAsync(Cancellation), Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, Cancellation));
                if (silo.Child.Process.HasExited) await ReplaceAsync(cluster, silo);
                break;
            case "APIs killed":
                await cluster.RestartApiAsync();
                break;
            default:
                await cluster.RestartRedisAsync();
                break;
        }
    }

    private static async Task ReplaceAsync(TestCluster cluster, Silo silo)
    {
        cluster.Silos.Remove(silo);
        await cluster.AddSiloAsync();
    }

    /// <summary>DynamoDB or SQS answer every third call with a failure, lose the answer or hang, for as long as this is held.</summary>
    private IDisposable Trouble(TestCluster cluster, Random random)
    {
        Fault[] faults = [Fault.Error(400, "ProvisionedThroughputExceededException"), Fault.Error(500, "InternalServerError"), new Fault.LostAnswer(), new Fault.Hang()];
        var calls = 0;
        var dynamo = random.Next(2) == 0;
        _struck[dynamo ? "times DynamoDB" : "times SQS"] = _struck.GetValueOrDefault(dynamo ? "times DynamoDB" : "times SQS") + 1;
        return (dynamo ? aws.DynamoDb : aws.Queues).When(request =>
            request.Body.Contains(cluster.Bucket, StringComparison.Ordinal) && Interlocked.Increment(ref calls) is var call && call % 3 == 0 ? faults[call / 3 % faults.Length] : null);
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable($"BULKQA_CHAOS_{name}"), CultureInfo.InvariantCulture, out var value) ? value : null;
}
