using BulkQA.Emulators;
using BulkQA.Grains;

namespace BulkQA.Bench;

/// <summary>1, 2 and 4 silos on the same two cores: what a vote costs should not depend on how many there are.</summary>
internal static class ScaleOutTable
{
    /// <summary>Several classes, so that there is something to spread.</summary>
    private const int Jobs = 8;

    private static readonly TimeSpan _idle = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(int images)
    {
        Console.WriteLine("| silos | votes/s | silos' CPU µs/vote | silos' CPU when idle ms/s | messages between silos/vote | requests to DynamoDB/1,000 votes | to SQS/1,000 votes | write units/vote |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var silos in (int[])[1, 2, 4])
        {
            await using var cluster = await ClusterProcesses.StartAsync(Emulator.DynamoDbs[0]);
            for (var count = 0; count < silos; count++) await cluster.AddSiloAsync();
            // What a process costs until its code is compiled is not what a vote costs.
            await RunAsync(cluster, "warm-up", images);
            var idle = cluster.SilosUsage();
            await Task.Delay(_idle, TimeProvider.System);
            idle = cluster.SilosUsage() - idle;
            var (rate, cpu, counts) = await RunAsync(cluster, "bench", images);
            Console.WriteLine($"| {silos} | {rate:F0} | {cpu:F0} | {idle.Cpu.TotalMilliseconds / _idle.TotalSeconds:F0} | {counts.Sent:F3} | {counts.ToDynamo * 1000:F1} | {counts.ToQueue * 1000:F1} | {counts.Units:F3} |");
        }
        return 0;
    }

    /// <summary>Votes a second, and per vote the CPU in microseconds and what was counted.</summary>
    private static async Task<(double Rate, double Microseconds, Counts Counts)> RunAsync(ClusterProcesses cluster, string name, int images)
    {
        var jobs = new List<JobInfo>();
        for (var number = 0; number < Jobs; number++) jobs.Add(await cluster.CreateJobAsync($"{name}-{number}", images / Jobs));
        // All jobs at once.
        var messages = jobs.SelectMany(job => Votes.ByTask(job.Incarnation, images / Jobs, 0, Votes.Workers).Select((body, index) => (body, index)))
            .OrderBy(message => message.index).Select(message => message.body).ToList();
        var (counts, cpu, began) = (await CountAsync(cluster), cluster.SilosUsage(), TimeProvider.System.GetTimestamp());
        await cluster.SendAsync(cluster.QueueUrl, messages);
        await cluster.WaitUntilEmptyAsync(cluster.QueueUrl);
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        var votes = (double)messages.Count * Votes.TaskSize * Votes.Workers;
        cpu = cluster.SilosUsage() - cpu;
        counts = (await CountAsync(cluster) - counts) / votes;
        foreach (var job in jobs) await cluster.Corpus.AuditAsync(job, (long)(votes / jobs.Count));
        return (votes / elapsed.TotalSeconds, cpu.Cpu.TotalMicroseconds / votes, counts);
    }

    private static async Task<Counts> CountAsync(ClusterProcesses cluster) => new(
        // Requests and responses alike.
        await cluster.CountAsync("orleans_messaging_sent_messages_size_bytes_count", "ConnectionDirection=\"SiloToSilo\""),
        await cluster.CountDynamoRequestsAsync(), await cluster.CountQueueRequestsAsync(), await cluster.CountWriteUnitsAsync());

    private readonly record struct Counts(double Sent, double ToDynamo, double ToQueue, double Units)
    {
        public static Counts operator -(Counts left, Counts right) => new(
            left.Sent - right.Sent, left.ToDynamo - right.ToDynamo, left.ToQueue - right.ToQueue, left.Units - right.Units);

        public static Counts operator /(Counts left, double votes) => new(left.Sent / votes, left.ToDynamo / votes, left.ToQueue / votes, left.Units / votes);
    }
}
