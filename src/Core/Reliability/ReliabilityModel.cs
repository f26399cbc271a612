using System.Collections.Frozen;
using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>A numbered model of a job's workers. Never changes.</summary>
public sealed class ReliabilityModel
{
    private readonly FrozenDictionary<WorkerId, int> _indexOf;

    /// <param name="number">From 1, in the order in which the job's models were asked for.</param>
    /// <param name="workers">Each once.</param>
    /// <param name="parameters">By worker, in the same order.</param>
    /// <exception cref="ArgumentException">There are not as many coins as workers.</exception>
    public ReliabilityModel(int number, ImmutableArray<WorkerId> workers, ReliabilityParameters parameters)
    {
        if (workers.Length != parameters.Coins.Length) throw new ArgumentException($"{parameters.Coins.Length} coins for {workers.Length} workers", nameof(parameters));
        (Number, Workers, Parameters) = (number, workers, parameters);
        _indexOf = workers.Index().ToFrozenDictionary(entry => entry.Item, entry => entry.Index);
    }

    public int Number { get; }

    public ImmutableArray<WorkerId> Workers { get; }

    public ReliabilityParameters Parameters { get; }

    /// <summary>Where a worker is among <see cref="Workers"/>; -1 for one whom the model does not know.</summary>
    public int IndexOf(WorkerId worker) => _indexOf.GetValueOrDefault(worker, -1);
}
