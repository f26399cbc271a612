using System.Globalization;

namespace BulkQA.Bench;

/// <summary>Many jobs of a thousand images side by side, against one job of as many images as all of them.</summary>
internal static class JobsTable
{
    private const int ImagesPerJob = 1_000;
    private const int Concurrent = 200;

    public static async Task<int> RunAsync(int jobs)
    {
        Console.WriteLine("| jobs | images each | import/s | votes/s | p50, p99 ms | heap MB with all images active | heap MB when idle again |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        await RunAsync(jobs, ImagesPerJob);
        await RunAsync(1, jobs * ImagesPerJob);
        return 0;
    }

    private static async Task RunAsync(int jobs, int images)
    {
        await using var embedded = await Embedded.StartAsync();
        var idle = GC.GetTotalMemory(forceFullCollection: true);
        var infos = new List<Grains.JobInfo>();
        var began = TimeProvider.System.GetTimestamp();
        for (var number = 0; number < jobs; number++) infos.Add(await embedded.Corpus.CreateJobAsync(string.Create(CultureInfo.InvariantCulture, $"job-{number}")));
        await Parallel.ForEachAsync(infos, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (job, _) => await embedded.Corpus.ImportAsync(job, "Dog", Enumerable.Range(0, images)));
        var import = TimeProvider.System.GetElapsedTime(began);
        // One task of each job after the other: all of them are busy at once.
        var tasks = Enumerable.Range(0, images).Chunk(Votes.TaskSize).SelectMany(numbers => infos.Select(job => (job, numbers)));
        var times = new Times();
        began = TimeProvider.System.GetTimestamp();
        await Parallel.ForEachAsync(tasks, new ParallelOptions { MaxDegreeOfParallelism = Concurrent }, async (task, _) =>
            await times.MeasureAsync(() => embedded.TakeAsync(Votes.ByTask(task.job.Incarnation, task.numbers[0] / Votes.TaskSize, task.numbers, 0, Votes.Workers))));
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        var active = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var job in infos) await embedded.Corpus.AuditAsync(job, (long)images * Votes.Workers);
        // What is idle for two minutes leaves, and may be looked at twice before: five minutes at most.
        await Task.Delay(TimeSpan.FromMinutes(6), TimeProvider.System);
        Console.WriteLine($"| {jobs:N0} | {images:N0} | {jobs * images / import.TotalSeconds:F0} | {(long)jobs * images * Votes.Workers / elapsed.TotalSeconds:F0} | {times.Percentile(0.5):F1}, {times.Percentile(0.99):F1} | {(active - idle) >> 20} | {(GC.GetTotalMemory(forceFullCollection: true) - idle) >> 20} |");
    }
}
