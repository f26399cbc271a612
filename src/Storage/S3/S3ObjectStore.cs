using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using BulkQA.Core;
using Microsoft.Extensions.Options;

namespace BulkQA.Storage;

/// <summary>How S3 is spoken to. Bound from <c>BulkQA:S3</c>; endpoint, region and credentials as in every AWS SDK.</summary>
public sealed class S3Options
{
    /// <summary>Addresses buckets by path instead of host name, which most emulators want. Default false.</summary>
    public bool PathStyle { get; set; }
}

/// <summary>Objects in S3. Objects are written and read in one call each; the SDK retries what failed on the way.</summary>
public sealed class S3ObjectStore(IOptions<S3Options> options, TimeProvider time) : IObjectStore, IDisposable
{
    private readonly AmazonS3Client _client = new(new AmazonS3Config { ForcePathStyle = options.Value.PathStyle });

    public async Task WriteAsync(ObjectUri uri, ReadOnlyMemory<byte> content, CancellationToken cancellation = default)
    {
        using var body = new MemoryStream(content.ToArray(), writable: false);
        await WriteAsync(uri, body, cancellation);
    }

    public async Task WriteAsync(ObjectUri uri, Stream content, CancellationToken cancellation = default)
    {
        _ = ObjectKeys.Parts(uri);
        var request = new PutObjectRequest { BucketName = uri.Bucket, Key = uri.Key, InputStream = content, AutoCloseStream = false, AutoResetStreamPosition = false };
        await CallAsync($"{uri} could not be written", () => _client.PutObjectAsync(request, cancellation), cancellation);
    }

    public async Task<ObjectInfo?> FindAsync(ObjectUri uri, CancellationToken cancellation = default)
    {
        _ = ObjectKeys.Parts(uri);
        try
        {
            var found = await CallAsync($"{uri} could not be read", () => _client.GetObjectMetadataAsync(uri.Bucket, uri.Key, cancellation), cancellation);
            return new ObjectInfo(found.ContentLength, found.ETag);
        }
        catch (StorageException e) when (e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.NotFound })
        {
            return null;
        }
    }

    public async Task<Stream?> OpenReadAsync(ObjectUri uri, CancellationToken cancellation = default)
    {
        _ = ObjectKeys.Parts(uri);
        try
        {
            var response = await CallAsync(
                $"{uri} could not be read", () => _client.GetObjectAsync(uri.Bucket, uri.Key, cancellation), cancellation);
            return response.ResponseStream;
        }
        catch (StorageException e) when (e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.NotFound })
        {
            return null;
        }
    }

    public async IAsyncEnumerable<ObjectUri> ListAsync(ObjectUri prefix, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var request = new ListObjectsV2Request { BucketName = prefix.Bucket, Prefix = prefix.Key };
        do
        {
            var page = await CallAsync(
                $"{prefix}* could not be listed", () => _client.ListObjectsV2Async(request, cancellation), cancellation);
            foreach (var found in page.S3Objects ?? []) yield return new ObjectUri(prefix.Bucket, found.Key);
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (request.ContinuationToken is not null);
    }

    public async Task DeleteAsync(ObjectUri uri, CancellationToken cancellation = default)
    {
        _ = ObjectKeys.Parts(uri);
        await CallAsync($"{uri} could not be deleted", () => _client.DeleteObjectAsync(uri.Bucket, uri.Key, cancellation), cancellation);
    }

    public Uri? Presign(ObjectUri uri, TimeSpan lifetime)
    {
        _ = ObjectKeys.Parts(uri);
        return new Uri(_client.GetPreSignedURL(new GetPreSignedUrlRequest
        {
            BucketName = uri.Bucket,
            Key = uri.Key,
            Expires = (time.GetUtcNow() + lifetime).UtcDateTime,
            Protocol = _client.Config.ServiceURL?.StartsWith("http:", StringComparison.OrdinalIgnoreCase) is true ? Protocol.HTTP : Protocol.HTTPS,
        }));
    }

    public void Dispose() => _client.Dispose();

    private static async Task<T> CallAsync<T>(string failure, Func<Task<T>> call, CancellationToken cancellation)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException
            || (!cancellation.IsCancellationRequested && AwsFailures.IsTransient(e)))
        {
            throw new StorageException($"{failure}: {e.Message}", e);
        }
    }
}
