using BulkQA.Core;

namespace BulkQA.Storage.Tests;

public sealed class FolderObjectStoreTests : ObjectStoreCompliance, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FolderObjectStore _store;

    public FolderObjectStoreTests() => _store = new FolderObjectStore(_folder.File("root"));

    protected override IObjectStore Store => _store;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bucket", "../outside")]
    [InlineData("bucket", "a/../../outside")]
    [InlineData("..", "outside")]
    [InlineData("bucket", "/etc/passwd")]
    [InlineData("bucket", "a//b")]
    [InlineData("bucket", "a/./b")]
    [InlineData("bucket", "a\\..\\b")]
    [InlineData("bucket", "")]
    [InlineData("", "x")]
    [InlineData(".", "x")]
    public async Task AnyCall_KeyThatIsNoCanonicalPath_IsRefused(string bucket, string key)
    {
        var uri = new ObjectUri(bucket, key);
        await File.WriteAllTextAsync(_folder.File("outside"), "secret", Cancellation);
        await Assert.ThrowsAsync<BadInputException>(() => Store.OpenReadAsync(uri, Cancellation));
        await Assert.ThrowsAsync<BadInputException>(() => Store.WriteAsync(uri, "x"u8.ToArray(), Cancellation));
        await Assert.ThrowsAsync<BadInputException>(() => Store.DeleteAsync(uri, Cancellation));
        Assert.Equal("secret", await File.ReadAllTextAsync(_folder.File("outside"), Cancellation));
    }

    [Fact]
    public async Task AnyCall_OverALink_IsRefused()
    {
        await File.WriteAllTextAsync(_folder.File("secret"), "secret", Cancellation);
        Directory.CreateDirectory(Path.Combine(_folder.File("root"), "bucket"));
        Directory.CreateSymbolicLink(Path.Combine(_folder.File("root"), "bucket", "out"), _folder.Path);
        File.CreateSymbolicLink(Path.Combine(_folder.File("root"), "bucket", "file"), _folder.File("secret"));
        await Assert.ThrowsAsync<BadInputException>(() => Store.OpenReadAsync(new ObjectUri("bucket", "out/secret"), Cancellation));
        await Assert.ThrowsAsync<BadInputException>(() => Store.OpenReadAsync(new ObjectUri("bucket", "file"), Cancellation));
        Assert.Equal(0, await Store.ListAsync(new ObjectUri("bucket", ""), Cancellation).CountAsync(Cancellation));
    }

    [Fact]
    public async Task Write_WhereAFolderIs_SaysSo()
    {
        await Store.WriteAsync(new ObjectUri("bucket", "a/b"), "x"u8.ToArray(), Cancellation);
        var failure = await Assert.ThrowsAsync<StorageException>(() => Store.WriteAsync(new ObjectUri("bucket", "a"), "x"u8.ToArray(), Cancellation));
        Assert.Contains("s3://bucket/a could not be written", failure.Message, StringComparison.Ordinal);
    }
}
