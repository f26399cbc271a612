using System.Collections.Frozen;

namespace BulkQA.Core;

/// <summary>
/// What the verdicts of a job are decided by: its policy, whose votes are set aside, and the model of its workers where it has adopted
/// one. A pure function of the votes; a later <see cref="Revision"/> replaces an earlier one.
/// </summary>
public sealed class VerdictRules
{
    /// <summary>What a verdict would need where a model is adopted and the policy is not weighted: then only posteriors are asked for.</summary>
    private const double UnusedLevel = 0.95;

    private readonly FrozenSet<WorkerId> _setAside;
    private readonly PosteriorRule? _posterior;

    /// <param name="revision">One more with every change.</param>
    /// <param name="policy">The job's.</param>
    /// <param name="setAside">Workers whose votes do not count; null for none.</param>
    /// <param name="model">The adopted model; null for none.</param>
    /// <exception cref="ArgumentException">The policy is weighted, and there is no model.</exception>
    public VerdictRules(int revision, VerdictPolicy policy, IEnumerable<WorkerId>? setAside = null, ReliabilityModel? model = null)
    {
        if (policy.Level is not null && model is null) throw new ArgumentException($"{policy} needs a model", nameof(model));
        (Revision, Policy, Model) = (revision, policy, model);
        _setAside = (setAside ?? []).ToFrozenSet();
        if (model is not null) _posterior = new PosteriorRule(model.Parameters, policy.Level ?? UnusedLevel);
    }

    public int Revision { get; }

    public VerdictPolicy Policy { get; }

    public ReliabilityModel? Model { get; }

    public bool IsSetAside(WorkerId worker) => _setAside.Count > 0 && _setAside.Contains(worker);

    /// <summary>What the worker's votes count.</summary>
    public WorkerWeight WeightOf(WorkerId worker)
    {
        if (_posterior is null || Model is null) return new WorkerWeight(!IsSetAside(worker));
        var index = Model.IndexOf(worker);
        return new WorkerWeight(!IsSetAside(worker), _posterior.Confirm(index), _posterior.Disconfirm(index));
    }

    public Verdict Decide(VoteCounts counts) => _posterior is not null && Policy.Level is not null
        ? _posterior.Decide(_posterior.Prior + counts.LogOdds, counts.Votes)
        : Policy.Decide(counts.Confirms, counts.Disconfirms);

    /// <summary>Probability that the label is right, by the votes that count; null without a model. Without votes the model's prior.</summary>
    public double? PosteriorOf(VoteCounts counts) => _posterior is null ? null : PosteriorRule.Posterior(_posterior.Prior + counts.LogOdds);

    /// <summary>Those of the answers to an image that count.</summary>
    public VoteCounts Count(AnswerSet answers)
    {
        var counts = default(VoteCounts);
        foreach (var answer in answers.Answers) counts = counts.Add(answer.Kind, WeightOf(answer.Worker));
        return counts;
    }

    public Verdict Decide(AnswerSet answers) => Decide(Count(answers));
}
