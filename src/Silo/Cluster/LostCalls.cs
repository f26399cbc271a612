using BulkQA.Grains;

namespace BulkQA.Silo;

/// <summary>
/// A call whose answer gets lost with a silo that ends is sent again. The caller hears of such a loss by the call's timeout
/// at worst, so that one is short; all calls to BulkQA's grains may be repeated. What the store has trouble with is not
/// tried again here: grains have done that.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="attemptTimeout">How long one attempt waits for an answer, where the method doesn't say otherwise.</param>
internal sealed class LostCalls(TimeProvider time, TimeSpan attemptTimeout) : IOutgoingGrainCallFilter
{
    /// <summary>A client of silos knows nothing of who lives and waits for nothing but its own timeout.</summary>
    public static readonly TimeSpan ClientAttemptTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A silo is told when another is dead, mostly; and what it waits for may be a partition that reads its rows.</summary>
    public static readonly TimeSpan SiloAttemptTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    private readonly int _maxAttempts = (int)(_patience / attemptTimeout);

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await context.Invoke();
                return;
            }
            // Nobody cancels a call: it expired before a place was found for its grain.
            catch (Exception e) when (e is TimeoutException or OrleansMessageRejectionException or SiloUnavailableException or GatewayTooBusyException or OperationCanceledException
                && attempt < _maxAttempts && context.InterfaceMethod.DeclaringType?.Assembly == typeof(IJobGrain).Assembly)
            {
                await Task.Delay(_pause * attempt, time);
            }
        }
    }
}
