namespace BulkQA.Corpora.Tests;

public sealed class CocoFormatTests
{
    [Theory]
    [InlineData("images", "categories", "annotations")]
    [InlineData("annotations", "images", "categories")]
    public async Task Read_SectionsInAnyOrder_JoinsThem(params string[] order)
    {
        var sections = new Dictionary<string, string>
        {
            ["images"] = """[{"id":1,"file_name":"a.jpg","width":640},{"id":2,"file_name":"x/b.jpg"},{"id":3}]""",
            ["categories"] = """[{"id":18,"name":"Dog","supercategory":"animal"},{"id":17,"name":"Cat"}]""",
            ["annotations"] = """[{"id":1,"image_id":1,"category_id":18,"score":0.97,"bbox":[1,2,3,4]},{"id":2,"image_id":2,"category_id":17},{"image_id":3,"category_id":17},{"image_id":1,"category_id":99}]""",
        };
        var body = $$"""{"info":{"year":2026,"a":["]}"]},"licenses":[], {{string.Join(',', order.Select(name => $"\"{name}\":{sections[name]}"))}} }""";
        var (lines, reading) = await Corpus.ReadAsync(body, "coco");
        Assert.Equal(["a.jpg Dog 97", "x/b.jpg Cat -", "3: the annotation's image_id is that of no image with a name of at most 1000 characters", "4: the annotation's category_id is that of no category with a name of at most 1000 characters"], Corpus.Show(lines));
        Assert.Equal(ConfidenceScale.Fraction, reading.Scale);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("[]", "empty")]
    [InlineData("""{"images":[],"categories":[],"annotations":[]}""", "empty")]
    [InlineData("""{"images":[{"id":1""", "breaks off")]
    [InlineData("""{"images" 3}""", "is not a JSON object")]
    [InlineData("3", "doesn't begin with '[' or '{'")]
    public async Task Read_WhatIsNoCoco_IsRefused(string body, string says) =>
        Assert.Contains(says, (await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync(body, "coco"))).Message, StringComparison.Ordinal);

    /// <summary>Names wait in memory, millions of them: none is longer than an image's URL may be.</summary>
    [Theory]
    [InlineData(0, 0, "")]
    [InlineData(1, 0, "1: the annotation's image_id is that of no image with a name of at most 1000 characters")]
    [InlineData(0, 1, "1: the annotation's category_id is that of no category with a name of at most 1000 characters")]
    public async Task Read_NameThatIsTooLong_IsNoName(int imageTooLong, int categoryTooLong, string says)
    {
        var image = $"s3://b/{new string('a', ImageUrl.MaxBytes - "s3://b/.jpg".Length + imageTooLong)}.jpg";
        var category = categoryTooLong == 0 ? "Dog" : new string('D', ImageUrl.MaxBytes + categoryTooLong);
        var (lines, _) = await Corpus.ReadAsync($$"""{"images":[{"id":1,"file_name":"{{image}}"}],"categories":[{"id":1,"name":"{{category}}"}],"annotations":[{"image_id":1,"category_id":1}]}""", "coco");
        Assert.Equal(says.Length == 0 ? $"{image} Dog -" : says, Corpus.Show(Assert.Single(lines)));
    }

    /// <summary>An object of nothing but empty arrays costs no stack.</summary>
    [Fact]
    public async Task Read_HundredThousandEmptySections_IsRefusedAsEmpty() =>
        await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync($"{{{string.Join(',', Enumerable.Range(0, 100_000).Select(n => $"\"{n}\":[]"))}}}", "coco"));
}
