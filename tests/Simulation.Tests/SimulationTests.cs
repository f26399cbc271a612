using System.Collections.Concurrent;
using System.Globalization;

namespace BulkQA.Simulation.Tests;

/// <summary>
/// Runs seeds until the time is up: <c>BULKQA_SIMULATION_SECONDS</c> (45), or as many as <c>BULKQA_SIMULATION_RUNS</c>
/// says; <c>BULKQA_SIMULATION_SEED</c> replays one. Meanwhile a silo is killed every 15 seconds and another joins, unless
/// <c>BULKQA_SIMULATION_KILLS=0</c>.
/// </summary>
public sealed class SimulationTests
{
    private const int Concurrent = 12;

    private static readonly TimeSpan _killInterval = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Seeds_WhateverFails_EveryAnswerCountsOnceAndNothingIsDropped()
    {
        var killsSilos = Setting("KILLS") != 0;
        using var counts = new GrainCounts();
        await using var cluster = await SimulatedCluster.StartAsync(killsSilos);
        var seconds = Setting("SECONDS") ?? 45;
        var runs = Setting("RUNS");
        var first = Setting("SEED") ?? Random.Shared.Next(1_000_000_000);
        if (Setting("SEED") is not null) runs ??= 1;
        var outcomes = new ConcurrentQueue<Outcome>();
        using var end = new CancellationTokenSource(runs is null ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan);
        var killing = killsSilos ? KillAsync(cluster, first, end.Token) : Task.FromResult(0);
        var next = first - 1;
        await Task.WhenAll(Enumerable.Range(0, Concurrent).Select(_ => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested && Interlocked.Increment(ref next) is var seed && (runs is null || seed < first + runs))
            {
                var outcome = await new Simulation(cluster, seed).RunAsync();
                outcomes.Enqueue(outcome);
                // At once: whoever watches a long run need not wait for its end.
                if (outcome.Violation is not null) TestContext.Current.SendDiagnosticMessage($"BULKQA_SIMULATION_SEED={outcome.Seed}: {outcome.Violation}");
                if (outcomes.Count % 1_000 == 0) TestContext.Current.SendDiagnosticMessage($"{outcomes.Count} runs");
            }
        })));
        await end.CancelAsync();
        var kills = await killing;
        var left = await cluster.FindLeftAsync(TimeSpan.FromMinutes(1));
        TestContext.Current.SendDiagnosticMessage(
            $"{outcomes.Count} runs from seed {first}: {outcomes.Sum(outcome => outcome.Answers)} answers, {outcomes.Sum(outcome => (long)outcome.Faults)} faults, {outcomes.Sum(outcome => outcome.Decisions)} decisions, {kills} silos killed, {outcomes.Count(outcome => outcome.Violation is not null)} violations");
        var never = Resends.SafeMethods.Except(Resends.Methods.Keys).ToList();
        TestContext.Current.SendDiagnosticMessage(counts.ToString());
        TestContext.Current.SendDiagnosticMessage($"{Resends.Methods.Values.Sum()} calls of {Resends.Methods.Count} kinds repeated; never: {string.Join(", ", never)}");
        Assert.NotEmpty(outcomes);
        Assert.True(outcomes.All(outcome => outcome.Violation is null), string.Join('\n', outcomes.Where(outcome => outcome.Violation is not null).Take(10)
            .Select(outcome => $"BULKQA_SIMULATION_SEED={outcome.Seed}: {outcome.Violation}")));
        Assert.True(left is null, $"something is left of deleted jobs: {left}");
        // A minute is too short for the rare ones.
        if (outcomes.Count >= 1_000) Assert.Empty(never);
    }

    private static async Task<int> KillAsync(SimulatedCluster cluster, int seed, CancellationToken end)
    {
        var random = new Random(seed);
        var kills = 0;
        using var timer = new PeriodicTimer(_killInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(end))
            {
                await cluster.ReplaceOneAsync(random);
                kills++;
            }
        }
        catch (OperationCanceledException)
        {
            // The time is up.
        }
        return kills;
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable($"BULKQA_SIMULATION_{name}"), CultureInfo.InvariantCulture, out var value) ? value : null;
}
