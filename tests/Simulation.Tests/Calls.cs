using BulkQA.Storage;

namespace BulkQA.Simulation.Tests;

/// <summary>Something that was promised does not hold.</summary>
internal sealed class ViolationException(string message) : Exception(message);

/// <summary>How callers behave who are told to try again.</summary>
internal static class Calls
{
    /// <summary>How long anything may take once the faults have ended.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Without an answer for so long, a call counts as lost.</summary>
    private static readonly TimeSpan _lost = TimeSpan.FromSeconds(20);

    /// <summary>Calls again until there is an answer.</summary>
    public static async Task<T> UntilDoneAsync<T>(Func<Task<T>> call)
    {
        using var end = new CancellationTokenSource(Limit);
        for (; ; )
        {
            try
            {
                // The answer to a call that reads many facts may be waited for longer than a run lasts, though its silo is gone.
                return await call().WaitAsync(_lost);
            }
            catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient && !end.IsCancellationRequested)
            {
                await PauseAsync();
            }
        }
    }

    public static Task UntilDoneAsync(Func<Task> call) => UntilDoneAsync(async () =>
    {
        await call();
        return true;
    });

    /// <summary>Calls once; null where that failed.</summary>
    public static async Task<T?> TryAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            // Meant to disturb; failing, it did.
            return default;
        }
    }

    public static Task TryAsync(Func<Task> call) => TryAsync(async () =>
    {
        await call();
        return true;
    });

    /// <summary>Looks until nothing is wrong any more.</summary>
    /// <param name="findProblem">What is wrong; null for nothing.</param>
    /// <exception cref="ViolationException">Something still is.</exception>
    public static async Task UntilRightAsync(Func<Task<string?>> findProblem)
    {
        using var end = new CancellationTokenSource(Limit);
        while (await findProblem() is { } problem)
        {
            if (end.IsCancellationRequested) throw new ViolationException(problem);
            await PauseAsync();
        }
    }

    public static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new ViolationException(otherwise);
    }

    public static Task PauseAsync() => Task.Delay(TimeSpan.FromMilliseconds(3), TimeProvider.System, CancellationToken.None);
}
