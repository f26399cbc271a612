using BulkQA.Core;

namespace BulkQA.Grains;

// How an alarm travels: see DomainSurrogates.cs.

[GenerateSerializer, Immutable, Alias("BulkQA.JobAlarm")]
internal readonly struct JobAlarmSurrogate(JobAlarm value)
{
    [Id(0)] public readonly string Text = value.ToString();
}

[RegisterConverter]
internal sealed class JobAlarmConverter : IConverter<JobAlarm, JobAlarmSurrogate>
{
    public JobAlarm ConvertFromSurrogate(in JobAlarmSurrogate surrogate) =>
        JobAlarm.TryParse(surrogate.Text, out var alarm) ? alarm : throw new BadInputException("what classes are watched for can't be read");

    public JobAlarmSurrogate ConvertToSurrogate(in JobAlarm value) => new(value);
}
