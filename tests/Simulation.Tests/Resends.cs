using System.Collections.Concurrent;
using System.Reflection;
using BulkQA.Grains;
using BulkQA.Silo;

namespace BulkQA.Simulation.Tests;

/// <summary>
/// Carries out one in twenty calls of every kind that may be repeated twice, as <c>LostCalls</c> has it where an answer got
/// lost on its way: after the first, or beside it as where that hangs.
/// </summary>
internal sealed class Resends : IOutgoingGrainCallFilter
{
    private const int Cases = 20;

    /// <summary>Of no run, and so for calls that no run owns.</summary>
    private static readonly FaultPlan _ofAll = new(1);

    /// <summary>The methods that were repeated, by interface and name.</summary>
    public static ConcurrentDictionary<string, int> Methods { get; } = [];

    /// <summary>Those that may be repeated.</summary>
    public static IEnumerable<string> SafeMethods => typeof(IJobGrain).Assembly.GetTypes().Where(type => type.IsInterface)
        .SelectMany(type => type.GetMethods()).Where(method => method.IsDefined(typeof(SafeToRepeatAttribute), false)).Select(NameOf).Distinct();

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var key = context.TargetId.Key.ToString()!;
        var plan = key is IJobIndexGrain.Key or IUnfinishedJobsGrain.Key || IsOfNoJob(context.InterfaceMethod.DeclaringType!) ? _ofAll : FaultPlan.Of(key);
        if (RepeatedCall.IsUnderWay || plan is null || !context.InterfaceMethod.IsDefined(typeof(SafeToRepeatAttribute), false) || !plan.Repeats(Cases))
        {
            await context.Invoke();
            return;
        }
        Methods.AddOrUpdate(NameOf(context.InterfaceMethod), 1, (_, count) => count + 1);
        var repeated = new RepeatedCall(context);
        var first = context.Invoke();
        if (plan.Repeats(2)) await first;
        await Task.WhenAll(first, repeated.SendAsync());
    }

    private static bool IsOfNoJob(Type type) =>
        type == typeof(IChangeLogGrain) || type == typeof(IPersonGrain) || type == typeof(IPersonNameGrain) || type == typeof(IInvitationGrain) || type == typeof(ITeamGrain);

    private static string NameOf(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";
}
