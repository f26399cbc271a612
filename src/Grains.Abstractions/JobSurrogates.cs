using BulkQA.Core;

namespace BulkQA.Grains;

// How a job's settings travel: see DomainSurrogates.cs.

[GenerateSerializer, Immutable, Alias("BulkQA.JobSettings")]
internal readonly struct JobSettingsSurrogate(JobSettings value)
{
    [Id(0)] public readonly int BatchSize = value.BatchSize;
    [Id(1)] public readonly int WorkersPerTask = value.WorkersPerTask;
    [Id(2)] public readonly BucketEdges BucketEdges = value.BucketEdges;
    [Id(3)] public readonly Percent? MinConfidence = value.MinConfidence;
    [Id(4)] public readonly VerdictPolicy Policy = value.Policy;
    [Id(5)] public readonly string ImageBase = value.ImageBase;
    [Id(6)] public readonly TaskOrder Order = value.Order;
    [Id(7)] public readonly LabelTableMode LabelTable = value.LabelTable;
    // Null where a release before this setting wrote it.
    [Id(8)] public readonly string? PictureHosts = value.PictureHosts.ToString();
    // These are null, too, where they are as they always were: ticked.
    [Id(9)] public readonly string? Boxes = value.Boxes == StartingBoxes.Ticked ? null : value.Boxes.ToString();
    [Id(10)] public readonly string? BoxesByClass = value.BoxesByClass.Equals(ClassBoxes.None) ? null : value.BoxesByClass.ToString();
    [Id(11)] public readonly GoldMix? Gold = value.Gold;
    [Id(12)] public readonly Percent? PassMark = value.PassMark;
    [Id(13)] public readonly string? Reestimate = value.Reestimate?.ToString();
    [Id(26)] public readonly string? Sample = value.Sample?.ToString();
    [Id(14)] public readonly double? Level = value.Level;
    [Id(15)] public readonly Scope Scope = value.Scope;
    [Id(16)] public readonly string? Alarm = value.Alarm?.ToString();
    [Id(20)] public readonly int? MaxWorkersPerTask = value.MaxWorkersPerTask;
    // Null, too, where it is for nobody in particular.
    [Id(21)] public readonly string? Assignment = value.Assignment == JobAssignment.None ? null : value.Assignment.ToString();
    [Id(30)] public readonly JobWork? Work = value.Work == JobWork.None ? null : value.Work;
}

[RegisterConverter]
internal sealed class JobSettingsConverter : IConverter<JobSettings, JobSettingsSurrogate>
{
    public JobSettings ConvertFromSurrogate(in JobSettingsSurrogate surrogate) => new()
    {
        BatchSize = surrogate.BatchSize,
        WorkersPerTask = surrogate.WorkersPerTask,
        BucketEdges = surrogate.BucketEdges,
        MinConfidence = surrogate.MinConfidence,
        Policy = surrogate.Policy,
        ImageBase = surrogate.ImageBase,
        Order = surrogate.Order,
        LabelTable = surrogate.LabelTable,
        PictureHosts = PictureHosts.Parse(surrogate.PictureHosts),
        Boxes = StartingBoxes.Parse(surrogate.Boxes),
        BoxesByClass = ClassBoxes.Parse(surrogate.BoxesByClass),
        Gold = surrogate.Gold,
        PassMark = surrogate.PassMark,
        Reestimate = Reestimation.TryParse(surrogate.Reestimate, out var reestimate) ? reestimate : null,
        Sample = SampleDesign.TryParse(surrogate.Sample, out var sample) ? sample : null,
        Level = surrogate.Level,
        Scope = surrogate.Scope,
        Alarm = JobAlarm.TryParse(surrogate.Alarm, out var alarm) ? alarm : null,
        MaxWorkersPerTask = surrogate.MaxWorkersPerTask,
        Assignment = JobAssignment.TryParse(surrogate.Assignment, out var assignment) ? assignment : JobAssignment.None,
        Work = surrogate.Work ?? JobWork.None,
    };

    public JobSettingsSurrogate ConvertToSurrogate(in JobSettings value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.JobDraft")]
internal readonly struct JobDraftSurrogate(JobDraft value)
{
    [Id(0)] public readonly int? BatchSize = value.BatchSize;
    [Id(1)] public readonly int? WorkersPerTask = value.WorkersPerTask;
    [Id(2)] public readonly BucketEdges? BucketEdges = value.BucketEdges;
    [Id(3)] public readonly Percent? MinConfidence = value.MinConfidence;
    [Id(4)] public readonly VerdictPolicy? Policy = value.Policy;
    [Id(5)] public readonly string? ImageBase = value.ImageBase;
    [Id(6)] public readonly TaskOrder? Order = value.Order;
    [Id(7)] public readonly LabelTableMode? LabelTable = value.LabelTable;
    [Id(8)] public readonly string? PictureHosts = value.PictureHosts?.ToString();
    [Id(9)] public readonly string? Boxes = value.Boxes?.ToString();
    [Id(10)] public readonly string? BoxesByClass = value.BoxesByClass?.ToString();
    [Id(11)] public readonly GoldMix? Gold = value.Gold;
    [Id(12)] public readonly Percent? PassMark = value.PassMark;
    [Id(13)] public readonly string? Reestimate = value.Reestimate?.ToString();
    [Id(26)] public readonly string? Sample = value.Sample?.ToString();
    [Id(14)] public readonly double? Level = value.Level;
    [Id(15)] public readonly Scope? Scope = value.Scope;
    [Id(16)] public readonly string? Alarm = value.Alarm?.ToString();
    [Id(20)] public readonly int? MaxWorkersPerTask = value.MaxWorkersPerTask;
    [Id(21)] public readonly string? Assignment = value.Assignment?.ToString();
    [Id(30)] public readonly JobWork? Work = value.Work;
}

[RegisterConverter]
internal sealed class JobDraftConverter : IConverter<JobDraft, JobDraftSurrogate>
{
    public JobDraft ConvertFromSurrogate(in JobDraftSurrogate surrogate) => new()
    {
        BatchSize = surrogate.BatchSize,
        WorkersPerTask = surrogate.WorkersPerTask,
        BucketEdges = surrogate.BucketEdges,
        MinConfidence = surrogate.MinConfidence,
        Policy = surrogate.Policy,
        ImageBase = surrogate.ImageBase,
        Order = surrogate.Order,
        LabelTable = surrogate.LabelTable,
        PictureHosts = surrogate.PictureHosts is { } hosts ? PictureHosts.Parse(hosts) : null,
        Boxes = surrogate.Boxes is { } boxes ? StartingBoxes.Parse(boxes) : null,
        BoxesByClass = surrogate.BoxesByClass is { } classes ? ClassBoxes.Parse(classes) : null,
        Gold = surrogate.Gold,
        PassMark = surrogate.PassMark,
        Reestimate = Reestimation.TryParse(surrogate.Reestimate, out var reestimate) ? reestimate : null,
        Sample = SampleDesign.TryParse(surrogate.Sample, out var sample) ? sample : null,
        Level = surrogate.Level,
        Scope = surrogate.Scope,
        Alarm = JobAlarm.TryParse(surrogate.Alarm, out var alarm) ? alarm : null,
        MaxWorkersPerTask = surrogate.MaxWorkersPerTask,
        Assignment = JobAssignment.TryParse(surrogate.Assignment, out var assignment) ? assignment : null,
        Work = surrogate.Work,
    };

    public JobDraftSurrogate ConvertToSurrogate(in JobDraft value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.SampleDesign")]
internal readonly struct SampleDesignSurrogate(SampleDesign value)
{
    [Id(0)] public readonly string Text = value.ToString();
}

[RegisterConverter]
internal sealed class SampleDesignConverter : IConverter<SampleDesign, SampleDesignSurrogate>
{
    public SampleDesign ConvertFromSurrogate(in SampleDesignSurrogate surrogate) =>
        SampleDesign.TryParse(surrogate.Text, out var design) ? design : throw new BadInputException($"'{surrogate.Text}' does not say how many images to review");

    public SampleDesignSurrogate ConvertToSurrogate(in SampleDesign value) => new(value);
}
