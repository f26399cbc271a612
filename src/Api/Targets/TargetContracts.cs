using System.Text.Json.Serialization;
using System.ComponentModel;
using System.Globalization;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>What a job's classes have to show.</summary>
public sealed record TargetRequest
{
    [Description("Incorrect images for each correct one at most, such as 0.1; from 0, which is every image correct")]
    public double? MaxIncorrectPerCorrect { get; init; }

    [Description("How likely, at least, no decision of the job is wrong, however often one looks; above 0 and below 1, default 0.95")]
    public double? Level { get; init; }

    [Description("What is decided: each class (class, the default), or each confidence bucket of each class (classAndBucket)")]
    public string? Per { get; init; }

    internal JobTarget? Read(List<(string Field, string Problem)> problems)
    {
        if (MaxIncorrectPerCorrect is null) problems.Add(("maxIncorrectPerCorrect", "missing: give a number from 0 up, such as 0.1 for one incorrect to ten correct"));
        TargetScope? per = Per switch { null or "class" => TargetScope.Class, "classAndBucket" => TargetScope.ClassAndBucket, _ => null };
        if (per is null) problems.Add(("per", $"'{Per}' is neither class nor classAndBucket"));
        var target = new JobTarget(MaxIncorrectPerCorrect ?? 0, Level ?? Certainty.DefaultLevel, per ?? TargetScope.Class);
        problems.AddRange(target.Problems());
        return problems.Count == 0 ? target : null;
    }

    internal static string NameOf(TargetScope per) => per == TargetScope.Class ? "class" : "classAndBucket";
}

/// <summary>A change of a job's target.</summary>
/// <param name="MaxIncorrectPerCorrect">Null, as the two after it, where the target was taken away.</param>
public sealed record TargetChangeResponse(int Revision, double? MaxIncorrectPerCorrect, double? Level, string? Per, DateTimeOffset At, string By)
{
    internal static TargetChangeResponse Of(TargetSetting setting) => new(
        setting.Revision, setting.Target?.MaxIncorrectPerCorrect, setting.Target?.Level, setting.Target is { } target ? TargetRequest.NameOf(target.Per) : null, setting.At, setting.By);
}

/// <summary>A job's target, and how far it is decided.</summary>
/// <param name="Revision">From 1, one more with every change; the level is that of each revision by itself.</param>
/// <param name="At">When it was given.</param>
/// <param name="By">Who gave it.</param>
/// <param name="Members">Classes, or buckets of classes, that the error (1 - level) is shared among evenly; 0 before anything is reviewed.</param>
/// <param name="FixedAt">When that was fixed; null before.</param>
/// <param name="Void">Those of which nothing is decided because their reviews are no random sample.</param>
/// <param name="Lapsed">That, and why, nobody promises the level any more; absent while it holds.</param>
/// <param name="Changes">The last 50 changes, this one and any before it.</param>
public sealed record TargetResponse(
    double MaxIncorrectPerCorrect, double Level, string Per, int Revision, DateTimeOffset At, string By, int Members, DateTimeOffset? FixedAt,
    int Open, int Pass, int Fail, int Void, IReadOnlyList<TargetChangeResponse> Changes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Lapsed)
{
    private const string OtherRules =
        "Policy, model, or which workers count was changed since reviews were first looked at: what is decided after that was looked at under two rules. Take the target away and give it again for its level to hold.";

    internal static TargetResponse Of(TargetSetting setting, JobTarget target, TargetProgress progress, IEnumerable<TargetSetting> changes) => new(
        target.MaxIncorrectPerCorrect, target.Level, TargetRequest.NameOf(target.Per), setting.Revision, setting.At, setting.By, progress.Members, progress.FixedAt,
        progress.Open, progress.Passed, progress.Failed, progress.Void, [.. changes.Select(TargetChangeResponse.Of)], progress.HaveRulesChanged ? OtherRules : null);
}

/// <summary>The numbers that something was decided by.</summary>
public sealed record DecisionNumbers(long Images, long Reviewed, long Incorrect);

/// <summary>How a class, or a bucket of it, stands to the job's target.</summary>
/// <param name="Bucket">Null where the whole class is decided.</param>
/// <param name="State"><c>open</c>, <c>pass</c>, <c>fail</c>, or <c>void</c>: nothing is decided because its reviews are no random sample.</param>
/// <param name="Images">How many there are now.</param>
/// <param name="Reviewed">Of them, in tasks that have all their answers, now.</param>
/// <param name="Incorrect">Of those, not Confirmed, now.</param>
/// <param name="DecidedAt">Null before it is decided.</param>
/// <param name="AtDecision">The numbers that it was decided by: later votes count, and a decision stays. Null before.</param>
/// <param name="Reason">In words.</param>
public sealed record DecisionResponse(
    string Label, string? Bucket, string State, long Images, long Reviewed, long Incorrect, DateTimeOffset? DecidedAt, DecisionNumbers? AtDecision, string Reason)
{
    internal static DecisionResponse Of(TargetStanding item, JobTarget target, int members, BucketEdges edges) => new(
        item.Member.Label.Value, item.Member.Bucket is { } bucket ? edges.NameOf(bucket) : null, StateOf(item), item.Images, item.Reviewed, item.Incorrect, item.Decision?.At,
        item.Decision is { } decision ? new DecisionNumbers(decision.Images, decision.Reviewed, decision.Incorrect) : null, ReasonOf(item, target, members));

    internal static string StateOf(TargetStanding item) => item switch
    {
        { Decision.Verdict: TargetVerdict.Pass } => "pass",
        { Decision.Verdict: TargetVerdict.Fail } => "fail",
        { Standing: >= FamilyStanding.NotShuffled } => "void",
        _ => "open",
    };

    private static string ReasonOf(TargetStanding item, JobTarget target, int members)
    {
        if (item.Decision is { } decision)
        {
            var (ratio, error) = (target.MaxIncorrectPerCorrect, target.ErrorOfEach(members));
            var side = decision.Verdict == TargetVerdict.Pass ? "at most" : "more than";
            var since = item.Standing == FamilyStanding.Grown ? ". It has got images since, of which this says nothing; it is handed out again" : "";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{side} {ratio} incorrect for each correct one: {decision.Reviewed} of {decision.Images} images were reviewed, {decision.Incorrect} of them incorrect; wrong with a probability of {error:G3} at most{since}");
        }
        return item.Standing switch
        {
            FamilyStanding.NotShuffled => "its images are not in one random order, as where they came by several imports that were each shuffled by itself: its first tasks are no random sample of it. Import all of its images at once, in another job",
            FamilyStanding.Grown => "it got images after the first reviews were looked at: what was reviewed is no random sample of all of them. If one import was still under way then, take the target away and give it again",
            FamilyStanding.Late => "it got its first images after the first reviews were looked at, when the error was shared already. Take the target away and give it again to begin anew with it",
            null => "nothing is reviewed in tasks that have all their answers",
            _ when item.Reviewed == 0 => "nothing of it is reviewed in tasks that have all their answers",
            _ => string.Create(CultureInfo.InvariantCulture, $"{item.Reviewed} of {item.Images} images are reviewed, {item.Incorrect} of them incorrect: that decides nothing yet"),
        };
    }
}

/// <summary>A page of decisions.</summary>
/// <param name="Revision">Of the target that they are by.</param>
/// <param name="NextCursor">Null at the end.</param>
public sealed record DecisionsResponse(int Revision, IReadOnlyList<DecisionResponse> Items, string? NextCursor);
