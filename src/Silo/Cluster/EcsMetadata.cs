using System.Net;
using System.Text.Json;

namespace BulkQA.Silo;

/// <summary>
/// What ECS says of the task this process runs in, by its
/// <see href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html">metadata endpoint, version 4</see>.
/// </summary>
internal static class EcsMetadata
{
    public const string UriVariable = "ECS_CONTAINER_METADATA_URI_V4";

    private const int MaxAttempts = 5;

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(300);

    /// <summary>The task's private address, which other tasks of the VPC reach it at.</summary>
    /// <exception cref="InvalidOperationException">The endpoint is not there, or tells no address.</exception>
    public static IPAddress ReadAddress(string? metadataUri)
    {
        if (!Uri.TryCreate(metadataUri, UriKind.Absolute, out var uri))
            throw new InvalidOperationException(
                $"this silo's address is not known: {UriVariable} is '{metadataUri}'. Outside ECS give {ClusterSettings.Section}:AdvertisedAddress.");
        using var http = new HttpClient { Timeout = _timeout };
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var response = http.Send(new HttpRequestMessage(HttpMethod.Get, uri));
                response.EnsureSuccessStatusCode();
                return Address(response.Content.ReadAsStream())
                    ?? throw new InvalidOperationException($"ECS' metadata at {uri} tells no private IPv4 address of this task (network mode awsvpc is needed)");
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException)
            {
                // The endpoint may come up a moment after the container.
                if (attempt == MaxAttempts) throw new InvalidOperationException($"ECS' metadata at {uri} could not be read: {e.Message}", e);
                Task.Delay(_pause, TimeProvider.System).GetAwaiter().GetResult();
            }
        }
    }

    private static IPAddress? Address(Stream json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty("Networks", out var networks) && networks.ValueKind == JsonValueKind.Array
            ? networks.EnumerateArray()
                .Where(network => network.TryGetProperty("IPv4Addresses", out _))
                .SelectMany(network => network.GetProperty("IPv4Addresses").EnumerateArray())
                .Select(address => IPAddress.TryParse(address.GetString(), out var parsed) ? parsed : null)
                .FirstOrDefault(address => address is not null)
            : null;
    }
}
