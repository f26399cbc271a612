using Microsoft.Extensions.Time.Testing;

namespace BulkQA.Silo.Tests;

public sealed class InFlightLimitTests
{
    private static readonly QueueOptions _options = new() { MaxImagesInFlight = 1_000, MergeTarget = TimeSpan.FromMilliseconds(500) };

    private readonly FakeTimeProvider _time = new();
    private readonly InFlightLimit _limit;

    public InFlightLimitTests() => _limit = new InFlightLimit(_options, _time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Enter_Full_WaitsInOrder()
    {
        var first = await _limit.EnterAsync(200, Cancellation);
        var (large, small) = (_limit.EnterAsync(200, Cancellation), _limit.EnterAsync(50, Cancellation));
        var turn = _limit.WaitAsync(Cancellation);
        Assert.False(large.IsCompleted || small.IsCompleted || turn.IsCompleted);
        first.Dispose();
        await Task.WhenAll(large, small, turn);
        Assert.Equal(250, _limit.InFlight);
    }

    [Fact]
    public async Task Enter_LargerThanTheRoom_GoesInAlone()
    {
        var small = await _limit.EnterAsync(1, Cancellation);
        var huge = _limit.EnterAsync(5_000, Cancellation);
        Assert.False(huge.IsCompleted);
        small.Dispose();
        (await huge).Dispose();
        Assert.Equal(0, _limit.InFlight);
    }

    [Fact]
    public async Task Enter_CancelledWhileWaiting_LetsTheNextIn()
    {
        using var impatient = new CancellationTokenSource();
        var inside = await _limit.EnterAsync(250, Cancellation);
        var gone = _limit.EnterAsync(200, impatient.Token);
        var next = _limit.EnterAsync(50, Cancellation);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await next;
        inside.Dispose();
        Assert.Equal(50, _limit.InFlight);
    }

    [Fact]
    public async Task Leave_InTimeWhileOthersWait_GrowsToTheMostAndNoFurther()
    {
        for (var round = 0; round < 100; round++) await FillOnceAsync(TimeSpan.FromMilliseconds(100));
        Assert.Equal(_options.MaxImagesInFlight, _limit.Limit);
    }

    [Fact]
    public async Task Leave_Late_ShrinksOnceForAllThatWereInsideTogetherAndNotToNothing()
    {
        var size = _limit.Limit;
        await FillOnceAsync(TimeSpan.FromSeconds(1));
        Assert.InRange(_limit.Limit, size * 0.69, size * 0.71);
        for (var round = 0; round < 100; round++) await FillOnceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(100, _limit.Limit);
        await FillOnceAsync(TimeSpan.FromMilliseconds(100));
        Assert.InRange(_limit.Limit, 150, 250);
    }

    [Fact]
    public async Task Leave_NobodyWaits_PermitsAsItIs()
    {
        var size = _limit.Limit;
        for (var round = 0; round < 100; round++) (await _limit.EnterAsync(25, Cancellation)).Dispose();
        Assert.Equal(size, _limit.Limit);
    }

    /// <summary>Everybody enters that there is room for, others wait, and those inside leave after a while.</summary>
    private async Task FillOnceAsync(TimeSpan stay)
    {
        var entering = Enumerable.Range(0, (_limit.Limit / 25) + 4).Select(_ => _limit.EnterAsync(25, Cancellation)).ToList();
        var inside = entering.Where(entry => entry.IsCompletedSuccessfully).ToList();
        _time.Advance(stay);
        foreach (var entry in inside) (await entry).Dispose();
        foreach (var entry in entering.Except(inside)) (await entry).Dispose();
    }
}
