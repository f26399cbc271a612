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
        Console.WriteLine("| silos | votes/s | silos' CPU µs/vote | silos' CPU when idle ms/s | messages between silos/vote | write units/vote |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var silos in (int[])[1, 2, 4])
        {
            await using var cluster = await ClusterProcesses.StartAsync(Emulator.DynamoDbs[0]);
            for (var count = 0; count < silos; count++) await cluster.AddSiloAsync();
            // What a process costs until its code is compiled is not what a vote costs.
            await RunAsync(cluster, "warm-up", images);
            var idle = cluster.SilosUsage();
            await Task.Delay(_idle, TimeProvider.System);
            idle = cluster.SilosUsage() - idle;
            var (rate, cpu, sent, units) = await RunAsync(cluster, "bench", images);
            Console.WriteLine($"| {silos} | {rate:F0} | {cpu:F0} | {idle.Cpu.TotalMilliseconds / _idle.TotalSeconds:F0} | {sent:F3} | {units:F3} |");
        }
        return 0;
    }

    private static async Task<(double Rate, double Microseconds, double Sent, double Units)> RunAsync(ClusterProcesses cluster, string name, int images)
    {
        var jobs = new List<JobInfo>();
        for (var number = 0; number < Jobs; number++) jobs.Add(await cluster.CreateJobAsync($"{name}-{number}", images / Jobs));
        // All jobs at once.
        var messages = jobs.SelectMany(job => Votes.Messages(job.Name, job.Incarnation, "Dog", images / Jobs).Select((body, index) => (body, index)))
            .OrderBy(message => message.index).Select(message => message.body).ToList();
        var (units, sent, cpu, began) = (await UnitsAsync(), await SentAsync(), cluster.SilosUsage(), TimeProvider.System.GetTimestamp());
        await cluster.SendAsync(cluster.QueueUrl, messages);
        await cluster.WaitUntilEmptyAsync(cluster.QueueUrl);
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        var votes = (double)messages.Count * Votes.TaskSize * Votes.Workers;
        var result = (votes / elapsed.TotalSeconds, (cluster.SilosUsage() - cpu).Cpu.TotalMicroseconds / votes, (await SentAsync() - sent) / votes, (await UnitsAsync() - units) / votes);
        foreach (var job in jobs) await cluster.Corpus.AuditAsync(job, (long)(votes / jobs.Count));
        return result;

        Task<double> UnitsAsync() => cluster.CountAsync("bulkqa_dynamo_write_units");

        // Requests and responses alike.
        Task<double> SentAsync() => cluster.CountAsync("orleans_messaging_sent_messages_size_bytes_count", "ConnectionDirection=\"SiloToSilo\"");
    }
}
