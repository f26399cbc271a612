using BulkQA.Grains;

namespace BulkQA.Bench;

/// <summary>
/// How long the reliability of workers takes to estimate where their votes are, what it takes of memory and of others' time, and
/// how much of the planted truth it finds.
/// </summary>
internal static class ReliabilityTable
{
    private const int Rounds = 3;
    private const int TablesPerSecond = 200;
    private const int Warming = 1_000;
    private const int WarmingImages = 10_000;
    private const int CompletedImages = 100_000;

    /// <summary>Tasks of which a worker more votes on each image, before an estimate that begins from the last model: a thousand votes.</summary>
    private const int TasksVotedOnMore = 40;

    private static readonly TimeSpan _idle = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(int images, string? crowdKit)
    {
        await using var embedded = await Embedded.StartAsync();
        // The first of everything is the compiler's.
        var warming = await EstimatedJob.CreateAsync(embedded, "warming", new PlantedVotes(WarmingImages, 500, 3));
        for (var table = 0; table < Warming; table++) await warming.AskAsync();
        await warming.EstimateAsync();
        Console.WriteLine("| images | workers | votes | estimate s | from asking to being told s | iterations | laid by B/vote | heap after MB | heap at most MB, garbage included | class table idle p50, p99 ms | meanwhile p50, p99 ms | labels told right by model | by majority |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        await EstimateAsync(embedded, new PlantedVotes(images, 500, 3));
        // As many as in a case that was published of another library.
        await EstimateAsync(embedded, new PlantedVotes(images / 2, 2_000, 3.6));
        Console.WriteLine();
        await ManyEstimates.RunAsync(embedded, images / ManyEstimates.Jobs);
        Console.WriteLine();
        await CrowdKitTable.RunAsync(embedded, Math.Min(images, CompletedImages), crowdKit);
        return 0;
    }

    private static async Task EstimateAsync(Embedded embedded, PlantedVotes votes)
    {
        var job = await EstimatedJob.CreateAsync(embedded, $"bench-{votes.Images}", votes);
        await embedded.Corpus.AuditAsync(job.Info, votes.Count);
        var idle = new Times();
        await using (Pace.Start(TablesPerSecond, () => idle.MeasureAsync(job.AskAsync))) await Task.Delay(_idle, TimeProvider.System);

        var (laidBy, left) = await job.LayByAsync();
        if (left > laidBy / 10) throw new InvalidOperationException($"{left} bytes of {laidBy} are still there after votes were dropped");
        var before = Heap.Bytes();
        var (meanwhile, rounds, peak) = (new Times(), new List<(ModelInfo Model, TimeSpan Took)>(), 0L);
        for (var round = 0; round < Rounds; round++)
        {
            Heap.Bytes();
            await using (Pace.Start(TablesPerSecond, () => meanwhile.MeasureAsync(job.AskAsync)))
                peak = Math.Max(peak, await Heap.PeakAsync(async () => rounds.Add(await job.EstimateAsync())));
        }
        var after = Heap.Bytes() - before;
        await embedded.Corpus.AuditAsync(job.Info, votes.Count);
        var last = rounds[^1].Model;
        var model = await job.ReadAsync(last);
        var right = PlantedTruth.Share(PlantedTruth.ByModel(votes, model.Parameters, worker => model.IndexOf(PlantedVotes.Worker(worker))));
        var byMajority = PlantedTruth.ShareByMajority(votes);
        if (right < byMajority) throw new InvalidOperationException($"the model tells {right:P2} of the labels, and the majority {byMajority:P2}");
        var (asked, took) = (Times.Median(rounds.Select(round => round.Took.TotalSeconds)), Times.Median(rounds.Select(round => round.Model.Result!.Took.TotalSeconds)));
        Console.WriteLine(
            $"| {votes.Images:N0} | {last.Result!.Workers:N0} | {votes.Count:N0} | {took:F2} | {asked:F2} | {last.Result.Iterations} | {laidBy / (double)votes.Count:F1} | {after / 1e6:F1} | {(peak - before) / 1e6:F0} "
            + $"| {idle.Percentile(0.5):F2}, {idle.Percentile(0.99):F1} | {meanwhile.Percentile(0.5):F2}, {meanwhile.Percentile(0.99):F1} | {right:P2} | {byMajority:P2} |");
        await job.TakeAsync(new PlantedVotes(votes.Images, votes.Workers, 1, firstWorker: votes.Workers), TasksVotedOnMore);
        var (warm, told) = await job.EstimateAsync(last.Number);
        Console.WriteLine($"| begun from it after {TasksVotedOnMore * Votes.TaskSize:N0} votes more | {warm.Result!.Workers:N0} | {warm.Result.Votes:N0} | {warm.Result.Took.TotalSeconds:F2} | {told.TotalSeconds:F2} | {warm.Result.Iterations} | | | | | | | |");
    }
}
