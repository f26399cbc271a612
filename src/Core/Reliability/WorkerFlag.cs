using System.Globalization;

namespace BulkQA.Core;

/// <summary>Something about a worker that somebody should look at. A hint, never a verdict.</summary>
/// <param name="Kind"><c>neverUnticks</c>, <c>tooFast</c>, <c>disagrees</c> or <c>contradictsItself</c>.</param>
/// <param name="Reason">With the numbers behind it, for people.</param>
public sealed record WorkerFlag(string Kind, string Reason)
{
    /// <summary>Of the wrong images by others, what a worker must catch at least, by the upper end of its interval.</summary>
    public const double LeastCaught = 0.2;

    /// <summary>What looking at a picture takes at least; people tell a familiar thing in some 150 ms, and then have to go on.</summary>
    public static readonly TimeSpan LeastPerImage = TimeSpan.FromSeconds(0.3);

    /// <summary>Batches from which on their times say something.</summary>
    public const int LeastBatches = 3;

    /// <summary>
    /// Of the images that a worker votes on again, on what share it may say the opposite, by the lower end of its interval. Somebody who
    /// unticks one in nine by chance says the opposite on one in five.
    /// </summary>
    public const double MostContradicted = 0.2;

    /// <summary>Images voted on again from which on they say something: a few that are corrected on purpose do not.</summary>
    public const int LeastRepeats = 10;

    /// <summary>Of two-sided intervals: each end is passed by chance once in a hundred times.</summary>
    private const double Level = 0.98;

    /// <summary>What is remarkable about a worker; nothing for one with few votes.</summary>
    public static IEnumerable<WorkerFlag> Of(WorkerTally tally)
    {
        if (tally.OthersDisconfirm > 0 && BinomialInterval.ClopperPearson(tally.DisconfirmsWithOthers, tally.OthersDisconfirm, Level).Upper < LeastCaught)
            yield return new("neverUnticks", Text($"unticked {tally.DisconfirmsWithOthers} of the {tally.OthersDisconfirm} images that most others unticked"));
        if (tally.TimedImages > 0 && tally.BatchTimes.Counts.Sum() >= LeastBatches && tally.TimedSeconds / tally.TimedImages < LeastPerImage.TotalSeconds)
            yield return new("tooFast", Text($"took {tally.TimedSeconds / tally.TimedImages:0.00} s an image over {tally.TimedImages} images; looking takes {LeastPerImage.TotalSeconds:0.0} s"));
        if (tally.Compared > 0 && BinomialInterval.ClopperPearson(tally.Agreed, tally.Compared, Level).Upper < 0.5)
            yield return new("disagrees", Text($"voted as most others did on {tally.Agreed} of {tally.Compared} images, which is less than by tossing a coin"));
        if (tally.Repeats >= LeastRepeats && BinomialInterval.ClopperPearson(tally.Contradictions, tally.Repeats, Level).Lower > MostContradicted)
            yield return new("contradictsItself", Text($"said the opposite on {tally.Contradictions} of the {tally.Repeats} images it voted on again"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
