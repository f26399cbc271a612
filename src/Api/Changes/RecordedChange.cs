using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.AspNetCore.Http.Metadata;

namespace BulkQA.Api;

/// <summary>What an endpoint is called in the change log.</summary>
/// <param name="HiddenAfter">In a path, what follows this is personal, and left out; null for nothing.</param>
internal sealed record RecordedAction(string Name, string? HiddenAfter = null);

internal static class RecordedChangeExtensions
{
    /// <summary>Says that the change log has every call of the endpoint, and under what name.</summary>
    public static TBuilder Records<TBuilder>(this TBuilder endpoint, string action, string? hiddenAfter = null) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new RecordedAction(action, hiddenAfter)).AddEndpointFilter<TBuilder, RecordedChange>();
}

/// <summary>
/// Writes a call down before it is carried out, and how it ended. Where the first can't be done, nothing is; where the second can't, the record
/// stays without an end. A call that was refused changed nothing and leaves no record.
/// </summary>
internal sealed partial class RecordedChange(IGrainFactory grains, TimeProvider time, ILogger<RecordedChange> log) : IEndpointFilter
{
    private const int Keys = 64;
    private const int MaxAttempts = 6;

    /// <summary>As a caller would send it: without what was not given.</summary>
    private static readonly JsonSerializerOptions _asSent = new(ApiJson.Options)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutWhatIsNotThere } },
    };

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        // Of a stream that is refused a part may be stored.
        var mayBePartly = context.HttpContext.GetEndpoint()!.Metadata.GetMetadata<UnlimitedBody>() is not null;
        var record = Describe(context);
        if (await BeginAsync(record) is not { } changes) return await next(context);
        object? result;
        try
        {
            result = await next(context);
        }
        catch (Exception e) when (e is BadHttpRequestException || FailureClassifier.Classify(e) == FailureKind.Poison)
        {
            if (!mayBePartly) await EndAsync(() => changes.RemoveAsync(record.Position), record);
            throw;
        }
        var status = StatusOf(result);
        await EndAsync(() => status is >= 400 and < 500 && !mayBePartly ? changes.RemoveAsync(record.Position) : changes.WriteAsync(record with { Status = status }), record);
        return result;
    }

    /// <summary>Writes down what was asked for. While silos are replaced, one of the release before knows no change log: then others are asked.</summary>
    /// <returns>Null where each that was asked is such a silo: a roll must not keep anybody from changing something.</returns>
    private async Task<IChangeLogGrain?> BeginAsync(ChangeRecord record)
    {
        for (var attempt = 1; ; attempt++)
        {
            // Activations are alike, and where they are depends on the key.
            var changes = grains.GetGrain<IChangeLogGrain>(Random.Shared.Next(Keys));
            try
            {
                await changes.WriteAsync(record);
                return changes;
            }
            catch (Exception e) when (FailureClassifier.IsUnknownCall(e))
            {
                if (attempt < MaxAttempts) continue;
                LogNotRecorded(e, record.Action, record.By, record.Request);
                return null;
            }
        }
    }

    /// <summary>What was done is done, whether or not its end can be written.</summary>
    private async Task EndAsync(Func<Task> write, ChangeRecord record)
    {
        try
        {
            await write();
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            LogNoEnd(e, record.Action, record.Position.Key);
        }
    }

    private ChangeRecord Describe(EndpointFilterInvocationContext context)
    {
        var (http, caller) = (context.HttpContext, context.HttpContext.User);
        var endpoint = http.GetEndpoint()!;
        var body = endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is { } type ? context.Arguments.FirstOrDefault(type.IsInstanceOfType) : null;
        var change = body is null or Stream or string ? null : Serialize(body);
        var action = endpoint.Metadata.GetRequiredMetadata<RecordedAction>();
        var path = http.Request.Path.ToString();
        if (action.HiddenAfter is { } before && path.IndexOf(before, StringComparison.OrdinalIgnoreCase) is >= 0 and var at) path = $"{path[..(at + before.Length)]}…";
        return new ChangeRecord(
            new ChangePosition(time.GetUtcNow(), Guid.NewGuid()), caller.Who(), caller.Identity?.AuthenticationType ?? "", action.Name,
            http.GetRouteValue("job") as string ?? (body as JobRequest)?.Name, Utf8.Cut($"{http.Request.Method} {path}{http.Request.QueryString}", ChangeRecord.MaxRequestBytes),
            change is null || Encoding.UTF8.GetByteCount(change) > ChangeRecord.MaxChangeBytes ? null : change, Status: null);
    }

    /// <summary>What was sent, without the path of an alarm's webhook, which often holds a secret.</summary>
    private static string Serialize(object body)
    {
        var sent = JsonSerializer.SerializeToNode(body, body.GetType(), _asSent);
        if (sent is JsonObject fields && fields["alarm"] is JsonObject alarm && alarm["webhook"] is { } webhook)
            alarm["webhook"] = webhook is JsonValue value && value.TryGetValue(out string? text) && Webhook.TryCreate(text, out var known, out _) ? known.Shown : "…";
        return sent?.ToJsonString(ApiJson.Options) ?? "null";
    }

    /// <summary>An element that is undefined is none, which the serializer does not know.</summary>
    private static void LeaveOutWhatIsNotThere(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(property => property.PropertyType == typeof(JsonElement)))
            property.ShouldSerialize = (_, value) => value is JsonElement { ValueKind: not JsonValueKind.Undefined };
        foreach (var property in type.Properties.Where(property => property.AttributeProvider?.IsDefined(typeof(NotRecordedAttribute), inherit: false) is true))
            property.ShouldSerialize = (_, _) => false;
    }

    private static int StatusOf(object? result) => result switch
    {
        INestedHttpResult nested => StatusOf(nested.Result),
        IStatusCodeHttpResult { StatusCode: { } status } => status,
        _ => StatusCodes.Status200OK,
    };

    [LoggerMessage(LogLevel.Warning, "The change log does not have {Action} by {Caller} ({Request}): silos of the release before know none")]
    private partial void LogNotRecorded(Exception exception, string action, string caller, string request);

    [LoggerMessage(LogLevel.Warning, "How {Action} ended could not be written to the change log; its record {Record} stays without a status")]
    private partial void LogNoEnd(Exception exception, string action, string record);
}
