namespace BulkQA.Web.Tests;

public sealed class TableQueryTests
{
    private static readonly TableQuery _plain = new(null, TableQuery.DefaultLevel, null, null, null, null, false);

    private static readonly ClassRowModel[] _rows =
    [
        new() { Label = "Dog", Total = 5, Reviewed = 3, CorrectPercent = 50, Buckets = [new() { From = 80, To = 85, CorrectPercent = 10 }] },
        new() { Label = "Ant", Total = 9, Reviewed = 0 },
        new() { Label = "cat", Total = 7, Reviewed = 7, CorrectPercent = 20, Buckets = [new() { From = 80, To = 85, CorrectPercent = 90 }] },
    ];

    [Fact]
    public void Apply_WithoutAnOrder_IsByLabel() => Assert.Equal(["Ant", "Dog", "cat"], Labels(_plain));

    [Theory]
    [InlineData(TableQuery.ByPercent, false, "cat,Dog,Ant")]
    [InlineData(TableQuery.ByPercent, true, "Dog,cat,Ant")]
    [InlineData(TableQuery.ByReviewed, true, "cat,Dog,Ant")]
    [InlineData("80-85", true, "cat,Dog,Ant")]
    public void Apply_ByAColumn_PutsRowsWithoutItLast(string sort, bool isDescending, string labels) =>
        Assert.Equal(labels.Split(','), Labels(_plain with { Sort = sort, IsDescending = isDescending }));

    [Fact]
    public void Apply_WithText_KeepsLabelsThatContainIt_WhateverTheCase() => Assert.Equal(["cat"], Labels(_plain with { Text = " CA " }));

    [Fact]
    public void SortedBy_TheSameColumnAgain_TurnsTheOrderRound()
    {
        var once = _plain.SortedBy(TableQuery.ByPercent);
        Assert.Equal(("ascending", "descending", "ascending"), (once.OrderOf(TableQuery.ByPercent), once.SortedBy(TableQuery.ByPercent).OrderOf(TableQuery.ByPercent), once.SortedBy(null).OrderOf(null)));
        Assert.Null(once.OrderOf(TableQuery.ByReviewed));
    }

    [Fact]
    public void RestOf_WithoutALevel_AsksForNoScopeEither()
    {
        Assert.Equal("/v1/jobs/a%20b/classes?level=0.95&scope=model", (_plain with { Scope = "model" }).RestOf("a b"));
        Assert.Equal("/v1/jobs/j/classes?basis=final&format=csv", (_plain with { Basis = "final", Level = TableQuery.NoLevel, Scope = "model" }).RestOf("j", "csv"));
    }

    private static IEnumerable<string?> Labels(TableQuery query) => query.Apply(_rows).Select(row => row.Label);
}
