using System.ComponentModel;
using System.Text.Json;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>A share of so many, in percent, and between what the true one lies with 95 %.</summary>
/// <param name="Of">Of how many.</param>
/// <param name="Percent">Null of nothing.</param>
/// <param name="Lower">The lower end in percent.</param>
/// <param name="Upper">The upper end in percent.</param>
public sealed record ShareResponse(long Count, long Of, double? Percent, double Lower, double Upper)
{
    public const double Level = 0.95;

    /// <summary>With the exact interval of Clopper and Pearson.</summary>
    internal static ShareResponse Exact(long count, long of)
    {
        var interval = BinomialInterval.ClopperPearson(count, of, Level);
        return new ShareResponse(count, of, of == 0 ? null : 100.0 * count / of, 100 * interval.Lower, 100 * interval.Upper);
    }
}

/// <summary>A probability from 0 to 1, and between what it lies with 95 %.</summary>
public sealed record CoinResponse(double Value, double Lower, double Upper);

/// <summary>How reliable a worker is under a model.</summary>
/// <param name="Model">Its number: the adopted model, otherwise the latest.</param>
/// <param name="ConfirmsRight">Probability to confirm a right label.</param>
/// <param name="CatchesWrong">Probability to disconfirm a wrong label. The same coin as the other under a model of one coin.</param>
/// <param name="Votes">Over how many votes.</param>
public sealed record WorkerReliability(int Model, CoinResponse ConfirmsRight, CoinResponse CatchesWrong, long Votes)
{
    internal static WorkerReliability? Of(WorkerId worker, StoredModel? stored)
    {
        if (stored is null || stored.Model.IndexOf(worker) is not (>= 0 and var index)) return null;
        var (coins, counts) = (stored.Workers[index].Coins, stored.Workers[index].Counts);
        var oneCoin = stored.Method == ReliabilityMethod.OneCoin;
        return new WorkerReliability(
            stored.Model.Number,
            Of(coins.ConfirmsRight, oneCoin ? CoinInterval.OfOneCoin(counts, stored.Smoothing, ShareResponse.Level) : CoinInterval.OfConfirmsRight(counts, stored.Smoothing, ShareResponse.Level)),
            Of(coins.CatchesWrong, oneCoin ? CoinInterval.OfOneCoin(counts, stored.Smoothing, ShareResponse.Level) : CoinInterval.OfCatchesWrong(counts, stored.Smoothing, ShareResponse.Level)),
            counts.Votes);
    }

    private static CoinResponse Of(double value, Interval interval) => new(value, interval.Lower, interval.Upper);
}

/// <summary>Votes on gold; one that was shown in several tasks counts in each.</summary>
/// <param name="FalselyUnticked">Votes to disconfirm a label that is right, of all votes on such.</param>
/// <param name="MissedWrong">Votes to confirm a label that is wrong, of all votes on such.</param>
public sealed record GoldResponse(ShareResponse FalselyUnticked, ShareResponse MissedWrong)
{
    internal static GoldResponse? Of(GoldTally gold) => gold.Votes == 0 ? null
        : new GoldResponse(ShareResponse.Exact(gold.FalselyUnticked, gold.Right), ShareResponse.Exact(gold.MissedWrong, gold.Wrong));
}

/// <summary>What was decided about a worker: its votes or its qualification.</summary>
/// <param name="Number">From 1, in the order of the job's decisions.</param>
/// <param name="State">Its votes are <c>setAside</c> or <c>counted</c> from then on; null where it is about the qualification.</param>
/// <param name="Qualification"><c>granted</c>, <c>refused</c>, <c>again</c> (to be taken again) or <c>asAnswered</c> (withdrawn); null where it is about votes.</param>
public sealed record WorkerDecisionResponse(int Number, string WorkerId, string? State, string? Qualification, string? Reason, string By, DateTimeOffset At)
{
    internal static WorkerDecisionResponse Of(WorkerDecision decision) => new(
        decision.Number, decision.Worker.Value, decision.Qualification is not null ? null : decision.IsSetAside ? WorkerState.SetAside : WorkerState.Counted,
        QualificationDecisions.NameOf(decision.Qualification), decision.Reason, decision.By, decision.At);
}

/// <summary>Whether a worker may have tasks of a job that asks for a qualification.</summary>
/// <param name="State"><c>passed</c>, <c>failed</c>, or <c>open</c>: not decided yet.</param>
/// <param name="Hits">Gold images answered rightly in the batches that count; 0 where an operator has granted or refused it.</param>
/// <param name="Images">Of so many.</param>
/// <param name="Decision">What an operator decided last: <c>granted</c>, <c>refused</c>, or <c>again</c> (only what was answered since counts); null for nothing.</param>
/// <param name="DecidedAt">When; null for nothing.</param>
public sealed record WorkerQualification(string State, int Hits, int Images, string? Decision, DateTimeOffset? DecidedAt)
{
    internal static WorkerQualification? Of(Qualification? found, QualificationRuling? ruling) => found is null ? null
        : new WorkerQualification(JsonNamingPolicy.CamelCase.ConvertName(found.State.ToString()), found.Hits, found.Images, QualificationDecisions.NameOf(ruling?.Decision), ruling?.At);
}

/// <summary>Somebody who answered in a job.</summary>
/// <param name="Job">Its name.</param>
/// <param name="LookAlikes">Other workers of the job whose ids a person would take for this one, such as by case or accents.</param>
/// <param name="State"><c>counted</c>, or <c>setAside</c>: then the answers are kept and count for nothing.</param>
/// <param name="SetAside">Why and by whom; null where the votes count.</param>
/// <param name="Batches">Tasks answered whole.</param>
/// <param name="Images">Images answered in any way.</param>
/// <param name="Unticked">Votes that disconfirm, of all votes.</param>
/// <param name="Agreement">Votes that are as those of most others, of those on images where others have a majority.</param>
/// <param name="MissedWrong">Votes to confirm what most others disconfirm, of all votes on such images.</param>
/// <param name="Gold">What the worker did with gold; null where it saw none.</param>
/// <param name="Repeats">Images whose vote came in place of an earlier vote of the same worker.</param>
/// <param name="Contradictions">Those of them on which the worker has said the opposite of what stands.</param>
/// <param name="SecondsPerBatch">The median of whole batches whose time was measured, within five percent; null where none was.</param>
/// <param name="FirstAt">The earliest answer that stands.</param>
/// <param name="LastAt">The latest.</param>
/// <param name="Reliability">Null where no model knows the worker.</param>
/// <param name="Flags">What somebody should look at.</param>
/// <param name="Qualification">Null where the job asks for none, and in the list of a job's workers.</param>
/// <param name="Decisions">What was decided about it, as far as the job remembers: its last 300 decisions about anybody, and among them always those by which somebody is set aside now.</param>
public sealed record WorkerResponse(
    string Job, string WorkerId, IReadOnlyList<string> LookAlikes, string State, SetAsideResponse? SetAside, long Batches, long Images, long Votes, long CantTell, long NotSeen,
    ShareResponse Unticked, ShareResponse Agreement, ShareResponse MissedWrong, GoldResponse? Gold, long Repeats, ShareResponse Contradictions, double? SecondsPerBatch, DateTimeOffset? FirstAt, DateTimeOffset? LastAt,
    WorkerReliability? Reliability, IReadOnlyList<WorkerFlag> Flags,
    WorkerQualification? Qualification, IReadOnlyList<WorkerDecisionResponse> Decisions)
{
    /// <summary>Votes to disconfirm what most others confirm, of all votes on such images.</summary>
    public required ShareResponse FalselyUnticked { get; init; }

    internal static WorkerResponse Of(
        JobName job, WorkerId worker, WorkerTally tally, IEnumerable<WorkerId> lookAlikes, SetAsideWorker? setAside, StoredModel? model, WorkerQualification? qualification,
        IEnumerable<WorkerDecision> decisions) => new(
        job.Value, worker.Value, [.. lookAlikes.Select(other => other.Value)], setAside is null ? WorkerState.Counted : WorkerState.SetAside,
        setAside is null ? null : SetAsideResponse.Of(setAside), tally.Batches, tally.Images, tally.Votes, tally.CantTell, tally.NotSeen,
        ShareResponse.Exact(tally.Disconfirms, tally.Votes), ShareResponse.Exact(tally.Agreed, tally.Compared),
        ShareResponse.Exact(tally.OthersDisconfirm - tally.DisconfirmsWithOthers, tally.OthersDisconfirm),
        GoldResponse.Of(tally.Gold), tally.Repeats, ShareResponse.Exact(tally.Contradictions, tally.Repeats), tally.BatchTimes.Median?.TotalSeconds, tally.FirstAt.ToDateTimeOffset(), tally.LastAt.ToDateTimeOffset(),
        WorkerReliability.Of(worker, model), [.. WorkerFlag.Of(tally)], qualification,
        [.. decisions.Where(decision => decision.Worker == worker).Select(WorkerDecisionResponse.Of)])
        {
            FalselyUnticked = ShareResponse.Exact(tally.OthersConfirm - tally.ConfirmsWithOthers, tally.OthersConfirm),
        };
}

/// <param name="Complete">False where there may be more workers: a partition tells of ten thousand at most.</param>
public sealed record WorkersResponse(IReadOnlyList<WorkerResponse> Items, string? NextCursor, bool Complete);

/// <summary>What to change of a worker in a job.</summary>
public sealed record WorkerChange
{
    [Description("setAside: the answers are kept and count for nothing; counted: they count again")]
    public string? State { get; init; }

    [Description("Instead of state, where the job asks for a qualification, and also of somebody who has answered nothing yet. granted: the worker has passed; refused: it gets no tasks; again: it qualifies anew, and only gold that it answers from now on counts; asAnswered: what was decided is withdrawn, and all of its answers count")]
    public string? Qualification { get; init; }

    [Description("Why; required where votes are set aside or the qualification is refused, at most 300 bytes")]
    public string? Reason { get; init; }

    [Description("The number of the last decision about the worker that the caller knows of, 0 for none: where there is a later one, nothing is changed and the answer is 409. Left out, the change is refused (409) only where the last decision is of a later time than this request, by the servers' clocks")]
    public int? After { get; init; }
}

/// <summary>What a worker's answers in a job are worth.</summary>
internal static class WorkerState
{
    public const string Counted = "counted";
    public const string SetAside = "setAside";
}

/// <summary>How decisions about qualifications are named.</summary>
internal static class QualificationDecisions
{
    public const string Names = "granted, refused, again, asAnswered";

    /// <summary>Null for none.</summary>
    public static string? NameOf(QualificationDecision? decision) => decision switch
    {
        QualificationDecision.Granted => "granted",
        QualificationDecision.Refused => "refused",
        QualificationDecision.Again => "again",
        QualificationDecision.AsAnswered => "asAnswered",
        _ => null,
    };

    /// <summary>Null for what is none.</summary>
    public static QualificationDecision? OfName(string? name) => name switch
    {
        "granted" => QualificationDecision.Granted,
        "refused" => QualificationDecision.Refused,
        "again" => QualificationDecision.Again,
        "asAnswered" => QualificationDecision.AsAnswered,
        _ => null,
    };
}
