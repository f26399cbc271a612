using System.ComponentModel;
using System.Text.Json;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>A job to create. Whatever is left out has its default.</summary>
public sealed record JobRequest
{
    [Description("1 to 63 letters, digits and inner dashes; case-insensitive")]
    public string? Name { get; init; }

    [Description("Images on one screen, 1 to 250; default 25")]
    public int? BatchSize { get; init; }

    [Description("Workers asked to answer each task, 1 to 9; default 3")]
    public int? WorkersPerTask { get; init; }

    [Description("Workers asked at most about an image on which the first workersPerTask leave doubt, more than those and at most 9; default none further. The policy has to be majority, quorum(k) or weighted(p)")]
    public int? MaxWorkersPerTask { get; init; }

    [Description("Ascending percentages; default 80, 85, 90, 95, 100")]
    public IReadOnlyList<double>? BucketEdges { get; init; }

    [Description("Corpus lines below it are left out; default none")]
    public double? MinConfidence { get; init; }

    [Description("unanimous (default), majority or quorum(k)")]
    public string? Policy { get; init; }

    [Description("Where image_local_path is appended, and pictures are read from; default s3://bulkqa/images/")]
    public string? ImageBase { get; init; }

    [Description("A job whose imageBase and pictureHosts this one takes over, for a follow-up of its images: one that the caller may use, a lead one of the lead's teams; in place of imageBase and pictureHosts, default none")]
    public string? PicturesOf { get; init; }

    [Description("In which order tasks are handed out: asCut (default), byValue (most errors by confidence first) or random(seed) (images are shuffled before they are cut)")]
    public string? Order { get; init; }

    [Description("Whether the label table gets rows: onDone (the default in a cluster: a task's once it has all its answers, and all when the job is closed) or off")]
    public string? LabelTable { get; init; }

    [Description("Hosts that browsers may fetch https:// pictures of the job from, such as pictures.example.org; at most 20, default none")]
    public IReadOnlyList<string>? PictureHosts { get; init; }

    [Description("What boxes start with: ticked (default), unticked (for classes that are expected to be mostly wrong), neither (every image needs an act) or random(seed) (each task ticked or unticked by chance, so that the pull of the default can be measured)")]
    public string? Boxes { get; init; }

    [Description("What the boxes of single classes start with, by label: ticked, unticked or neither; at most 100, default none")]
    public IReadOnlyDictionary<string, string?>? BoxesByClass { get; init; }

    [Description("How gold is mixed into tasks; default none. Gold is imported with a column `gold` that says right or wrong, before what it is to be mixed into")]
    public GoldSettings? Gold { get; init; }

    [Description("Asks workers for a first batch of nothing but gold; default none")]
    public QualificationSettings? Qualification { get; init; }

    [Description("Estimates the reliability of workers anew by itself and adopts the model, but only while the job is open and its policy is weighted; default never")]
    public ReestimateRequest? Reestimate { get; init; }

    [Description("How many images of each class and bucket are reviewed, of a job in random order; default all. The others are known, and nobody is asked about them")]
    public SampleSettings? Sample { get; init; }

    [Description("How certain the intervals beside percentages are where a request does not say, above 0 and below 1, such as 0.95; default none, and then there are none unless asked for")]
    public double? Level { get; init; }

    [Description("What intervals are about where a request does not say: corpus (default, how right these very images are) or model (how right the model will be on more of the same)")]
    public string? Scope { get; init; }

    [Description("Watches each class while the job is open, and raises an alarm where it no longer keeps a percentage; default none. Not for sampled jobs, nor with maxWorkersPerTask")]
    public AlarmSettings? Alarm { get; init; }

    [Description("Whom the job is for: teams, and how much it matters beside others; default nobody in particular")]
    public AssignmentSettings? Assignment { get; init; }

    [Description("What the worker page shows and asks for: instructions, whether the whole batch has to be seen, whether workers are told how they did on gold; default nothing")]
    public WorkSettings? Work { get; init; }

    /// <summary>The name and settings, or everything that is wrong with them.</summary>
    public (JobName Name, JobDraft Draft, IReadOnlyList<(string Field, string Problem)> Problems) Read()
    {
        var problems = new List<(string Field, string Problem)>();
        if (!JobName.TryCreate(Name, out var name, out var problem)) problems.Add(("name", problem));
        BucketEdges? edges = null;
        if (BucketEdges is not null && !Core.BucketEdges.TryCreate(BucketEdges, out edges, out problem)) problems.Add(("bucketEdges", problem));
        Percent? minimum = null;
        if (MinConfidence is { } value)
        {
            if (Percent.TryCreate(value, out var percent)) minimum = percent;
            else problems.Add(("minConfidence", $"{value} is not from 0 to 100"));
        }
        if (!JobChange.TryReadPolicy(Policy, out var policy, out problem)) problems.Add(("policy", problem!));
        else if (policy?.Level is not null) problems.Add(("policy", $"{policy} needs a reliability model, and a new job has none; create the job with another policy"));
        TaskOrder? order = null;
        if (Order is not null)
        {
            if (TaskOrder.TryParse(Order, out var parsed)) order = parsed;
            else problems.Add(("order", $"'{Order}' is none of asCut, byValue and random(seed) with a seed from 0"));
        }
        LabelTableMode? table = LabelTable switch { "onDone" => LabelTableMode.OnDone, "off" => LabelTableMode.Off, _ => null };
        if (LabelTable is not null && table is null) problems.Add(("labelTable", $"'{LabelTable}' is neither onDone nor off"));
        if (PicturesOf is not null && (ImageBase is not null || PictureHosts is not null)) problems.Add(("picturesOf", "it stands in place of imageBase and pictureHosts; leave out either"));
        PictureHosts? hosts = null;
        if (PictureHosts is not null && !Core.PictureHosts.TryCreate(PictureHosts, out hosts, out problem)) problems.Add(("pictureHosts", problem));
        StartingBoxes? boxes = null;
        if (Boxes is not null)
        {
            if (StartingBoxes.TryParse(Boxes, out var parsed)) boxes = parsed;
            else problems.Add(("boxes", $"'{Boxes}' is none of ticked, unticked, neither and random(seed) with a seed from 0"));
        }
        ClassBoxes? byClass = null;
        if (BoxesByClass is not null && !ClassBoxes.TryCreate(BoxesByClass, out byClass, out problem)) problems.Add(("boxesByClass", problem));
        if (Scope is not null && Certainty.ScopeOf(Scope) is null) problems.Add(("scope", $"'{Scope}' is neither corpus nor model"));
        var draft = new JobDraft
        {
            BatchSize = BatchSize,
            WorkersPerTask = WorkersPerTask,
            MaxWorkersPerTask = MaxWorkersPerTask,
            BucketEdges = edges,
            MinConfidence = minimum,
            Policy = policy,
            ImageBase = ImageBase,
            Order = order,
            LabelTable = table,
            PictureHosts = hosts,
            Boxes = boxes,
            BoxesByClass = byClass,
            Gold = Gold?.Read(problems),
            PassMark = Qualification?.Read(problems),
            Reestimate = Reestimate?.Read(problems),
            Sample = Sample?.Read(problems),
            Level = Level,
            Scope = Certainty.ScopeOf(Scope),
            Alarm = Alarm?.Read(problems),
            Assignment = Assignment?.Read(problems),
            Work = Work?.Read(),
        };
        // A policy, the workers for doubts, and what teams give, are checked against what is given here, and by the job where the rest has the deployment's default.
        problems.AddRange(draft.ToSettings(new JobSettings()).Problems().Where(found => found.Field switch
        {
            "policy" or "assignment.answers" => WorkersPerTask is not null,
            "maxWorkersPerTask" => WorkersPerTask is not null && policy is not null,
            _ => true,
        }).Except(problems).ToList());
        return (name, draft, problems);
    }
}

/// <summary>What to change of a job; what is left out stays.</summary>
public sealed record JobChange
{
    [Description("unanimous, majority, quorum(k), or weighted(p) with p above 0.5 and below 1, which needs a model; verdicts are refolded")]
    public string? Policy { get; init; }

    [Description("The number of a reliability model to adopt, by which posteriors are from then on; 0 for none any more")]
    public int? Model { get; init; }

    [Description("open or closed")]
    public string? State { get; init; }

    [Description("{\"everyVotes\": 10000, \"method\": \"twoCoin\"}: estimates the reliability of workers anew after so many votes since the last model and adopts the model, but only while the job is open and its policy is weighted; null stops it")]
    public JsonElement Reestimate { get; init; }

    [Description("{\"images\": 800}, {\"width\": 5, \"level\": 0.95} or {\"all\": true}: reviews more of a job that was created with a sample, or less of what is not answered yet")]
    public JsonElement Sample { get; init; }

    [Description("0.95: how certain intervals are where a request does not say, above 0 and below 1; null for none unless asked for")]
    public JsonElement Level { get; init; }

    [Description("corpus or model: what these intervals are about")]
    public string? Scope { get; init; }

    [Description("{\"minCorrectPercent\": 95, \"falseAlarmDays\": 365, \"webhook\": \"https://…\"}: what each class is watched for while the job is open; another percentage or number of days ends the alarms that stand. What is left out but for the percentage stays as it was; webhook null tells nobody any more. null for nothing any more")]
    public JsonElement Alarm { get; init; }

    [Description("{\"teams\": [\"dogs\"], \"priority\": 200, \"deadline\": \"2026-12-24T18:00:00Z\"}: whom the job is for, all of it anew; {} for nobody in particular")]
    public AssignmentSettings? Assignment { get; init; }

    [Description("{\"instructions\": \"Look at the whole picture.\", \"seeWholeBatch\": true, \"goldFeedback\": false}: what the worker page shows and asks for, all of it anew; {} for nothing")]
    public WorkSettings? Work { get; init; }

    /// <summary>What is to change of intervals; null for nothing.</summary>
    internal CertaintyChange? ReadCertainty(List<(string Field, string Problem)> problems)
    {
        double? level = null;
        var sets = Level.ValueKind != JsonValueKind.Undefined;
        if (Level.ValueKind == JsonValueKind.Number && Level.TryGetDouble(out var given)) level = given;
        else if (sets && Level.ValueKind != JsonValueKind.Null) problems.Add(("level", $"{Level.GetRawText()} is neither null nor a number above 0 and below 1, such as 0.95"));
        if (level is { } number && Certainty.ProblemOf(number) is { } problem) problems.Add(("level", problem));
        if (Scope is not null && Certainty.ScopeOf(Scope) is null) problems.Add(("scope", $"'{Scope}' is neither corpus nor model"));
        return sets || Scope is not null ? new CertaintyChange(level, sets, Certainty.ScopeOf(Scope)) : null;
    }

    internal static bool TryReadPolicy(string? text, out VerdictPolicy? policy, out string? problem)
    {
        (policy, problem) = (null, null);
        if (text is null) return true;
        if (VerdictPolicy.TryParse(text, out var parsed)) policy = parsed;
        else problem = $"'{text}' is none of unanimous, majority, quorum(k) with k from 1 to {AnswerSet.MaxWorkers}, and weighted(p) with p above 0.5 and below 1";
        return problem is null;
    }
}

/// <summary>A batch none of whose pictures a worker's page could show: nobody can answer it so.</summary>
/// <param name="At">When the page reported it.</param>
public sealed record UnshownResponse(int Task, string Worker, DateTimeOffset At);

/// <summary>A job: its settings, and how far it is.</summary>
/// <param name="Unseen">Images whose picture could not be shown to one worker at least, by the answers that stand; <c>GET …/images?problem=unseen</c> lists them.</param>
/// <param name="Model">The number of the adopted reliability model; null where there is none.</param>
/// <param name="Adjudicated">Images that have an adjudication.</param>
/// <param name="SetAside">Workers whose votes do not count.</param>
/// <param name="Unshown">The last batch that was reported; null where there is none, or somebody has been shown pictures of it since.</param>
/// <param name="Boxes">What boxes start with: <c>ticked</c>, <c>unticked</c>, <c>neither</c> or <c>random(seed)</c>.</param>
/// <param name="BoxesByClass">The same by label, for classes that have it otherwise.</param>
/// <param name="Gold">How gold is mixed into tasks; null for none.</param>
/// <param name="Qualification">What a worker must show first; null for nothing.</param>
/// <param name="Reestimate">When the job estimates the reliability of its workers anew by itself, while it is open and its policy is weighted; null for never.</param>
/// <param name="Sample">How many images of each class and bucket are reviewed; null for a job that was created without a sample.</param>
/// <param name="TasksHeldBack">Tasks outside of the sample, which nobody is asked about; they are among <c>tasks</c>.</param>
/// <param name="Level">How certain intervals are where a request does not say; null for none unless asked for.</param>
/// <param name="Scope">What they are about: <c>corpus</c> or <c>model</c>.</param>
/// <param name="Alarm">What each class is watched for while the job is open; null for nothing. Of the webhook only the host is shown.</param>
public sealed record JobResponse(
    string Name, string State, DateTimeOffset CreatedAt, int BatchSize, int WorkersPerTask, IReadOnlyList<double> BucketEdges,
    double? MinConfidence, string Policy, string ImageBase, int Classes, long Images, long Reviewed, long Tasks, long TasksDone, long Votes,
    DateTimeOffset? LastVoteAt, LabelingJob? LabelingJob, string Order, string LabelTable, IReadOnlyList<string> PictureHosts,
    long Unseen, UnshownResponse? Unshown, int? Model, long Adjudicated, IReadOnlyList<string> SetAside, string Boxes, IReadOnlyDictionary<string, string> BoxesByClass,
    GoldSettings? Gold, QualificationSettings? Qualification, ReestimateRequest? Reestimate, SampleSettings? Sample, long TasksHeldBack, double? Level, string Scope, AlarmSettings? Alarm)
{
    /// <summary>Workers asked at most about an image in doubt; null where no further ones are asked.</summary>
    public int? MaxWorkersPerTask { get; init; }

    /// <summary>Images on which the first workers left doubt, and another answer is wanted; null where no further workers are asked.</summary>
    public long? InDoubt { get; init; }

    /// <summary>Tasks that lack answers and are not handed out any more, because the target of all their images' classes or buckets is decided.</summary>
    public long TasksSkipped { get; init; }

    /// <summary>Classes that fell below the alarm, when somebody looked last; <c>GET …/alarms</c> has them.</summary>
    public int Alarms { get; init; }

    /// <summary>Whom the job is for; null for nobody in particular.</summary>
    public AssignmentSettings? Assignment { get; init; }

    /// <summary>What the worker page shows and asks for; null for nothing.</summary>
    public WorkSettings? Work { get; init; }

    internal static JobResponse Of(JobTallies job)
    {
        var settings = job.Job.Settings;
        var sum = job.Classes.Aggregate(ClassTally.Empty(settings.BucketEdges), (total, entry) => total + entry.Value);
        var all = sum.All;
        return new JobResponse(
            job.Job.Name.Value, job.Job.State == JobState.Open ? "open" : "closed", job.Job.CreatedAt, settings.BatchSize,
            settings.WorkersPerTask, settings.BucketEdges.Values, settings.MinConfidence?.Value, settings.Policy.ToString(),
            settings.ImageBase, job.Classes.Length, all.Total, all.Reviewed, sum.Tasks, sum.TasksDone, sum.Votes,
            sum.LastVoteAt.ToDateTimeOffset(), job.Job.Labeling,
            settings.Order.ToString(), settings.LabelTable == LabelTableMode.OnDone ? "onDone" : "off", settings.PictureHosts.Values, sum.Unseen,
            job.Job.Unshown is { } batch ? new UnshownResponse(batch.Task.Value, batch.Worker.Value, batch.At) : null,
            job.Job.Model?.Number, sum.Adjudicated, [.. job.Job.SetAside.Select(setAside => setAside.Worker.Value)],
            settings.Boxes.ToString(), settings.BoxesByClass.Values.ToDictionary(entry => entry.Key.Value, entry => BoxStates.NameOf(entry.Value)!, StringComparer.Ordinal),
            GoldSettings.Of(settings.Gold), QualificationSettings.Of(settings.PassMark), ReestimateRequest.Of(settings.Reestimate),
            SampleSettings.Of(settings.Sample), sum.HeldBack, settings.Level, Certainty.NameOf(settings.Scope), AlarmSettings.Of(settings.Alarm))
        {
            Assignment = AssignmentSettings.Of(settings.Assignment),
            Work = WorkSettings.Of(settings.Work),
            MaxWorkersPerTask = settings.MaxWorkersPerTask,
            InDoubt = settings.MaxWorkersPerTask is null ? null : sum.InDoubt ?? 0,
        };
    }
}

/// <summary>A page of a listing; <c>nextCursor</c> is null at the end, and a page may be short before it.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);
