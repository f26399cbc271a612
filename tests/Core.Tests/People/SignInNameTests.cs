namespace BulkQA.Core.Tests;

public sealed class SignInNameTests
{
    [Theory]
    [InlineData("Ann@Example.org", "ann@example.org")]
    [InlineData(" ann ", "ann")]
    [InlineData("ａｎｎ", "ann")]
    [InlineData("犬", "犬")]
    public void TryCreate_OfAName_IsKnownInOneForm(string given, string key)
    {
        Assert.True(SignInName.TryCreate(given, out var name, out _));
        Assert.Equal(key, name.Key);
        Assert.Equal(SignInName.Create(key), name);
        Assert.Equal(SignInName.Create(key).GetHashCode(), name.GetHashCode());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    // Somebody else's account could be taken for it.
    [InlineData("p-83d02a86f4384fbfa48f929202ee9fff")]
    [InlineData("P-83D02A86F4384FBFA48F929202EE9FFF")]
    public void TryCreate_OfNoName_IsRefusedInWords(string? given)
    {
        Assert.False(SignInName.TryCreate(given, out _, out var problem));
        Assert.StartsWith("the name to sign in with", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TryCreate_OfTooLong_IsRefused() => Assert.False(SignInName.TryCreate(new string('x', SignInName.MaxBytes + 1), out _, out _));
}
