using System.Collections.Concurrent;
using System.Reflection;
using BulkQA.Grains;

namespace BulkQA.Silo;

/// <summary>
/// A call whose answer gets lost with a silo that ends is sent again, where its method says that this is safe
/// (<see cref="SafeToRepeatAttribute"/>). The caller hears of such a loss by the call's timeout at worst, so that one is
/// short. What the store has trouble with is not tried again here: grains have done that.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class LostCalls(TimeProvider time) : IOutgoingGrainCallFilter
{
    /// <summary>A client of silos knows nothing of who lives and waits for nothing but its own timeout.</summary>
    public static readonly TimeSpan ClientAttemptTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A silo is told when another is dead, mostly; and what it waits for may be a partition that reads its rows.</summary>
    public static readonly TimeSpan SiloAttemptTimeout = TimeSpan.FromSeconds(30);

    /// <summary>All attempts together, where the method has no response timeout of its own.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    /// <summary>The same where nobody is there to take the call, which is known at once: the caller should know soon.</summary>
    private static readonly TimeSpan _patienceWithRefusals = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<MethodInfo, Rule> _rules = new();

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var rule = _rules.GetOrAdd(context.InterfaceMethod, Rule.Of);
        if (!rule.IsSafe || RepeatedCall.IsUnderWay)
        {
            await context.Invoke();
            return;
        }
        var repeated = new RepeatedCall(context);
        var send = context.Invoke;
        var began = time.GetTimestamp();
        for (var pause = _firstPause; ; pause = TimeSpan.FromTicks(Math.Min(_longestPause.Ticks, pause.Ticks * 2)))
        {
            try
            {
                var left = rule.Patience - time.GetElapsedTime(began);
                await send().WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
                return;
            }
            catch (Exception e) when (PatienceWith(e, rule) is { } patience && time.GetElapsedTime(began) + (2 * pause) < patience)
            {
                // Spread, so that what failed together does not come back together.
                await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), time);
                send = repeated.SendAsync;
            }
        }
    }

    /// <summary>For how long the call is sent again; null where it is not.</summary>
    private static TimeSpan? PatienceWith(Exception exception, Rule rule) => exception switch
    {
        // Nobody here cancels calls: Orleans cancels one that expired before a place for its grain was found.
        TimeoutException or OperationCanceledException => rule.Patience,
        OrleansMessageRejectionException or SiloUnavailableException or GatewayTooBusyException => _patienceWithRefusals < rule.Patience ? _patienceWithRefusals : rule.Patience,
        _ => null,
    };

    /// <param name="IsSafe">Whether the method may be called again.</param>
    /// <param name="Patience">What all attempts may take together.</param>
    private sealed record Rule(bool IsSafe, TimeSpan Patience)
    {
        public static Rule Of(MethodInfo method) => new(
            method.IsDefined(typeof(SafeToRepeatAttribute)), method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout ?? _patience);
    }
}
