using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using BulkQA.Core;
using Microsoft.Extensions.Options;
using Polly;

namespace BulkQA.Grains;

/// <summary>Posts beginnings and ends of alarms to the webhooks of jobs. What these answer is not read, and where they send on to is not called.</summary>
internal sealed class AlarmWebhook(IHttpClientFactory clients, IOptions<AlarmOptions> options, TimeProvider time)
{
    public const string ClientName = "alarms";

    /// <summary><c>t=1764460800,v1=…</c>: the time of the call in seconds since 1970, and the signature of that, a dot and the body, in hexadecimal digits.</summary>
    public const string SignatureHeader = "BulkQA-Signature";

    /// <summary>The id of the event, as in the body.</summary>
    public const string EventHeader = "BulkQA-Event";

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Tells a webhook, again where that fails for now.</summary>
    /// <returns>Why it failed; null where it did not.</returns>
    public async Task<string?> TellAsync(JobInfo job, Webhook webhook, AlarmEvent told, CancellationToken cancellation)
    {
        // The deployment may have changed its mind since the job was given it.
        if (options.Value.RefusalOf(webhook) is { } refusal) return refusal;
        var body = JsonSerializer.SerializeToUtf8Bytes(AlarmCall.Of(job, told), _json);
        using var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.Add(EventHeader, told.IdIn(job.Incarnation));
        if (options.Value.WebhookSecret is { } secret) request.Headers.Add(SignatureHeader, Sign(secret, time.GetUtcNow(), body));
        try
        {
            using var response = await clients.CreateClient(ClientName).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return response.IsSuccessStatusCode ? null
                : (int)response.StatusCode is >= 300 and < 400 ? $"it answered {(int)response.StatusCode}; where it sends on to is not called" : $"it answered {(int)response.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            return e.InnerException is AddressRefusedException refused ? refused.Message : $"it could not be called: {e.Message}";
        }
        // A timeout of ours. Whoever cancels is told so.
        catch (Exception e) when (e is ExecutionRejectedException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return $"it did not answer within {options.Value.WebhookTimeout.TotalSeconds:0.#} s";
        }
    }

    internal static string Sign(string secret, DateTimeOffset at, ReadOnlySpan<byte> body)
    {
        var seconds = FormattableString.Invariant($"{at.ToUnixTimeSeconds()}");
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.UTF8.GetBytes($"{seconds}."), .. body]);
        return $"t={seconds},v1={Convert.ToHexStringLower(signature)}";
    }

    /// <summary>
    /// Connects to an address that may be called, and to no other: whatever a name was checked for before, and whoever answers for it, this is the address
    /// that is used.
    /// </summary>
    internal static async ValueTask<Stream> ConnectAsync(AlarmOptions options, DnsEndPoint host, CancellationToken cancellation)
    {
        var addresses = await Dns.GetHostAddressesAsync(host.Host, cancellation);
        var allowed = Array.FindAll(addresses, options.MayCall);
        if (allowed.Length == 0) throw new AddressRefusedException($"{host.Host} is at no address of the public internet, and no other is called");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var isConnected = false;
        try
        {
            await socket.ConnectAsync(allowed, host.Port, cancellation);
            isConnected = true;
            return new NetworkStream(socket, ownsSocket: true);
        }
        finally
        {
            if (!isConnected) socket.Dispose();
        }
    }

    internal sealed class AddressRefusedException(string message) : IOException(message);

    /// <summary>The body of a call.</summary>
    private sealed record AlarmCall(
        string Id, string Event, string Job, string Label, double MinCorrectPercent, DateOnly RaisedOn, DateOnly Since, DateTimeOffset At, string? EndedBy, AlarmDay? Day, string Path, string Page)
    {
        public static AlarmCall Of(JobInfo job, AlarmEvent told)
        {
            var (alarm, name) = (told.Alarm, job.Name.Value);
            return new AlarmCall(
                told.IdIn(job.Incarnation), told.IsEnd ? "ended" : "raised", name, alarm.Label.Value, alarm.MinCorrectPercent, alarm.RaisedOn, alarm.Since, told.At,
                !told.IsEnd ? null : alarm.Ending == AlarmEnding.Withdrawn ? "withdrawn" : "recovered",
                !told.IsEnd ? AlarmDay.Of(alarm.RaisedOn, alarm.Counts) : alarm.EndedOn is { } day ? AlarmDay.Of(day, alarm.EndCounts) : null,
                $"/v1/jobs/{name}/alarms", $"/jobs/{name}");
        }
    }

    private sealed record AlarmDay(DateOnly Day, long Reviewed, long Confirmed, long Disconfirmed, long Split, double? CorrectPercent)
    {
        public static AlarmDay Of(DateOnly day, BucketTally counts) => new(day, counts.Reviewed, counts.Confirmed, counts.Disconfirmed, counts.Split, counts.CorrectPercent);
    }
}
