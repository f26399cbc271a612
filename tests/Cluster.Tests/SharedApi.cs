using Amazon.S3.Model;
using BulkQA.Cluster.Tests;
using BulkQA.Core;
using BulkQA.Emulators;

[assembly: AssemblyFixture(typeof(BulkQA.Api.Tests.SharedApi))]

namespace BulkQA.Api.Tests;

/// <summary>
/// Emulators for this assembly, and a cluster of two silos in the place of the one process that the tests of the REST
/// interface otherwise share.
/// </summary>
public sealed class SharedApi : AwsEmulators
{
    private TestCluster _cluster = null!;

    public HttpClient Http => _cluster.Http;

    public async Task<string> ReadObjectAsync(string uri)
    {
        Assert.True(ObjectUri.TryParse(uri, out var place));
        using var found = await _cluster.S3.GetObjectAsync(place.Bucket, place.Key, TestContext.Current.CancellationToken);
        return await new StreamReader(found.ResponseStream).ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    public async Task WriteObjectAsync(string uri, string content)
    {
        Assert.True(ObjectUri.TryParse(uri, out var place));
        await _cluster.S3.PutBucketAsync(place.Bucket, TestContext.Current.CancellationToken);
        await _cluster.S3.PutObjectAsync(
            new PutObjectRequest { BucketName = place.Bucket, Key = place.Key, ContentBody = content }, TestContext.Current.CancellationToken);
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _cluster = await TestCluster.StartAsync(this, silos: 2);
    }

    public override async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await base.DisposeAsync();
    }
}
