using BulkQA.Core;

namespace BulkQA.Grains;

[GenerateSerializer, Immutable, Alias("BulkQA.WorkRecord")]
internal readonly struct WorkRecordSurrogate(WorkRecord value)
{
    [Id(0)] public readonly WorkerId Worker = value.Worker;
    [Id(1)] public readonly DateOnly? Day = value.Day;
    [Id(2)] public readonly long Tasks = value.Tasks;
    [Id(3)] public readonly long Images = value.Images;
    [Id(4)] public readonly double Seconds = value.Seconds;
    [Id(5)] public readonly long TasksTimed = value.TasksTimed;
}

[RegisterConverter]
internal sealed class WorkRecordConverter : IConverter<WorkRecord, WorkRecordSurrogate>
{
    public WorkRecord ConvertFromSurrogate(in WorkRecordSurrogate surrogate) =>
        new(surrogate.Worker, surrogate.Day, surrogate.Tasks, surrogate.Images, surrogate.Seconds, surrogate.TasksTimed);

    public WorkRecordSurrogate ConvertToSurrogate(in WorkRecord value) => new(value);
}
