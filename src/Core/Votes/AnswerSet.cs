using System.Collections.Immutable;

namespace BulkQA.Core;

/// <summary>
/// The answers to one image, the latest of each worker, ordered by worker. Answers may come in any order, and repeated: the
/// set is the same.
/// </summary>
public sealed class AnswerSet
{
    /// <summary>The most workers that answer one task, and so one image.</summary>
    public const int MaxWorkers = 256;

    public static readonly AnswerSet Empty = new([]);

    private AnswerSet(ImmutableArray<ImageAnswer> answers)
    {
        Answers = answers;
        foreach (var answer in answers)
        {
            if (answer.Kind == AnswerKind.Confirm) Confirms++;
            else if (answer.Kind == AnswerKind.Disconfirm) Disconfirms++;
            else if (answer.Kind == AnswerKind.CantTell) CantTell++;
            else NotSeen++;
            if (answer.At > LastAt) LastAt = answer.At;
        }
    }

    /// <summary>Ordered by worker id, ordinally.</summary>
    public ImmutableArray<ImageAnswer> Answers { get; }

    public int Confirms { get; }

    public int Disconfirms { get; }

    /// <summary>Workers who saw the image and could not tell.</summary>
    public int CantTell { get; }

    /// <summary>Workers to whom the picture could not be shown.</summary>
    public int NotSeen { get; }

    /// <summary>The latest submission time among the answers; <see cref="SubmissionTime.None"/> when there is none.</summary>
    public SubmissionTime LastAt { get; }

    public static AnswerSet Of(IEnumerable<ImageAnswer> answers)
    {
        var latest = new SortedDictionary<string, ImageAnswer>(StringComparer.Ordinal);
        foreach (var answer in answers)
            if (!latest.TryGetValue(answer.Worker.Value, out var known) || answer.Replaces(known)) latest[answer.Worker.Value] = answer;
        return latest.Count == 0 ? Empty : new AnswerSet([.. latest.Values]);
    }
}
