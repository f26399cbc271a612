using System.Text.Json;
using System.Text.Json.Serialization;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>The alarms of a job.</summary>
/// <param name="Alarm">What its classes are watched for; null for nothing.</param>
/// <param name="Standing">How many stand.</param>
/// <param name="Waiting">Classes that fell below it and are not among the alarms, because the most there can be stand.</param>
/// <param name="Untold">Beginnings and ends that the webhook is still to be told.</param>
/// <param name="Items">Those that stand, at most 400, newest first; then the last 100 that have ended, newest first, and more only as long as the webhook is still to be told of them.</param>
public sealed record AlarmsResponse(string Job, AlarmSettings? Alarm, int Standing, int Waiting, int Untold, IReadOnlyList<AlarmResponse> Items);

/// <summary>That a class fell below what it is to keep.</summary>
/// <param name="Number">In the order in which the job's were raised.</param>
/// <param name="State"><c>raised</c>, <c>recovered</c>, or <c>withdrawn</c> where the job's alarm was changed or taken away.</param>
/// <param name="RaisedOn">The day whose reviews showed it first.</param>
/// <param name="Since">The day from which on reviews spoke for it, when it was raised.</param>
/// <param name="RaisedAt">When somebody looked and found it.</param>
/// <param name="Day">The reviews of <c>raisedOn</c>, as they were then.</param>
/// <param name="EndedAt">When somebody looked and found it gone.</param>
/// <param name="LastDay">The reviews of the last day with any, as they were then.</param>
/// <param name="Webhook">What became of telling it: <c>notWanted</c>, <c>pending</c>, <c>delivered</c> or <c>givenUp</c>.</param>
public sealed record AlarmResponse(
    int Number, string Label, string State, double MinCorrectPercent, DateOnly RaisedOn, DateOnly Since, DateTimeOffset RaisedAt, DayResponse Day, DateTimeOffset? EndedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DayResponse? LastDay, AlarmToldResponse Webhook)
{
    internal static AlarmResponse Of(ClassAlarm alarm) => new(
        alarm.Number, alarm.Label.Value, alarm.Stands ? "raised" : NameOf(alarm.Ending), alarm.MinCorrectPercent, alarm.RaisedOn, alarm.Since, alarm.RaisedAt,
        DayResponse.Of(alarm.RaisedOn, alarm.Counts, certainty: null), alarm.EndedAt, alarm.EndedOn is { } day ? DayResponse.Of(day, alarm.EndCounts, certainty: null) : null,
        new AlarmToldResponse(NameOf(alarm.Raised.State), alarm.Stands ? null : NameOf(alarm.Ended.State), alarm.Ended.Problem ?? alarm.Raised.Problem));

    private static string NameOf<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}

/// <param name="Raised">Of its beginning.</param>
/// <param name="Ended">Of its end; absent while it stands.</param>
/// <param name="Problem">Why it was given up; absent where it was not.</param>
public sealed record AlarmToldResponse(
    string Raised, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Ended,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Problem);
