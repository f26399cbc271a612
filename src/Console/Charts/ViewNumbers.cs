namespace BulkQA.Web;

/// <summary>The numbers of the console's views, as files. What REST gives as percent stays percent.</summary>
internal static class ViewNumbers
{
    public static CsvTable Of(IReadOnlyList<DiagramBinModel> bins) => new(
        ["from", "to", "reviewed", "mean_confidence", "correct_percent", "lower", "upper"],
        bins.Select(bin => (object?[])[bin.From, bin.To, bin.Reviewed, bin.MeanConfidence, bin.CorrectPercent, bin.Lower, bin.Upper]));

    public static CsvTable Of(IReadOnlyList<ThresholdPointModel> curve) => new(
        ["threshold", "images", "reviewed", "correct_percent", "lower_percent"],
        curve.Select(point => (object?[])[point.Threshold, point.Images, point.Reviewed, point.CorrectPercent, point.LowerPercent]));

    public static CsvTable Of(IReadOnlyList<ClassThresholdModel> classes) => new(
        ["label", "threshold", "images", "shipped_percent", "expected_incorrect", "upper_incorrect", "reason"],
        classes.Select(one => (object?[])[one.Label, one.Threshold, one.Images, 100 * one.Shipped, one.ExpectedIncorrect, one.UpperIncorrect, one.Reason]));

    public static CsvTable Of(IReadOnlyList<ClassComparisonModel> classes) => new(
        ["label", "reviewed_before", "correct_percent_before", "reviewed_after", "correct_percent_after", "difference", "lower", "upper", "change"],
        classes.Select(one => (object?[])[one.Label, one.A.Reviewed, one.A.CorrectPercent, one.B.Reviewed, one.B.CorrectPercent, one.Difference, one.Lower, one.Upper, one.Change]));

    public static CsvTable Of(IReadOnlyList<DayModel> days) => new(
        ["day", "reviewed", "confirmed", "correct_percent", "lower", "upper"],
        days.Select(day => (object?[])[day.Day, day.Reviewed, day.Confirmed, day.CorrectPercent, day.Lower, day.Upper]));

    public static CsvTable Of(IReadOnlyList<CorrectionModel> corrections) => new(
        ["label", "right_label", "images"], corrections.Select(pair => (object?[])[pair.Label, pair.RightLabel, pair.Images]));

    public static CsvTable Of(IReadOnlyList<DecisionModel> decisions) => new(
        ["label", "bucket", "state", "images", "reviewed", "incorrect", "decided_at", "reason"],
        decisions.Select(one => (object?[])[one.Label, one.Bucket, one.State, one.Images, one.Reviewed, one.Incorrect, one.DecidedAt?.ToString("O"), one.Reason]));

    public static CsvTable Of(IReadOnlyList<WorkerModel> workers) => new(
        [
            "worker", "state", "votes", "batches", "images", "cant_tell", "not_seen", "unticked_percent", "agreement_percent", "missed_wrong_percent", "falsely_unticked_percent",
            "gold_missed_wrong_percent", "gold_falsely_unticked_percent", "seconds_per_batch", "confirms_right", "catches_wrong", "first_at", "last_at", "flags",
        ],
        workers.Select(one => (object?[])[
            one.WorkerId, one.State, one.Votes, one.Batches, one.Images, one.CantTell, one.NotSeen, one.Unticked.Percent, one.Agreement.Percent, one.MissedWrong.Percent, one.FalselyUnticked.Percent,
            one.Gold?.MissedWrong.Percent, one.Gold?.FalselyUnticked.Percent, one.SecondsPerBatch, one.Reliability?.ConfirmsRight.Value, one.Reliability?.CatchesWrong.Value,
            one.FirstAt?.ToString("O"), one.LastAt?.ToString("O"), string.Join("; ", one.Flags.Select(flag => flag.Kind)),
        ]));

    public static CsvTable Of(IReadOnlyList<Workers.Accuracy> workers) => new(
        ["worker", "set_aside", "votes", "missed_wrong_percent", "missed_wrong_lower", "missed_wrong_upper", "falsely_unticked_percent", "falsely_unticked_lower", "falsely_unticked_upper"],
        workers.Select(one => (object?[])[
            one.Worker.WorkerId, one.Worker.IsSetAside, one.Votes, one.MissedWrong.Percent, one.MissedWrong.Lower, one.MissedWrong.Upper,
            one.FalselyUnticked.Percent, one.FalselyUnticked.Lower, one.FalselyUnticked.Upper,
        ]));
}
