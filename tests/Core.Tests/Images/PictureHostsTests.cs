namespace BulkQA.Core.Tests;

public sealed class PictureHostsTests
{
    [Fact]
    public void Create_Names_AreCanonicalSortedAndOnce()
    {
        Assert.True(PictureHosts.TryCreate(["Pictures.Example.org", "bücher.example", "pictures.example.org", "a-1.b.example"], out var hosts, out _));
        Assert.Equal(["a-1.b.example", "pictures.example.org", "xn--bcher-kva.example"], hosts.Values);
        Assert.Equal(["https://a-1.b.example", "https://pictures.example.org", "https://xn--bcher-kva.example"], hosts.Origins);
        Assert.Equal(hosts, PictureHosts.Parse(hosts.ToString()));
        Assert.Equal(PictureHosts.None, PictureHosts.Parse(null));
        Assert.NotEqual(PictureHosts.None, hosts);
    }

    /// <summary>Each would open more than a host to the page, or break its policy.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("*")]
    [InlineData("*.example.org")]
    [InlineData("https://example.org")]
    [InlineData("example.org/a")]
    [InlineData("example.org:8443")]
    [InlineData("user@example.org")]
    [InlineData("example.org; script-src *")]
    [InlineData("example.org 'unsafe-inline'")]
    [InlineData("example.org\n")]
    [InlineData("example..org")]
    [InlineData(".example.org")]
    [InlineData("-a.example.org")]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("[::1]")]
    [InlineData("under_score.example.org")]
    [InlineData("data:")]
    public void Create_WhatIsNoHostsName_IsRefused(string? name)
    {
        Assert.False(PictureHosts.TryCreate([name], out _, out var problem));
        Assert.Contains("pictures.example.org", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_TooMany_IsRefused()
    {
        var names = Enumerable.Range(0, PictureHosts.Max + 1).Select(number => $"h{number}.example.org").ToList();
        Assert.False(PictureHosts.TryCreate(names, out _, out var problem));
        Assert.Contains("21 hosts", problem, StringComparison.Ordinal);
        Assert.True(PictureHosts.TryCreate(names.Take(PictureHosts.Max), out _, out _));
    }

    [Theory]
    [InlineData("https://pictures.example.org/a b.jpg", true)]
    [InlineData("https://PICTURES.example.org/a.jpg?x=1", true)]
    [InlineData("https://pictures.example.org:443/a.jpg", true)]
    [InlineData("https://bücher.example/a.jpg", true)]
    [InlineData("http://pictures.example.org/a.jpg", false)]
    [InlineData("https://pictures.example.org:8443/a.jpg", false)]
    [InlineData("https://user@pictures.example.org/a.jpg", false)]
    [InlineData("https://pictures.example.org@evil.example/a.jpg", false)]
    [InlineData("https://pictures.example.org.evil.example/a.jpg", false)]
    [InlineData("https://sub.pictures.example.org/a.jpg", false)]
    [InlineData("https://evil.example\\@pictures.example.org/a.jpg", false)]
    [InlineData("//pictures.example.org/a.jpg", false)]
    [InlineData(" https://pictures.example.org/a.jpg", false)]
    [InlineData("s3://pictures.example.org/a.jpg", false)]
    [InlineData("javascript:https://pictures.example.org", false)]
    [InlineData("https://", false)]
    public void Holds_OnlyHttpsOfAHostThatIsNamed(string url, bool holds)
    {
        Assert.True(PictureHosts.TryCreate(["pictures.example.org", "bücher.example"], out var hosts, out _));
        Assert.Equal(holds, hosts.Holds(url));
        Assert.False(PictureHosts.None.Holds(url));
    }
}
