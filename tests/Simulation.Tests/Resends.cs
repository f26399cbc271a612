using BulkQA.Grains;
using BulkQA.Silo;

namespace BulkQA.Simulation.Tests;

/// <summary>
/// Sends some calls of every kind that may be repeated once more, as <c>LostCalls</c> does where an answer got lost on its
/// way: the call was carried out, and is again.
/// </summary>
internal sealed class Resends : IOutgoingGrainCallFilter
{
    private const double Rate = 0.05;

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var repeated = !RepeatedCall.IsUnderWay && context.InterfaceMethod.IsDefined(typeof(SafeToRepeatAttribute), false)
            && FaultPlan.Of(context.TargetId.Key.ToString()!) is { } plan && plan.Happens(Rate) ? new RepeatedCall(context) : null;
        await context.Invoke();
        if (repeated is not null) await repeated.SendAsync();
    }
}
