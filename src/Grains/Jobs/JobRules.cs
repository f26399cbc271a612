using System.Collections.Concurrent;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>What the verdicts of jobs are decided by, made once for each revision. Thread-safe.</summary>
public sealed class JobRules
{
    /// <summary>Jobs whose rules are kept; beyond that all are made anew.</summary>
    private const int MaxKept = 1_000;

    private readonly ConcurrentDictionary<Incarnation, VerdictRules> _kept = new();

    /// <summary>The rules of a job as it was read.</summary>
    public VerdictRules Of(JobInfo job)
    {
        if (_kept.TryGetValue(job.Incarnation, out var kept) && kept.Revision == job.RulesRevision) return kept;
        if (_kept.Count >= MaxKept) _kept.Clear();
        return _kept[job.Incarnation] = new VerdictRules(job.RulesRevision, job.Settings.Policy, job.SetAside.Select(setAside => setAside.Worker));
    }
}
