using BulkQA.Core;

namespace BulkQA.Grains;

[GenerateSerializer, Immutable, Alias("BulkQA.ChangePosition")]
internal readonly struct ChangePositionSurrogate(ChangePosition value)
{
    [Id(0)] public readonly DateTimeOffset At = value.At;
    [Id(1)] public readonly Guid Id = value.Id;
}

[RegisterConverter]
internal sealed class ChangePositionConverter : IConverter<ChangePosition, ChangePositionSurrogate>
{
    public ChangePosition ConvertFromSurrogate(in ChangePositionSurrogate surrogate) => new(surrogate.At, surrogate.Id);

    public ChangePositionSurrogate ConvertToSurrogate(in ChangePosition value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.ChangeRecord")]
internal readonly struct ChangeRecordSurrogate(ChangeRecord value)
{
    [Id(0)] public readonly ChangePosition Position = value.Position;
    [Id(1)] public readonly string By = value.By;
    [Id(2)] public readonly string Via = value.Via;
    [Id(3)] public readonly string Action = value.Action;
    [Id(4)] public readonly string? Job = value.Job;
    [Id(5)] public readonly string Request = value.Request;
    [Id(6)] public readonly string? Change = value.Change;
    [Id(7)] public readonly int? Status = value.Status;
}

[RegisterConverter]
internal sealed class ChangeRecordConverter : IConverter<ChangeRecord, ChangeRecordSurrogate>
{
    public ChangeRecord ConvertFromSurrogate(in ChangeRecordSurrogate surrogate) => new(
        surrogate.Position, surrogate.By, surrogate.Via, surrogate.Action, surrogate.Job, surrogate.Request, surrogate.Change, surrogate.Status);

    public ChangeRecordSurrogate ConvertToSurrogate(in ChangeRecord value) => new(value);
}
