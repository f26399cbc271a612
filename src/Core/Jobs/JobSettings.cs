namespace BulkQA.Core;

/// <summary>
/// What a job was created with. Only <see cref="Policy"/>, <see cref="Reestimate"/>, <see cref="Level"/>, <see cref="Scope"/>, <see cref="Alarm"/>, <see cref="Assignment"/>, <see cref="Work"/> and a
/// <see cref="Sample"/> that is there can change later.
/// </summary>
public sealed record JobSettings
{
    public const int MaxBatchSize = 250;
    public const int MaxWorkersPerTaskLimit = 9;
    public const string DefaultImageBase = "s3://bulkqa/images/";

    /// <summary>Images on one screen, from 1 to <see cref="MaxBatchSize"/>. Default 25.</summary>
    public int BatchSize { get; init; } = 25;

    /// <summary>Workers asked to answer each task, from 1 to <see cref="MaxWorkersPerTaskLimit"/> (Ground Truth's limit). Default 3.</summary>
    public int WorkersPerTask { get; init; } = 3;

    /// <summary>
    /// Workers asked at most about an image on which the first <see cref="WorkersPerTask"/> leave doubt (<see cref="DoubtRule"/>), more than those and at most
    /// <see cref="MaxWorkersPerTaskLimit"/>. Null, the default, asks nobody further.
    /// </summary>
    public int? MaxWorkersPerTask { get; init; }

    /// <summary>Where confidence intervals begin and end. Default 80, 85, 90, 95, 100.</summary>
    public BucketEdges BucketEdges { get; init; } = BucketEdges.Default;

    /// <summary>Corpus lines below this confidence are counted and left out. Null takes every line.</summary>
    public Percent? MinConfidence { get; init; }

    /// <summary>How votes become a verdict. Default unanimous.</summary>
    public VerdictPolicy Policy { get; init; } = VerdictPolicy.Unanimous;

    /// <summary>
    /// What a corpus line's <c>image_local_path</c> is appended to, and the only place this job's pictures are read from.
    /// </summary>
    public string ImageBase { get; init; } = DefaultImageBase;

    /// <summary>In which order tasks are handed out. Default as they were cut.</summary>
    public TaskOrder Order { get; init; } = TaskOrder.AsCut;

    /// <summary>Whether the label table gets rows of the job.</summary>
    public LabelTableMode LabelTable { get; init; }

    /// <summary>Hosts that browsers may fetch <c>https://</c> pictures of the job from. Default none.</summary>
    public PictureHosts PictureHosts { get; init; } = PictureHosts.None;

    /// <summary>What boxes start with where <see cref="BoxesByClass"/> says nothing. Default ticked.</summary>
    public StartingBoxes Boxes { get; init; } = StartingBoxes.Ticked;

    /// <summary>What the boxes of single classes start with. Default none.</summary>
    public ClassBoxes BoxesByClass { get; init; } = ClassBoxes.None;

    /// <summary>How gold is mixed into tasks. Null, the default, mixes none in.</summary>
    public GoldMix? Gold { get; init; }

    /// <summary>
    /// What share of a first batch of nothing but gold a worker must answer rightly to get any other task. Null, the default, asks for none.
    /// </summary>
    public Percent? PassMark { get; init; }

    /// <summary>When the job estimates its workers' reliability anew and adopts the model, while it is open and its policy is weighted. Null, the default, never.</summary>
    public Reestimation? Reestimate { get; init; }

    /// <summary>How many images of each class and bucket are reviewed; null, the default, reviews all and cuts tasks of several buckets.</summary>
    public SampleDesign? Sample { get; init; }

    /// <summary>How certain the intervals beside percentages are where nobody asks otherwise, above 0 and below 1. Null, the default, gives none unless asked for.</summary>
    public double? Level { get; init; }

    /// <summary>What these intervals are about where nobody asks otherwise. Default these very images.</summary>
    public Scope Scope { get; init; }

    /// <summary>What classes are watched for while the job is open. Null, the default, for nothing.</summary>
    public JobAlarm? Alarm { get; init; }

    /// <summary>Whom the job is for. Default nobody in particular.</summary>
    public JobAssignment Assignment { get; init; } = JobAssignment.None;

    /// <summary>What the worker page shows and asks for. Default nothing.</summary>
    public JobWork Work { get; init; } = JobWork.None;

    /// <summary>Which images further workers are asked about; null where none are.</summary>
    public DoubtRule? Doubt => MaxWorkersPerTask is { } most ? new(WorkersPerTask, most) : null;

    /// <summary>The certainty of an answer.</summary>
    /// <param name="level">As asked for; null for nothing asked.</param>
    /// <param name="scope">As asked for; null for nothing asked.</param>
    /// <returns>Null for no intervals: neither was asked for, and the job has no <see cref="Level"/>.</returns>
    public Certainty? CertaintyOf(double? level, Scope? scope) =>
        level is null && scope is null && Level is null ? null : new Certainty(level ?? Level ?? Certainty.DefaultLevel, scope ?? Scope);

    /// <summary>How the boxes of a class's task begin; null where nothing but the default says so, and a template may say otherwise.</summary>
    public BoxesAtStart? BoxesOf(Label label, TaskNumber task) =>
        BoxesByClass.Of(label) ?? (Boxes == StartingBoxes.Ticked ? null : Boxes.For(task));

    /// <summary>Everything that is wrong with these settings, each with its field; empty where all is well.</summary>
    public IEnumerable<(string Field, string Problem)> Problems()
    {
        if (BatchSize is < 1 or > MaxBatchSize)
            yield return ("batchSize", $"{BatchSize} is not from 1 to {MaxBatchSize}");
        if (WorkersPerTask is < 1 or > MaxWorkersPerTaskLimit)
            yield return ("workersPerTask", $"{WorkersPerTask} is not from 1 to {MaxWorkersPerTaskLimit}");
        foreach (var found in DoubtRule.Problems(this)) yield return found;
        if (Policy.RequiredVotes > Math.Max(WorkersPerTask, MaxWorkersPerTask ?? 0))
            yield return ("policy", $"{Policy} waits for {Policy.RequiredVotes} votes, and only {Math.Max(WorkersPerTask, MaxWorkersPerTask ?? 0)} workers are asked to answer each task; give a quorum of at most that, or more workersPerTask");
        foreach (var found in Reestimate?.Problems() ?? []) yield return found;
        if (Level is { } level && Certainty.ProblemOf(level) is { } problem) yield return ("level", problem);
        if (!ObjectUri.TryParse(ImageBase, out var uri) || (uri.Key.Length > 0 && !uri.Key.EndsWith('/')))
            yield return ("imageBase", $"'{ImageBase}' is not of the form s3://bucket/folder/ (with the slash at the end)");
        foreach (var found in Sample?.Problems() ?? []) yield return found;
        if (Sample is not null && Order.Seed is null) yield return ("sample", $"only what is in random order can be sampled, and the order is {Order}; give the order random(seed)");
        foreach (var found in Alarm?.Problems() ?? []) yield return found;
        if (Alarm is not null && JobAlarm.RefusalOf(this) is { } refusal) yield return ("alarm", refusal);
        foreach (var found in Assignment.Problems().Concat(Assignment.Problems(WorkersPerTask, MaxWorkersPerTask))) yield return found;
        foreach (var found in Work.Problems()) yield return found;
        foreach (var found in Gold?.Problems() ?? []) yield return found;
        if (Gold is not null && BatchSize == 1) yield return ("gold.oneIn", "a batch of one image has no room for gold; give a batchSize of 2 or more");
    }
}

/// <summary>When the label table gets rows of a job's images.</summary>
public enum LabelTableMode : byte
{
    /// <summary>Only when asked for.</summary>
    Off = 0,

    /// <summary>A task's rows once it has all its answers, and all rows when the job is closed.</summary>
    OnDone = 1,
}
