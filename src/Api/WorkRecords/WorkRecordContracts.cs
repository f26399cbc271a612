using System.ComponentModel;
using System.Globalization;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Mvc;

namespace BulkQA.Api;

/// <summary>What somebody did in a job on one day (UTC).</summary>
/// <param name="Worker">Its id; of people, the person's.</param>
/// <param name="Name">The person's name; null where the worker is no person here, or was erased.</param>
/// <param name="Day">Null for what came without a time.</param>
/// <param name="Tasks">Tasks (batches) of which the worker answered the last image that day; a batch of images in doubt is one of its own.</param>
/// <param name="Images">Images answered in any way for the first time that day, gold among them. Corrections and repetitions count nothing.</param>
/// <param name="Seconds">How long those of the tasks took whose time was measured.</param>
/// <param name="TasksTimed">How many of the tasks these are.</param>
public sealed record WorkRecordResponse(string Job, string Worker, string? Name, DateOnly? Day, long Tasks, long Images, double Seconds, long TasksTimed)
{
    internal static string[] Columns(bool isOfOneJob) => [.. isOfOneJob ? (string[])[] : ["job"], "worker", "name", "day", "tasks", "images", "seconds", "tasksTimed"];

    internal string[] Cells(bool isOfOneJob) =>
    [
        .. isOfOneJob ? (string[])[] : [Job], Worker, Name ?? "", Day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "", Text(Tasks), Text(Images),
        Seconds.ToString("0.###", CultureInfo.InvariantCulture), Text(TasksTimed),
    ];

    internal static WorkRecordResponse Of(JobName job, WorkRecord record, string? name) =>
        new(job.Value, record.Worker.Value, name, record.Day, record.Tasks, record.Images, Math.Round(record.Seconds, 3), record.TasksTimed);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Of which days records are asked for, whose, and how.</summary>
internal sealed record WorkRecordsQuery
{
    [FromQuery(Name = "from"), Description("The first day (UTC), as 2026-11-01; default all. With a first or last day, what came without a time is left out")]
    public string? From { get; init; }

    [FromQuery(Name = "to"), Description("The last day (UTC)")]
    public string? To { get; init; }

    [FromQuery(Name = "worker"), Description("One worker alone, by its id")]
    public string? Worker { get; init; }

    [FromQuery(Name = "format"), Description("csv (default) or json, an array; Accept: application/json does as well")]
    public string? Format { get; init; }

    /// <summary>Whether CSV is asked for, or nothing else.</summary>
    public bool IsCsv(HttpRequest request) => Format is "csv" || (Format is null
        && !(request.GetTypedHeaders().Accept is { } accepted && accepted.Any(type => type.MediaType == "application/json") && !accepted.Any(type => type.MediaType == "text/csv")));

    /// <summary>What is asked for of each job, or all that is wrong.</summary>
    public WorkQuery Read(List<(string Field, string Problem)> problems)
    {
        var (from, to) = (ReadDay("from", From), ReadDay("to", To));
        if (from > to) problems.Add(("from", $"{From} is after {To}"));
        if (Format is not (null or "csv" or "json")) problems.Add(("format", $"'{Format}' is neither csv nor json"));
        if (Worker is null) return new WorkQuery(from, to, null, null);
        if (!WorkerId.TryCreate(Worker, out var worker, out var problem)) problems.Add(("worker", problem));
        return new WorkQuery(from, to, worker, null);

        DateOnly? ReadDay(string field, string? text)
        {
            if (text is null) return null;
            if (TimelineQuery.TryReadDay(text, out var day)) return day;
            problems.Add((field, $"'{text}' is not a day, such as 2026-11-01"));
            return null;
        }
    }
}
