using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>An answer that was given to an image, whether or not it still stands.</summary>
/// <param name="Answer"><c>confirm</c>, <c>disconfirm</c>, <c>cantTell</c> or <c>notSeen</c>.</param>
/// <param name="At">Null where no time was given.</param>
/// <param name="Source"><c>rest</c>, <c>workerPage</c>, <c>groundTruth</c> or <c>simulated</c>.</param>
/// <param name="Boxes">How the boxes were when the worker first saw them: <c>ticked</c>, <c>unticked</c> or <c>neither</c>; null where nobody said.</param>
/// <param name="SecondsTaken">For all images answered together; null where nobody measured.</param>
/// <param name="Stands">Whether it is the worker's answer now.</param>
/// <param name="ReplacedBy">The position in the list of the same worker's answer that took its place; null where it stands.</param>
public sealed record GivenAnswerResponse(
    string WorkerId, string Answer, DateTimeOffset? At, string Source, string? Boxes, double? SecondsTaken, bool Stands, int? ReplacedBy);

/// <summary>A decision about an image, or its withdrawal.</summary>
/// <param name="Verdict">Null where the decision before was withdrawn.</param>
public sealed record AdjudicationEntry(Verdict? Verdict, string? RightLabel, string? Note, string By, DateTimeOffset? At);

/// <summary>A worker whose votes in the job do not count.</summary>
public sealed record SetAsideResponse(string WorkerId, string Reason, string By, DateTimeOffset At)
{
    internal static SetAsideResponse Of(SetAsideWorker worker) => new(worker.Worker.Value, worker.Reason, worker.By, worker.At);
}

/// <summary>An image and all that was ever said of it.</summary>
/// <param name="Answers">In the order in which later ones replace earlier ones.</param>
/// <param name="Adjudications">In their order; the last stands.</param>
/// <param name="SetAside">Those of its workers whose votes do not count.</param>
/// <param name="Decisions">When votes of its workers were set aside and counted again, as far as the job remembers.</param>
public sealed record ImageHistoryResponse(
    ImageResponse Image, IReadOnlyList<GivenAnswerResponse> Answers, IReadOnlyList<AdjudicationEntry> Adjudications, IReadOnlyList<SetAsideResponse> SetAside,
    IReadOnlyList<WorkerDecisionResponse> Decisions)
{
    internal static ImageHistoryResponse Of(ImageHistory history, Label label, JobInfo job, VerdictRules rules, IEnumerable<WorkerDecision> decisions)
    {
        var answers = history.Answers;
        var replacedBy = new int?[answers.Length];
        var last = new Dictionary<WorkerId, int>();
        for (var index = answers.Length - 1; index >= 0; index--)
        {
            var worker = answers[index].Answer.Worker;
            replacedBy[index] = last.TryGetValue(worker, out var next) ? next : null;
            last[worker] = index;
        }
        return new ImageHistoryResponse(
            ImageResponse.Of(history.Image, label, rules),
            [.. answers.Select((given, index) => Of(given, replacedBy[index]))],
            [.. history.Image.Adjudications.Select(entry => new AdjudicationEntry(entry.Verdict, entry.RightLabel?.Value, entry.Note, entry.By, entry.At.ToDateTimeOffset()))],
            [.. job.SetAside.Where(setAside => last.ContainsKey(setAside.Worker)).Select(SetAsideResponse.Of)],
            [.. decisions.Where(decision => decision.Qualification is null && last.ContainsKey(decision.Worker)).Select(WorkerDecisionResponse.Of)]);
    }

    private static GivenAnswerResponse Of(GivenAnswer given, int? replacedBy) => new(
        given.Answer.Worker.Value, AnswerKinds.NameOf(given.Answer.Kind), given.Answer.At.ToDateTimeOffset(),
        given.Source switch
        {
            AnswerSource.WorkerPage => "workerPage",
            AnswerSource.GroundTruth => "groundTruth",
            AnswerSource.Simulated => "simulated",
            _ => "rest",
        },
        BoxStates.NameOf(given.Start), given.Taken?.TotalSeconds, replacedBy is null, replacedBy);
}
