using System.Text.Json;
using BulkQA.Core;

namespace BulkQA.Bench;

/// <summary>What readers wait for while votes come in, at none and at half of the rate that the service takes at most.</summary>
internal static class ReadsTable
{
    private const int Batch = 75;
    private const int Senders = 16;

    /// <summary>Votes of an image, after which another job of as many images goes on: as many as a task asks for at most.</summary>
    private const int VotesPerImage = 9;

    private const int Warming = 50;
    private const int MostVotes = 2_000_000;

    private static readonly TimeSpan _each = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    public static async Task<int> RunAsync(int images)
    {
        Console.WriteLine("| images | classes | votes/s | class table p50, p99 ms | image p50, p99 ms | page of 100 p50, p99 ms |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var (size, classes) in (IEnumerable<(int, int)>)[(images / 10, 1), (images, 1), (images * 10, 1), (images, 100), (images, 1_000)])
            await RunAsync(size, classes);
        return 0;
    }

    private static async Task RunAsync(int images, int classes)
    {
        var folder = Directory.CreateTempSubdirectory("bulkqa-bench-").FullName;
        try
        {
            await using var api = await ApiServer.StartAsync(folder);
            var votes = new Ingest(api, images, classes);
            await votes.ImportAsync();
            await votes.RunOnceAsync();
            var most = await votes.RunAsync(_each, null);
            Console.WriteLine($"| {images:N0} | {classes:N0} | 0 | {await ReadAsync(api, votes, Task.Delay(_each, TimeProvider.System))} |");
            var ingest = votes.RunAsync(_each, most / 2);
            var reads = await ReadAsync(api, votes, ingest);
            Console.WriteLine($"| {images:N0} | {classes:N0} | {await ingest:N0} (at most {most:N0}) | {reads} |");
            await votes.AuditAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>On a thread of its own, so that nothing of this process' load stands in its way.</summary>
    private static Task<string> ReadAsync(ApiServer api, Ingest votes, Task end) => Task.Factory.StartNew(
        () =>
        {
            var (table, image, page) = (new Times(), new Times(), new Times());
            for (var number = 0; !end.Wait(_pause); number++)
            {
                // The first are the compiler's.
                if (number == Warming) (table, image, page) = (new Times(), new Times(), new Times());
                var job = votes.Current;
                table.Measure(() => api.Get($"/v1/jobs/{job}/classes"));
                image.Measure(() => api.Get($"/v1/images?url={Uri.EscapeDataString(votes.Url(number * 7_919).Value)}"));
                page.Measure(() => api.Get($"/v1/jobs/{job}/images?limit=100&label=Class+0"));
            }
            return string.Join(" | ", ((Times[])[table, image, page]).Select(times => $"{times.Percentile(0.5):F1}, {times.Percentile(0.99):F1}"));
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Votes by REST, of one worker after the other over all images of a job, and then of the next job.</summary>
    private sealed class Ingest(ApiServer api, int images, int classes)
    {
        private readonly int _jobs = (MostVotes + (images * VotesPerImage) - 1) / (images * VotesPerImage);
        private int _next;

        /// <summary>The job that votes go to.</summary>
        public string Current => Job(Number(_next));

        public async Task ImportAsync()
        {
            for (var job = 0; job < _jobs; job++)
            {
                await api.CreateJobAsync(Job(job));
                await api.ImportAsync(Job(job), images, classes, job * images);
            }
        }

        /// <summary>The first vote of every image: later ones are the dearer, and what is measured is mostly those.</summary>
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
                    var job = Number(first);
                    await api.VoteAsync(Job(job), Enumerable.Range(first, Batch).Select(number => (job * images) + (number % images)), classes, $"w{first / images}");
                    if (pace is not null) await pace.WaitForNextTickAsync();
                }
            })));
            return (_next - from) / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        }

        /// <summary>An image of the job that votes go to.</summary>
        public ImageUrl Url(int number) => Votes.Url((Number(_next) * images) + (number % images));

        public async Task AuditAsync()
        {
            for (var job = 0; job < _jobs; job++)
            {
                using var response = await api.Http.PostAsync($"/v1/jobs/{Job(job)}/audit", null);
                if (JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("differences").GetInt32() != 0) throw new InvalidOperationException("the audit found differences");
            }
        }

        private int Number(int vote) => vote / (images * VotesPerImage) % _jobs;

        private static string Job(int number) => $"bench-{number}";
    }
}
