using Microsoft.Extensions.Options;

namespace BulkQA.Grains;

/// <summary>
/// Bounds how much of this silo's views other silos are given when it ends: handing over must not compete with finishing
/// the votes under way. What goes beyond it is rebuilt from rows where it is needed.
/// </summary>
public sealed class HandoverBudget(IOptions<GrainsOptions> options)
{
    private long _left = options.Value.MaxHandedOverImages;

    /// <summary>Whether a view of so many images may still go. Takes them off the budget if so.</summary>
    public bool TryTake(int images)
    {
        if (Interlocked.Add(ref _left, -images) >= 0) return true;
        Interlocked.Add(ref _left, images);
        return false;
    }
}
