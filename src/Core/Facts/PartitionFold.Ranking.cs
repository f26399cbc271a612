namespace BulkQA.Core;

/// <content>The images that come first in an order, out of all.</content>
public sealed partial class PartitionFold
{
    /// <summary>The first of the selected images, in their order. Looks at every image; keeps no more than it gives.</summary>
    public IReadOnlyList<RankedImage> Rank(ImageSelection selection) => Rank(selection, Tasks);

    /// <summary>The same of the images of some tasks: the first of all are among the first of the parts.</summary>
    public IReadOnlyList<RankedImage> Rank(ImageSelection selection, IEnumerable<TaskNumber> tasks)
    {
        // The last of those that are kept is on top.
        var kept = new PriorityQueue<RankedImage, RankedImage>(Comparer<RankedImage>.Create((left, right) => right.CompareTo(left)));
        var worker = selection.Worker is { } id ? _indexOf.GetValueOrDefault(id, -1) : (int?)null;
        if (worker == -1) return [];
        foreach (var number in tasks)
        {
            var task = _tasks[number.Value];
            var at = worker is { } index ? task.Find(index) : -1;
            if (worker is not null && at < 0) continue;
            for (var image = 0; image < task.Confidences.Length; image++)
            {
                if (task.IsGold(image) || (at >= 0 && task.KindOf(at, image) == AnswerKind.None)) continue;
                var counts = task.Count(image, Weights);
                if ((selection.Bucket is { } bucket && IndexOf(task.Confidences[image]) != bucket) || !selection.Fits(counts, _rules)) continue;
                var ranked = new RankedImage(ScoreOf(selection.Order, number.Value, image, task.Confidences[image], counts), number, image);
                if (selection.After is { } after && ranked <= after) continue;
                if (kept.Count < selection.Limit) kept.Enqueue(ranked, ranked);
                else if (ranked < kept.Peek()) kept.DequeueEnqueue(ranked, ranked);
            }
        }
        var found = new RankedImage[kept.Count];
        for (var place = found.Length - 1; place >= 0; place--) found[place] = kept.Dequeue();
        return found;
    }

    private double ScoreOf(ImageOrder order, int task, int image, double confidence, VoteCounts counts)
    {
        if (order == ImageOrder.Confidence) return double.IsNaN(confidence) ? -1 : confidence;
        var disagreement = counts.Votes < 2 ? 0 : 2.0 * counts.Confirms * counts.Disconfirms / ((double)counts.Votes * (counts.Votes - 1));
        if (order == ImageOrder.Disagreement) return disagreement;
        if (_adjudications.TryGetValue((task, image), out var adjudication) && adjudication.Verdict is not null) return -1;
        var verdict = _rules.Decide(counts);
        // From 0, certain, to 1, as likely right as wrong.
        var doubt = counts.Votes > 0 && _rules.PosteriorOf(counts) is { } posterior ? 1 - (2 * Math.Abs(posterior - 0.5)) : (double?)null;
        if (verdict == Verdict.Split) return 2 + (doubt ?? disagreement);
        var surprise = verdict != Verdict.Disconfirmed ? 0 : double.IsNaN(confidence) ? 0.5 : confidence / 100;
        // Images with the same votes are equally in doubt: then what is disconfirmed comes by its confidence. Both fit into one number with digits to spare.
        return doubt is { } known ? 1 + ((Math.Round(known * DoubtSteps) + (surprise / 2)) / (DoubtSteps + 1)) : surprise;
    }

    /// <summary>Steps between an image that is certain and one that is as likely right as wrong.</summary>
    private const double DoubtSteps = 1 << 28;
}
