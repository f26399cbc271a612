namespace BulkQA.Core.Tests;

public sealed class TaskContentTests
{
    [Fact]
    public void Equals_SameImagesInTheSameOrder_IsTheSame()
    {
        var content = new TaskContent(new TaskNumber(1), [Image("s3://b/1", 80), Image("s3://b/2", null)]);
        Assert.Equal(content, new TaskContent(new TaskNumber(1), [Image("s3://b/1", 80), Image("s3://b/2", null)]));
        Assert.NotEqual(content, content with { Number = new TaskNumber(2) });
        Assert.NotEqual(content, content with { Images = [Image("s3://b/2", null), Image("s3://b/1", 80)] });
        Assert.NotEqual(content, content with { Images = [Image("s3://b/1", 80), Image("s3://b/2", 80)] });
        Assert.NotEqual(content, content with { Images = [Image("s3://b/1", 80)] });
    }

    [Fact]
    public void Block_Tasks_HoldsItsOwnOnly()
    {
        var block = new TaskBlock(new TaskNumber(10), 5, Label.Create("Dog"), 0);
        Assert.Equal(15, block.End);
        Assert.Equal([false, true, true, false], ((int[])[9, 10, 14, 15]).Select(task => block.Holds(new TaskNumber(task))));
    }

    private static CorpusImage Image(string url, double? confidence) => new(ImageUrl.Create(url), confidence is { } value ? Percent.Create(value) : null);
}
