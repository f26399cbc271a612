namespace BulkQA.Bench;

/// <summary>What .NET's heap holds.</summary>
internal static class Heap
{
    /// <summary>Bytes that are in use, with nothing else left.</summary>
    public static long Bytes()
    {
        // What finalizers let go of is garbage of the second turn.
        for (var turn = 0; turn < 2; turn++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        return GC.GetTotalMemory(forceFullCollection: false);
    }

    /// <summary>The most that there is while work is done, looked at every 20 ms, garbage included: what is in use is less.</summary>
    public static async Task<long> PeakAsync(Func<Task> work)
    {
        var peak = GC.GetTotalMemory(forceFullCollection: false);
        await using (Pace.Start(50, Look)) await work();
        return peak;

        Task Look()
        {
            peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false));
            return Task.CompletedTask;
        }
    }
}
