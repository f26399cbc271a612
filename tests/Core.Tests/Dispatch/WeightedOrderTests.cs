namespace BulkQA.Core.Tests;

public sealed class WeightedOrderTests
{
    /// <summary>Of 20,000 draws within four standard deviations, and the second among the rest by the same rule.</summary>
    [Fact]
    public void Draw_ByWeight_PutsEachFirstInProportion()
    {
        const int Draws = 20_000;
        var random = new Random(7);
        int[] weights = [1, 100, 300, 599];
        var orders = Enumerable.Range(0, Draws).Select(_ => WeightedOrder.Draw(weights, random)).ToList();
        foreach (var (index, weight) in weights.Index()) Check(orders.Count(order => order[0] == index), Draws, weight / 1_000.0);
        var afterLast = orders.Where(order => order[0] == 3).ToList();
        foreach (var (index, weight) in weights[..3].Index()) Check(afterLast.Count(order => order[1] == index), afterLast.Count, weight / 401.0);
        Assert.All(orders, order => Assert.Equal([0, 1, 2, 3], order.Order()));

        static void Check(int found, int draws, double share)
        {
            var room = 4 * Math.Sqrt(draws * share * (1 - share));
            Assert.InRange(found, (draws * share) - room, (draws * share) + room);
        }
    }

    [Fact]
    public void Draw_OfNone_IsEmpty() => Assert.Empty(WeightedOrder.Draw([], new Random(1)));
}
