using System.Globalization;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>
/// Estimates a reliability model: partitions take sums over their votes, and these are added up here, iteration after iteration,
/// on the thread pool. Nothing is stored on the way; whoever goes on after a crash begins anew.
/// </summary>
internal sealed class EstimateWork(IGrainFactory grains, ModelStore models, TimeProvider time) : IOperationWork, IDisposable
{
    /// <summary>Images at most by which models are compared.</summary>
    private const long HeldOutImages = 100_000;

    /// <summary>Votes that models do not see, if that is not less than a tenth and not more than three tenths of all.</summary>
    private const double HeldOutVotesWanted = 500;

    /// <summary>What a model's object, and the sums of an iteration, are bounded by.</summary>
    private const int MaxWorkers = 100_000;

    private static readonly TimeSpan _reportInterval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// As many at once on a silo as it has cores: each keeps the thread pool busy, on which answers wait for their turn. A hundred at once made an
    /// answer wait for seconds, where these make it wait for tens of milliseconds (bench: reliability).
    /// </summary>
    private readonly SemaphoreSlim _turns = new(Environment.ProcessorCount);

    public OperationKind Kind => OperationKind.Reliability;

    public void Dispose() => _turns.Dispose();

    public async Task<Operation> RunAsync(Operation operation, Func<Operation, Task> report, CancellationToken cancellation)
    {
        await _turns.WaitAsync(cancellation);
        try
        {
            return await EstimateAsync(operation, report, cancellation);
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task<Operation> EstimateAsync(Operation operation, Func<Operation, Task> report, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var (incarnation, number) = (operation.Incarnation, int.Parse(operation.Request!, CultureInfo.InvariantCulture));
        var registry = grains.GetGrain<IReliabilityGrain>(incarnation.Value);
        if (await registry.GetAsync(number) is not { State: ModelState.Running } model) return operation with { State = OperationState.Done };
        var run = $"{number}-{Guid.NewGuid():N}";
        if (await LayByAsync(incarnation, run) is not { } votes)
            return operation with { State = OperationState.Failed, Problem = "the job was deleted meanwhile" };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            if (votes.Votes == 0)
            {
                const string Problem = "nobody has voted yet on an image that is to be judged";
                await registry.EndAsync(model with { State = ModelState.Failed, Problem = Problem });
                return operation with { State = OperationState.Done };
            }
            if (votes.Workers.Length > MaxWorkers)
            {
                var problem = $"{votes.Workers.Length} workers answered, and {MaxWorkers} is the most that a model has";
                await registry.EndAsync(model with { State = ModelState.Failed, Problem = problem });
                return operation with { State = OperationState.Done };
            }
            var rounds = 0;
            var warmStart = await WarmStartAsync(incarnation, registry, model, votes);
            var (estimate, heldOut) = await ReportedAsync(Task.Run(async () => (
                await ReliabilityEstimator.RunAsync(model.Settings, votes.Workers.Length, warmStart, parameters => ExpectAsync(parameters, null), stop.Token),
                await CompareAsync()), stop.Token));
            var stored = new StoredModel(
                new ReliabilityModel(number, votes.Workers, estimate.Parameters), model.Settings.Method, model.Settings.Smoothing,
                [.. votes.Workers.Select((worker, index) => new EstimatedWorker(worker, estimate.Parameters.Coins[index], estimate.Counts[index]))]);
            await models.WriteAsync(incarnation, run, stored, cancellation);
            await registry.EndAsync(model with
            {
                State = ModelState.Done,
                Result = new ModelResult(
                    votes.Votes, votes.Images, votes.Workers.Length, estimate.Parameters.Prior, estimate.LogLikelihood, estimate.Iterations, estimate.Converged,
                    estimate.LabelsSwitched, heldOut, time.GetElapsedTime(began), run),
            });
            // One that was cancelled meanwhile stays so, and nobody will ever ask for its object.
            if ((await registry.GetAsync(number))?.Result?.Name != run) await models.DeleteAsync(incarnation, run, cancellation);
            return operation with { State = OperationState.Done, Done = rounds, Total = rounds };

            Task<ExpectedCounts> ExpectAsync(ReliabilityParameters? parameters, HeldOutVotes? without)
            {
                Interlocked.Increment(ref rounds);
                return votes.ExpectAsync(parameters, without);
            }

            Task<HeldOutScores?> CompareAsync()
            {
                // The same votes for a model of the same number, whoever estimates it.
                var without = new HeldOutVotes((ulong)number, Math.Clamp(HeldOutVotesWanted / votes.Votes, 0.1, 0.3), votes.Images, HeldOutImages);
                return HeldOutLikelihood.RunAsync(
                    model.Settings, votes.Workers.Length, parameters => ExpectAsync(parameters, without), scored => votes.ScoreAsync(scored, without), stop.Token);
            }

            async Task<T> ReportedAsync<T>(Task<T> work)
            {
                try
                {
                    while (await Task.WhenAny(work, Task.Delay(_reportInterval, time, cancellation)) != work)
                    {
                        await report(operation with { Done = rounds });
                        if (await IsCancelledAsync(registry, number)) await stop.CancelAsync();
                    }
                }
                finally
                {
                    // Whatever waiting came to, nothing is left at work on votes that are dropped.
                    if (!work.IsCompleted)
                    {
                        await stop.CancelAsync();
                        await ((Task)work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                    }
                }
                return await work;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return operation with { State = OperationState.Done };
        }
        catch (Exception e) when (FailureClassifier.Classify(e) != FailureKind.Transient)
        {
            // Our fault, and the same would come of another try: whoever waits for the model learns of it.
            await registry.EndAsync(model with { State = ModelState.Failed, Problem = e.Message });
            throw;
        }
        finally
        {
            await votes.DropAsync();
        }
    }

    /// <summary>Whether somebody has cancelled the model; false where that can't be known now.</summary>
    private static async Task<bool> IsCancelledAsync(IReliabilityGrain registry, int number)
    {
        try
        {
            return await registry.GetAsync(number) is not { State: ModelState.Running };
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            return false;
        }
    }

    /// <summary>What the model begins from, by the workers as they are now; null for nothing but the votes, also where the other model is gone.</summary>
    private async Task<ReliabilityParameters?> WarmStartAsync(Incarnation incarnation, IReliabilityGrain registry, ModelInfo model, JobVotes votes) =>
        model.BeginsFrom is { } earlier && await registry.GetAsync(earlier) is { Result: { } result } && await models.ReadAsync(incarnation, result.Name) is { } stored
            ? stored.Model.Parameters.Select([.. votes.Workers.Select(stored.Model.IndexOf)]) : null;

    /// <summary>Has every partition lay its votes by; null where the job is gone.</summary>
    private async Task<JobVotes?> LayByAsync(Incarnation incarnation, string estimate)
    {
        if (await grains.GetGrain<IJobClassesGrain>(incarnation.Value).ListAsync() is not { } labels) return null;
        var partitions = new List<IPartitionGrain>();
        foreach (var label in labels)
        {
            var address = new ClassAddress(incarnation, label);
            foreach (var partition in await grains.ListPartitionsAsync(address)) partitions.Add(grains.GetGrain<IPartitionGrain>(partition.Key));
            if (await grains.GetGrain<IClassGrain>(address.Key).HasGoldAsync()) partitions.Add(grains.GetGrain<IPartitionGrain>(PartitionAddress.GoldOf(address).Key));
        }
        return await JobVotes.LayByAsync(partitions, estimate);
    }
}
