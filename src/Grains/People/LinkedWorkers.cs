using System.Collections.Concurrent;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>
/// Which worker ids are people's (<see cref="Person.WorkerIds"/>), as this process knows it: what it says was so within the last <see cref="MaxAge"/>.
/// Where nobody has any, it asks once in that time, and otherwise once a worker. Thread-safe.
/// </summary>
public sealed class LinkedWorkers(IGrainFactory grains, IListings listings, TimeProvider time)
{
    /// <summary>For how long an answer is remembered.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(30);

    /// <summary>Workers that are remembered; beyond that the memory starts afresh.</summary>
    private const int MaxKnown = 100_000;

    private readonly ConcurrentDictionary<WorkerId, (PersonId? Person, long Until)> _known = new();

    /// <summary>Whether anybody has any.</summary>
    private volatile Presence? _any;

    /// <summary>Those of the workers who are people's, and whose; null where none is.</summary>
    /// <exception cref="StorageException">It can't be said now; try again.</exception>
    public ValueTask<IReadOnlyDictionary<WorkerId, PersonId>?> FindAsync(IEnumerable<WorkerId> workers) =>
        _any is { AreThere: false } none && Now < none.Until ? new((IReadOnlyDictionary<WorkerId, PersonId>?)null) : new(LookAsync(workers));

    /// <summary>Under whose id it is kept what a worker does: the person's whose worker id it is, and otherwise its own.</summary>
    /// <exception cref="StorageException">It can't be said now; try again.</exception>
    public async ValueTask<WorkerId> ResolveAsync(WorkerId worker) => await FindAsync([worker]) is { } people ? people[worker].Worker : worker;

    private long Now => time.GetUtcNow().UtcTicks;

    private async Task<IReadOnlyDictionary<WorkerId, PersonId>?> LookAsync(IEnumerable<WorkerId> workers)
    {
        var any = _any;
        if (any is null || Now >= any.Until)
        {
            // From before it is asked: what changes meanwhile is no older when it is forgotten.
            var asked = Now;
            _any = any = new Presence(await listings.ReadAsync(PeopleListings.Linked, "", null).AnyAsync(), asked + MaxAge.Ticks);
        }
        if (!any.AreThere) return null;
        // A person's own id is nobody else's.
        var found = await Task.WhenAll(workers.Distinct().Where(worker => !PersonId.TryParse(worker.Value, out _)).Select(async worker => (Worker: worker, Person: await FindAsync(worker))));
        var linked = found.Where(entry => entry.Person is not null).ToDictionary(entry => entry.Worker, entry => entry.Person!.Value);
        return linked.Count == 0 ? null : linked;
    }

    private async ValueTask<PersonId?> FindAsync(WorkerId worker)
    {
        if (_known.TryGetValue(worker, out var known) && Now < known.Until) return known.Person;
        var asked = Now;
        var holder = await grains.GetGrain<IPersonNameGrain>(IPersonNameGrain.Keys.Of(worker)).FindAsync();
        // Whoever has claimed it may not have stored it.
        if (holder is { } person && (await grains.GetGrain<IPersonGrain>(person.Value).GetAsync())?.WorkerIds.Contains(worker) is not true) holder = null;
        if (_known.Count >= MaxKnown) _known.Clear();
        _known[worker] = (holder, asked + MaxAge.Ticks);
        return holder;
    }

    private sealed record Presence(bool AreThere, long Until);
}
