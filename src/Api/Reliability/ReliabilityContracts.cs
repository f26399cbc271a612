using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>How to estimate a model of a job's workers. Whatever is left out has its default.</summary>
public sealed record ReliabilityRequest
{
    [Description("oneCoin (how often a worker is right) or twoCoin (default: how often it confirms right labels, and how often it catches wrong ones)")]
    public string? Method { get; init; }

    [Description("Probability that a label is right before anybody voted, above 0 and below 1, or \"estimated\" (default)")]
    public JsonElement? Prior { get; init; }

    [Description("Votes that every worker is taken to have had before: {\"hits\": 2, \"misses\": 1} is the default; 0 and 0 for none")]
    public SmoothingRequest? Smoothing { get; init; }

    [Description("Rounds over all votes at most, 1 to 10,000; default 500")]
    public int? MaxIterations { get; init; }

    [Description("It stops once a round changes the log-likelihood by no more than this per vote, 1e-14 to 0.01; default 1e-8")]
    public double? Tolerance { get; init; }

    [Description("Where to begin: {\"model\": 3}, a model of the same method that is done, which takes fewer rounds where votes have not changed much since; default the votes alone")]
    public StartRequest? Start { get; init; }

    internal (ReliabilitySettings Settings, IReadOnlyList<(string Field, string Problem)> Problems) Read()
    {
        var problems = new List<(string Field, string Problem)>();
        if (Start is { Model: null }) problems.Add(("start.model", "it is missing: the number of a model that is done"));
        var method = ReliabilityMethods.OfName(Method ?? ReliabilityMethods.NameOf(ReliabilityMethod.TwoCoin));
        if (method is null) problems.Add(("method", $"'{Method}' is neither oneCoin nor twoCoin"));
        double? prior = null;
        if (Prior is { ValueKind: JsonValueKind.Number } number) prior = number.GetDouble();
        else if (Prior is { } text && !(text.ValueKind == JsonValueKind.String && text.GetString() == "estimated"))
            problems.Add(("prior", $"{text} is neither a number nor \"estimated\""));
        var defaults = new ReliabilitySettings();
        var settings = new ReliabilitySettings
        {
            Method = method ?? defaults.Method,
            Prior = prior,
            Smoothing = Smoothing is { } smoothing ? new CoinSmoothing(smoothing.Hits, smoothing.Misses) : defaults.Smoothing,
            MaxIterations = MaxIterations ?? defaults.MaxIterations,
            Tolerance = Tolerance ?? defaults.Tolerance,
        };
        problems.AddRange(settings.Problems());
        return (settings, problems);
    }
}

/// <param name="Model">The number of a model of the job.</param>
public sealed record StartRequest(int? Model);

/// <param name="Hits">Votes that were as the truth is.</param>
/// <param name="Misses">Votes that were not.</param>
public sealed record SmoothingRequest(double Hits, double Misses);

/// <summary>How well models predict votes they have not seen: the mean logarithm of the probability they gave each. The greatest is best.</summary>
/// <param name="Votes">Over how many votes.</param>
/// <param name="Best"><c>majority</c>, <c>oneCoin</c> or <c>twoCoin</c>.</param>
/// <param name="Reason">What that means, for people.</param>
public sealed record HeldOutResponse(long Votes, double Majority, double OneCoin, double TwoCoin, string Best, string Reason)
{
    internal static HeldOutResponse? Of(HeldOutScores? scores) => scores is null ? null : new HeldOutResponse(
        scores.Votes, scores.Majority, scores.OneCoin, scores.TwoCoin, JsonNamingPolicy.CamelCase.ConvertName(scores.Best.ToString()),
        string.Create(CultureInfo.InvariantCulture, $"{scores.Votes} votes were kept from the models. {Name(scores.Best)} predicted them best: on average it gave each the probability {Math.Exp(Math.Max(scores.Majority, Math.Max(scores.OneCoin, scores.TwoCoin))):0.000} (geometric mean); the majority gave {Math.Exp(scores.Majority):0.000}, one coin a worker {Math.Exp(scores.OneCoin):0.000}, two coins {Math.Exp(scores.TwoCoin):0.000}."));

    private static string Name(VoteModel model) => model switch
    {
        VoteModel.OneCoin => "One coin a worker",
        VoteModel.TwoCoin => "Two coins a worker",
        _ => "The majority",
    };
}

/// <summary>What a model says of a worker.</summary>
/// <param name="Votes">Over how many votes.</param>
/// <param name="Informedness">What its votes are worth: 1 for somebody who is always right, 0 for one whose votes do not depend on the label, below 0 for one who votes the wrong way round.</param>
public sealed record ModelWorker(string WorkerId, long Votes, CoinResponse ConfirmsRight, CoinResponse CatchesWrong, double Informedness);

/// <summary>A reliability model of a job.</summary>
/// <param name="Model">Its number.</param>
/// <param name="Method"><c>oneCoin</c> or <c>twoCoin</c>.</param>
/// <param name="State"><c>running</c>, <c>done</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Adopted">Whether the job's posteriors, and a weighted policy, are by it.</param>
/// <param name="Prior">Probability that a label is right before anybody voted; null before it is done.</param>
/// <param name="LogLikelihood">The natural logarithm of the probability of all votes under the model; null before it is done.</param>
/// <param name="Votes">Over how many votes that counted.</param>
/// <param name="Converged">False where it stopped at the bound of iterations.</param>
/// <param name="LabelsSwitched">Whether workers come out worse than chance: then it can't be adopted.</param>
/// <param name="HeldOut">Null before it is done, and where there are too few votes to say.</param>
/// <param name="HeldOutMissing">Why a model that is done has no <paramref name="HeldOut"/>, and which method to prefer then; absent otherwise.</param>
/// <param name="Problem">Why it failed.</param>
/// <param name="ByItself">Whether the job had it estimated by itself, after so many new votes.</param>
/// <param name="BeginsFrom">The number of the model that the estimate began from; null where it began from the votes alone.</param>
/// <param name="Workers">Ordered by id; absent in a list, and before it is done.</param>
public sealed record ModelResponse(
    int Model, string Method, string State, bool Adopted, DateTimeOffset AskedAt, DateTimeOffset? EndedAt, double? SecondsTaken, double? Prior, double? LogLikelihood,
    int? Iterations, bool? Converged, bool? LabelsSwitched, long? Votes, long? Images, HeldOutResponse? HeldOut, string? Problem, bool ByItself, int? BeginsFrom,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ModelWorker>? Workers,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] string? HeldOutMissing)
{
    private static readonly string _tooFew =
        $"Fewer than {HeldOutScores.MinVotes} votes could be kept from the models on images that have another vote, so that nothing says which method predicts best. "
        + "Have more workers answer the same images; until then prefer the majority, which has nothing to estimate.";

    internal static ModelResponse Of(ModelInfo model, JobInfo job, StoredModel? stored = null)
    {
        var result = model.Result;
        return new ModelResponse(
            model.Number, ReliabilityMethods.NameOf(model.Settings.Method), JsonNamingPolicy.CamelCase.ConvertName(model.State.ToString()),
            job.Model?.Number == model.Number, model.AskedAt, model.EndedAt, result?.Took.TotalSeconds, result?.Prior, result?.LogLikelihood, result?.Iterations, result?.Converged,
            result?.LabelsSwitched, result?.Votes, result?.Images, HeldOutResponse.Of(result?.HeldOut), model.Problem, model.IsByItself, model.BeginsFrom,
            stored is null ? null : [.. stored.Workers.Select(worker => Of(worker, stored))], result is { HeldOut: null } ? _tooFew : null);
    }

    private static ModelWorker Of(EstimatedWorker worker, StoredModel stored)
    {
        var reliability = WorkerReliability.Of(worker.Worker, stored)!;
        return new ModelWorker(worker.Worker.Value, reliability.Votes, reliability.ConfirmsRight, reliability.CatchesWrong, worker.Coins.Informedness);
    }
}

/// <param name="Items">Newest first.</param>
public sealed record ModelsResponse(IReadOnlyList<ModelResponse> Items);

/// <summary>How far workers agree: Krippendorff's alpha for nominal data.</summary>
/// <param name="Alpha">At most 1; 0 where votes agree as often as by chance; null where it is not defined, as without two votes on an image or where all votes are the same.</param>
/// <param name="Images">Images with two votes or more.</param>
/// <param name="Votes">Their votes.</param>
public sealed record AgreementResponse(double? Alpha, long Images, long Votes)
{
    internal static AgreementResponse Of(AgreementCounts counts) => new(counts.Alpha, counts.Images, counts.Votes);
}

public sealed record ClassAgreementResponse(string Label, double? Alpha, long Images, long Votes);

/// <param name="Day">UTC, of an image's latest answer.</param>
public sealed record DayAgreementResponse(DateOnly Day, double? Alpha, long Images, long Votes);

/// <param name="Total">Of the job.</param>
/// <param name="Classes">Ordered by label.</param>
/// <param name="Days">In their order.</param>
public sealed record JobAgreementResponse(AgreementResponse Total, IReadOnlyList<ClassAgreementResponse> Classes, IReadOnlyList<DayAgreementResponse> Days)
{
    internal static JobAgreementResponse Of(IReadOnlyCollection<ClassAgreement> classes)
    {
        var days = classes.SelectMany(entry => entry.Days).GroupBy(day => day.Key, day => day.Value).OrderBy(day => day.Key)
            .Select(day => (Day: day.Key, Counts: day.Aggregate(AgreementCounts.Add))).ToList();
        return new JobAgreementResponse(
            AgreementResponse.Of(Sum(days.Select(day => day.Counts))),
            [.. classes.Select(entry => (entry.Label, Counts: Sum(entry.Days.Select(day => day.Value)))).Select(entry => new ClassAgreementResponse(entry.Label.Value, entry.Counts.Alpha, entry.Counts.Images, entry.Counts.Votes))],
            [.. days.Select(day => new DayAgreementResponse(day.Day, day.Counts.Alpha, day.Counts.Images, day.Counts.Votes))]);
    }

    private static AgreementCounts Sum(IEnumerable<AgreementCounts> counts) => counts.Aggregate(default(AgreementCounts), AgreementCounts.Add);
}
