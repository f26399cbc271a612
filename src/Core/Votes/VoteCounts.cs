namespace BulkQA.Core;

/// <summary>The answers to an image that count, one a worker.</summary>
/// <param name="Confirms">Workers who confirm.</param>
/// <param name="Disconfirms">Workers who disconfirm.</param>
/// <param name="NotSeen">Workers to whom the picture could not be shown.</param>
/// <param name="Answered">Workers who answered anything.</param>
/// <param name="LogOdds">The sum of what the votes weigh under the adopted model (<see cref="WorkerWeight"/>); 0 without one.</param>
public readonly record struct VoteCounts(int Confirms, int Disconfirms, int NotSeen, int Answered, long LogOdds = 0)
{
    public int Votes => Confirms + Disconfirms;

    /// <summary>These, and one more answer of a worker who has none among them.</summary>
    public VoteCounts Add(AnswerKind kind, WorkerWeight weight) => !weight.IsCounted ? this : kind switch
    {
        AnswerKind.Confirm => this with { Answered = Answered + 1, Confirms = Confirms + 1, LogOdds = LogOdds + weight.Confirm },
        AnswerKind.Disconfirm => this with { Answered = Answered + 1, Disconfirms = Disconfirms + 1, LogOdds = LogOdds + weight.Disconfirm },
        AnswerKind.NotSeen => this with { Answered = Answered + 1, NotSeen = NotSeen + 1 },
        AnswerKind.CantTell => this with { Answered = Answered + 1 },
        _ => this,
    };
}

/// <summary>What a worker's votes count.</summary>
/// <param name="IsCounted">False where they are set aside.</param>
/// <param name="Confirm">What a vote to confirm adds to <see cref="VoteCounts.LogOdds"/>.</param>
/// <param name="Disconfirm">What a vote to disconfirm adds.</param>
public readonly record struct WorkerWeight(bool IsCounted, long Confirm = 0, long Disconfirm = 0);
