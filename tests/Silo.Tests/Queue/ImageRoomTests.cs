using Microsoft.Extensions.Time.Testing;

namespace BulkQA.Silo.Tests;

public sealed class ImageRoomTests
{
    private static readonly QueueOptions _options = new() { MaxImagesInFlight = 1_000, MergeTarget = TimeSpan.FromMilliseconds(500) };

    private readonly FakeTimeProvider _time = new();
    private readonly ImageRoom _room;

    public ImageRoomTests() => _room = new ImageRoom(_options, _time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Enter_Full_WaitsInOrder()
    {
        var first = await _room.EnterAsync(200, Cancellation);
        var (large, small) = (_room.EnterAsync(200, Cancellation), _room.EnterAsync(50, Cancellation));
        var turn = _room.WaitAsync(Cancellation);
        Assert.False(large.IsCompleted || small.IsCompleted || turn.IsCompleted);
        first.Dispose();
        await Task.WhenAll(large, small, turn);
        Assert.Equal(250, _room.Inside);
    }

    [Fact]
    public async Task Enter_LargerThanTheRoom_GoesInAlone()
    {
        var small = await _room.EnterAsync(1, Cancellation);
        var huge = _room.EnterAsync(5_000, Cancellation);
        Assert.False(huge.IsCompleted);
        small.Dispose();
        (await huge).Dispose();
        Assert.Equal(0, _room.Inside);
    }

    [Fact]
    public async Task Enter_CancelledWhileWaiting_LetsTheNextIn()
    {
        using var impatient = new CancellationTokenSource();
        var inside = await _room.EnterAsync(250, Cancellation);
        var gone = _room.EnterAsync(200, impatient.Token);
        var next = _room.EnterAsync(50, Cancellation);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await next;
        inside.Dispose();
        Assert.Equal(50, _room.Inside);
    }

    [Fact]
    public async Task Leave_InTimeWhileOthersWait_GrowsToTheMostAndNoFurther()
    {
        for (var round = 0; round < 100; round++) await FillOnceAsync(TimeSpan.FromMilliseconds(100));
        Assert.Equal(_options.MaxImagesInFlight, _room.Size);
    }

    [Fact]
    public async Task Leave_Late_ShrinksOnceForAllThatWereInsideTogetherAndNotToNothing()
    {
        var size = _room.Size;
        await FillOnceAsync(TimeSpan.FromSeconds(1));
        Assert.InRange(_room.Size, size * 0.69, size * 0.71);
        for (var round = 0; round < 100; round++) await FillOnceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(100, _room.Size);
        await FillOnceAsync(TimeSpan.FromMilliseconds(100));
        Assert.InRange(_room.Size, 150, 250);
    }

    [Fact]
    public async Task Leave_NobodyWaits_StaysAsItIs()
    {
        var size = _room.Size;
        for (var round = 0; round < 100; round++) (await _room.EnterAsync(25, Cancellation)).Dispose();
        Assert.Equal(size, _room.Size);
    }

    /// <summary>Everybody enters that there is room for, others wait, and those inside leave after a while.</summary>
    private async Task FillOnceAsync(TimeSpan stay)
    {
        var entering = Enumerable.Range(0, (_room.Size / 25) + 4).Select(_ => _room.EnterAsync(25, Cancellation)).ToList();
        var inside = entering.Where(entry => entry.IsCompletedSuccessfully).ToList();
        _time.Advance(stay);
        foreach (var entry in inside) (await entry).Dispose();
        foreach (var entry in entering.Except(inside)) (await entry).Dispose();
    }
}
