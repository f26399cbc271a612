using System.Collections.Concurrent;
using BulkQA.Storage;
using Orleans.Storage;

namespace BulkQA.Simulation.Tests;

/// <summary>What becomes of one call to a store or queue.</summary>
internal enum Fault
{
    None,

    /// <summary>Refused, nothing done: throttled, out of reach.</summary>
    Fail,

    /// <summary>Done, and the answer lost.</summary>
    LoseAnswer,

    /// <summary>Done, a while later.</summary>
    Delay,

    /// <summary>Given up by the caller, and done all the same, a while after that.</summary>
    LandLate,
}

/// <summary>
/// The faults of one run, drawn from its seed. The seed fixes the workload, the rates and the sequence of draws; which
/// call meets which draw is up to the threads, so that replaying a seed repeats its odds and not its every step.
/// </summary>
internal sealed class FaultPlan(int seed)
{
    /// <summary>What lands late has landed by then: sooner than a partition audits itself, or a deleted job is swept again.</summary>
    private const int LatestMilliseconds = 120;

    private readonly Random _random = new(seed);
    private readonly List<Task> _landing = [];
    private double _rate = new Random(seed).NextDouble() * 0.2;
    private int _injected;

    /// <summary>The plans of the runs under way, by job.</summary>
    public static ConcurrentDictionary<string, FaultPlan> ByJob { get; } = [];

    public int Injected => _injected;

    /// <summary>The plan of the job that a key belongs to; null for what no run's job owns.</summary>
    public static FaultPlan? Of(string key)
    {
        var end = key.AsSpan().IndexOfAny('~', '/');
        return ByJob.GetValueOrDefault(end < 0 ? key : key[..end]);
    }

    /// <summary>Whether a call that may be repeated is, in one of so many cases; also once the faults have ended.</summary>
    public bool Repeats(int cases)
    {
        lock (_random) return _random.Next(cases) == 0;
    }

    public void End() => _rate = 0;

    /// <summary>Once more, at another rate.</summary>
    public void Begin(double rate) => _rate = rate;

    public int Next(int below)
    {
        lock (_random) return _random.Next(below);
    }

    public bool Happens(double probability)
    {
        if (_rate == 0) return false;
        lock (_random)
        {
            if (_random.NextDouble() >= probability) return false;
        }
        Interlocked.Increment(ref _injected);
        return true;
    }

    public Fault Draw() => !Happens(_rate) ? Fault.None : (Fault)(1 + Next(4));

    /// <summary>Some of a batch, in any order; perhaps none or all.</summary>
    public IReadOnlyList<T> Some<T>(IReadOnlyList<T> all) => [.. all.OrderBy(_ => Next(int.MaxValue)).Take(Next(all.Count + 1))];

    /// <summary>Does the reading as the next draw says.</summary>
    public Task<T> ReadAsync<T>(string what, Func<Task<T>> read) => RunAsync(what, read, write: null);

    /// <summary>Does the writing as the next draw says.</summary>
    public Task<T> WriteAsync<T>(string what, Func<Task<T>> write) => RunAsync(what, write, write);

    /// <summary>Does it a while later, whoever has given up on it.</summary>
    public void LandLate(Func<Task> write)
    {
        var after = TimeSpan.FromMilliseconds(1 + Next(Next(4) == 0 ? LatestMilliseconds : 15));
        var landing = Task.Run(async () =>
        {
            await Task.Delay(after, TimeProvider.System, CancellationToken.None);
            try
            {
                await write();
            }
            catch (Exception e) when (e is StorageException or InconsistentStateException)
            {
                // Of what breaks off too, some has landed; and what somebody has written over since does not.
            }
            catch (ObjectDisposedException)
            {
                // The silo that began it has ended, and its serializer with it: it does not land.
            }
        });
        lock (_landing)
        {
            _landing.RemoveAll(known => known.IsCompletedSuccessfully);
            _landing.Add(landing);
        }
    }

    /// <summary>Waits until everything has landed that will.</summary>
    public Task LandedAsync()
    {
        lock (_landing) return Task.WhenAll(_landing);
    }

    private async Task<T> RunAsync<T>(string what, Func<Task<T>> work, Func<Task<T>>? write)
    {
        switch (Draw())
        {
            case Fault.LandLate when write is not null:
                LandLate(write);
                throw new StorageException($"{what}: no answer in time (injected)");
            case Fault.Fail or Fault.LandLate:
                throw new StorageException($"{what}: refused (injected)");
            case Fault.LoseAnswer:
                await work();
                throw new StorageException($"{what}: the answer got lost (injected)");
            case Fault.Delay:
                await Task.Delay(TimeSpan.FromMilliseconds(1 + Next(8)), TimeProvider.System, CancellationToken.None);
                break;
        }
        return await work();
    }
}
