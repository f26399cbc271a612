using System.Globalization;

namespace BulkQA.Core;

/// <summary>The settings a request gives; null means "not given".</summary>
public sealed record JobDraft
{
    public int? BatchSize { get; init; }

    public int? WorkersPerTask { get; init; }

    public int? MaxWorkersPerTask { get; init; }

    public BucketEdges? BucketEdges { get; init; }

    public Percent? MinConfidence { get; init; }

    public VerdictPolicy? Policy { get; init; }

    public string? ImageBase { get; init; }

    public TaskOrder? Order { get; init; }

    public LabelTableMode? LabelTable { get; init; }

    public PictureHosts? PictureHosts { get; init; }

    public StartingBoxes? Boxes { get; init; }

    public ClassBoxes? BoxesByClass { get; init; }

    public GoldMix? Gold { get; init; }

    public Percent? PassMark { get; init; }

    public Reestimation? Reestimate { get; init; }

    public SampleDesign? Sample { get; init; }

    public double? Level { get; init; }

    public Scope? Scope { get; init; }

    public JobAlarm? Alarm { get; init; }

    public JobAssignment? Assignment { get; init; }

    public JobWork? Work { get; init; }

    /// <summary>The settings of a new job: what is given, and the defaults for the rest.</summary>
    public JobSettings ToSettings(JobSettings defaults) => new()
    {
        BatchSize = BatchSize ?? defaults.BatchSize,
        WorkersPerTask = WorkersPerTask ?? defaults.WorkersPerTask,
        MaxWorkersPerTask = MaxWorkersPerTask,
        BucketEdges = BucketEdges ?? defaults.BucketEdges,
        MinConfidence = MinConfidence,
        Policy = Policy ?? defaults.Policy,
        ImageBase = ImageBase ?? defaults.ImageBase,
        Order = Order ?? defaults.Order,
        LabelTable = LabelTable ?? defaults.LabelTable,
        PictureHosts = PictureHosts ?? defaults.PictureHosts,
        Boxes = Boxes ?? defaults.Boxes,
        BoxesByClass = BoxesByClass ?? defaults.BoxesByClass,
        Gold = Gold ?? defaults.Gold,
        PassMark = PassMark ?? defaults.PassMark,
        Reestimate = Reestimate,
        Sample = Sample,
        Level = Level ?? defaults.Level,
        Scope = Scope ?? defaults.Scope,
        Alarm = Alarm,
        Assignment = Assignment ?? JobAssignment.None,
        Work = Work ?? JobWork.None,
    };

    /// <summary>The given settings that an existing job has otherwise, each with what it has.</summary>
    public IEnumerable<string> DifferencesFrom(JobSettings existing)
    {
        if (BatchSize is { } size && size != existing.BatchSize) yield return $"batchSize is {existing.BatchSize}";
        if (WorkersPerTask is { } workers && workers != existing.WorkersPerTask)
            yield return $"workersPerTask is {existing.WorkersPerTask}";
        if (MaxWorkersPerTask is not null && MaxWorkersPerTask != existing.MaxWorkersPerTask) yield return $"maxWorkersPerTask is {existing.MaxWorkersPerTask?.ToString(CultureInfo.InvariantCulture) ?? "null"}";
        if (BucketEdges is not null && !BucketEdges.Equals(existing.BucketEdges))
            yield return $"bucketEdges is [{existing.BucketEdges}]";
        if (MinConfidence is not null && MinConfidence != existing.MinConfidence)
            yield return $"minConfidence is {existing.MinConfidence?.ToString() ?? "null"}";
        if (Policy is not null && Policy != existing.Policy) yield return $"policy is {existing.Policy}";
        if (ImageBase is not null && ImageBase != existing.ImageBase) yield return $"imageBase is {existing.ImageBase}";
        if (Order is not null && Order != existing.Order) yield return $"order is {existing.Order}";
        if (LabelTable is { } table && table != existing.LabelTable) yield return $"labelTable is {(existing.LabelTable == LabelTableMode.OnDone ? "onDone" : "off")}";
        if (PictureHosts is not null && !PictureHosts.Equals(existing.PictureHosts)) yield return $"pictureHosts is [{string.Join(", ", existing.PictureHosts.Values)}]";
        if (Reestimate is not null && Reestimate != existing.Reestimate) yield return $"reestimate is {existing.Reestimate?.ToString() ?? "null"}";
        if (Sample is not null && Sample != existing.Sample) yield return $"sample is {existing.Sample?.ToString() ?? "null"}";
        if (Level is not null && Level != existing.Level) yield return $"level is {existing.Level?.ToString(CultureInfo.InvariantCulture) ?? "null"}";
        if (Scope is { } scope && scope != existing.Scope) yield return $"scope is {Certainty.NameOf(existing.Scope)}";
        if (Alarm is not null && Alarm != existing.Alarm) yield return $"alarm is {existing.Alarm?.Shown ?? "null"}";
        if (Assignment is not null && Assignment != existing.Assignment) yield return $"assignment is {existing.Assignment}";
        if (Work is not null && Work != existing.Work) yield return $"work is {existing.Work}";
        if (Boxes is not null && Boxes != existing.Boxes) yield return $"boxes is {existing.Boxes}";
        if (BoxesByClass is not null && !BoxesByClass.Equals(existing.BoxesByClass))
            yield return $"boxesByClass is {{{string.Join(", ", existing.BoxesByClass.Values.Select(entry => $"{entry.Key}: {BoxStates.NameOf(entry.Value)}"))}}}";
        if (Gold is not null && Gold != existing.Gold) yield return existing.Gold is { } mix ? $"gold is one in {mix.OneIn}, by seed {mix.Seed}" : "gold is null";
        if (PassMark is not null && PassMark != existing.PassMark) yield return $"qualification is {existing.PassMark?.ToString() ?? "null"}";
    }
}
