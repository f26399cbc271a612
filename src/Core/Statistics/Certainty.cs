namespace BulkQA.Core;

/// <summary>What a percentage is asked about.</summary>
public enum Scope : byte
{
    /// <summary>How right these very images are: a point once all of them are reviewed.</summary>
    Corpus,

    /// <summary>How right the model will be on more of the same, of which these images are a sample.</summary>
    Model,
}

/// <summary>Of what, and how certainly, percentages are given: two-sided exact intervals.</summary>
/// <param name="Level">Such as 0.95; above 0 and below 1.</param>
public sealed record Certainty(double Level, Scope Scope)
{
    public const double DefaultLevel = 0.95;

    /// <summary>What is wrong with a level; null where nothing is.</summary>
    public static string? ProblemOf(double level) => 1 - level is > 0 and < 1 ? null : $"{level} is not above 0 and below 1, such as 0.95 for 95 %";

    /// <summary>The name of a scope in requests and answers.</summary>
    public static string NameOf(Scope scope) => scope == Scope.Model ? "model" : "corpus";

    /// <summary>The scope of that name; null where there is none.</summary>
    public static Scope? ScopeOf(string? name) => name switch { "corpus" => Core.Scope.Corpus, "model" => Core.Scope.Model, _ => null };

    /// <summary>The interval of the percentage of correct images, all from 0 to 100 where nothing is reviewed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The level is outside its range.</exception>
    public Interval PercentOf(BucketTally counts)
    {
        var (lower, upper) = Scope == Scope.Corpus
            ? HypergeometricInterval.Exact(counts.Confirmed, counts.Reviewed, counts.Total, Level)
            : BinomialInterval.ClopperPearson(counts.Confirmed, counts.Reviewed, Level);
        return new Interval(100 * lower, 100 * upper);
    }
}
