using System.Collections.Concurrent;
using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using BulkQA.Core;

namespace BulkQA.Lambdas;

/// <summary>An object's content and when it was written.</summary>
internal sealed record ReadObject(byte[] Content, DateTimeOffset WrittenAt);

/// <summary>
/// Reads objects as the function's own role and, where that may not, as a role it is given. Clients of assumed roles are
/// kept for as long as their credentials hold.
/// </summary>
internal sealed class ObjectReader(FunctionSettings settings, AmazonS3Client own)
{
    private const int MaxBytes = 64 * 1024 * 1024;
    private const int MaxRoles = 16;

    private static readonly TimeSpan _margin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (AmazonS3Client Client, DateTimeOffset Until)> _assumed = new();

    /// <exception cref="BadInputException">There is no such object, nobody may read it, or it is too large.</exception>
    public async Task<ReadObject> ReadAsync(ObjectUri uri, string? roleArn, CancellationToken cancellation)
    {
        try
        {
            return await ReadAsync(own, uri, cancellation);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.Forbidden && roleArn is not null)
        {
            return await ReadAsAsync(roleArn, uri, cancellation);
        }
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
        {
            throw new BadInputException($"{uri} can't be read: {e.Message}", e);
        }
    }

    /// <summary>An object that need not be there, as the function's own role; null where it is not.</summary>
    /// <exception cref="BadInputException">It is larger than <paramref name="most"/> bytes.</exception>
    public async Task<ReadObject?> TryReadAsync(ObjectUri uri, int most, CancellationToken cancellation)
    {
        try
        {
            return await ReadAsync(own, uri, cancellation, most);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private async Task<ReadObject> ReadAsAsync(string roleArn, ObjectUri uri, CancellationToken cancellation)
    {
        try
        {
            return await ReadAsync(await AssumeAsync(roleArn, cancellation), uri, cancellation);
        }
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
        {
            throw new BadInputException($"{uri} can be read neither by the function's own role nor by {roleArn}: {e.Message}", e);
        }
        catch (AmazonSecurityTokenServiceException e) when (e.StatusCode == HttpStatusCode.Forbidden)
        {
            throw new BadInputException($"the function may not assume {roleArn}, which would read {uri}: {e.Message}", e);
        }
    }

    private async Task<AmazonS3Client> AssumeAsync(string roleArn, CancellationToken cancellation)
    {
        if (_assumed.TryGetValue(roleArn, out var known) && known.Until > TimeProvider.System.GetUtcNow()) return known.Client;
        // Clients that are dropped may still be reading: they are left to the garbage collector.
        if (_assumed.Count >= MaxRoles) _assumed.Clear();
        using var sts = new AmazonSecurityTokenServiceClient(new AmazonSecurityTokenServiceConfig { Timeout = _timeout });
        var role = await sts.AssumeRoleAsync(
            new AssumeRoleRequest { RoleArn = roleArn, RoleSessionName = "bulkqa-post-labeling" }, cancellation);
        var expires = role.Credentials.Expiration is { } end ? new DateTimeOffset(end.ToUniversalTime()) : TimeProvider.System.GetUtcNow();
        var credentials = new SessionAWSCredentials(role.Credentials.AccessKeyId, role.Credentials.SecretAccessKey, role.Credentials.SessionToken);
        var client = new AmazonS3Client(credentials, Config(settings));
        _assumed[roleArn] = (client, expires - _margin);
        return client;
    }

    private static async Task<ReadObject> ReadAsync(AmazonS3Client client, ObjectUri uri, CancellationToken cancellation, int most = MaxBytes)
    {
        using var response = await client.GetObjectAsync(new GetObjectRequest { BucketName = uri.Bucket, Key = uri.Key }, cancellation);
        if (response.ContentLength > most) throw new BadInputException($"{uri} has {response.ContentLength} bytes, more than {most}");
        using var buffer = new MemoryStream((int)Math.Max(0, response.ContentLength));
        await response.ResponseStream.CopyToAsync(buffer, cancellation);
        var written = response.LastModified is { } time ? new DateTimeOffset(time.ToUniversalTime()) : TimeProvider.System.GetUtcNow();
        return new ReadObject(buffer.ToArray(), written);
    }

    public static AmazonS3Config Config(FunctionSettings settings) => new() { ForcePathStyle = settings.PathStyle, Timeout = _timeout };
}
