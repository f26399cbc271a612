namespace BulkQA.Bench;

/// <summary>1, 2 and 4 silos on the same two cores: what a vote costs should not depend on how many there are.</summary>
internal static class ScaleOutTable
{
    /// <summary>Messages that Orleans sent over the network, requests and responses alike.</summary>
    private static readonly string[] _sent = ["orleans_messaging_sent_messages_size_bytes_count", "orleans_messaging_sent_messages_size_count"];

    public static async Task<int> RunAsync(int images)
    {
        Console.WriteLine("| silos | votes/s | silos' CPU µs/vote | remote messages/vote | write units/vote |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var silos in (int[])[1, 2, 4])
        {
            await using var cluster = await ClusterProcesses.StartAsync();
            for (var count = 0; count < silos; count++) await cluster.AddSiloAsync();
            // Several classes, so that there is something to spread.
            var jobs = new List<BulkQA.Grains.JobInfo>();
            for (var number = 0; number < 8; number++) jobs.Add(await cluster.CreateJobAsync($"bench-{number}", images / 8));
            var messages = jobs.SelectMany(job => Votes.Messages(job.Name, job.Incarnation, "Dog", images / 8).Select((body, index) => (body, index))).OrderBy(message => message.index).Select(message => message.body).ToList();
            var (units, sent, before, began) = (await cluster.CountAsync("bulkqa_dynamo_write_units"), await cluster.CountAsync(_sent), cluster.SilosUsage(), TimeProvider.System.GetTimestamp());
            await cluster.SendAsync(cluster.QueueUrl, messages);
            await cluster.WaitUntilEmptyAsync(cluster.QueueUrl);
            var elapsed = TimeProvider.System.GetElapsedTime(began);
            var votes = (double)messages.Count * Votes.TaskSize * Votes.Workers;
            var cpu = (cluster.SilosUsage() - before).Cpu;
            Console.WriteLine($"| {silos} | {votes / elapsed.TotalSeconds:F0} | {cpu.TotalMicroseconds / votes:F0} | {(await cluster.CountAsync(_sent) - sent) / votes:F3} | {(await cluster.CountAsync("bulkqa_dynamo_write_units") - units) / votes:F3} |");
            foreach (var job in jobs) await cluster.Corpus.AuditAsync(job, (long)(votes / jobs.Count));
        }
        return 0;
    }
}
