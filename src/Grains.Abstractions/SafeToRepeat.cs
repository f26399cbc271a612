namespace BulkQA.Grains;

/// <summary>
/// A grain method that may be called again where it is not known whether the first call was carried out: the outcome is
/// that of one call. Every grain method carries this or <see cref="NotSafeToRepeatAttribute"/>; calls of the latter are
/// never repeated by themselves.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SafeToRepeatAttribute : Attribute;

/// <summary>A grain method that must not be called again by itself: its caller has to look what became of the first call.</summary>
/// <param name="because">What a second call would do.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NotSafeToRepeatAttribute(string because) : Attribute
{
    public string Because { get; } = because;
}
