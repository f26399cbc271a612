using BulkQA.Core;

namespace BulkQA.Bench;

/// <summary>
/// The estimator beside Crowd-Kit's Dawid-Skene over the same votes: where that stops by its defaults, and where both have made
/// as many iterations as it takes to converge.
/// </summary>
internal static class CrowdKitTable
{
    private const int Rounds = 3;

    /// <summary>As Crowd-Kit has none.</summary>
    private static readonly ReliabilitySettings _unsmoothed = new() { Smoothing = CoinSmoothing.None };

    private sealed record Fit(double Seconds, int Iterations, bool[] Labels);

    /// <param name="source">A folder with Crowd-Kit's package; null leaves it out.</param>
    public static async Task RunAsync(Embedded embedded, int images, string? source)
    {
        var votes = new PlantedVotes(images, 500, 3);
        var job = await EstimatedJob.CreateAsync(embedded, "crowd-kit", votes);
        await embedded.Corpus.AuditAsync(job.Info, votes.Count);
        var estimates = new List<double>();
        for (var round = 1; round < Rounds; round++) estimates.Add((await job.EstimateAsync()).Model.Result!.Took.TotalSeconds);
        var (info, _) = await job.EstimateAsync();
        estimates.Add(info.Result!.Took.TotalSeconds);
        var model = await job.ReadAsync(info);
        var throughGrains = new Fit(
            Times.Median(estimates), info.Result.Iterations, PlantedTruth.ByModel(votes, model.Parameters, worker => model.IndexOf(PlantedVotes.Worker(worker))));

        var all = Unpack(votes);
        var (unsmoothed, byDefaults) = (await FitAsync(votes, all, _unsmoothed), await FitAsync(votes, all, new ReliabilitySettings()));
        if (Unlike(byDefaults.Labels, throughGrains.Labels) is > 0 and var unlike) throw new InvalidOperationException($"{unlike} labels come out otherwise through grains");

        Console.WriteLine($"| {images:N0} images, {votes.Count:N0} votes | s | iterations | ms/iteration | of Crowd-Kit's speed | labels told right | labels unlike Crowd-Kit's |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        Fit? converged = null;
        if (source is not null)
        {
            var (stopped, ended) = await CrowdKit.RunAsync(source, votes, unsmoothed.Iterations);
            var peer = new Fit(stopped.Seconds, stopped.Iterations, stopped.Labels);
            converged = new Fit(ended.Seconds, ended.Iterations, ended.Labels);
            Print("Crowd-Kit, its defaults (`n_iter=100`, `tol=1e-5`)", peer, peer);
            Print("BulkQA, one block, no smoothing, as many iterations", await FitAsync(votes, all, _unsmoothed with { MaxIterations = peer.Iterations }), peer);
            Print("Crowd-Kit, iterations until BulkQA has converged", converged, converged);
        }
        else
        {
            Console.WriteLine("| Crowd-Kit: left out, as there is no folder | | | | | | |");
        }
        Print("BulkQA, one block, no smoothing", unsmoothed, converged);
        Print("BulkQA, one block, its defaults", byDefaults, converged);
        Print("BulkQA, through grains, its defaults, models compared", throughGrains, converged);
    }

    /// <summary>Votes as they may lie in memory before anything is done with them: image by image.</summary>
    private static (int Worker, bool Disconfirms)[][] Unpack(PlantedVotes votes)
    {
        var all = new (int, bool)[votes.Images][];
        Parallel.For(0, votes.Images, image => all[image] = [.. votes.WorkersOf(image / Votes.TaskSize).Select(worker => (worker, !votes.Confirms(image, worker)))]);
        return all;
    }

    /// <summary>On one thread, packing included; median of three turns.</summary>
    private static async Task<Fit> FitAsync(PlantedVotes votes, (int Worker, bool Disconfirms)[][] all, ReliabilitySettings settings)
    {
        var (seconds, estimate) = (new List<double>(), default(ReliabilityEstimate)!);
        for (var round = 0; round < Rounds; round++)
        {
            var began = TimeProvider.System.GetTimestamp();
            var builder = new VoteBlockBuilder([.. Enumerable.Range(0, votes.Workers).Select(worker => (ulong)worker)]);
            foreach (var (image, own) in all.Index()) builder.Add((ulong)image, own);
            var block = builder.Build();
            estimate = await ReliabilityEstimator.RunAsync(
                settings, votes.Workers, null, parameters => Task.FromResult(parameters is null ? block.ExpectByMajority() : block.Expect(parameters)), CancellationToken.None);
            seconds.Add(TimeProvider.System.GetElapsedTime(began).TotalSeconds);
        }
        return new Fit(Times.Median(seconds), estimate.Iterations, PlantedTruth.ByModel(votes, estimate.Parameters, worker => worker));
    }

    private static int Unlike(bool[] left, bool[] right) => left.Zip(right).Count(pair => pair.First != pair.Second);

    private static void Print(string name, Fit fit, Fit? peer) => Console.WriteLine(
        $"| {name} | {fit.Seconds:F3} | {fit.Iterations} | {fit.Seconds / fit.Iterations * 1000:F1} | {(peer is null ? "" : $"{peer.Seconds / fit.Seconds:F1}")} "
        + $"| {PlantedTruth.Share(fit.Labels):P2} | {(peer is null ? "" : $"{Unlike(fit.Labels, peer.Labels):N0}")} |");
}
