using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class KeyTests
{
    private static readonly Gen<Label> _label =
        Gen.Char["ab/#|%-2F 3é犬"].Array[1, 30].Select(chars => new string(chars)).Where(text => !string.IsNullOrWhiteSpace(text)).Select(Label.Create);

    [Fact]
    public void ImageKey_AnyLabel_ParsesBack() => _label.Sample(label =>
    {
        var address = new ImageAddress(new ClassAddress(Incarnation.Parse("job-1~0123456789ab"), label), ImageUrl.Create("s3://b/a|b#c/d"));
        Assert.Equal(address, ImageAddress.Parse(address.GrainKey));
        Assert.Equal(address.Class, ClassAddress.ParseSharded(address.RowKey).Class);
    });

    [Fact]
    public void RowKey_DifferentLabels_AreDifferent() => Gen.Select(_label, _label).Where((a, b) => a != b).Sample((a, b) =>
    {
        var incarnation = Incarnation.Parse("j~0123456789ab");
        Assert.NotEqual(new ClassAddress(incarnation, a).RowKey(new Shard(1)), new ClassAddress(incarnation, b).RowKey(new Shard(1)));
    });

    /// <summary>Rows are laid by these: they can never change. Computed with another implementation of SHA-256.</summary>
    [Theory]
    [InlineData("s3://bulkqa/images/crab/image_0001.jpg", "ff25a96b6ffe01fc698c36e23aab9c64", 4)]
    [InlineData("s3://b/é 犬.png", "58e06edabeb03ed3143545e52af05b30", 0)]
    [InlineData("s3://b/xxx", "6e2c948a1b8f19fe8959b534038ce170", 0)]
    public void HashAndShard_OfAUrl_ArePinned(string url, string hash, int shard)
    {
        var found = ImageHash.Of(ImageUrl.Create(url));
        Assert.Equal(hash, found.Value.ToString("x32", null));
        Assert.Equal(shard, found.Shard.Number);
    }

    [Fact]
    public void Shards_OfManyUrls_AreEven()
    {
        var counts = new int[Shard.Count];
        for (var i = 0; i < 16_000; i++) counts[ImageHash.Of(ImageUrl.Create($"s3://b/{i}.jpg")).Shard.Number]++;
        Assert.All(counts, count => Assert.InRange(count, 850, 1_150));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" ", "empty")]
    [InlineData("a\tb", "control character")]
    public void Label_NotUsable_SaysWhy(string text, string reason)
    {
        Assert.False(Label.TryCreate(text, out _, out var problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    // Not a case of the theory above: attributes are stored as UTF-8, which can't hold it.
    [Fact]
    public void Label_LoneSurrogate_IsRefused()
    {
        Assert.False(Label.TryCreate("a\uD800b", out _, out var problem));
        Assert.Contains("lone surrogate", problem, StringComparison.Ordinal);
        Assert.True(Label.TryCreate("a\uD83D\uDC15b", out _, out _));
    }

    [Fact]
    public void ImageUrl_LongerThanARangeKey_IsRefused()
    {
        Assert.True(ImageUrl.TryCreate(new string('é', 500), out _, out _));
        Assert.False(ImageUrl.TryCreate(new string('é', 501), out _, out var problem));
        Assert.Contains("1002 UTF-8 bytes", problem, StringComparison.Ordinal);
    }
}
