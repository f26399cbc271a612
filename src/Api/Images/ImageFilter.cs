using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>Which images of a job to list.</summary>
/// <param name="Label">Null: every class.</param>
/// <param name="Selection">Which of a class: in any order, and without a bound yet.</param>
/// <param name="Text">Stands in the image's address, in upper or lower case; null for any address.</param>
internal sealed record ImageFilter(Label? Label, ImageSelection Selection, string? Text)
{
    private const int MaxTextLength = 200;

    /// <summary>The problem that images are listed by.</summary>
    public const string UnseenProblem = "unseen";

    /// <summary>Whether an image of the class fits.</summary>
    public bool Fits(AnsweredImage image, BucketEdges edges, VerdictRules rules)
    {
        if (Text is not null && !image.Image.Url.Value.Contains(Text, StringComparison.OrdinalIgnoreCase)) return false;
        if (Selection.Bucket is { } bucket && edges.IndexOf(image.Image.Confidence) != bucket) return false;
        var answers = image.Answers;
        return (Selection.Worker is not { } worker || answers.Answers.Any(answer => answer.Worker == worker)) && Selection.Fits(rules.Count(answers), rules);
    }

    /// <summary>Reads a query; each parameter is null where it wasn't given.</summary>
    /// <returns>Null and the problem where one can't be.</returns>
    public static (ImageFilter? Filter, ProblemHttpResult? Problem) Read(
        JobSettings settings, string? label, string? verdict, string? bucket, string? problem, string? worker, double? posteriorFrom, double? posteriorTo, string? text)
    {
        if (!TryReadVerdict(verdict, out var wanted)) return (null, UnknownVerdict(verdict!));
        if (problem is not (null or UnseenProblem)) return (null, Problem.Invalid($"problem: '{problem}' is not {UnseenProblem}"));
        var edges = settings.BucketEdges;
        var index = bucket is null ? null : edges.Find(bucket);
        if (bucket is not null && index is null)
            return (null, Problem.Invalid($"bucket: '{bucket}' is none of {string.Join(", ", Enumerable.Range(0, edges.BucketCount).Select(edges.NameOf))}"));
        if (OptionalLabel.Read(label, out var name) is { } invalid) return (null, invalid);
        WorkerId? answered = null;
        if (worker is not null)
        {
            if (!WorkerId.TryCreate(worker, out var given, out var wrong)) return (null, Problem.Invalid($"worker: {wrong}"));
            answered = given;
        }
        foreach (var (field, value) in ((string, double?)[])[("posteriorFrom", posteriorFrom), ("posteriorTo", posteriorTo)])
            if (value is { } bound && bound is not (>= 0 and <= 1)) return (null, Problem.Invalid($"{field}: {bound} is not from 0 to 1"));
        if (text?.Length > MaxTextLength) return (null, Problem.Invalid($"text: {text.Length} characters are more than {MaxTextLength}"));
        var verdicts = Enum.GetValues<Verdict>().Where(found => wanted?.Invoke(found) ?? true).Aggregate(0, (bits, found) => bits | (1 << (int)found));
        return (new ImageFilter(name, new ImageSelection(default, verdicts, index, problem is not null, answered, posteriorFrom, posteriorTo, null, int.MaxValue), string.IsNullOrEmpty(text) ? null : text), null);
    }

    /// <summary>Null, a verdict, or <c>incorrect</c> (Disconfirmed or Split) or <c>reviewed</c> (all but Unreviewed); in any case.</summary>
    public static bool TryReadVerdict(string? text, out Predicate<Verdict>? wanted)
    {
        wanted = null;
        if (text is null) return true;
        if (text.Equals("incorrect", StringComparison.OrdinalIgnoreCase)) wanted = found => found is Verdict.Disconfirmed or Verdict.Split;
        else if (text.Equals("reviewed", StringComparison.OrdinalIgnoreCase)) wanted = found => found != Verdict.Unreviewed;
        else if (!text.All(char.IsAsciiDigit) && Enum.TryParse<Verdict>(text, ignoreCase: true, out var verdict)) wanted = found => found == verdict;
        return wanted is not null;
    }

    public static ProblemHttpResult UnknownVerdict(string verdict) =>
        Problem.Invalid($"verdict: '{verdict}' is none of {string.Join(", ", Enum.GetNames<Verdict>())}, incorrect, reviewed");
}
