namespace BulkQA.Core.Tests;

public sealed class TaskOrderTests
{
    [Theory]
    [InlineData("asCut", false, null)]
    [InlineData("byValue", true, null)]
    [InlineData("random(0)", false, 0)]
    [InlineData("random(2147483647)", false, int.MaxValue)]
    public void Parse_Order_IsPrintedAsItWasWritten(string text, bool byValue, int? seed)
    {
        Assert.True(TaskOrder.TryParse(text, out var order));
        Assert.Equal((byValue, seed), (order.ByValue, order.Seed));
        Assert.Equal(text, order.ToString());
        Assert.Equal(order, seed is { } number ? TaskOrder.Random(number) : byValue ? TaskOrder.MostErrorsFirst : TaskOrder.AsCut);
    }

    [Fact]
    public void Order_Others_AreDifferent() =>
        Assert.Equal(4, ((TaskOrder[])[TaskOrder.AsCut, TaskOrder.MostErrorsFirst, TaskOrder.Random(0), TaskOrder.Random(1)]).Distinct().Count());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ascut")]
    [InlineData("random")]
    [InlineData("random(")]
    [InlineData("random()")]
    [InlineData("random)")]
    [InlineData("random(1")]
    [InlineData("random(-1)")]
    [InlineData("random(1.5)")]
    [InlineData("random( 1)")]
    [InlineData("random(2147483648)")]
    public void Parse_Unknown_Fails(string? text) => Assert.False(TaskOrder.TryParse(text, out _));

    /// <summary>It could not be read again.</summary>
    [Fact]
    public void Random_NegativeSeed_IsAFault() => Assert.Throws<ArgumentOutOfRangeException>(() => TaskOrder.Random(-1));
}
