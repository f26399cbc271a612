using System.Collections.Concurrent;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>
/// How many tasks workers have answered whole in all jobs that there are: by what is noted of who answers where, and what each job knows of its workers. Nothing is
/// counted for it while answers come. Thread-safe.
/// </summary>
public sealed class WorkerExperience(IFactStore facts, IGrainFactory grains, TimeProvider time)
{
    /// <summary>Jobs that are asked at the same time.</summary>
    private const int JobsAtOnce = 50;

    /// <summary>Workers whose count is remembered; beyond that the memory starts afresh.</summary>
    private const int MaxRemembered = 10_000;

    /// <summary>How long a count that is not enough is remembered: somebody looks at many jobs at once.</summary>
    private static readonly TimeSpan _memory = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<WorkerId, (int Answered, bool IsAll, long At)> _known = new();

    /// <summary>Counts that are going on: whoever asks for the same worker meanwhile has no other made.</summary>
    private readonly ConcurrentDictionary<WorkerId, Lazy<Counting>> _counting = new();

    /// <summary>How many the worker has answered, as far as jobs have heard of it: that takes a second or so.</summary>
    /// <param name="worker">Who.</param>
    /// <param name="enough">From here on nobody counts further.</param>
    public async Task<int> CountAsync(WorkerId worker, int enough)
    {
        while (true)
        {
            // What is answered stays so, unless its job is deleted: then what somebody has shown once counts on as long as it is remembered.
            if (_known.TryGetValue(worker, out var known) && (known.Answered >= enough || (known.IsAll && time.GetElapsedTime(known.At) < _memory))) return known.Answered;
            var counting = _counting.GetOrAdd(worker, _ => new Lazy<Counting>(() => new Counting(enough, counting => CountAsync(worker, counting)))).Value;
            counting.Raise(enough);
            var (answered, isAll) = await counting.End;
            // Others may have asked for less, and it had ended by the time that it was to go on.
            if (isAll || answered >= enough) return answered;
        }
    }

    /// <summary>How many there are, until they are enough, and whether that is all.</summary>
    private async Task<(int Answered, bool IsAll)> CountAsync(WorkerId worker, Counting counting)
    {
        // Others find it before it begins.
        await Task.Yield();
        var (answered, isAll, at) = (0, true, time.GetTimestamp());
        try
        {
            await foreach (var jobs in facts.ReadJobsAsync(worker, null).Chunk(JobsAtOnce))
            {
                answered += (await Task.WhenAll(jobs.Select(job => grains.GetGrain<IDispatchGrain>(job.Value).GetProgressAsync(worker)))).Sum(progress => progress.Answered);
                if (answered < counting.Enough) continue;
                isAll = false;
                break;
            }
            if (_known.Count >= MaxRemembered) _known.Clear();
            _known[worker] = (answered, isAll, at);
            return (answered, isAll);
        }
        finally
        {
            _counting.TryRemove(worker, out _);
        }
    }

    /// <summary>A count that is going on, as far as whoever waits for it needs it.</summary>
    private sealed class Counting
    {
        private int _enough;

        public Counting(int enough, Func<Counting, Task<(int Answered, bool IsAll)>> count)
        {
            _enough = enough;
            End = count(this);
        }

        public int Enough => Volatile.Read(ref _enough);

        public Task<(int Answered, bool IsAll)> End { get; }

        /// <summary>Has it go on to as many.</summary>
        public void Raise(int enough)
        {
            for (var before = Enough; before < enough; before = Enough) Interlocked.CompareExchange(ref _enough, enough, before);
        }
    }
}
