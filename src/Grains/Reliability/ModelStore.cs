using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>What a model says of one worker.</summary>
/// <param name="Counts">How its votes spread under the model.</param>
public sealed record EstimatedWorker(WorkerId Worker, WorkerCoins Coins, WorkerCounts Counts);

/// <summary>A model as it is stored: with what it was made of.</summary>
public sealed record StoredModel(ReliabilityModel Model, ReliabilityMethod Method, CoinSmoothing Smoothing, ImmutableArray<EstimatedWorker> Workers);

/// <summary>Models as objects of their job: written once under a name that is never used again, and so kept in memory as they are. Thread-safe.</summary>
public sealed class ModelStore(JobObjects objects, IObjectStore store)
{
    /// <summary>Models in memory; beyond that all are read anew.</summary>
    private const int MaxKept = 100;

    private readonly ConcurrentDictionary<(Incarnation, string), StoredModel> _kept = new();

    /// <param name="incarnation">The job's life.</param>
    /// <param name="name">One that no other run uses.</param>
    /// <param name="model">What is written.</param>
    /// <param name="cancellation">Ends the write.</param>
    public async Task WriteAsync(Incarnation incarnation, string name, StoredModel model, CancellationToken cancellation = default)
    {
        var parameters = model.Model.Parameters;
        var text = JsonSerializer.SerializeToUtf8Bytes(new Document(
            model.Model.Number, model.Method, model.Smoothing.Hits, model.Smoothing.Misses, parameters.Prior, parameters.Unknown.ConfirmsRight, parameters.Unknown.CatchesWrong,
            [.. model.Workers.Select(worker => new Row(
                worker.Worker.Value, worker.Coins.ConfirmsRight, worker.Coins.CatchesWrong,
                worker.Counts.RightVotes, worker.Counts.RightConfirms, worker.Counts.WrongVotes, worker.Counts.WrongDisconfirms))]), JsonSerializerOptions.Web);
        await store.WriteAsync(objects.Model(incarnation, name), text, cancellation);
    }

    /// <summary>The model; null where there is none of that name (any more).</summary>
    public async ValueTask<StoredModel?> ReadAsync(Incarnation incarnation, string name, CancellationToken cancellation = default)
    {
        if (_kept.TryGetValue((incarnation, name), out var kept)) return kept;
        await using var content = await store.OpenReadAsync(objects.Model(incarnation, name), cancellation);
        if (content is null) return null;
        var document = (await JsonSerializer.DeserializeAsync<Document>(content, JsonSerializerOptions.Web, cancellation))!;
        ImmutableArray<EstimatedWorker> workers = [.. document.Workers.Select(row => new EstimatedWorker(
            WorkerId.Stored(row.Worker), new WorkerCoins(row.ConfirmsRight, row.CatchesWrong),
            new WorkerCounts(row.RightVotes, row.RightConfirms, row.WrongVotes, row.WrongDisconfirms)))];
        var parameters = new ReliabilityParameters(
            document.Prior, [.. workers.Select(worker => worker.Coins)], new WorkerCoins(document.UnknownConfirmsRight, document.UnknownCatchesWrong));
        var model = new StoredModel(
            new ReliabilityModel(document.Number, [.. workers.Select(worker => worker.Worker)], parameters), document.Method, new CoinSmoothing(document.Hits, document.Misses), workers);
        if (_kept.Count >= MaxKept) _kept.Clear();
        return _kept[(incarnation, name)] = model;
    }

    public Task DeleteAsync(Incarnation incarnation, string name, CancellationToken cancellation = default)
    {
        _kept.TryRemove((incarnation, name), out _);
        return store.DeleteAsync(objects.Model(incarnation, name), cancellation);
    }

    private sealed record Document(
        int Number, ReliabilityMethod Method, double Hits, double Misses, double Prior, double UnknownConfirmsRight, double UnknownCatchesWrong, ImmutableArray<Row> Workers);

    private sealed record Row(
        string Worker, double ConfirmsRight, double CatchesWrong, double RightVotes, double RightConfirms, double WrongVotes, double WrongDisconfirms);
}
