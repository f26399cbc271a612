namespace BulkQA.Grains;

internal static class PersistentStateExtensions
{
    /// <summary>
    /// Writes a new state. Where that fails, whether it was written is unknown: the old state stays, and
    /// <paramref name="deactivate"/> has the next activation read what is stored.
    /// </summary>
    public static async Task SaveAsync<T>(this IPersistentState<T> record, T state, Action deactivate)
    {
        var before = record.State;
        record.State = state;
        var saved = false;
        try
        {
            await record.WriteStateAsync();
            saved = true;
        }
        finally
        {
            if (!saved)
            {
                record.State = before;
                deactivate();
            }
        }
    }
}
