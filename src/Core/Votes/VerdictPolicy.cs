using System.Globalization;

namespace BulkQA.Core;

/// <summary>
/// How a vote set becomes a verdict: a pure function of the counts, so that the same votes give the same verdict in any
/// order. Written <c>unanimous</c>, <c>majority</c> or <c>quorum(k)</c>.
/// </summary>
public sealed record VerdictPolicy
{
    private enum Kind { Unanimous, Majority, Quorum }

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
        if (!text.StartsWith("quorum(", StringComparison.Ordinal) || !text.EndsWith(')')
            || !int.TryParse(text.AsSpan(7, text.Length - 8), NumberStyles.None, CultureInfo.InvariantCulture, out var votes)
            || votes is < 1 or > AnswerSet.MaxWorkers)
            return false;
        policy = Quorum(votes);
        return true;
    }

    public Verdict Decide(int confirms, int disconfirms)
    {
        if (confirms + disconfirms < _quorum || confirms + disconfirms == 0) return Verdict.Unreviewed;
        if (_kind == Kind.Unanimous && confirms > 0 && disconfirms > 0) return Verdict.Split;
        return confirms == disconfirms ? Verdict.Split : confirms > disconfirms ? Verdict.Confirmed : Verdict.Disconfirmed;
    }

    public override string ToString() => _kind switch
    {
        Kind.Unanimous => "unanimous",
        Kind.Majority => "majority",
        _ => string.Create(CultureInfo.InvariantCulture, $"quorum({_quorum})"),
    };
}
