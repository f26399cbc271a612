namespace BulkQA.Corpora.Tests;

public sealed class S3AddressTests
{
    [Theory]
    [InlineData("https://pets.s3.eu-central-1.amazonaws.com/dogs/a.jpg", "s3://pets/dogs/a.jpg")]
    [InlineData("https://pets.s3.amazonaws.com/dogs/a.jpg", "s3://pets/dogs/a.jpg")]
    [InlineData("http://pets.s3-us-west-2.amazonaws.com/a.jpg", "s3://pets/a.jpg")]
    [InlineData("https://my.pets.s3.dualstack.eu-west-1.amazonaws.com/a.jpg", "s3://my.pets/a.jpg")]
    [InlineData("https://s3.eu-central-1.amazonaws.com/pets/dogs/a.jpg", "s3://pets/dogs/a.jpg")]
    [InlineData("https://s3-us-west-2.amazonaws.com/pets/a.jpg", "s3://pets/a.jpg")]
    [InlineData("https://s3.amazonaws.com/pets/a.jpg", "s3://pets/a.jpg")]
    [InlineData("https://pets.s3.cn-north-1.amazonaws.com.cn/a.jpg", "s3://pets/a.jpg")]
    [InlineData("https://PETS.S3.eu-central-1.AMAZONAWS.com/a.jpg", "s3://pets/a.jpg")]
    [InlineData("https://pets.s3.amazonaws.com/a%20b+c%2Bd%25.jpg", "s3://pets/a b c+d%.jpg")]
    [InlineData("https://pets.s3.amazonaws.com/Stra%C3%9Fe%2F%CC%88.jpg", "s3://pets/Straße/\u0308.jpg")]
    [InlineData("https://pets.s3.amazonaws.com/a.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00", "s3://pets/a.jpg")]
    [InlineData("https://pets.s3.amazonaws.com/a.jpg?AWSAccessKeyId=x&Signature=y%3D&Expires=1", "s3://pets/a.jpg")]
    public void Normalize_AddressOfAnObject_IsItsS3Url(string address, string url) => Assert.Equal(url, S3Address.Normalize(address));

    [Theory]
    [InlineData("s3://pets/a%20b+c.jpg")]
    [InlineData("https://pets.s3.amazonaws.com/a.jpg?versionId=3")]
    [InlineData("https://pets.s3.amazonaws.com/")]
    [InlineData("https://s3.amazonaws.com/pets")]
    [InlineData("https://s3.amazonaws.com/pets/")]
    [InlineData("https://s3.evil.com/pets/a.jpg")]
    [InlineData("https://pets.s3.amazonaws.com.evil.com/a.jpg")]
    [InlineData("https://pets.s3.amazonaws.com@evil.com/a.jpg")]
    [InlineData("https://example.com/a.jpg")]
    [InlineData("dogs/a.jpg")]
    public void Normalize_AnythingElse_StaysAsItIs(string url) => Assert.Equal(url, S3Address.Normalize(url));

    /// <summary>NFC and NFD are two keys to S3, and so two images.</summary>
    [Fact]
    public async Task Read_BothFormsOfAnAddress_AreOneImage()
    {
        var (lines, _) = await Corpus.ReadAsync("image,label,confidence\ns3://pets/a b.jpg,Dog,80\nhttps://pets.s3.amazonaws.com/a%20b.jpg,Dog,80\ns3_image_url,Dog,80\n", "csv");
        Assert.Equal(lines[0].Item, lines[1].Item);
        (lines, _) = await Corpus.ReadAsync("image,label,confidence\n\u00E9.jpg,Dog,80\ne\u0301.jpg,Dog,80\n", "csv");
        Assert.NotEqual(lines[0].Item, lines[1].Item);
    }
}
