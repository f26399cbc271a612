using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Grains;

/// <summary>How the grains behave. Bound from <c>BulkQA:Grains</c>.</summary>
public sealed class GrainsOptions
{
    /// <summary>Images on one screen of a job that doesn't say. From 1 to 250; default 25.</summary>
    public int DefaultBatchSize { get; set; } = 25;

    /// <summary>Workers asked to answer each task of a job that doesn't say. From 1 to 9; default 3.</summary>
    public int DefaultWorkersPerTask { get; set; } = 3;

    /// <summary>Whether the label table gets rows of a job that doesn't say. Default off; on in a cluster.</summary>
    public LabelTableMode DefaultLabelTable { get; set; }

    internal JobSettings JobDefaults => new() { BatchSize = DefaultBatchSize, WorkersPerTask = DefaultWorkersPerTask, LabelTable = DefaultLabelTable };

    /// <summary>
    /// Images from which on a partition takes no more, and its class opens the next. From 100; default 300,000: some 6 MB, and
    /// folded in about a third of a second.
    /// </summary>
    public int MaxImagesPerPartition { get; set; } = 300_000;

    /// <summary>How long a task is kept for the worker it was handed to. Above zero; default 10 minutes.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Partitions of a silo that rebuild at the same time. From 1; default 4.</summary>
    public int MaxConcurrentRebuilds { get; set; } = 4;

    /// <summary>
    /// Images whose folds a silo that ends gives to other silos, so that those need not read the facts again. From 0 (nothing
    /// is given); default 1,000,000: about 20 MB.
    /// </summary>
    public int MaxHandedOverImages { get; set; } = 1_000_000;

    /// <summary>How long after an activation that followed a crash a partition audits itself. Above zero; default 1 minute.</summary>
    public TimeSpan AuditDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often facts whose write ended without an answer are written again. Above zero; default 1 second.</summary>
    public TimeSpan RepairInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a partition tells its job's dispatch what has changed, while anything does. Above zero; default 1 second.</summary>
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the label table's rows are written that are due. Above zero; default 2 seconds.</summary>
    public TimeSpan ListInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How often operations that are to go on are looked at; one that failed pauses at least that long. Above zero; default
    /// 1 second.
    /// </summary>
    public TimeSpan OperationInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How often jobs that estimate their workers' reliability anew by themselves look whether it is time, while votes come; where none do, the pause
    /// is doubled at each look, up to 5 minutes. Above zero; default 10 seconds.
    /// </summary>
    public TimeSpan ReestimateInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often at most jobs with a target look what can be decided by themselves, while votes come; where none do, the pause is doubled at each look,
    /// up to 5 minutes. Above zero; default 2 seconds.
    /// </summary>
    public TimeSpan TargetInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long after its first sweep a deleted job's facts are swept once more. Default 1 minute.</summary>
    public TimeSpan SweepAgainAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a deleted job's incarnation is remembered. Default 15 days: longer than SQS keeps a message.</summary>
    public TimeSpan TombstoneLifetime { get; set; } = TimeSpan.FromDays(15);
}

internal sealed class GrainsOptionsValidator : IValidateOptions<GrainsOptions>
{
    public ValidateOptionsResult Validate(string? name, GrainsOptions options)
    {
        var check = new SettingsCheck("BulkQA:Grains");
        foreach (var (field, problem) in options.JobDefaults.Problems()) check.Require(false, $"Default{char.ToUpperInvariant(field[0])}{field[1..]}: {problem}");
        check.Require(options.MaxImagesPerPartition >= 100, $"MaxImagesPerPartition is {options.MaxImagesPerPartition}; give 100 or more");
        check.Require(options.LeaseDuration > TimeSpan.Zero, $"LeaseDuration is {options.LeaseDuration}; give more than zero");
        check.Require(options.MaxConcurrentRebuilds >= 1, $"MaxConcurrentRebuilds is {options.MaxConcurrentRebuilds}; give 1 or more");
        check.Require(options.MaxHandedOverImages >= 0, $"MaxHandedOverImages is {options.MaxHandedOverImages}; give 0 or more");
        check.Require(options.AuditDelay > TimeSpan.Zero, $"AuditDelay is {options.AuditDelay}; give more than zero");
        check.Require(options.RepairInterval > TimeSpan.Zero, $"RepairInterval is {options.RepairInterval}; give more than zero");
        check.Require(options.ReportInterval > TimeSpan.Zero, $"ReportInterval is {options.ReportInterval}; give more than zero");
        check.Require(options.ListInterval > TimeSpan.Zero, $"ListInterval is {options.ListInterval}; give more than zero");
        check.Require(options.OperationInterval > TimeSpan.Zero, $"OperationInterval is {options.OperationInterval}; give more than zero");
        check.Require(options.ReestimateInterval > TimeSpan.Zero, $"ReestimateInterval is {options.ReestimateInterval}; give more than zero");
        check.Require(options.TargetInterval > TimeSpan.Zero, $"TargetInterval is {options.TargetInterval}; give more than zero");
        check.Require(options.SweepAgainAfter >= TimeSpan.Zero, $"SweepAgainAfter is {options.SweepAgainAfter}; give zero or more");
        check.Require(options.TombstoneLifetime > TimeSpan.Zero, $"TombstoneLifetime is {options.TombstoneLifetime}; give more than zero");
        return check.Result;
    }
}
