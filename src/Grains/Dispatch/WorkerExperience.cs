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

    /// <summary>How many the worker has answered, as far as jobs have heard of it: that takes a second or so.</summary>
    /// <param name="worker">Who.</param>
    /// <param name="enough">From here on nobody counts further.</param>
    public async Task<int> CountAsync(WorkerId worker, int enough)
    {
        // What is answered stays so, unless its job is deleted: then what somebody has shown once counts on as long as it is remembered.
        if (_known.TryGetValue(worker, out var known) && (known.Answered >= enough || (known.IsAll && time.GetElapsedTime(known.At) < _memory))) return known.Answered;
        var (answered, isAll, at) = (0, true, time.GetTimestamp());
        await foreach (var jobs in facts.ReadJobsAsync(worker, null).Chunk(JobsAtOnce))
        {
            answered += (await Task.WhenAll(jobs.Select(job => grains.GetGrain<IDispatchGrain>(job.Value).GetProgressAsync(worker)))).Sum(progress => progress.Answered);
            if (answered < enough) continue;
            isAll = false;
            break;
        }
        if (_known.Count >= MaxRemembered) _known.Clear();
        _known[worker] = (answered, isAll, at);
        return answered;
    }
}
