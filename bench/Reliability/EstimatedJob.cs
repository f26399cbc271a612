using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Bench;

/// <summary>A job with planted votes in one class, its views warm, and what is asked of its reliability.</summary>
internal sealed class EstimatedJob
{
    /// <summary>Tasks under way, as the consumer allows.</summary>
    private const int Concurrent = 200;

    private static readonly Label _label = Label.Create("Dog");
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    private readonly Embedded _embedded;

    private EstimatedJob(Embedded embedded, JobInfo info, PlantedVotes votes) => (_embedded, Info, Votes) = (embedded, info, votes);

    public JobInfo Info { get; }

    public PlantedVotes Votes { get; }

    /// <summary>Imports and answers everything, as messages.</summary>
    public static async Task<EstimatedJob> CreateAsync(Embedded embedded, string name, PlantedVotes votes)
    {
        var job = new EstimatedJob(embedded, await embedded.Corpus.CreateJobAsync(name), votes);
        await embedded.Corpus.ImportAsync(job.Info, _label.Value, Enumerable.Range(0, votes.Images));
        await Parallel.ForEachAsync(
            Enumerable.Range(0, votes.Tasks), new ParallelOptions { MaxDegreeOfParallelism = Concurrent }, async (task, _) => await embedded.TakeAsync(votes.Message(job.Info.Incarnation, task)));
        return job;
    }

    /// <summary>Takes other workers' votes on the first tasks.</summary>
    public async Task TakeAsync(PlantedVotes more, int tasks)
    {
        for (var task = 0; task < tasks; task++) await _embedded.TakeAsync(more.Message(Info.Incarnation, task));
    }

    /// <summary>Asks for a model with the defaults, and waits for it. Throws unless it is a good one of all votes.</summary>
    /// <param name="beginsFrom">The number of a model to begin from; null for the votes alone.</param>
    public async Task<(ModelInfo Model, TimeSpan Took)> EstimateAsync(int? beginsFrom = null)
    {
        var registry = _embedded.Grains.GetGrain<IReliabilityGrain>(Info.Incarnation.Value);
        var began = TimeProvider.System.GetTimestamp();
        var model = (beginsFrom is { } number ? await registry.StartAsync(new ReliabilitySettings(), number) : await registry.StartAsync(new ReliabilitySettings()))!;
        while (model.State == ModelState.Running && TimeProvider.System.GetElapsedTime(began) < _patience)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            model = (await registry.GetAsync(model.Number))!;
        }
        var took = TimeProvider.System.GetElapsedTime(began);
        return model is { State: ModelState.Done, Result: { Converged: true, LabelsSwitched: false } result } && result.Votes >= Votes.Count
            ? (model, took)
            : throw new InvalidOperationException($"after {took.TotalSeconds:F0} s the model of {Votes.Count} votes is {model}");
    }

    /// <summary>The class table.</summary>
    public async Task<bool> AskAsync() =>
        await _embedded.Grains.GetGrain<IJobClassesGrain>(Info.Incarnation.Value).GetTalliesAsync(null) is { Length: 1 } ? true : throw new InvalidOperationException("the table has another class");

    /// <summary>Bytes that votes take while they are laid by for an estimate, and that are still there after they were dropped.</summary>
    public async Task<(long LaidBy, long After)> LayByAsync()
    {
        const string Estimate = "bench";
        var address = new ClassAddress(Info.Incarnation, _label);
        var count = await _embedded.Grains.GetGrain<IClassGrain>(address.Key).CountPartitionsAsync();
        var partitions = Enumerable.Range(0, count).Select(number => _embedded.Grains.GetGrain<IPartitionGrain>(new PartitionAddress(address, number).Key)).ToList();
        var before = Heap.Bytes();
        var laidBy = await Task.WhenAll(partitions.Select(partition => partition.LayByVotesAsync(Estimate)));
        var during = Heap.Bytes() - before;
        if (laidBy.Sum(votes => votes!.Votes) != Votes.Count) throw new InvalidOperationException($"{laidBy.Sum(votes => votes!.Votes)} votes of {Votes.Count} are laid by");
        await Task.WhenAll(partitions.Select(partition => partition.DropVotesAsync(Estimate)));
        return (during, Heap.Bytes() - before);
    }

    public async Task<ReliabilityModel> ReadAsync(ModelInfo model) => (await _embedded.Models.ReadAsync(Info.Incarnation, model.Result!.Name))!.Model;
}
