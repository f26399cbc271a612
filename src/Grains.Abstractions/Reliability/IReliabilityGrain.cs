using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// The reliability models of one life of a job, keyed by its incarnation: which there are and how far each is. What a model holds of
/// each worker is an object of the job (<see cref="ModelResult.Name"/> names it).
/// </summary>
[Alias("BulkQA.IReliabilityGrain")]
public interface IReliabilityGrain : IGrainWithStringKey
{
    /// <summary>
    /// Asks for a model, estimated in the background from the votes as they are by then; joins the one that is being estimated, whatever
    /// its settings. Durable on return.
    /// </summary>
    /// <returns>The model, which may have other settings than these; null where the job is deleted.</returns>
    /// <exception cref="BadInputException">The settings have a problem.</exception>
    [Alias("Start"), SafeToRepeat]
    Task<ModelInfo?> StartAsync(ReliabilitySettings settings);

    /// <summary>The same, where the estimate begins from a model that is done, and so takes fewer rounds where votes have not changed much since.</summary>
    /// <param name="settings">How to estimate it.</param>
    /// <param name="beginsFrom">The number of that model, which is of the same method.</param>
    /// <returns>As without; the model that is being estimated may begin from elsewhere (<see cref="ModelInfo.BeginsFrom"/>).</returns>
    /// <exception cref="BadInputException">The settings have a problem, or no estimate with them can begin from that model.</exception>
    [Alias("StartFrom"), SafeToRepeat]
    Task<ModelInfo?> StartAsync(ReliabilitySettings settings, int beginsFrom);

    /// <summary>
    /// Asks for a model as <see cref="StartAsync(ReliabilitySettings)"/> does, by the job itself: unless one is being estimated, or one was asked for since
    /// <paramref name="last"/>.
    /// </summary>
    /// <param name="method">What a worker is described by. Where the adopted model is of this method, its settings are taken over and the estimate begins from it.</param>
    /// <param name="last">The number of the newest model that is known; 0 for none.</param>
    /// <param name="votes">How many votes there are.</param>
    /// <returns>The model; null where none was asked for.</returns>
    [Alias("StartByItself"), SafeToRepeat]
    Task<ModelInfo?> StartByItselfAsync(ReliabilityMethod method, int last, long votes);

    /// <summary>A model; null where there is none of that number.</summary>
    [Alias("Get"), SafeToRepeat]
    Task<ModelInfo?> GetAsync(int number);

    /// <summary>Keeps a model whatever others come, until another is kept: before a job adopts it. Durable on return.</summary>
    /// <returns>Null where there is none of that number.</returns>
    [Alias("Keep"), SafeToRepeat]
    Task<ModelInfo?> KeepAsync(int number);

    /// <summary>All models that are kept, newest first.</summary>
    [Alias("List"), SafeToRepeat]
    Task<ImmutableArray<ModelInfo>> ListAsync();

    /// <summary>
    /// Cancels a model that is being estimated: nothing of it is kept, and whoever estimates it stops after the round over the votes that it is at, or
    /// once the votes are laid by. Durable on return;
    /// nothing happens to one that is no longer running.
    /// </summary>
    /// <returns>The model as it is then; null where there is none of that number.</returns>
    [Alias("Cancel"), SafeToRepeat]
    Task<ModelInfo?> CancelAsync(int number);

    /// <summary>A model is done or failed. Nothing happens to one that is no longer running.</summary>
    [Alias("End"), SafeToRepeat]
    Task EndAsync(ModelInfo model);

    /// <summary>Forgets everything: the job is deleted.</summary>
    [Alias("Forget"), SafeToRepeat]
    Task ForgetAsync();
}

[GenerateSerializer, Alias("BulkQA.ModelState")]
public enum ModelState : byte
{
    /// <summary>Being estimated, or about to be.</summary>
    Running,

    Done,

    /// <summary>Given up, see <see cref="ModelInfo.Problem"/>.</summary>
    Failed,

    /// <summary>Given up because somebody said so.</summary>
    Cancelled,
}

/// <summary>A reliability model, without its workers.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Settings">How it was to be estimated.</param>
/// <param name="AskedAt">When it was asked for.</param>
/// <param name="EndedAt">Null while it is running.</param>
/// <param name="Problem">Why it failed.</param>
/// <param name="Result">Null unless it is done.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.ModelInfo")]
public sealed record ModelInfo(
    [property: Id(0)] int Number, [property: Id(1)] ReliabilitySettings Settings, [property: Id(2)] ModelState State, [property: Id(3)] DateTimeOffset AskedAt,
    [property: Id(4)] DateTimeOffset? EndedAt = null, [property: Id(5)] string? Problem = null, [property: Id(6)] ModelResult? Result = null)
{
    /// <summary>Whether the job asked for it by itself.</summary>
    [Id(7)]
    public bool IsByItself { get; init; }

    /// <summary>How many votes there were when it was asked for by itself; 0 otherwise.</summary>
    [Id(8)]
    public long VotesBefore { get; init; }

    /// <summary>The number of the model that the estimate begins from; null where it begins from the votes alone.</summary>
    [Id(9)]
    public int? BeginsFrom { get; init; }
}

/// <summary>What an estimate came to.</summary>
/// <param name="Votes">Over how many votes.</param>
/// <param name="Images">On how many images.</param>
/// <param name="Workers">By how many workers.</param>
/// <param name="Prior">Probability that a label is right before anybody voted.</param>
/// <param name="LogLikelihood">The logarithm of the probability of all votes under the model.</param>
/// <param name="Iterations">Rounds over all votes.</param>
/// <param name="Converged">Whether it stopped by itself, and not at the bound of iterations.</param>
/// <param name="LabelsSwitched">Whether workers come out worse than chance: then the model can't be adopted.</param>
/// <param name="HeldOut">How well models predict votes that they have not seen; null where there are too few votes to say.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Name">Of the job's object with the workers: the run's own, so that it never changes.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.ModelResult")]
public sealed record ModelResult(
    [property: Id(0)] long Votes, [property: Id(1)] long Images, [property: Id(2)] int Workers, [property: Id(3)] double Prior, [property: Id(4)] double LogLikelihood,
    [property: Id(5)] int Iterations, [property: Id(6)] bool Converged, [property: Id(7)] bool LabelsSwitched, [property: Id(8)] HeldOutScores? HeldOut,
    [property: Id(9)] TimeSpan Took, [property: Id(10)] string Name);
