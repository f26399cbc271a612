using System.Globalization;

namespace BulkQA.Core;

/// <summary>
/// How a vote set becomes a verdict: a pure function of the votes, so that the same votes give the same verdict in any
/// order. Written <c>unanimous</c>, <c>majority</c>, <c>quorum(k)</c> or <c>weighted(p)</c>. The last needs a model of the
/// workers, and <see cref="VerdictRules"/> decides by it.
/// </summary>
public sealed record VerdictPolicy
{
    /// <summary>What a weighted policy must be above, and below what: less would decide either way, and certain nothing ever is.</summary>
    public const double LeastLevel = 0.5, GreatestLevel = 1;

    private enum Kind { Unanimous, Majority, Quorum, Weighted }

    private readonly Kind _kind;
    private readonly int _quorum;

    private VerdictPolicy(Kind kind, int quorum) => (_kind, _quorum) = (kind, quorum);

    /// <summary>All confirm: Confirmed; all disconfirm: Disconfirmed; otherwise Split.</summary>
    public static VerdictPolicy Unanimous { get; } = new(Kind.Unanimous, 1);

    /// <summary>The greater number decides; a tie is Split.</summary>
    public static VerdictPolicy Majority { get; } = new(Kind.Majority, 1);

    /// <summary>Unreviewed until <paramref name="votes"/> workers voted (1 to <see cref="AnswerSet.MaxWorkers"/>), then majority.</summary>
    public static VerdictPolicy Quorum(int votes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(votes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(votes, AnswerSet.MaxWorkers);
        return new VerdictPolicy(Kind.Quorum, votes);
    }

    /// <summary>
    /// By the posterior under the job's model: Confirmed where the label is right with this probability at least, Disconfirmed where it
    /// is wrong with it, otherwise Split; Unreviewed without votes.
    /// </summary>
    /// <param name="level">Above <see cref="LeastLevel"/> and below <see cref="GreatestLevel"/>.</param>
    public static VerdictPolicy Weighted(double level)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(level, LeastLevel);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(level, GreatestLevel);
        return new VerdictPolicy(Kind.Weighted, 1) { Level = level };
    }

    /// <summary>The level of a weighted policy; null for any other.</summary>
    public double? Level { get; private init; }

    /// <summary>What decides where no model is at hand, such as in Ground Truth's own output: majority instead of weighted.</summary>
    public VerdictPolicy WithoutModel() => _kind == Kind.Weighted ? Majority : this;

    /// <summary>Votes without which it decides nothing.</summary>
    public int RequiredVotes => _quorum;

    public static bool TryParse(string? text, out VerdictPolicy policy)
    {
        policy = Unanimous;
        if (text is null) return false;
        if (text == "unanimous") return true;
        if (text == "majority")
        {
            policy = Majority;
            return true;
        }
        if (text.StartsWith("weighted(", StringComparison.Ordinal) && text.EndsWith(')'))
        {
            if (!double.TryParse(text.AsSpan(9, text.Length - 10), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var level)
                || level is not (> LeastLevel and < GreatestLevel))
                return false;
            policy = Weighted(level);
            return true;
        }
        if (!text.StartsWith("quorum(", StringComparison.Ordinal) || !text.EndsWith(')')
            || !int.TryParse(text.AsSpan(7, text.Length - 8), NumberStyles.None, CultureInfo.InvariantCulture, out var votes)
            || votes is < 1 or > AnswerSet.MaxWorkers)
            return false;
        policy = Quorum(votes);
        return true;
    }

    /// <exception cref="InvalidOperationException">It is weighted, and needs to know whose the votes are.</exception>
    public Verdict Decide(int confirms, int disconfirms)
    {
        if (_kind == Kind.Weighted) throw new InvalidOperationException($"{this} decides by a model, not by counts");
        if (confirms + disconfirms < _quorum || confirms + disconfirms == 0) return Verdict.Unreviewed;
        if (_kind == Kind.Unanimous && confirms > 0 && disconfirms > 0) return Verdict.Split;
        return confirms == disconfirms ? Verdict.Split : confirms > disconfirms ? Verdict.Confirmed : Verdict.Disconfirmed;
    }

    public override string ToString() => _kind switch
    {
        Kind.Unanimous => "unanimous",
        Kind.Majority => "majority",
        Kind.Weighted => string.Create(CultureInfo.InvariantCulture, $"weighted({(decimal)Level!.Value})"),
        _ => string.Create(CultureInfo.InvariantCulture, $"quorum({_quorum})"),
    };
}
