namespace BulkQA.Silo;

/// <summary>
/// A call whose answer gets lost with a silo that ends is sent again. A client of silos hears of such a loss by the
/// call's timeout only, so that one is short; all calls to BulkQA's grains may be repeated. What the store has trouble
/// with is not tried again here: grains have done that.
/// </summary>
internal sealed class LostCalls(TimeProvider time) : IOutgoingGrainCallFilter
{
    /// <summary>Together with <see cref="AttemptTimeout"/> about two minutes.</summary>
    private const int MaxAttempts = 12;

    /// <summary>How long one attempt waits for an answer, where the method doesn't say otherwise.</summary>
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await context.Invoke();
                return;
            }
            catch (Exception e) when (e is TimeoutException or OrleansMessageRejectionException or SiloUnavailableException or GatewayTooBusyException && attempt < MaxAttempts)
            {
                await Task.Delay(_pause * attempt, time);
            }
        }
    }
}
