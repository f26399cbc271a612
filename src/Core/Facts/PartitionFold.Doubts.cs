namespace BulkQA.Core;

/// <content>Images on which the first workers leave doubt, so that another answer is wanted.</content>
public sealed partial class PartitionFold
{
    /// <summary>Null where no further workers are asked.</summary>
    private readonly DoubtRule? _doubtRule;

    private readonly HashSet<ImageSpot> _inDoubt = [];

    /// <summary>Those of <see cref="_inDoubt"/> that came since <see cref="TakeNewDoubts"/>, and perhaps others that are in doubt no longer.</summary>
    private readonly List<ImageSpot> _newDoubts = [];

    /// <summary>
    /// Whether another answer to an image is wanted: it has all its first answers, whether or not the other images of its task have; its task takes another worker; nobody
    /// has adjudicated the image; and its answers leave doubt (<see cref="DoubtRule"/>).
    /// </summary>
    public bool IsInDoubt(ImageSpot spot) => _inDoubt.Contains(spot);

    /// <summary>How many more workers may answer an image of a known task; 0 where no further ones are asked.</summary>
    public int CountLeft(ImageSpot spot) => _doubtRule is null ? 0 : Math.Max(0, _doubtRule.MaxWorkers - CountsOf(spot.Task, spot.Index).Answered);

    /// <summary>Images that came into doubt since this was called last, in the order in which they did; some may be in doubt no longer.</summary>
    internal List<ImageSpot> TakeNewDoubts()
    {
        var taken = _newDoubts.ToList();
        _newDoubts.Clear();
        return taken;
    }

    /// <summary>Whether a worker has given any answer to an image of a known task.</summary>
    public bool HasAnswered(ImageSpot spot, WorkerId worker) =>
        _indexOf.TryGetValue(worker, out var index) && _tasks[spot.Task.Value] is var task && task.Find(index) is >= 0 and var at && task.KindOf(at, spot.Index) != AnswerKind.None;

    /// <summary>When the worker gave its answer to an image of a known task; null where it gave none.</summary>
    public SubmissionTime? AnsweredAt(ImageSpot spot, WorkerId worker) =>
        HasAnswered(spot, worker) && _tasks[spot.Task.Value] is var task ? new SubmissionTime(task.TimeOf(task.Find(_indexOf[worker]), spot.Index)) : null;

    private void LookAtDoubts(int number, FoldedTask task)
    {
        if (_doubtRule is null) return;
        for (var image = 0; image < task.Confidences.Length; image++) LookAtDoubt(number, task, image);
    }

    private void LookAtDoubt(int number, FoldedTask task, int image)
    {
        if (_doubtRule is null) return;
        var spot = new ImageSpot(new TaskNumber(number), image);
        var counts = task.Count(image, Weights);
        var isInDoubt = counts.Answered >= _doubtRule.Workers && task.Workers.Length < AnswerSet.MaxWorkers && !task.IsGold(image)
            && AdjudicationOf(spot.Task, image) is null && _doubtRule.IsInDoubt(counts, _rules);
        if (!isInDoubt) _inDoubt.Remove(spot);
        else if (_inDoubt.Add(spot)) _newDoubts.Add(spot);
    }
}
