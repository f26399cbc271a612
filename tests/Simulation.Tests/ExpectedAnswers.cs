using BulkQA.Core;

namespace BulkQA.Simulation.Tests;

/// <summary>The answer of a worker to an image.</summary>
internal readonly record struct AnswerKey(Label Label, ImageUrl Url, WorkerId Worker);

/// <summary>An answer that stands.</summary>
internal readonly record struct StandingAnswer(long At, AnswerKind Kind);

/// <summary>What answers must come to, folded without any of the code under test.</summary>
internal sealed class ExpectedAnswers
{
    private readonly Dictionary<AnswerKey, StandingAnswer> _certain = [];
    private readonly Dictionary<AnswerKey, StandingAnswer> _unconfirmed = [];

    public int Count => _certain.Count;

    public void Add(Label label, TaskContent task, WorkerId worker, SubmissionTime at, TaskAnswers answers) => Add(_certain, label, task, worker, at, answers);

    public void Add(Label label, ImageUrl url, WorkerId worker, SubmissionTime at, AnswerKind kind) =>
        Fold(_certain, new AnswerKey(label, url, worker), new StandingAnswer(at.UtcTicks, kind));

    /// <summary>
    /// Whose answer to which image of a task: gold that is mixed in is another image in each task that shows it.
    /// </summary>
    public static AnswerKey KeyOf(Label label, TaskContent task, int index, WorkerId worker) =>
        new(label, task.Images[index].IsMixedIn ? ImageUrl.Create($"{task.Images[index].Url}?{task.Number}.{index}") : task.Images[index].Url, worker);

    /// <summary>May be there or not. The only ones of their worker.</summary>
    public void AddUncertain(Label label, TaskContent task, WorkerId worker, SubmissionTime at, TaskAnswers answers) => Add(_unconfirmed, label, task, worker, at, answers);

    /// <summary>The first answer that is missing, other than it should be, or of nobody; null where all is well.</summary>
    public string? FindDifference(IReadOnlyDictionary<AnswerKey, StandingAnswer> found)
    {
        foreach (var (key, expected) in _certain)
            if (!found.TryGetValue(key, out var answer)) return $"the answer of {key.Worker} on {key.Url} is lost";
            else if (answer != expected) return $"the answer of {key.Worker} on {key.Url} is {answer}, not {expected}";
        foreach (var (key, answer) in found)
            if (!_certain.ContainsKey(key) && (!_unconfirmed.TryGetValue(key, out var uncertain) || uncertain != answer)) return $"nobody sent {answer} of {key.Worker} on {key.Url}";
        return null;
    }

    /// <summary>The later answer stands; of two at the same time first disconfirm, then confirm, can't tell, not seen.</summary>
    public static void Fold<TKey>(Dictionary<TKey, StandingAnswer> answers, TKey key, StandingAnswer answer) where TKey : notnull
    {
        if (answers.TryGetValue(key, out var known) && (known.At > answer.At || (known.At == answer.At && Rank(known.Kind) >= Rank(answer.Kind)))) return;
        answers[key] = answer;
    }

    private static void Add(Dictionary<AnswerKey, StandingAnswer> answers, Label label, TaskContent task, WorkerId worker, SubmissionTime at, TaskAnswers given)
    {
        for (var index = 0; index < task.Images.Length; index++)
            if (given[index] != AnswerKind.None) Fold(answers, KeyOf(label, task, index, worker), new StandingAnswer(at.UtcTicks, given[index]));
    }

    private static int Rank(AnswerKind kind) => kind switch
    {
        AnswerKind.Disconfirm => 4,
        AnswerKind.Confirm => 3,
        AnswerKind.CantTell => 2,
        AnswerKind.NotSeen => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no answer"),
    };
}
