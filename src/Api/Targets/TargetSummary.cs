using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>How a job stands to its target, in the few words that its page has room for.</summary>
/// <param name="Line">The target, and how much of it is decided.</param>
/// <param name="ByLabel">By label how each class stands.</param>
public sealed record TargetSummary(string Line, IReadOnlyDictionary<string, string> ByLabel)
{
    /// <summary>Classes or buckets that are shown; of others the page says nothing.</summary>
    public const int MaxMembers = 5_000;

    internal static async Task<TargetSummary?> FindAsync(JobInfo job, IGrainFactory grains)
    {
        if (job.Target?.Target is null || await grains.GetTarget(job).ListAsync(after: null, MaxMembers) is not { Setting.Target: { } target } page) return null;
        var what = target.Per == TargetScope.Class ? "classes" : "buckets";
        var progress = page.Progress;
        var line = FormattableString.Invariant(
            $"Target: at most {target.MaxIncorrectPerCorrect} incorrect for each correct one, at level {target.Level}. Of {progress.Open + progress.Passed + progress.Failed + progress.Void} {what} {progress.Passed} pass, {progress.Failed} fail, {progress.Open} are open, {progress.Void} void.");
        return new TargetSummary(line, page.Items.GroupBy(item => item.Member.Label.Value).ToDictionary(
            entry => entry.Key, entry => Describe([.. entry.Select(DecisionResponse.StateOf)], target.Per), StringComparer.Ordinal));
    }

    private static string Describe(IReadOnlyList<string> states, TargetScope per) => per == TargetScope.Class
        ? $"target: {states[0]}"
        : "buckets: " + string.Join(", ", states.GroupBy(state => state).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Count()} {group.Key}"));
}
