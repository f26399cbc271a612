using System.Collections.Immutable;

namespace BulkQA.Core.Tests;

public sealed class ImageMarksTests
{
    private static readonly CorpusImage _image = new(ImageUrl.Create("s3://b/a.jpg"), null);

    [Fact]
    public void Write_FollowUp_SaysWhereEachImageIsAndIsNoGold()
    {
        ImmutableArray<CorpusImage> images = [_image with { Spot = new(new TaskNumber(17), 4) }, _image with { Spot = new(new TaskNumber(0), 249) }];
        var text = ImageMarks.Write(images);
        Assert.Equal("again 17.4 0.249", text);
        Assert.Equal(images.Select(image => image.Spot!.Value), ImageMarks.ReadSpots(text));
        Assert.Empty(ImageMarks.ReadGold(text));
        // A release before there were follow-ups.
        Assert.Throws<BadInputException>(() => GoldMark.Read(text));
    }

    [Fact]
    public void Write_OtherTasks_IsTheirGoldAsItWas()
    {
        Assert.Null(ImageMarks.Write([_image]));
        Assert.Equal("1w", ImageMarks.Write([_image, _image with { Gold = new GoldAnswer(false) }]));
        Assert.Equal([new GoldMark(1, new GoldAnswer(false))], ImageMarks.ReadGold("1w"));
        Assert.Empty(ImageMarks.ReadSpots("1w"));
        Assert.Empty(ImageMarks.ReadSpots(null));
        Assert.Empty(ImageMarks.ReadGold(null));
    }

    [Fact]
    public void Write_SomeImagesWithAPlaceElsewhere_IsRefused() =>
        Assert.Throws<ArgumentException>(() => ImageMarks.Write([_image, _image with { Spot = new(new TaskNumber(1), 0) }]));

    [Theory]
    [InlineData("again ")]
    [InlineData("again 1")]
    [InlineData("again 1.2.3")]
    [InlineData("again -1.2")]
    public void ReadSpots_AnythingElse_IsRefused(string text) => Assert.Throws<BadInputException>(() => ImageMarks.ReadSpots(text));

    [Fact]
    public void FollowUps_OfAPartition_LeadHome()
    {
        var home = new PartitionAddress(new ClassAddress(Incarnation.New(JobName.Create("job")), Label.Create("Dog")), 3);
        Assert.True(home.FollowUps.IsFollowUps);
        Assert.False(home.FollowUps.IsGold);
        Assert.Equal(home, home.FollowUps.Home);
        Assert.Equal(home.FollowUps, PartitionAddress.Parse(home.FollowUps.Key));
        foreach (var other in (PartitionAddress[])[home, PartitionAddress.GoldOf(home.Class)])
        {
            Assert.False(other.IsFollowUps);
            Assert.Equal(other, other.Home);
        }
    }
}
