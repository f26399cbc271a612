using System.Collections.Concurrent;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>What the verdicts of jobs are decided by, made once for each revision. Thread-safe.</summary>
public sealed class JobRules(ModelStore models)
{
    /// <summary>Jobs whose rules are kept; beyond that all are made anew.</summary>
    private const int MaxKept = 1_000;

    private readonly ConcurrentDictionary<Incarnation, VerdictRules> _kept = new();

    /// <summary>The rules of a job as it was read.</summary>
    /// <exception cref="StorageException">Its model can't be read; try again.</exception>
    public async ValueTask<VerdictRules> OfAsync(JobInfo job)
    {
        if (_kept.TryGetValue(job.Incarnation, out var kept) && kept.Revision == job.RulesRevision) return kept;
        var model = job.Model is not { } adopted ? null
            : (await models.ReadAsync(job.Incarnation, adopted.Name))?.Model ?? throw new StorageException($"model {adopted.Number} of job '{job.Name}' is not there; try again");
        if (_kept.Count >= MaxKept) _kept.Clear();
        return _kept[job.Incarnation] = new VerdictRules(job.RulesRevision, job.Settings.Policy, job.SetAside.Select(setAside => setAside.Worker), model);
    }
}
