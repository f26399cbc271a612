using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>Which images to list: those that all of these fit.</summary>
/// <param name="Label">Null: every class.</param>
/// <param name="Verdict">Null: any.</param>
/// <param name="Bucket">Index in the job's edges; null: any.</param>
/// <param name="Unseen">Whether only those whose picture could not be shown to one worker at least.</param>
/// <param name="Worker">Only those that it answered; null: any.</param>
/// <param name="PosteriorFrom">Only those with a posterior of at least this; null: any, also without one.</param>
/// <param name="PosteriorTo">Only those with a posterior of at most this.</param>
internal sealed record ImageFilter(
    Label? Label, Predicate<Verdict>? Verdict, int? Bucket, bool Unseen, WorkerId? Worker = null, double? PosteriorFrom = null, double? PosteriorTo = null)
{
    /// <summary>The problem that images are listed by.</summary>
    public const string UnseenProblem = "unseen";

    /// <summary>Whether an image of the class fits.</summary>
    public bool Fits(AnsweredImage image, BucketEdges edges, VerdictRules rules)
    {
        if (Bucket is not null && edges.IndexOf(image.Image.Confidence) != Bucket) return false;
        var answers = image.Answers;
        if (Worker is { } worker && !answers.Answers.Any(answer => answer.Worker == worker)) return false;
        var counts = rules.Count(answers);
        return (!Unseen || counts.NotSeen > 0)
            && (Verdict is null || Verdict(rules.Decide(counts)))
            && ((PosteriorFrom is null && PosteriorTo is null)
                || (rules.PosteriorOf(counts) is { } posterior && posterior >= (PosteriorFrom ?? 0) && posterior <= (PosteriorTo ?? 1)));
    }

    /// <summary>The same, for partitions to rank by.</summary>
    public ImageSelection ToSelection(ImageOrder order, RankedImage? after, int limit) => new(
        order, Enum.GetValues<Verdict>().Where(verdict => Verdict?.Invoke(verdict) ?? true).Aggregate(0, (bits, verdict) => bits | (1 << (int)verdict)),
        Bucket, Unseen, Worker, PosteriorFrom, PosteriorTo, after, limit);

    /// <summary>Reads a query; each parameter is null where it wasn't given.</summary>
    /// <returns>Null and the problem where one can't be.</returns>
    public static (ImageFilter? Filter, ProblemHttpResult? Problem) Read(
        JobSettings settings, string? label, string? verdict, string? bucket, string? problem, string? worker, double? posteriorFrom, double? posteriorTo)
    {
        if (!TryReadVerdict(verdict, out var wanted)) return (null, UnknownVerdict(verdict!));
        if (problem is not (null or UnseenProblem)) return (null, Problem.Invalid($"problem: '{problem}' is not {UnseenProblem}"));
        var edges = settings.BucketEdges;
        var index = bucket is null ? null : edges.Find(bucket);
        if (bucket is not null && index is null)
            return (null, Problem.Invalid($"bucket: '{bucket}' is none of {string.Join(", ", Enumerable.Range(0, edges.BucketCount).Select(edges.NameOf))}"));
        if (Named(label, out var name) is { } invalid) return (null, Problem.Invalid($"label: {invalid}"));
        WorkerId? answered = null;
        if (worker is not null)
        {
            if (!WorkerId.TryCreate(worker, out var given, out invalid)) return (null, Problem.Invalid($"worker: {invalid}"));
            answered = given;
        }
        foreach (var (field, value) in ((string, double?)[])[("posteriorFrom", posteriorFrom), ("posteriorTo", posteriorTo)])
            if (value is { } bound && bound is not (>= 0 and <= 1)) return (null, Problem.Invalid($"{field}: {bound} is not from 0 to 1"));
        return (new ImageFilter(name, wanted, index, problem is not null, answered, posteriorFrom, posteriorTo), null);
    }

    /// <summary>Null, a verdict, or <c>incorrect</c> (Disconfirmed or Split) or <c>reviewed</c> (all but Unreviewed); in any case.</summary>
    public static bool TryReadVerdict(string? text, out Predicate<Verdict>? wanted)
    {
        wanted = null;
        if (text is null) return true;
        if (text.Equals("incorrect", StringComparison.OrdinalIgnoreCase)) wanted = found => found is Core.Verdict.Disconfirmed or Core.Verdict.Split;
        else if (text.Equals("reviewed", StringComparison.OrdinalIgnoreCase)) wanted = found => found != Core.Verdict.Unreviewed;
        else if (!text.All(char.IsAsciiDigit) && Enum.TryParse<Verdict>(text, ignoreCase: true, out var verdict)) wanted = found => found == verdict;
        return wanted is not null;
    }

    public static ProblemHttpResult UnknownVerdict(string verdict) =>
        Problem.Invalid($"verdict: '{verdict}' is none of {string.Join(", ", Enum.GetNames<Verdict>())}, incorrect, reviewed");

    private static string? Named(string? text, out Label? label)
    {
        label = null;
        if (text is null) return null;
        if (!Core.Label.TryCreate(text, out var given, out var problem)) return problem;
        label = given;
        return null;
    }
}
