using BulkQA.Core;
using BulkQA.Emulators;

namespace BulkQA.Bench;

/// <summary>One silo and the +1-per-vote design on the same emulators in turn, three times each kind of them; medians.</summary>
internal static class ClusterTable
{
    private const int Rounds = 3;

    /// <param name="VotesPerSecond">From the first message's being sent to the queue's being empty.</param>
    /// <param name="UnitsPerVote">DynamoDB's write units, as it counted them.</param>
    /// <param name="EmulatorMicroseconds">CPU a vote of the emulator of DynamoDB.</param>
    /// <param name="ClientMicroseconds">CPU a vote of whoever consumes.</param>
    /// <param name="SenderMicroseconds">CPU a vote of this process, which sends the messages.</param>
    private sealed record Result(double VotesPerSecond, double UnitsPerVote, double EmulatorMicroseconds, double ClientMicroseconds, double SenderMicroseconds);

    public static async Task<int> RunAsync(int images)
    {
        Console.WriteLine("| DynamoDB | | votes/s | of +1 per vote | write units/vote | emulator's CPU µs/vote | consumer's CPU µs/vote |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var emulator in Emulator.DynamoDbs)
        {
            foreach (var workers in (int[])[Votes.Workers, 1])
            {
                var (bulkQa, plusOne) = (new List<Result>(), new List<Result>());
                for (var round = 1; round <= Rounds; round++)
                {
                    // Fresh emulators: theirs is memory, and it fills.
                    await using var cluster = await ClusterProcesses.StartAsync(emulator);
                    plusOne.Add(await PlusOneAsync(cluster, images, workers));
                    bulkQa.Add(await BulkQaAsync(cluster, images, workers));
                    // There the consumer is in this process, too.
                    plusOne[^1] = plusOne[^1] with { ClientMicroseconds = plusOne[^1].SenderMicroseconds - bulkQa[^1].SenderMicroseconds };
                    Console.Error.WriteLine($"{emulator}, {workers} workers, round {round}: BulkQA {bulkQa[^1].VotesPerSecond:F0} votes/s, +1 per vote {plusOne[^1].VotesPerSecond:F0}");
                }
                var peer = Times.Median(plusOne.Select(result => result.VotesPerSecond));
                var what = workers == 1 ? "one worker a message" : "three workers a message";
                Print(emulator, $"BulkQA, {what}", bulkQa, peer);
                Print(emulator, $"+1 per vote, {what}", plusOne, peer);
            }
        }
        return 0;
    }

    private static void Print(string emulator, string name, List<Result> found, double peer)
    {
        double Median(Func<Result, double> value) => Times.Median(found.Select(value));
        Console.WriteLine(
            $"| {emulator} | {name} | {Median(result => result.VotesPerSecond):F0} | {Median(result => result.VotesPerSecond) / peer:F2} | {Median(result => result.UnitsPerVote):F3} " +
            $"| {Median(result => result.EmulatorMicroseconds):F0} | {Median(result => result.ClientMicroseconds):F0} |");
    }

    private static async Task<Result> BulkQaAsync(ClusterProcesses cluster, int images, int workers)
    {
        await cluster.AddSiloAsync();
        await RunJobAsync(cluster, "warm-up", images, workers);
        return await RunJobAsync(cluster, "bench", images, workers);
    }

    private static async Task<Result> RunJobAsync(ClusterProcesses cluster, string name, int images, int workers)
    {
        var job = await cluster.CreateJobAsync(name, images);
        var (units, cpu) = (await cluster.CountWriteUnitsAsync(), cluster.SilosUsage());
        var result = await MeasureAsync(cluster, cluster.QueueUrl, Votes.ByTask(job.Incarnation, images, 0, workers), workers, async () => await cluster.CountWriteUnitsAsync() - units);
        result = result with { ClientMicroseconds = (cluster.SilosUsage() - cpu).Cpu.TotalMicroseconds / ((long)images * workers) };
        await cluster.Corpus.AuditAsync(job, (long)images * workers);
        return result;
    }

    private static async Task<Result> PlusOneAsync(ClusterProcesses cluster, int images, int workers)
    {
        var queue = await cluster.CreateQueueAsync("plus-one");
        using var plusOne = new PlusOne(cluster, queue);
        await plusOne.CreateTableAsync();
        using var end = new CancellationTokenSource();
        var running = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => plusOne.RunAsync(end.Token))));
        await MeasureAsync(cluster, queue, Votes.ByImage(JobName.Create("warm-up"), "Cat", images, 0, workers), workers, () => Task.FromResult(plusOne.WriteUnits));
        var units = plusOne.WriteUnits;
        var result = await MeasureAsync(cluster, queue, Votes.ByImage(JobName.Create("bench"), "Dog", images, 0, workers), workers, () => Task.FromResult(plusOne.WriteUnits - units));
        await end.CancelAsync();
        await running;
        await plusOne.AuditAsync(2L * images * workers);
        return result;
    }

    private static async Task<Result> MeasureAsync(ClusterProcesses cluster, string queue, IReadOnlyList<byte[]> messages, int workers, Func<Task<double>> units)
    {
        var (emulator, sender, began) = (Usage.Of(cluster.EmulatorProcess), Usage.OfThisProcess, TimeProvider.System.GetTimestamp());
        await cluster.SendAsync(queue, messages);
        await cluster.WaitUntilEmptyAsync(queue);
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        var votes = (double)messages.Count * Votes.TaskSize * workers;
        return new Result(
            votes / elapsed.TotalSeconds, await units() / votes, (Usage.Of(cluster.EmulatorProcess) - emulator).Cpu.TotalMicroseconds / votes,
            double.NaN, (Usage.OfThisProcess - sender).Cpu.TotalMicroseconds / votes);
    }
}
