namespace BulkQA.Grains;

/// <summary>
/// Lets any number of calls through side by side, and one that must be alone (an audit, a resize) once those have ended.
/// For one grain's scheduler: not thread-safe.
/// </summary>
internal sealed class Gate
{
    private int _inside;
    private TaskCompletionSource? _closed;
    private TaskCompletionSource? _empty;

    /// <summary>Whether nobody is alone inside, or waits to be.</summary>
    public bool IsOpen => _closed is null;

    /// <summary>Whether nobody is inside at all.</summary>
    public bool IsEmpty => IsOpen && _inside == 0;

    /// <summary>Waits while somebody is alone inside; disposing what is returned leaves.</summary>
    public async Task<Pass> EnterAsync()
    {
        while (_closed is { } closed) await closed.Task;
        _inside++;
        return new Pass(this, alone: false);
    }

    /// <summary>Waits until everybody has left and keeps everybody out; disposing what is returned opens again.</summary>
    public async Task<Pass> EnterAloneAsync()
    {
        while (_closed is { } closed) await closed.Task;
        _closed = new TaskCompletionSource();
        if (_inside > 0)
        {
            _empty = new TaskCompletionSource();
            await _empty.Task;
            _empty = null;
        }
        return new Pass(this, alone: true);
    }

    private void Leave(bool alone)
    {
        if (alone)
        {
            var closed = _closed!;
            _closed = null;
            closed.SetResult();
        }
        else if (--_inside == 0)
        {
            _empty?.SetResult();
        }
    }

    internal readonly struct Pass(Gate gate, bool alone) : IDisposable
    {
        public void Dispose() => gate.Leave(alone);
    }
}
