namespace BulkQA.Core;

/// <summary>
/// Which images leave doubt after the first answers, so that further workers are asked about them alone. Workers of equal, known accuracy p are told apart from
/// chance by Wald's sequential test, whose likelihood ratio is (p / (1 - p)) to the power of confirms less disconfirms: it ends once one answer leads by enough
/// votes (A. Wald, "Sequential tests of statistical hypotheses", Annals of Mathematical Statistics 16, 1945). The lead asked for is what the first
/// workers give who all agree. The test also ends where the answers that are left can't turn the verdict (curtailed sampling), and after
/// <paramref name="MaxWorkers"/> answers at any rate. Under a weighted policy workers are told apart, and the posterior takes the place of the lead.
/// </summary>
/// <param name="Workers">Workers whose answers are asked for first, from 1.</param>
/// <param name="MaxWorkers">Workers that are asked at most, more than <paramref name="Workers"/>.</param>
public sealed record DoubtRule(int Workers, int MaxWorkers)
{
    private const string Field = "maxWorkersPerTask";

    /// <summary>Whether another answer is wanted to an image that the first workers have answered. Pure: the same counts under the same rules say the same.</summary>
    /// <param name="counts">Its answers that count.</param>
    /// <param name="rules">What its verdict is decided by.</param>
    public bool IsInDoubt(VoteCounts counts, VerdictRules rules)
    {
        var left = MaxWorkers - counts.Answered;
        // Without enough votes nothing is decided, however many answers there are: "can't tell" is one, and no vote.
        if (left <= 0 || counts.Votes + left < rules.Policy.RequiredVotes) return false;
        if (rules.Policy.Level is not null) return rules.Decide(counts) is Verdict.Unreviewed or Verdict.Split;
        if (counts.Votes < rules.Policy.RequiredVotes) return true;
        var lead = Math.Abs(counts.Confirms - counts.Disconfirms);
        return lead < Workers && lead <= left;
    }

    /// <summary>Why a job can't have so many workers at most, each with its field; empty where it can.</summary>
    public static IEnumerable<(string Field, string Problem)> Problems(JobSettings settings)
    {
        if (settings.MaxWorkersPerTask is not { } most) yield break;
        if (most is < 1 or > JobSettings.MaxWorkersPerTaskLimit) yield return (Field, $"{most} is not from 1 to {JobSettings.MaxWorkersPerTaskLimit}");
        else if (most <= settings.WorkersPerTask) yield return (Field, $"{most} is not more than the {settings.WorkersPerTask} workers that each task is answered by anyhow; give more, or leave it out");
        if (settings.Policy == VerdictPolicy.Unanimous)
            yield return (Field, "under the policy unanimous a disagreement stays one, however many workers answer; give the policy majority, quorum(k) or weighted(p)");
        if (settings.Sample is not null) yield return (Field, "a job with a sample asks the same number of workers about each of its tasks; leave out sample or maxWorkersPerTask");
    }
}
