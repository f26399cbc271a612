using System.ComponentModel;
using System.Globalization;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>Who changed what.</summary>
internal static class ChangeEndpoints
{
    private const int MaxPage = 1_000;

    /// <summary>Records that a page looks through at most; one that finds less than it should have has a cursor all the same.</summary>
    private const int MaxLookedAt = 20_000;

    private const string AllJobs = "changes";

    private static readonly string[] _columns = ["at", "by", "via", "action", "job", "request", "change", "status", "id"];

    public static void MapChanges(this IEndpointRouteBuilder app)
    {
        var changes = app.MapGroup("/v1").WithTags("Changes").WithProblems();
        changes.MapGet("/changes", ListAsync).For(Role.Operator).Produces<Page<ChangeResponse>>(contentType: "application/json", additionalContentTypes: ["application/x-ndjson", "text/csv"])
            .WithSummary("Who changed what, and who took data out, the latest first; format=ndjson and format=csv stream all of it")
            .WithDescription("A page may have fewer items than its limit, or none, though there is more: go on while there is a `nextCursor`. Answers of workers are not here: an image's history has them.");
        changes.MapGet("/jobs/{job}/changes", ListOfJobAsync).Produces<Page<ChangeResponse>>(contentType: "application/json", additionalContentTypes: ["application/x-ndjson", "text/csv"])
            .WithSummary("The same of one job, by its name: jobs of that name that are deleted among them");
    }

    private static Task<IResult> ListAsync(
        IChangeLog changes, CancellationToken cancellation, string? action = null, string? by = null, DateTimeOffset? from = null, DateTimeOffset? to = null,
        int limit = 100, string? cursor = null, [Description("json, a page; or all of it as ndjson, a line each, or as csv")] string format = "json") =>
        AnswerAsync(changes, null, new Wanted(action, by, from, to), limit, cursor, format, cancellation);

    private static Task<IResult> ListOfJobAsync(
        string job, IChangeLog changes, CancellationToken cancellation, string? action = null, string? by = null, DateTimeOffset? from = null, DateTimeOffset? to = null,
        int limit = 100, string? cursor = null, [Description("json, a page; or all of it as ndjson, a line each, or as csv")] string format = "json") =>
        AnswerAsync(changes, job, new Wanted(action, by, from, to), limit, cursor, format, cancellation);

    private static async Task<IResult> AnswerAsync(IChangeLog changes, string? job, Wanted wanted, int limit, string? cursor, string format, CancellationToken cancellation)
    {
        var problems = new List<(string Field, string Problem)>();
        if (limit is < 1 or > MaxPage) problems.Add(("limit", $"{limit} is not from 1 to {MaxPage}"));
        if (format is not ("json" or "ndjson" or "csv")) problems.Add(("format", $"'{format}' is none of json, ndjson, csv"));
        if (wanted.From > wanted.To) problems.Add(("from", $"{wanted.From:O} is after {wanted.To:O}"));
        if (job is not null && !JobName.TryCreate(job, out _, out var problem)) problems.Add(("job", problem));
        var boundTo = job is null ? AllJobs : $"{AllJobs}/{job.ToLowerInvariant()}";
        ChangePosition? before = null;
        if (cursor is not null && (before = Read(cursor, boundTo)) is null) problems.Add(("cursor", "not one of this listing"));
        if (problems.Count > 0) return Problem.Fields(problems);
        // Positions at the end itself come before the one with the greatest id of it.
        if (before is null && wanted.To is { } to) before = new ChangePosition(to, Guid.AllBitsSet);
        var found = changes.ReadAsync(before, wanted.From ?? DateTimeOffset.MinValue, cancellation);
        if (format == "ndjson") return TypedResults.Stream(body => NdJsonExport.WriteAsync(found.Where(Fits).Select(ChangeResponse.Of), body, cancellation), "application/x-ndjson", "changes.ndjson");
        if (format == "csv") return TypedResults.Stream(body => CsvExport.WriteAsync(body, _columns, found.Where(Fits).Select(Row)), "text/csv; charset=utf-8", "changes.csv");
        var (items, lookedAt, last) = (new List<ChangeResponse>(), 0, default(ChangePosition?));
        await foreach (var record in found)
        {
            if (items.Count == limit || lookedAt == MaxLookedAt) return TypedResults.Ok(new Page<ChangeResponse>(items, Write(boundTo, last!.Value)));
            (lookedAt, last) = (lookedAt + 1, record.Position);
            if (Fits(record)) items.Add(ChangeResponse.Of(record));
        }
        return TypedResults.Ok(new Page<ChangeResponse>(items, null));

        bool Fits(ChangeRecord record) =>
            (job is null || string.Equals(record.Job, job, StringComparison.OrdinalIgnoreCase)) && (wanted.Action is null || record.Action == wanted.Action) && (wanted.By is null || record.By == wanted.By);
    }

    private static string[] Row(ChangeRecord record) =>
    [
        record.Position.At.ToString("O", CultureInfo.InvariantCulture), record.By, record.Via, record.Action, record.Job ?? "", record.Request, record.Change ?? "",
        record.Status?.ToString(CultureInfo.InvariantCulture) ?? "", record.Position.Id.ToString(),
    ];

    private static string Write(string boundTo, ChangePosition position) => Cursor.Write(boundTo, position.At.UtcTicks.ToString(CultureInfo.InvariantCulture), position.Id.ToString("N"));

    private static ChangePosition? Read(string cursor, string boundTo) =>
        Cursor.Read(cursor, boundTo, 2) is [var ticks, var id]
        && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.Ticks && Guid.TryParseExact(id, "N", out var guid)
            ? new ChangePosition(new DateTimeOffset(at, TimeSpan.Zero), guid) : null;

    /// <summary>Which records are asked for; null for all.</summary>
    private sealed record Wanted(string? Action, string? By, DateTimeOffset? From, DateTimeOffset? To);
}
