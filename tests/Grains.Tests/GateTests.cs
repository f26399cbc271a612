namespace BulkQA.Grains.Tests;

public sealed class GateTests
{
    private readonly Gate _gate = new();

    [Fact]
    public async Task EnterAlone_OthersInside_WaitsForThemAndKeepsNewOnesOut()
    {
        var (first, second) = (await _gate.EnterAsync(), await _gate.EnterAsync());
        var alone = _gate.EnterAloneAsync();
        var late = _gate.EnterAsync();
        first.Dispose();
        Assert.False(alone.IsCompleted);
        second.Dispose();
        var pass = await alone;
        Assert.False(late.IsCompleted);
        Assert.False(_gate.IsOpen);
        pass.Dispose();
        (await late).Dispose();
        Assert.True(_gate.IsOpen);
    }

    [Fact]
    public async Task EnterAlone_SeveralAtOnce_GoOneAfterTheOther()
    {
        var inside = 0;
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            using var pass = await _gate.EnterAloneAsync();
            Assert.Equal(1, ++inside);
            await Task.Yield();
            inside--;
        }));
    }
}
