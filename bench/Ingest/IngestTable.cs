using BulkQA.Core;

namespace BulkQA.Bench;

/// <summary>Embedded BulkQA, PostgreSQL and the floor in turn, three times; medians.</summary>
internal static class IngestTable
{
    private const int Rounds = 3;

    /// <summary>Five thousand images under way, as the consumer allows.</summary>
    private const int Concurrent = 200;

    private sealed record Result(double VotesPerSecond, double CpuMicroseconds, double P50, double P99, double BytesPerVote, double HeapPerImage);

    public static async Task<int> RunAsync(int images)
    {
        var results = new Dictionary<string, List<Result>>();
        await using var postgres = await Postgres.StartAsync();
        for (var round = 1; round <= Rounds; round++)
        {
            foreach (var workers in (int[])[Votes.Workers, 1])
            {
                var what = workers == 1 ? "one worker a message" : "three workers a message";
                Add($"PostgreSQL, {what}", await PostgresAsync(postgres, images, workers));
                var (fresh, more) = await BulkQaAsync(images, workers);
                Add($"BulkQA, {what}: first votes", fresh);
                Add($"BulkQA, {what}: as many more", more);
            }
            Add("floor", Floor(images));
            Console.Error.WriteLine($"round {round}: " + string.Join("; ", results.Select(entry => $"{entry.Key} {entry.Value[^1].VotesPerSecond:F0}")));
        }
        var floor = Median("floor", result => result.VotesPerSecond);
        Console.WriteLine("| | votes/s | of PostgreSQL | of the floor | CPU µs/vote | p50 ms | p99 ms | bytes/vote | heap B/image |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var name in results.Keys)
        {
            var rate = Median(name, result => result.VotesPerSecond);
            var peer = Median($"PostgreSQL, {(name.Contains("one worker", StringComparison.Ordinal) ? "one worker" : "three workers")} a message", result => result.VotesPerSecond);
            Console.WriteLine($"| {name} | {rate:F0} | {rate / peer:F2} | 1/{floor / rate:F1} | {Median(name, result => result.CpuMicroseconds):F1} | {Median(name, result => result.P50):F1} | {Median(name, result => result.P99):F1} | {Median(name, result => result.BytesPerVote):F0} | {Median(name, result => result.HeapPerImage):F0} |");
        }
        return 0;

        void Add(string name, Result result)
        {
            if (!results.TryGetValue(name, out var found)) results[name] = found = [];
            found.Add(result);
        }

        double Median(string name, Func<Result, double> value) => Times.Median(results[name].Select(value));
    }

    private static async Task<(Result Fresh, Result More)> BulkQaAsync(int images, int workers)
    {
        await using var embedded = await Embedded.StartAsync();
        var job = await embedded.Corpus.CreateJobAsync("bench");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await embedded.Corpus.ImportAsync(job, "Dog", Enumerable.Range(0, images));
        var fresh = await MeasureAsync(Votes.ByTask(job.Incarnation, images, 0, workers), workers, Concurrent, embedded.TakeAsync, () => Usage.OfThisProcess);
        fresh = fresh with { HeapPerImage = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)images };
        var more = await MeasureAsync(Votes.ByTask(job.Incarnation, images, workers, workers), workers, Concurrent, embedded.TakeAsync, () => Usage.OfThisProcess);
        await embedded.Corpus.AuditAsync(job, 2L * images * workers);
        return (fresh, more);
    }

    private static async Task<Result> PostgresAsync(Postgres postgres, int images, int workers)
    {
        await postgres.PrepareAsync("Dog", images);
        var result = await MeasureAsync(
            Votes.ByImage(JobName.Create("bench"), "Dog", images, 0, workers), workers, Postgres.Connections, postgres.TakeAsync, () => Usage.OfThisProcess + Usage.OfTree(postgres.ProcessId));
        await postgres.AuditAsync((long)images * workers);
        return result;
    }

    private static Result Floor(int images)
    {
        var messages = Votes.ByImage(JobName.Create("bench"), "Dog", images, 0, Votes.Workers);
        var (floor, began) = (new Floor(), TimeProvider.System.GetTimestamp());
        foreach (var message in messages) floor.Take(message);
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        floor.Audit((long)images * Votes.Workers);
        return new Result(images * Votes.Workers / elapsed.TotalSeconds, elapsed.TotalMicroseconds / images / Votes.Workers, double.NaN, double.NaN, 0, double.NaN);
    }

    private static async Task<Result> MeasureAsync(IReadOnlyList<byte[]> messages, int workers, int concurrent, Func<byte[], Task<bool>> take, Func<Usage> usage)
    {
        var (times, before, began) = (new Times(), usage(), TimeProvider.System.GetTimestamp());
        await Parallel.ForEachAsync(messages, new ParallelOptions { MaxDegreeOfParallelism = concurrent }, async (message, _) => await times.MeasureAsync(() => take(message)));
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        var used = usage() - before;
        var votes = (double)messages.Count * Votes.TaskSize * workers;
        return new Result(votes / elapsed.TotalSeconds, used.Cpu.TotalMicroseconds / votes, times.Percentile(0.5), times.Percentile(0.99), used.WrittenBytes / votes, double.NaN);
    }
}
