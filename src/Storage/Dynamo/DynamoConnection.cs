using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;

namespace BulkQA.Storage;

/// <summary>
/// Calls to DynamoDB, bounded in number and time. Retries are ours and not the SDK's: they are counted, and share the
/// bound on calls under way.
/// </summary>
public sealed class DynamoConnection : IDisposable
{
    private readonly AmazonDynamoDBClient _client;
    private readonly SemaphoreSlim _slots;
    private readonly ResiliencePipeline _retries;
    private readonly StorageMetrics _metrics;

    public DynamoConnection(IOptions<DynamoOptions> options, StorageMetrics metrics)
    {
        var settings = options.Value;
        _metrics = metrics;
        _client = new AmazonDynamoDBClient(new AmazonDynamoDBConfig { MaxErrorRetry = 0, Timeout = settings.AttemptTimeout });
        _slots = new SemaphoreSlim(settings.MaxConcurrentRequests);
        _retries = settings.MaxRetries == 0 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<Exception>(AwsFailures.IsTransient),
            MaxRetryAttempts = settings.MaxRetries,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromMilliseconds(50),
            MaxDelay = TimeSpan.FromSeconds(5),
        }).Build();
    }

    /// <summary>
    /// A conditional write. A failed condition may be an earlier attempt of this very call, whose answer got lost (the
    /// HTTP client, too, sends again over a connection that broke): <paramref name="isOurs"/> reads what is stored and
    /// says whether this call wrote it.
    /// </summary>
    /// <returns>Whether it was written.</returns>
    /// <exception cref="ItemTooLargeException">The item has more than 400 KB.</exception>
    /// <exception cref="StorageException">Whether it was written is unknown.</exception>
    public async Task<bool> WriteAsync(
        string what, Func<IAmazonDynamoDB, CancellationToken, Task<ConsumedCapacity?>> write, Func<Task<bool>> isOurs,
        CancellationToken cancellation = default)
    {
        try
        {
            CountWrite((await CallAsync(what, write, cancellation))?.CapacityUnits ?? 0);
            return true;
        }
        catch (ConditionalCheckFailedException)
        {
            return await isOurs();
        }
    }

    /// <summary>A call that may be repeated without harm.</summary>
    /// <exception cref="StorageException">DynamoDB could not be reached, or did not do it in all the attempts.</exception>
    public async Task<T> CallAsync<T>(
        string what, Func<IAmazonDynamoDB, CancellationToken, Task<T>> call, CancellationToken cancellation = default)
    {
        try
        {
            return await _retries.ExecuteAsync(async token =>
            {
                await _slots.WaitAsync(token);
                try
                {
                    return await call(_client, token);
                }
                catch (Exception e) when (AwsFailures.IsThrottle(e))
                {
                    _metrics.Throttles.Add(1);
                    throw;
                }
                catch (Exception e) when (AwsFailures.IsTransient(e))
                {
                    _metrics.Failures.Add(1);
                    throw;
                }
                finally
                {
                    _slots.Release();
                }
            }, cancellation);
        }
        catch (AmazonDynamoDBException e) when (e.ErrorCode == "ValidationException" && e.Message.Contains("Item size", StringComparison.OrdinalIgnoreCase))
        {
            throw new ItemTooLargeException($"{what}: DynamoDB holds 400 KB an item, and this one is larger", e);
        }
        catch (ResourceNotFoundException e)
        {
            throw new StorageException($"{what}: there is no such table; create it, or set BulkQA:Dynamo:CreateTables for a trial", e);
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException && e is not ConditionalCheckFailedException
            || (!cancellation.IsCancellationRequested && AwsFailures.IsTransient(e)))
        {
            throw new StorageException($"{what}: {e.Message}", e);
        }
    }

    /// <summary>A call that is neither repeated nor kept waiting behind others, for who asks whether DynamoDB answers.</summary>
    internal Task<T> TryOnceAsync<T>(Func<IAmazonDynamoDB, Task<T>> call) => call(_client);

    public void CountWrite(double units) => _metrics.WriteUnits.Add(units);

    public void Dispose()
    {
        _client.Dispose();
        _slots.Dispose();
    }
}
