namespace BulkQA.Core;

/// <content>What a reliability model says of the images.</content>
public sealed partial class PartitionFold
{
    /// <summary>
    /// The posteriors of all images but gold, the model's prior where nobody voted; null where the rules have no model. Looks at every answer.
    /// </summary>
    /// <param name="isFinal">Whether what is adjudicated is certain.</param>
    public PosteriorSums? SumPosteriors(bool isFinal) => SumPosteriors(isFinal, Tasks);

    /// <summary>The same of the images of some tasks; what parts come to adds up.</summary>
    public PosteriorSums? SumPosteriors(bool isFinal, IEnumerable<TaskNumber> tasks) => _rules.Model is null ? null : PosteriorSums.Of(Posteriors(isFinal, tasks));

    private IEnumerable<double> Posteriors(bool isFinal, IEnumerable<TaskNumber> tasks)
    {
        foreach (var number in tasks)
        {
            var task = _tasks[number.Value];
            for (var image = 0; image < task.Confidences.Length; image++)
            {
                if (task.IsGold(image)) continue;
                if (isFinal && _adjudications.Count > 0 && _adjudications.TryGetValue((number.Value, image), out var adjudication) && adjudication.Verdict is { } decided)
                    yield return decided == Verdict.Confirmed ? 1 : 0;
                else yield return _rules.PosteriorOf(task.Count(image, Weights))!.Value;
            }
        }
    }
}
