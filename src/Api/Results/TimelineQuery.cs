using System.ComponentModel;
using System.Globalization;
using BulkQA.Core;
using Microsoft.AspNetCore.Mvc;

namespace BulkQA.Api;

/// <summary>What a timeline is asked for.</summary>
internal sealed record TimelineQuery
{
    private const int DefaultDays = 90;

    [FromQuery(Name = "label"), Description("One class; repeatable. All classes without it")]
    public string[]? Labels { get; init; }

    [FromQuery(Name = "by"), Description("day: by the UTC day of the last vote, of those that stand and count, on each reviewed image")]
    public string? By { get; init; }

    [FromQuery(Name = "from"), Description("The first day, as 2026-11-01; default 90 days before the last")]
    public string? From { get; init; }

    [FromQuery(Name = "to"), Description("The last day; default today")]
    public string? To { get; init; }

    [FromQuery(Name = "modelVersion"), Description("Only images of this version of the model")]
    public string? ModelVersion { get; init; }

    [FromQuery(Name = "level"), Description("Adds lower and upper beside every percentage of a class: how right the model was that day, as scope=model. Default the job's level")]
    public double? Level { get; init; }

    [FromQuery(Name = "minCorrectPercent"), Description("Adds to each class an alarm where it fell below this percentage, above 0 and below 100. Not for sampled jobs, nor with maxWorkersPerTask")]
    public double? MinCorrectPercent { get; init; }

    [FromQuery(Name = "falseAlarmDays"), Description("Days with reviews that go by in the mean, at least, until a class that keeps minCorrectPercent gives an alarm, from 2 to 1000000; default 365")]
    public double? FalseAlarmDays { get; init; }

    public List<(string Field, string Problem)> Problems()
    {
        var problems = new List<(string, string)>();
        if (By is not (null or "day")) problems.Add(("by", $"'{By}' is not day"));
        foreach (var (field, text) in (ReadOnlySpan<(string, string?)>)[("from", From), ("to", To)])
            if (text is not null && !TryReadDay(text, out _)) problems.Add((field, $"'{text}' is not a day, such as 2026-11-01"));
        ResultEndpoints.CheckVersion(ModelVersion, problems);
        ResultEndpoints.CheckLevel(Level, problems);
        if (MinCorrectPercent is { } least && !(least is > 0 and < 100)) problems.Add(("minCorrectPercent", $"{least} is not above 0 and below 100"));
        if (FalseAlarmDays is { } days && days is not (>= 2 and <= DeclineDetector.MostRunLength)) problems.Add(("falseAlarmDays", $"{days} is not a number from 2 to {DeclineDetector.MostRunLength:R}"));
        if (FalseAlarmDays is not null && MinCorrectPercent is null) problems.Add(("falseAlarmDays", "there are alarms only with minCorrectPercent"));
        if (problems.Count == 0 && From is not null && To is not null && Days(default) is var (from, to) && from > to) problems.Add(("from", $"{From} is after {To}"));
        return problems;
    }

    /// <summary>From the first to the last day.</summary>
    public (DateOnly From, DateOnly To) Days(DateOnly today)
    {
        var to = To is not null && TryReadDay(To, out var last) ? last : today;
        return (From is not null && TryReadDay(From, out var first) ? first : DateOnly.FromDayNumber(Math.Max(1, to.DayNumber - DefaultDays + 1)), to);
    }

    public static bool TryReadDay(string text, out DateOnly day) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day) && day > ReviewBreakdown.Undated;
}
