using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class TaskVersionsTests
{
    private static readonly Gen<ModelVersion?> _version = Gen.OneOfConst("v1", "1 2", "2026-11-30 犬", null).Select(text => text is null ? (ModelVersion?)null : ModelVersion.Create(text));

    [Fact]
    public void Read_OfWhatWasWritten_IsTheSame() => _version.Array[1, 12].Sample(versions =>
    {
        var written = TaskVersions.Of(versions);
        var read = TaskVersions.Read(written.Write());
        Assert.Equal(written, read);
        Assert.Equal(versions, Enumerable.Range(0, versions.Length).Select(read.Of));
        Assert.Equal(versions.All(version => version is null), written.Write() is null);
    });

    [Theory]
    [InlineData("")]
    [InlineData("1 2\nv1")]
    [InlineData("x\nv1")]
    public void Read_OfSomethingElse_IsRefused(string text) => Assert.Throws<BadInputException>(() => TaskVersions.Read(text));

    [Theory]
    [InlineData(" v1 ", "v1")]
    [InlineData("", null)]
    [InlineData("a\nb", null)]
    public void TryCreate_Text_IsTrimmedOrRefused(string text, string? value)
    {
        Assert.Equal(value is not null, ModelVersion.TryCreate(text, out var version, out var problem));
        Assert.Equal((value, value is null), (version.Value, problem is not null));
    }

    [Fact]
    public void TryCreate_MoreThanAHundredBytes_IsRefused()
    {
        Assert.True(ModelVersion.TryCreate(new string('é', 50), out _, out _));
        Assert.False(ModelVersion.TryCreate(new string('é', 51), out _, out var problem));
        Assert.Contains("100", problem, StringComparison.Ordinal);
    }
}
