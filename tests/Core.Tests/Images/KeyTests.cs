using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class KeyTests
{
    private static readonly Gen<Label> _label =
        Gen.Char["ab/#|@%-2F 03é犬"].Array[1, 30].Select(chars => new string(chars)).Where(text => !string.IsNullOrWhiteSpace(text)).Select(Label.Create);

    [Fact]
    public void ImageKey_AnyLabel_ParsesBack() => _label.Sample(label =>
    {
        var address = new ImageAddress(new ClassAddress(Incarnation.Parse("job-1~0123456789ab"), label), ImageUrl.Create("s3://b/a|b#c/d"));
        Assert.Equal(address, ImageAddress.Parse(address.GrainKey));
        Assert.Equal(address.Class, ClassAddress.Parse(address.Class.Key));
        Assert.All(Shard.All, shard => Assert.Equal(address.Class, ClassAddress.ParsePlacesKey(address.Class.PlacesKey(shard))));
    });

    [Fact]
    public void PartitionKey_AnyLabelAndNumber_ParsesBack() => Gen.Select(_label, Gen.Int[0, int.MaxValue]).Sample((label, number) =>
    {
        var address = new PartitionAddress(new ClassAddress(Incarnation.Parse("job-1~0123456789ab"), label), number);
        Assert.Equal(address, PartitionAddress.Parse(address.Key));
    });

    /// <summary>No label, with any shard or partition, makes a key that another one makes.</summary>
    [Fact]
    public void Keys_DifferentLabels_AreDifferent() => Gen.Select(_label, Gen.OneOf(_label, Gen.OneOfConst("#0", "#1", "@1", "@15", "|s", "/Dog", "%", "%40").Select(Label.Create))).Sample((a, end) =>
    {
        // Most like it is a label that goes on as a key would.
        var b = Label.Create(a.Value + end.Value);
        Assert.Empty(KeysOf(a).Intersect(KeysOf(b)));
        Assert.Equal(KeysOf(a).Count, KeysOf(a).Distinct().Count());

        static List<string> KeysOf(Label label)
        {
            var address = new ClassAddress(Incarnation.Parse("j~0123456789ab"), label);
            return [address.Key, .. Shard.All.Select(address.PlacesKey), .. Enumerable.Range(0, 12).Select(number => new PartitionAddress(address, number).Key)];
        }
    });

    /// <summary>Facts are laid by these: they can never change.</summary>
    [Theory]
    [InlineData("Dog", "dogs~0123456789ab/Dog")]
    [InlineData("犬 é-1", "dogs~0123456789ab/犬 é-1")]
    [InlineData("a%/#@|b", "dogs~0123456789ab/a%25%2F%23%40%7Cb")]
    [InlineData("Dog@3", "dogs~0123456789ab/Dog%403")]
    [InlineData("Dog#3", "dogs~0123456789ab/Dog%233")]
    [InlineData("%40", "dogs~0123456789ab/%2540")]
    public void Keys_OfAClass_ArePinned(string label, string key)
    {
        var address = new ClassAddress(Incarnation.Parse("dogs~0123456789ab"), Label.Create(label));
        Assert.Equal(key, address.Key);
        Assert.Equal($"{key}@11", address.PlacesKey(new Shard(11)));
        Assert.Equal($"{key}#11", address.RowKey(new Shard(11)));
        Assert.Equal($"{key}#300", new PartitionAddress(address, 300).Key);
        Assert.Equal($"{key}|s3://b/1|#@", new ImageAddress(address, ImageUrl.Create("s3://b/1|#@")).GrainKey);
    }

    [Theory]
    [InlineData("dogs~0123456789ab/Dog")]
    [InlineData("dogs~0123456789ab/Dog#")]
    [InlineData("dogs~0123456789ab/Dog#-1")]
    [InlineData("dogs~0123456789ab/Dog# 1")]
    [InlineData("dogs~0123456789ab/Dog#1 ")]
    [InlineData("dogs~0123456789ab/Dog#2147483648")]
    [InlineData("dogs~0123456789ab#1")]
    [InlineData("dogs/Dog#1")]
    [InlineData("#1")]
    [InlineData("")]
    public void PartitionKey_Malformed_IsRefused(string key) => Assert.Throws<BadInputException>(() => PartitionAddress.Parse(key));

    [Theory]
    [InlineData("dogs~0123456789ab/Dog")]
    [InlineData("dogs~0123456789ab/Dog@")]
    [InlineData("dogs~0123456789ab/Dog@16")]
    [InlineData("dogs~0123456789ab/Dog@-1")]
    [InlineData("dogs~0123456789ab/Dog@+1")]
    [InlineData("dogs~0123456789ab/Dog@ 1")]
    [InlineData("dogs~0123456789ab@1")]
    [InlineData("Dog@1")]
    public void PlacesKey_Malformed_IsRefused(string key) => Assert.Throws<BadInputException>(() => ClassAddress.ParsePlacesKey(key));

    /// <summary>Items are laid by these: they can never change. Computed with another implementation of SHA-256.</summary>
    [Theory]
    [InlineData("s3://bulkqa/images/crab/image_0001.jpg", 4)]
    [InlineData("s3://b/é 犬.png", 0)]
    [InlineData("s3://b/xxx", 0)]
    [InlineData("https://e.org/a b?c=d#e", 9)]
    [InlineData("x", 5)]
    public void Shard_OfAUrl_IsPinned(string url, int shard) => Assert.Equal(shard, Shard.Of(ImageUrl.Create(url)).Number);

    [Fact]
    public void Shards_All_AreSixteen()
    {
        Assert.Equal(Enumerable.Range(0, 16), Shard.All.Select(shard => (int)shard.Number));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Shard(16));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Shard(-1));
    }

    [Fact]
    public void Shards_OfManyUrls_AreEven()
    {
        var counts = new int[Shard.Count];
        for (var i = 0; i < 16_000; i++) counts[Shard.Of(ImageUrl.Create($"s3://b/{i}.jpg")).Number]++;
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
