using System.Text.Json;

namespace BulkQA.Bench;

/// <summary>
/// The service with more and more images, in one class and in a thousand: import, votes on a sample of the images, the class
/// table, memory, and how soon it is back after an end in good order and after kill -9.
/// </summary>
internal static class GrowthTable
{
    private const int Sample = 20_000;
    private const int Batch = 250;
    private const int Tables = 200;
    private const int Warming = 200;
    private const int VotesAgain = 1_000;
    private const string Job = "bench";

    public static async Task<int> RunAsync(int most)
    {
        Console.WriteLine("| images | classes | import/s | votes/s | CPU µs/vote | class table p50, p99 ms | resident MB | ready after end s | table ms | all partitions voting again ms | ready after kill s | table ms (all rebuilt) | audit |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        for (var images = 10_000; images <= most; images = images < 1_000_000 ? images * 10 : images * 3)
            foreach (var classes in (int[])[1, 1_000])
                await RunAsync(images, classes);
        return 0;
    }

    private static async Task RunAsync(int images, int classes)
    {
        var folder = Directory.CreateTempSubdirectory("bulkqa-bench-").FullName;
        try
        {
            var row = $"| {images:N0} | {classes:N0} |";
            var sample = Math.Min(images, Sample);
            await using (var api = await ApiServer.StartAsync(folder))
            {
                await api.CreateJobAsync(Job);
                row += $" {images / await SecondsAsync(() => api.ImportAsync(Job, images, classes)):F0} |";
                // From all over the images; the first votes of each.
                var numbers = Enumerable.Range(0, sample).Select(number => (int)((long)number * images / sample)).ToList();
                var before = Usage.Of(api.ProcessId);
                var seconds = await SecondsAsync(() => Parallel.ForEachAsync(numbers.Chunk(Batch), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (batch, _) => await api.VoteAsync(Job, batch, classes, "ann")));
                row += $" {sample / seconds:F0} | {(Usage.Of(api.ProcessId) - before).Cpu.TotalMicroseconds / sample:F0} |";
                var times = new Times();
                // The first are the compiler's.
                for (var table = 0; table < Warming; table++) await api.GetAsync($"/v1/jobs/{Job}/classes");
                for (var table = 0; table < Tables; table++) await times.MeasureAsync(() => api.GetAsync($"/v1/jobs/{Job}/classes"));
                row += $" {times.Percentile(0.5):F1}, {times.Percentile(0.99):F1} | {Usage.ResidentBytes(api.ProcessId) >> 20} |";
                await api.EndAsync();
            }
            // A worker's votes on images all over the shards and classes, so that no partition has counters left when the process is killed.
            var again = Enumerable.Range(0, VotesAgain).ToList();
            row += await RestartAsync(folder, sample, async api => $" {await SecondsAsync(() => api.VoteAsync(Job, again, classes, "bob")) * 1000:F0} |");
            row += await RestartAsync(folder, sample + VotesAgain, AuditAsync);
            Console.WriteLine(row);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Starts again, asks for the table, does one thing more, and is killed.</summary>
    private static async Task<string> RestartAsync(string folder, int votes, Func<ApiServer, Task<string>> then)
    {
        var began = TimeProvider.System.GetTimestamp();
        await using var api = await ApiServer.StartAsync(folder);
        var ready = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var found = 0;
        var table = await SecondsAsync(async () => found = JsonDocument.Parse(await api.GetAsync($"/v1/jobs/{Job}")).RootElement.GetProperty("votes").GetInt32());
        if (found != votes) throw new InvalidOperationException($"{found} votes of {votes} count");
        var row = $" {ready:F1} | {table * 1000:F0} |{await then(api)}";
        await api.KillAsync();
        return row;
    }

    private static async Task<string> AuditAsync(ApiServer api)
    {
        using var response = await api.Http.PostAsync($"/v1/jobs/{Job}/audit", null);
        var audit = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        return $" {audit.GetProperty("differences").GetInt32()} differences |";
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        var began = TimeProvider.System.GetTimestamp();
        await work();
        return TimeProvider.System.GetElapsedTime(began).TotalSeconds;
    }
}
