using System.Text.Json;

namespace BulkQA.Bench;

/// <summary>What readers wait for while votes come in, at none and at half of the rate that the service takes at most.</summary>
internal static class ReadsTable
{
    private const int Batch = 75;
    private const int Senders = 16;
    private const string Job = "bench";

    private static readonly TimeSpan _each = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    public static async Task<int> RunAsync(int images)
    {
        Console.WriteLine("| images | classes | votes/s | class table p50, p99 ms | image p50, p99 ms | page of 100 p50, p99 ms |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var (size, classes) in (IEnumerable<(int, int)>)[(images / 10, 1), (images, 1), (images * 10, 1), (images, 100)])
            await RunAsync(size, classes);
        return 0;
    }

    private static async Task RunAsync(int images, int classes)
    {
        var folder = Directory.CreateTempSubdirectory("bulkqa-bench-").FullName;
        try
        {
            await using var api = await ApiServer.StartAsync(folder);
            await api.CreateJobAsync(Job);
            await api.ImportAsync(Job, images, classes);
            var votes = new Ingest(api, images, classes);
            await votes.RunOnceAsync();
            var most = await votes.RunAsync(_each, null);
            Console.WriteLine($"| {images:N0} | {classes} | 0 | {await ReadAsync(api, images, Task.Delay(_each, TimeProvider.System))} |");
            var ingest = votes.RunAsync(_each, most / 2);
            var reads = await ReadAsync(api, images, ingest);
            Console.WriteLine($"| {images:N0} | {classes} | {await ingest:F0} (at most {most:F0}) | {reads} |");
            using var response = await api.Http.PostAsync($"/v1/jobs/{Job}/audit", null);
            if (JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("differences").GetInt32() != 0) throw new InvalidOperationException("the audit found differences");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>On a thread of its own, so that nothing of this process' load stands in its way.</summary>
    private static Task<string> ReadAsync(ApiServer api, int images, Task end) => Task.Factory.StartNew(
        () =>
        {
            var (table, image, page) = (new Times(), new Times(), new Times());
            for (var number = 0; !end.Wait(_pause); number++)
            {
                table.Measure(() => api.Get($"/v1/jobs/{Job}/classes"));
                image.Measure(() => api.Get($"/v1/images?url={Uri.EscapeDataString(Votes.Url(number * 7_919 % images).Value)}"));
                page.Measure(() => api.Get($"/v1/jobs/{Job}/images?limit=100&label=Class+0"));
            }
            return string.Join(" | ", ((Times[])[table, image, page]).Select(times => $"{times.Percentile(0.5):F1}, {times.Percentile(0.99):F1}"));
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Votes by REST, of one worker after the other over all images.</summary>
    private sealed class Ingest(ApiServer api, int images, int classes)
    {
        private int _next;

        /// <summary>The first vote of every image: later ones are the dearer, and what is measured is of one kind.</summary>
        public async Task RunOnceAsync()
        {
            while (_next < images) await RunAsync(TimeSpan.FromSeconds(1), null);
        }

        /// <summary>Votes per second: as many as it takes, or as many as said.</summary>
        public async Task<double> RunAsync(TimeSpan duration, double? rate)
        {
            var (began, from) = (TimeProvider.System.GetTimestamp(), _next);
            TimeSpan? each = rate is { } votes ? TimeSpan.FromSeconds(Batch * Senders / votes) : null;
            await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
            {
                // One after the other, and not all of them at the same moment.
                if (each is { } offset) await Task.Delay(offset * sender / Senders, TimeProvider.System);
                using var pace = each is { } period ? new PeriodicTimer(period) : null;
                while (TimeProvider.System.GetElapsedTime(began) < duration)
                {
                    var first = Interlocked.Add(ref _next, Batch) - Batch;
                    await api.VoteAsync(Job, Enumerable.Range(first, Batch).Select(number => number % images), classes, $"w{first / images}");
                    if (pace is not null) await pace.WaitForNextTickAsync();
                }
            })));
            return (_next - from) / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        }
    }
}
