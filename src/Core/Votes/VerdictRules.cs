using System.Collections.Frozen;

namespace BulkQA.Core;

/// <summary>
/// What the verdicts of a job are decided by: its policy, and whose votes are set aside. A pure function of the votes; a later
/// <see cref="Revision"/> replaces an earlier one.
/// </summary>
public sealed class VerdictRules
{
    private readonly FrozenSet<WorkerId> _setAside;

    /// <param name="revision">One more with every change.</param>
    /// <param name="policy">The job's.</param>
    /// <param name="setAside">Workers whose votes do not count; null for none.</param>
    public VerdictRules(int revision, VerdictPolicy policy, IEnumerable<WorkerId>? setAside = null)
    {
        (Revision, Policy) = (revision, policy);
        _setAside = (setAside ?? []).ToFrozenSet();
    }

    public int Revision { get; }

    public VerdictPolicy Policy { get; }

    public bool IsSetAside(WorkerId worker) => _setAside.Count > 0 && _setAside.Contains(worker);

    /// <summary>What the worker's votes count.</summary>
    public WorkerWeight WeightOf(WorkerId worker) => new(!IsSetAside(worker));

    public Verdict Decide(VoteCounts counts) => Policy.Decide(counts.Confirms, counts.Disconfirms);

    /// <summary>Those of the answers to an image that count.</summary>
    public VoteCounts Count(AnswerSet answers)
    {
        var counts = default(VoteCounts);
        foreach (var answer in answers.Answers) counts = counts.Add(answer.Kind, WeightOf(answer.Worker));
        return counts;
    }

    public Verdict Decide(AnswerSet answers) => Decide(Count(answers));
}
