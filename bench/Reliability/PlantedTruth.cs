using BulkQA.Core;

namespace BulkQA.Bench;

/// <summary>What is made of planted votes, image by image, and how much of it is true.</summary>
internal static class PlantedTruth
{
    /// <summary>Whether each label is taken to be right: with the posterior of a model, from one half on.</summary>
    public static bool[] ByModel(PlantedVotes votes, ReliabilityParameters parameters, Func<int, int> indexOf)
    {
        // The level decides no more than how sure verdicts are, and there are none here.
        var rule = new PosteriorRule(parameters, 0.9);
        return Each(votes, (image, workers) =>
            rule.Prior + workers.Sum(worker => votes.Confirms(image, worker) ? rule.Confirm(indexOf(worker)) : rule.Disconfirm(indexOf(worker))) >= 0);
    }

    /// <summary>The share of labels that are told right from wrong.</summary>
    public static double Share(bool[] labels) => labels.Index().Count(label => label.Item == PlantedVotes.IsRight(label.Index)) / (double)labels.Length;

    /// <summary>The same by majority; a tie is as good as a coin, and counts one half.</summary>
    public static double ShareByMajority(PlantedVotes votes) => Each(votes, (image, workers) =>
    {
        var lead = workers.Sum(worker => votes.Confirms(image, worker) ? 1 : -1);
        return lead == 0 ? 0.5 : lead > 0 == PlantedVotes.IsRight(image) ? 1 : 0;
    }).Average();

    private static T[] Each<T>(PlantedVotes votes, Func<int, int[], T> of)
    {
        var all = new T[votes.Images];
        Parallel.For(0, votes.Tasks, task =>
        {
            var workers = votes.WorkersOf(task);
            for (var image = task * Votes.TaskSize; image < (task + 1) * Votes.TaskSize; image++) all[image] = of(image, workers);
        });
        return all;
    }
}
