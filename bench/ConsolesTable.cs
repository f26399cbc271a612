using System.Diagnostics;
using System.Globalization;

namespace BulkQA.Bench;

/// <summary>
/// What open consoles cost those who vote: votes by REST as fast as they are taken, with nobody looking and with many consoles open on the table of
/// the very job, in turns.
/// </summary>
internal static class ConsolesTable
{
    private const int Classes = 10;
    private const int Images = 1_000_000;
    private const int Batch = 75;
    private const int Senders = 16;
    private const int Turns = 5;

    /// <summary>In the table, and nowhere else.</summary>
    private const string Shown = "Class average";

    private static readonly TimeSpan _each = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _settle = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(int consoles)
    {
        var folder = Directory.CreateTempSubdirectory("bulkqa-bench-").FullName;
        try
        {
            await using var api = await ApiServer.StartAsync(folder);
            await api.CreateJobAsync("watched");
            await api.ImportAsync("watched", Images, Classes);
            var next = 0;
            await VoteAsync();
            var (without, with, told, cpu, cpuWithout) = (new List<double>(), new List<double>(), 0L, TimeSpan.Zero, TimeSpan.Zero);
            for (var turn = 0; turn < Turns; turn++)
            {
                var before = Usage.Of(api.ProcessId).Cpu;
                without.Add(await VoteAsync());
                cpuWithout += Usage.Of(api.ProcessId).Cpu - before;
                var open = await Task.WhenAll(Enumerable.Range(0, consoles).Select(_ => Circuit.OpenAsync(api.Http, "/console/jobs/watched", Shown)));
                await Task.Delay(_settle, TimeProvider.System);
                before = Usage.Of(api.ProcessId).Cpu;
                var batches = open.Sum(circuit => (long)circuit.Batches);
                with.Add(await VoteAsync());
                cpu += Usage.Of(api.ProcessId).Cpu - before;
                told += open.Sum(circuit => (long)circuit.Batches) - batches;
                foreach (var circuit in open) await circuit.DisposeAsync();
            }
            Console.WriteLine("| consoles | votes/s, none open | votes/s, all open | ratio, median of turns | rendered a second and console | service's CPU µs/vote, none and all open | resident MB |");
            Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
            var ratios = without.Zip(with, (one, other) => other / one).Order().ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {consoles} | {Median(without):N0} | {Median(with):N0} | {ratios[Turns / 2]:F3} ({ratios[0]:F3} to {ratios[^1]:F3}) | {told / (double)consoles / Turns / _each.TotalSeconds:F2} | {cpuWithout.TotalMicroseconds / without.Sum() / _each.TotalSeconds:F1}, {cpu.TotalMicroseconds / with.Sum() / _each.TotalSeconds:F1} | {Usage.ResidentBytes(api.ProcessId) >> 20} |"));
            return 0;

            async Task<double> VoteAsync()
            {
                var (began, from) = (Stopwatch.GetTimestamp(), next);
                await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
                {
                    while (Stopwatch.GetElapsedTime(began) < _each)
                    {
                        var first = Interlocked.Add(ref next, Batch) - Batch;
                        // Each pass over the images is another worker's: an answer that is known already would change nothing that consoles show.
                        await api.VoteAsync("watched", Enumerable.Range(first, Batch).Select(number => number % Images), Classes, $"w{first / Images}");
                    }
                })));
                return (next - from) / Stopwatch.GetElapsedTime(began).TotalSeconds;
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
