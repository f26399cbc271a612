using System.ComponentModel;
using System.Text.Json;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>What each class of a job is watched for while the job is open.</summary>
public sealed record AlarmSettings
{
    [Description("What each class is to keep; above 0 and below 100")]
    public double MinCorrectPercent { get; init; }

    [Description("Days with reviews that go by in the mean, at least, until a class that keeps it gives an alarm; from 2 to 1000000, default 365")]
    public double? FalseAlarmDays { get; init; }

    [Description("https:// URL that beginnings and ends of alarms are posted to, on a host that the deployment allows (BulkQA:Alarms:WebhookHosts); default none. Answers show its host only")]
    public string? Webhook { get; init; }

    /// <summary>Null and a problem where it can't be.</summary>
    internal JobAlarm? Read(List<(string Field, string Problem)> problems)
    {
        Webhook? webhook = null;
        if (Webhook is not null && !Core.Webhook.TryCreate(Webhook, out webhook, out var problem))
        {
            problems.Add(("alarm.webhook", problem));
            return null;
        }
        return new JobAlarm(MinCorrectPercent, FalseAlarmDays ?? JobAlarm.DefaultFalseAlarmDays, webhook);
    }

    /// <summary>What a change gives; null where it is left out. Of an alarm what is left out stays as it was, but for the percentage.</summary>
    internal static AlarmChange? Read(JsonElement given, List<(string Field, string Problem)> problems)
    {
        if (given.ValueKind == JsonValueKind.Undefined) return null;
        if (given.ValueKind == JsonValueKind.Null) return new AlarmChange(null);
        try
        {
            if (given.Deserialize<AlarmSettings>(ApiJson.Options)!.Read(problems) is not { } alarm) return null;
            problems.AddRange(alarm.Problems());
            return new AlarmChange(alarm) { KeepsFalseAlarmDays = !Has("falseAlarmDays"), KeepsWebhook = !Has("webhook") };
        }
        catch (JsonException)
        {
            problems.Add(("alarm", "it is neither null nor like {\"minCorrectPercent\": 95, \"falseAlarmDays\": 365, \"webhook\": \"https://hooks.example.org/bulkqa\"}"));
            return null;
        }

        bool Has(string name) => given.EnumerateObject().Any(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    internal static AlarmSettings? Of(JobAlarm? alarm) => alarm is null ? null
        : new() { MinCorrectPercent = alarm.MinCorrectPercent, FalseAlarmDays = alarm.FalseAlarmDays, Webhook = alarm.Webhook?.Shown };
}
