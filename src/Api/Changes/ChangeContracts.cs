using System.Text.Json;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>That somebody had something changed, or took data out.</summary>
/// <param name="Id">Of the record.</param>
/// <param name="At">When it was asked for.</param>
/// <param name="By">The caller's name: of its key, or the subject of its token.</param>
/// <param name="Via">How the caller said who it is: <c>ApiKey</c>, <c>Bearer</c>, or <c>Local</c> where a process asks nobody.</param>
/// <param name="Action">What was asked for, such as <c>changeJob</c>.</param>
/// <param name="Job">The job's name; null where it is about none.</param>
/// <param name="Request">Method, path and query.</param>
/// <param name="Change">What was sent; null for nothing, for files and streams, and for what is longer than 8,000 bytes.</param>
/// <param name="Status">The HTTP status that it ended with; null where that is not known: it may have been carried out, or a part of it.</param>
public sealed record ChangeResponse(Guid Id, DateTimeOffset At, string By, string Via, string Action, string? Job, string Request, JsonElement? Change, int? Status)
{
    internal static ChangeResponse Of(ChangeRecord record) => new(
        record.Position.Id, record.Position.At, record.By, record.Via, record.Action, record.Job, record.Request,
        record.Change is { } change ? JsonSerializer.Deserialize<JsonElement>(change, ApiJson.Options) : null, record.Status);
}
