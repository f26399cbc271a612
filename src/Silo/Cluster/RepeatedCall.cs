using System.Reflection;

namespace BulkQA.Silo;

/// <summary>
/// Sends a grain call once more, as a request of its own. <see cref="IGrainCallContext.Invoke"/> again would send the same
/// request object; a grain on the same silo is given that very object, and Orleans empties it of its arguments once the
/// first call has ended, whenever that is.
/// </summary>
/// <param name="context">The call, before it was sent for the first time.</param>
internal sealed class RepeatedCall(IOutgoingGrainCallContext context)
{
    /// <summary>Whether the call under way here is a repetition: it passes the filters like any other, and must not be repeated there.</summary>
    private static readonly AsyncLocal<bool> _isRepetition = new();

    /// <summary>Immutable like all our messages, so that they need no copy.</summary>
    private readonly object?[] _arguments = [.. Enumerable.Range(0, context.Request.GetArgumentCount()).Select(context.Request.GetArgument)];

    public static bool IsUnderWay => _isRepetition.Value;

    /// <summary>Sends it, and takes the answer for that of the call.</summary>
    public async Task SendAsync()
    {
        _isRepetition.Value = true;
        var answer = (Task)context.InterfaceMethod.Invoke(context.Grain, BindingFlags.DoNotWrapExceptions, null, _arguments, null)!;
        await answer;
        var result = answer.GetType().GetProperty(nameof(Task<>.Result));
        context.Result = context.InterfaceMethod.ReturnType == typeof(Task) ? null : result!.GetValue(answer);
    }
}
