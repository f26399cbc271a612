using BulkQA.Core;

namespace BulkQA.Bench;

/// <summary>What readers wait for tables with intervals, thresholds by every method, and calibration, of a job of which three images of ten are reviewed.</summary>
internal static class StatisticsTable
{
    private const string Job = "bench";
    private const int Classes = 101;
    private const int Requests = 300;
    private const int VotesAtOnce = 1_000;

    /// <summary>From 80 to 100 with two decimals: 2,001 of them in each class.</summary>
    private static Percent ConfidenceOf(int image) => Percent.Create(80 + (image * 7_919L % 2_001 / 100.0));

    public static async Task<int> RunAsync(int images)
    {
        var folder = Directory.CreateTempSubdirectory("bulkqa-bench-").FullName;
        try
        {
            await using var api = await ApiServer.StartAsync(folder);
            await api.CreateJobAsync(Job);
            await api.ImportAsync(Job, images, Classes, confidence: ConfidenceOf);
            // Every tenth image and the two after it, so that each class has its share.
            foreach (var some in Enumerable.Range(0, images).Where(image => image / Classes % 10 < 3).Chunk(VotesAtOnce)) await api.VoteAsync(Job, some, Classes, "ann");
            Console.WriteLine($"{images:N0} images in {Classes} classes, {Requests} requests each, one after the other");
            Console.WriteLine();
            Console.WriteLine("| request | first ms | p50 ms | p99 ms |");
            Console.WriteLine("| --- | --- | --- | --- |");
            foreach (var path in (string[])
            [
                "classes", "classes?level=0.95", "classes?level=0.95&scope=model", "thresholds", "thresholds?method=boundedWalk&level=0.95", "thresholds?method=continuous&targetPrecision=0.95",
                "thresholds?method=continuous&targetPrecision=0.95&level=0.95", "thresholds?method=parity&level=0.95", "thresholds?method=cost&costFalsePositive=10&costLostTruePositive=1", "calibration",
            ])
            {
                var (first, times) = (new Times(), new Times());
                first.Measure(() => api.Get($"/v1/jobs/{Job}/{path}"));
                // What the runtime compiles meanwhile is of the first minutes of a process, not of its days.
                for (var request = 0; request < Requests; request++) api.Get($"/v1/jobs/{Job}/{path}");
                for (var request = 0; request < Requests; request++) times.Measure(() => api.Get($"/v1/jobs/{Job}/{path}"));
                Console.WriteLine($"| `{path}` | {first.Percentile(0.5):F1} | {times.Percentile(0.5):F1} | {times.Percentile(0.99):F1} |");
            }
            await api.EndAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return 0;
    }
}
