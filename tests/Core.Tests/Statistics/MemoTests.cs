namespace BulkQA.Core.Tests;

public sealed class MemoTests
{
    [Fact]
    public void Value_OfMoreKeysThanPlaces_IsAlwaysThatOfItsKey()
    {
        var computed = 0;
        var memo = new Memo<(int, int), int>(key => { computed++; return (key.Item1 * 1_000) + key.Item2; }, 8);
        for (var round = 0; round < 3; round++)
            for (var key = 0; key < 100; key++) Assert.Equal((key * 1_000) + round, memo[(key, round)]);
        Assert.Equal(300, computed);
    }

    [Fact]
    public void Value_AskedForAgain_IsNotComputedAgain()
    {
        var computed = 0;
        var memo = new Memo<int, object>(_ => { computed++; return new object(); }, 8);
        Assert.Same(memo[5], memo[5]);
        Assert.Equal(1, computed);
    }

    [Fact]
    public async Task Value_AskedForByMany_IsRightForEach()
    {
        var memo = new Memo<long, long>(key => key * key, 16);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            for (long key = 0; key < 100_000; key++) Assert.Equal((key % 50) * (key % 50), memo[key % 50]);
        })));
    }
}
