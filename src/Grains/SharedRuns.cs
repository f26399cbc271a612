namespace BulkQA.Grains;

/// <summary>
/// Something that many ask for at once and that is done once for all of them: whoever waits while it is done for others needs none of its own, if it has begun
/// since. For one grain's scheduler.
/// </summary>
/// <param name="gate">Entered alone while it is done.</param>
internal sealed class SharedRuns(Gate gate)
{
    /// <summary>Runs that have begun, and the number of the last that came to an end.</summary>
    private long _begun, _ended;

    /// <summary>Does it, unless that was begun and done after this was called. Where it fails, whoever waits does it.</summary>
    public async Task RunAsync(Func<Task> run)
    {
        var before = _begun;
        using var turn = await gate.EnterAloneAsync();
        if (_ended > before) return;
        var number = ++_begun;
        await run();
        _ended = number;
    }
}
