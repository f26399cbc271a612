using Amazon.S3;
using BulkQA.Core;
using BulkQA.Emulators;
using Microsoft.Extensions.Options;

namespace BulkQA.Storage.Tests;

public sealed class S3ObjectStoreTests(AwsEmulators aws) : ObjectStoreCompliance, IAsyncLifetime
{
    private readonly S3ObjectStore _store = new(Options.Create(new S3Options { PathStyle = true }), TimeProvider.System);

    protected override IObjectStore Store => _store;

    public async ValueTask InitializeAsync()
    {
        using var s3 = new AmazonS3Client(new AmazonS3Config { ForcePathStyle = true });
        foreach (var bucket in (string[])["bucket", "list"]) await s3.PutBucketAsync(bucket, Cancellation);
    }

    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("a/../../outside")]
    [InlineData("a//b")]
    [InlineData("")]
    public async Task AnyCall_KeyThatIsNoCanonicalPath_IsRefused(string key)
    {
        var uri = new ObjectUri("bucket", key);
        await Assert.ThrowsAsync<BadInputException>(() => Store.OpenReadAsync(uri, Cancellation));
        await Assert.ThrowsAsync<BadInputException>(() => Store.WriteAsync(uri, "x"u8.ToArray(), Cancellation));
        await Assert.ThrowsAsync<BadInputException>(() => Store.DeleteAsync(uri, Cancellation));
        Assert.Throws<BadInputException>(() => Store.Presign(uri, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Write_NoSuchBucket_SaysSo()
    {
        var failure = await Assert.ThrowsAsync<StorageException>(() => Store.WriteAsync(new ObjectUri("nowhere", "x"), "x"u8.ToArray(), Cancellation));
        Assert.Contains("s3://nowhere/x could not be written", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_StoreFailsOnce_GivesTheContent()
    {
        var uri = new ObjectUri("bucket", $"flaky/{Guid.NewGuid()}");
        await Store.WriteAsync(uri, "content"u8.ToArray(), Cancellation);
        var left = 1;
        using var _ = aws.Queues.When(request => request.Path.EndsWith(uri.Key, StringComparison.Ordinal) && Interlocked.Decrement(ref left) >= 0
            ? new Fault.Answer(503, "application/xml", "<Error><Code>SlowDown</Code><Message>slow down</Message></Error>")
            : null);
        await using var stream = await Store.OpenReadAsync(uri, Cancellation);
        Assert.Equal("content", await new StreamReader(stream!).ReadToEndAsync(Cancellation));
        Assert.True(left < 0);
    }

    [Fact]
    public async Task Presign_Object_GivesAUrlThatReadsItAndEnds()
    {
        var uri = new ObjectUri("bucket", "pictures/é 犬.jpg");
        await Store.WriteAsync(uri, "picture"u8.ToArray(), Cancellation);
        var url = Store.Presign(uri, TimeSpan.FromMinutes(5))!;
        using var http = new HttpClient();
        Assert.Equal("picture", await http.GetStringAsync(url, Cancellation));
        Assert.Matches("X-Amz-Expires=(29[0-9]|30[01])&", url.Query);
        Assert.Contains("X-Amz-Signature=", url.Query, StringComparison.Ordinal);
    }
}
