using BulkQA.Core;

namespace BulkQA.Bench;

/// <summary>One silo and the +1-per-vote design on the same emulators in turn, three times; medians.</summary>
internal static class ClusterTable
{
    private const int Rounds = 3;

    private sealed record Result(double VotesPerSecond, double UnitsPerVote, double EmulatorMicroseconds);

    public static async Task<int> RunAsync(int images)
    {
        var results = new Dictionary<string, List<Result>> { ["BulkQA"] = [], ["+1 per vote"] = [] };
        for (var round = 1; round <= Rounds; round++)
        {
            // Fresh emulators: theirs is memory, and it fills.
            await using var cluster = await ClusterProcesses.StartAsync();
            results["+1 per vote"].Add(await PlusOneAsync(cluster, images));
            results["BulkQA"].Add(await BulkQaAsync(cluster, images));
            Console.Error.WriteLine($"round {round}: " + string.Join(", ", results.Select(entry => $"{entry.Key} {entry.Value[^1].VotesPerSecond:F0} votes/s")));
        }
        var peer = Times.Median(results["+1 per vote"].Select(result => result.VotesPerSecond));
        Console.WriteLine("| | votes/s | of +1 per vote | write units/vote | emulator's CPU µs/vote |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var (name, found) in results)
        {
            var rate = Times.Median(found.Select(result => result.VotesPerSecond));
            Console.WriteLine($"| {name} | {rate:F0} | {rate / peer:F2} | {Times.Median(found.Select(result => result.UnitsPerVote)):F3} | {Times.Median(found.Select(result => result.EmulatorMicroseconds)):F0} |");
        }
        return 0;
    }

    private static async Task<Result> BulkQaAsync(ClusterProcesses cluster, int images)
    {
        await cluster.AddSiloAsync();
        var job = await cluster.CreateJobAsync("bench", images);
        var units = await cluster.CountAsync("bulkqa_dynamo_write_units");
        var result = await MeasureAsync(cluster, cluster.QueueUrl, Votes.Messages(job.Name, job.Incarnation, "Dog", images), async () => await cluster.CountAsync("bulkqa_dynamo_write_units") - units);
        await cluster.Corpus.AuditAsync(job, (long)images * Votes.Workers);
        return result;
    }

    private static async Task<Result> PlusOneAsync(ClusterProcesses cluster, int images)
    {
        var queue = await cluster.CreateQueueAsync("plus-one");
        using var plusOne = new PlusOne(cluster, queue);
        await plusOne.CreateTableAsync();
        using var end = new CancellationTokenSource();
        var running = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => plusOne.RunAsync(end.Token))));
        var result = await MeasureAsync(cluster, queue, Votes.Messages(JobName.Create("bench"), null, "Dog", images), () => Task.FromResult(plusOne.WriteUnits));
        await end.CancelAsync();
        await running;
        await plusOne.AuditAsync((long)images * Votes.Workers);
        return result;
    }

    private static async Task<Result> MeasureAsync(ClusterProcesses cluster, string queue, IReadOnlyList<byte[]> messages, Func<Task<double>> units)
    {
        var (cpu, began) = (Usage.Of(cluster.EmulatorProcess), TimeProvider.System.GetTimestamp());
        await cluster.SendAsync(queue, messages);
        await cluster.WaitUntilEmptyAsync(queue);
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        var votes = (double)messages.Count * Votes.TaskSize * Votes.Workers;
        return new Result(votes / elapsed.TotalSeconds, await units() / votes, (Usage.Of(cluster.EmulatorProcess) - cpu).Cpu.TotalMicroseconds / votes);
    }
}
