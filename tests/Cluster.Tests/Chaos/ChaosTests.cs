using System.Globalization;
using BulkQA.Emulators;

namespace BulkQA.Cluster.Tests;

/// <summary>
/// Three silos, API, Redis and emulators as processes under a load of votes, while processes are killed, frozen, ended and
/// started again, one or two at a time, and DynamoDB and SQS fail and hang. <c>BULKQA_CHAOS_FAULTS</c> says how many processes
/// are struck (6), <c>BULKQA_CHAOS_SEED</c> which.
/// </summary>
public sealed class ChaosTests(SharedApi aws)
{
    /// <summary>Longer than silos take to declare a silent one dead.</summary>
    private static readonly TimeSpan _freeze = TimeSpan.FromSeconds(10);

    private const string Killed = "silos killed";
    private const string Ended = "silos ended";
    private const string Frozen = "silos frozen";
    private const string ApiKilled = "APIs killed";
    private const string RedisKilled = "Redis killed";

    private readonly SortedDictionary<string, int> _struck = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Processes_StruckUnderLoad_LoseNoVoteAndCountNoneTwice()
    {
        var (faults, seed) = (Setting("FAULTS") ?? 6, Setting("SEED") ?? 20261124);
        var random = new Random(seed);
        await using var cluster = await TestCluster.StartAsync(aws, silos: 3);
        using var load = await ChaosLoad.StartAsync(cluster);
        var (struck, reported) = (0, 0);
        while (struck < faults)
        {
            using var trouble = random.Next(3) == 0 ? Trouble(cluster, random) : null;
            // Sometimes two at once.
            var kinds = Enumerable.Range(0, random.Next(1, 3)).Select(_ => Kind(random)).ToList();
            if (kinds is [var one, var other] && one == other && one is ApiKilled or RedisKilled) kinds.RemoveAt(1);
            var silos = cluster.Silos.OrderBy(_ => random.Next()).ToList();
            await Task.WhenAll(kinds.Select((kind, index) => StrikeAsync(cluster, kind, silos[index])));
            struck += kinds.Count;
            foreach (var kind in kinds) _struck[kind] = _struck.GetValueOrDefault(kind) + 1;
            if (struck / 20 > reported) TestContext.Current.SendDiagnosticMessage($"{struck} processes struck, {load}");
            reported = struck / 20;
        }
        var began = TimeProvider.System.GetTimestamp();
        await load.EndAsync();
        await cluster.WaitUntilEmptyAsync(TimeSpan.FromMinutes(10));
        var recovery = TimeProvider.System.GetElapsedTime(began);
        var (lost, strange) = await load.CompareAsync();
        var table = await cluster.Http.GetJsonAsync($"/v1/jobs/{load.Job}");
        var audit = await (await cluster.Http.PostAsync($"/v1/jobs/{load.Job}/audit", null, Cancellation)).JsonAsync();
        TestContext.Current.SendDiagnosticMessage(
            $"seed {seed}: {struck} processes struck ({string.Join(", ", _struck.Select(kind => $"{kind.Value} {kind.Key}"))}); {load}; queue empty {recovery.TotalSeconds:F0} s after the last; "
            + $"{lost} lost, {strange} that nobody sent, counters {table.Int("votes") - load.Expected:+0;-0;0} off, {audit.Int("differences")} differences in the audit");
        Assert.Equal((0, 0), (lost, strange));
        Assert.Equal(load.Expected, table.Int("votes"));
        Assert.Equal(0, audit.Int("differences"));
        Assert.Equal(0, await cluster.CountMessagesAsync(cluster.DeadLetterUrl));
    }

    private static string Kind(Random random) =>
        random.Next(100) switch { < 48 => Killed, < 68 => Ended, < 76 => Frozen, < 90 => ApiKilled, _ => RedisKilled };

    private static async Task StrikeAsync(TestCluster cluster, string kind, Silo silo)
    {
        switch (kind)
        {
            case Killed:
                await silo.Child.KillAsync();
                await ReplaceAsync(cluster, silo);
                break;
            case Ended:
                await silo.Child.TerminateAsync(TimeSpan.FromSeconds(120));
                await ReplaceAsync(cluster, silo);
                break;
            case Frozen:
                await silo.Child.SignalAsync("STOP");
                await Task.Delay(_freeze, TimeProvider.System, Cancellation);
                await silo.Child.SignalAsync("CONT");
                // It finds that the others took it for dead, and ends by itself; if they didn't, it goes on.
                await Task.WhenAny(silo.Child.Process.WaitForExitAsync(Cancellation), Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, Cancellation));
                if (silo.Child.Process.HasExited) await ReplaceAsync(cluster, silo);
                break;
            case ApiKilled:
                await cluster.RestartApiAsync();
                break;
            default:
                await cluster.RestartRedisAsync();
                break;
        }
    }

    private static async Task ReplaceAsync(TestCluster cluster, Silo silo)
    {
        cluster.Remove(silo);
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
