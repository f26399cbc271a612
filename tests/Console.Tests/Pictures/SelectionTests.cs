using System.Globalization;
using BulkQA.Web.Pictures;

namespace BulkQA.Web.Tests;

public sealed class SelectionTests
{
    private readonly Selection _selection = new();

    [Fact]
    public void Turn_OneByOne_ChoosesAndLetsGo()
    {
        Turn(3);
        Turn(5);
        Turn(3);
        Assert.Equal(["5"], Chosen);
    }

    [Fact]
    public void Turn_WithARange_DoesToAllWhatWasDoneToItsBeginning()
    {
        Turn(2);
        Turn(5, isRange: true);
        Assert.Equal(["2", "3", "4", "5"], Chosen);
        Turn(4);
        Turn(3, isRange: true);
        Assert.Equal(["2", "5"], Chosen);
    }

    [Fact]
    public void Turn_ARangeBackwards_IsTheSameRange()
    {
        Turn(5);
        Turn(3, isRange: true);
        Assert.Equal(["3", "4", "5"], Chosen);
    }

    [Fact]
    public void Add_MoreThanItTakes_StopsAndSaysSo()
    {
        Assert.False(_selection.Add(Enumerable.Range(0, Selection.Max + 1).Select(Image)));
        Assert.Equal(Selection.Max, _selection.Count);
        Assert.True(_selection.Add([Image(0)]));
    }

    [Fact]
    public void Replace_OnlyWhatIsChosen_IsKept()
    {
        Turn(1);
        _selection.Replace(Image(1) with { Final = "Split" });
        _selection.Replace(Image(2) with { Final = "Split" });
        Assert.Equal("Split", Assert.Single(_selection.Images).Final);
        _selection.Clear();
        Assert.Equal(0, _selection.Count);
    }

    private IEnumerable<string> Chosen => _selection.Images.Select(image => image.ImageUrl).Order(StringComparer.Ordinal);

    private static ImageModel Image(int place) => new() { ImageUrl = place.ToString(CultureInfo.InvariantCulture), Label = "Dog" };

    private void Turn(int place, bool isRange = false) => Assert.True(_selection.Turn(place, isRange, Image));
}
