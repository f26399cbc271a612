using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.Runtime.Credentials;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>SageMaker refused a call, and said why.</summary>
/// <param name="code">Its name of the error, such as <c>ResourceInUse</c>.</param>
/// <param name="message">Its words.</param>
internal sealed class SageMakerException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;

    /// <summary>The status that tells our caller the same.</summary>
    public int Status => Code switch
    {
        "ResourceInUse" or "ResourceLimitExceeded" => StatusCodes.Status409Conflict,
        "ResourceNotFound" => StatusCodes.Status404NotFound,
        _ => StatusCodes.Status400BadRequest,
    };
}

/// <summary>
/// SageMaker's JSON API, signed. Calls that were throttled or failed on the way are tried a few times; creating is safe
/// to repeat because a name can be taken only once.
/// </summary>
internal sealed class SageMakerClient(IHttpClientFactory clients, IConfiguration configuration, TimeProvider time)
{
    private const int MaxAttempts = 4;

    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(300);

    /// <exception cref="SageMakerException">It was refused: the request is wrong, the name taken, the job not there.</exception>
    /// <exception cref="StorageException">It was throttled or out of reach in every attempt.</exception>
    public async Task<JsonObject> CallAsync(string operation, JsonObject request, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(request);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await SendAsync(operation, body, cancellation);
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested
                && (e is HttpRequestException or TaskCanceledException || e is SageMakerException { Code: "ThrottlingException" or "Throttling" or "InternalFailure" or "ServiceUnavailable" }))
            {
                if (attempt == MaxAttempts) throw new StorageException($"SageMaker did not do {operation} in {attempt} attempts: {e.Message}", e);
                await Task.Delay(_firstPause * (1 << attempt) * (0.5 + Random.Shared.NextDouble()), time, cancellation);
            }
        }
    }

    private async Task<JsonObject> SendAsync(string operation, byte[] body, CancellationToken cancellation)
    {
        var region = configuration["AWS_REGION"] ?? throw new StorageException("AWS_REGION is not set; SageMaker is asked in a region");
        var endpoint = configuration["AWS_ENDPOINT_URL_SAGEMAKER"] ?? $"https://api.sagemaker.{region}.amazonaws.com";
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{endpoint.TrimEnd('/')}/") { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-amz-json-1.1");
        request.Headers.TryAddWithoutValidation("X-Amz-Target", $"SageMaker.{operation}");
        var credentials = await (await DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync()).GetCredentialsAsync();
        SigV4.Sign(request, body, credentials, region, "sagemaker", time.GetUtcNow());
        using var http = clients.CreateClient(nameof(SageMakerClient));
        using var response = await http.SendAsync(request, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        if (response.IsSuccessStatusCode) return text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
        throw Refusal((int)response.StatusCode, text);
    }

    private static SageMakerException Refusal(int status, string text)
    {
        try
        {
            var error = JsonNode.Parse(text)!.AsObject();
            // "com.amazonaws.sagemaker#ResourceInUse" or just the name.
            var code = ((string?)error["__type"] ?? "").Split('#')[^1];
            return new SageMakerException(code.Length > 0 ? code : $"{status}", (string?)error["message"] ?? (string?)error["Message"] ?? text);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new SageMakerException(status >= 500 ? "ServiceUnavailable" : $"{status}", $"status {status}: {text}");
        }
    }
}
