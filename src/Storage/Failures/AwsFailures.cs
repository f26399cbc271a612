using System.Net;
using Amazon.Runtime;

namespace BulkQA.Storage;

/// <summary>What kind of failure an exception of the AWS SDK is.</summary>
public static class AwsFailures
{
    private static readonly HashSet<string> _throttles = new(StringComparer.Ordinal)
    {
        "ProvisionedThroughputExceededException", "ThrottlingException", "Throttling", "RequestLimitExceeded",
        "RequestThrottled", "TooManyRequestsException", "SlowDown", "KmsThrottled", "RequestThrottledException",
    };

    /// <summary>Refused for want of capacity: certainly not done.</summary>
    public static bool IsThrottle(Exception exception) =>
        exception is AmazonServiceException service
        && (service.StatusCode == HttpStatusCode.TooManyRequests || _throttles.Contains(service.ErrorCode ?? ""));

    /// <summary>
    /// Worth another try: throttled, failed on their side, or failed on the way. Unless it was throttled, whether it was
    /// done is unknown.
    /// </summary>
    public static bool IsTransient(Exception exception) => IsThrottle(exception) || exception switch
    {
        AmazonServiceException service => (int)service.StatusCode is 0 or 408 or >= 500 || service.InnerException is { } inner && IsNetwork(inner),
        AmazonClientException client => client.InnerException is { } inner && IsNetwork(inner),
        _ => IsNetwork(exception),
    };

    /// <summary>A failure of the SDK or of the way, as against one of our own making.</summary>
    public static bool IsKnown(Exception exception) => exception is AmazonServiceException or AmazonClientException || IsNetwork(exception);

    private static bool IsNetwork(Exception exception) =>
        exception is HttpRequestException or IOException or TimeoutException or OperationCanceledException or System.Net.Sockets.SocketException;
}
