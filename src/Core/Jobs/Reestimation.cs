using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace BulkQA.Core;

/// <summary>When a job estimates the reliability of its workers anew by itself, and how. Written as <c>10000 twoCoin</c>.</summary>
/// <param name="EveryVotes">
/// By how much the number of votes that count must differ from that of the last model, from <see cref="LeastVotes"/> to <see cref="MostVotes"/>:
/// it grows as people vote, and falls or grows as workers are set aside or count again.
/// </param>
/// <param name="Method">What a worker is described by.</param>
public sealed record Reestimation(long EveryVotes, ReliabilityMethod Method)
{
    public const long LeastVotes = 100;
    public const long MostVotes = 1_000_000_000;

    /// <summary>What is wrong with it, each with its field; empty where all is well.</summary>
    public IEnumerable<(string Field, string Problem)> Problems()
    {
        if (EveryVotes is < LeastVotes or > MostVotes) yield return ("reestimate.everyVotes", $"{EveryVotes} is not from {LeastVotes} to {MostVotes}");
        if (!Enum.IsDefined(Method)) yield return ("reestimate.method", $"{Method} is not a method");
    }

    /// <summary>Whether it is time, after a model of so many votes.</summary>
    public bool IsDue(long votes, long votesBefore) => votes > 0 && Math.Abs(votes - votesBefore) >= EveryVotes;

    /// <param name="text">As <see cref="ToString"/> writes it.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Reestimation? reestimation)
    {
        reestimation = null;
        if (text?.Split(' ') is not [var votes, var method]
            || !long.TryParse(votes, NumberStyles.None, CultureInfo.InvariantCulture, out var every) || ReliabilityMethods.OfName(method) is not { } known) return false;
        reestimation = new Reestimation(every, known);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{EveryVotes} {ReliabilityMethods.NameOf(Method)}");
}
