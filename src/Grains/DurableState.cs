namespace BulkQA.Grains;

/// <summary>
/// A grain's stored state, of which readers see only what is durable: a new value is published once its write has ended.
/// For one grain's scheduler; writers take turns (<see cref="Gate"/>), readers need not.
/// </summary>
/// <param name="record">The state as Orleans keeps it.</param>
/// <param name="deactivate">Ends the activation, so that the next one reads what is stored.</param>
internal sealed class DurableState<T>(IPersistentState<T> record, Action deactivate) where T : class
{
    private T? _published;

    /// <summary>The state as last read or written.</summary>
    public T Value => _published ?? record.State;

    /// <summary>
    /// Writes a new state and then publishes it. Where the write fails, whether it happened is unknown: readers keep the
    /// old state, and the activation ends.
    /// </summary>
    public async Task SaveAsync(T state)
    {
        _published = Value;
        record.State = state;
        var saved = false;
        try
        {
            await record.WriteStateAsync();
            saved = true;
        }
        finally
        {
            if (saved) _published = state;
            else deactivate();
        }
    }

    /// <summary>Reads what is stored now, which another activation may have written.</summary>
    public async Task RefreshAsync()
    {
        _published = Value;
        await record.ReadStateAsync();
        _published = null;
    }

    /// <summary>Deletes what is stored; readers see the old state until that has ended, and after a failure as in <see cref="SaveAsync"/>.</summary>
    public async Task ClearAsync()
    {
        _published = Value;
        var cleared = false;
        try
        {
            await record.ClearStateAsync();
            cleared = true;
        }
        finally
        {
            if (cleared) _published = null;
            else deactivate();
        }
    }
}
