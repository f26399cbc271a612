using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

// How the types of the pure domain travel between grains: Core knows nothing of Orleans, so each is carried by one of
// three plain surrogates, or by one of its own where it has more than one part.

[GenerateSerializer, Immutable, Alias("BulkQA.Text")]
internal readonly struct TextSurrogate(string text)
{
    [Id(0)] public readonly string Text = text;
}

[GenerateSerializer, Immutable, Alias("BulkQA.Number")]
internal readonly struct NumberSurrogate(long number)
{
    [Id(0)] public readonly long Number = number;
}

[GenerateSerializer, Immutable, Alias("BulkQA.Real")]
internal readonly struct RealSurrogate(double value)
{
    [Id(0)] public readonly double Value = value;
}

/// <summary>Whoever called a grain with bad input is told so, as if it had been refused here.</summary>
[RegisterConverter]
internal sealed class BadInputConverter : IConverter<BadInputException, TextSurrogate>
{
    public BadInputException ConvertFromSurrogate(in TextSurrogate surrogate) => new(surrogate.Text);

    public TextSurrogate ConvertToSurrogate(in BadInputException value) => new(value.Message);
}

[RegisterConverter]
internal sealed class JobNameConverter : IConverter<JobName, TextSurrogate>
{
    public JobName ConvertFromSurrogate(in TextSurrogate surrogate) => JobName.Create(surrogate.Text);

    public TextSurrogate ConvertToSurrogate(in JobName value) => new(value.Value);
}

[RegisterConverter]
internal sealed class IncarnationConverter : IConverter<Incarnation, TextSurrogate>
{
    public Incarnation ConvertFromSurrogate(in TextSurrogate surrogate) => Incarnation.Parse(surrogate.Text);

    public TextSurrogate ConvertToSurrogate(in Incarnation value) => new(value.Value);
}

[RegisterConverter]
internal sealed class LabelConverter : IConverter<Label, TextSurrogate>
{
    public Label ConvertFromSurrogate(in TextSurrogate surrogate) => Label.Create(surrogate.Text);

    public TextSurrogate ConvertToSurrogate(in Label value) => new(value.Value);
}

[RegisterConverter]
internal sealed class ImageUrlConverter : IConverter<ImageUrl, TextSurrogate>
{
    public ImageUrl ConvertFromSurrogate(in TextSurrogate surrogate) => ImageUrl.Create(surrogate.Text);

    public TextSurrogate ConvertToSurrogate(in ImageUrl value) => new(value.Value);
}

[RegisterConverter]
internal sealed class WorkerIdConverter : IConverter<WorkerId, TextSurrogate>
{
    public WorkerId ConvertFromSurrogate(in TextSurrogate surrogate) => WorkerId.Create(surrogate.Text);

    public TextSurrogate ConvertToSurrogate(in WorkerId value) => new(value.Value);
}

[RegisterConverter]
internal sealed class VerdictPolicyConverter : IConverter<VerdictPolicy, TextSurrogate>
{
    public VerdictPolicy ConvertFromSurrogate(in TextSurrogate surrogate) =>
        VerdictPolicy.TryParse(surrogate.Text, out var policy) ? policy : throw new BadInputException($"'{surrogate.Text}' is not a policy");

    public TextSurrogate ConvertToSurrogate(in VerdictPolicy value) => new(value.ToString());
}

[RegisterConverter]
internal sealed class TaskNumberConverter : IConverter<TaskNumber, NumberSurrogate>
{
    public TaskNumber ConvertFromSurrogate(in NumberSurrogate surrogate) => new((int)surrogate.Number);

    public NumberSurrogate ConvertToSurrogate(in TaskNumber value) => new(value.Value);
}

[RegisterConverter]
internal sealed class SubmissionTimeConverter : IConverter<SubmissionTime, NumberSurrogate>
{
    public SubmissionTime ConvertFromSurrogate(in NumberSurrogate surrogate) => new(surrogate.Number);

    public NumberSurrogate ConvertToSurrogate(in SubmissionTime value) => new(value.UtcTicks);
}

[RegisterConverter]
internal sealed class PercentConverter : IConverter<Percent, RealSurrogate>
{
    public Percent ConvertFromSurrogate(in RealSurrogate surrogate) => Percent.Create(surrogate.Value);

    public RealSurrogate ConvertToSurrogate(in Percent value) => new(value.Value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.BucketEdges")]
internal readonly struct BucketEdgesSurrogate(ImmutableArray<double> values)
{
    [Id(0)] public readonly ImmutableArray<double> Values = values;
}

[RegisterConverter]
internal sealed class BucketEdgesConverter : IConverter<BucketEdges, BucketEdgesSurrogate>
{
    public BucketEdges ConvertFromSurrogate(in BucketEdgesSurrogate surrogate) => BucketEdges.Create(surrogate.Values);

    public BucketEdgesSurrogate ConvertToSurrogate(in BucketEdges value) => new(value.Values);
}

[RegisterConverter]
internal sealed class TaskAnswersConverter : IConverter<TaskAnswers, TextSurrogate>
{
    public TaskAnswers ConvertFromSurrogate(in TextSurrogate surrogate) => TaskAnswers.Parse(surrogate.Text);

    public TextSurrogate ConvertToSurrogate(in TaskAnswers value) => new(value.Text);
}

[RegisterConverter]
internal sealed class TaskOrderConverter : IConverter<TaskOrder, TextSurrogate>
{
    public TaskOrder ConvertFromSurrogate(in TextSurrogate surrogate) =>
        TaskOrder.TryParse(surrogate.Text, out var order) ? order : throw new BadInputException($"'{surrogate.Text}' is not an order");

    public TextSurrogate ConvertToSurrogate(in TaskOrder value) => new(value.ToString());
}

[GenerateSerializer, Immutable, Alias("BulkQA.Submission")]
internal readonly struct SubmissionSurrogate(Submission value)
{
    [Id(0)] public readonly TaskNumber Task = value.Task;
    [Id(1)] public readonly string Worker = value.Worker.Value;
    [Id(2)] public readonly long At = value.At.UtcTicks;
    [Id(3)] public readonly string Answers = value.Answers.Text;
    [Id(4)] public readonly AnswerSource Source = value.Source;
    [Id(5)] public readonly BoxesAtStart Start = value.Start;
    [Id(6)] public readonly TimeSpan? Taken = value.Taken;
}

[RegisterConverter]
internal sealed class SubmissionConverter : IConverter<Submission, SubmissionSurrogate>
{
    public Submission ConvertFromSurrogate(in SubmissionSurrogate surrogate) => new(
        surrogate.Task, WorkerId.Stored(surrogate.Worker), new SubmissionTime(surrogate.At), TaskAnswers.Parse(surrogate.Answers), surrogate.Source,
        surrogate.Start, surrogate.Taken);

    public SubmissionSurrogate ConvertToSurrogate(in Submission value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.ImageAnswer")]
internal readonly struct ImageAnswerSurrogate(ImageAnswer value)
{
    [Id(0)] public readonly string Worker = value.Worker.Value;
    [Id(1)] public readonly AnswerKind Kind = value.Kind;
    [Id(2)] public readonly long At = value.At.UtcTicks;
}

[RegisterConverter]
internal sealed class ImageAnswerConverter : IConverter<ImageAnswer, ImageAnswerSurrogate>
{
    public ImageAnswer ConvertFromSurrogate(in ImageAnswerSurrogate surrogate) =>
        new(WorkerId.Stored(surrogate.Worker), surrogate.Kind, new SubmissionTime(surrogate.At));

    public ImageAnswerSurrogate ConvertToSurrogate(in ImageAnswer value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.Adjudication")]
internal readonly struct AdjudicationSurrogate(Adjudication value)
{
    [Id(0)] public readonly TaskNumber Task = value.Task;
    [Id(1)] public readonly int Index = value.Index;
    [Id(2)] public readonly long At = value.At.UtcTicks;
    [Id(3)] public readonly string By = value.By;
    [Id(4)] public readonly Verdict? Verdict = value.Verdict;
    [Id(5)] public readonly Label? RightLabel = value.RightLabel;
    [Id(6)] public readonly string? Note = value.Note;
    [Id(7)] public readonly long AskedAt = value.AskedAt.UtcTicks;
}

[RegisterConverter]
internal sealed class AdjudicationConverter : IConverter<Adjudication, AdjudicationSurrogate>
{
    public Adjudication ConvertFromSurrogate(in AdjudicationSurrogate surrogate) => new(
        surrogate.Task, surrogate.Index, new SubmissionTime(surrogate.At), surrogate.By, surrogate.Verdict, surrogate.RightLabel, surrogate.Note)
    {
        AskedAt = new SubmissionTime(surrogate.AskedAt),
    };

    public AdjudicationSurrogate ConvertToSurrogate(in Adjudication value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.CorpusImage")]
internal readonly struct CorpusImageSurrogate(CorpusImage value)
{
    [Id(0)] public readonly string Url = value.Url.Value;
    [Id(1)] public readonly Percent? Confidence = value.Confidence;
    [Id(2)] public readonly AnonymousVotes? Anonymous = value.Anonymous;
    [Id(3)] public readonly GoldAnswer? Gold = value.Gold;
    [Id(8)] public readonly ModelVersion? Version = value.Version;
}

[RegisterConverter]
internal sealed class CorpusImageConverter : IConverter<CorpusImage, CorpusImageSurrogate>
{
    public CorpusImage ConvertFromSurrogate(in CorpusImageSurrogate surrogate) =>
        new(ImageUrl.Create(surrogate.Url), surrogate.Confidence, surrogate.Anonymous, surrogate.Gold, surrogate.Version);

    public CorpusImageSurrogate ConvertToSurrogate(in CorpusImage value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.TaskBlock")]
internal readonly struct TaskBlockSurrogate(TaskBlock value)
{
    [Id(0)] public readonly TaskNumber First = value.First;
    [Id(1)] public readonly int Count = value.Count;
    [Id(2)] public readonly Label Label = value.Label;
    [Id(3)] public readonly int Partition = value.Partition;
}

[RegisterConverter]
internal sealed class TaskBlockConverter : IConverter<TaskBlock, TaskBlockSurrogate>
{
    public TaskBlock ConvertFromSurrogate(in TaskBlockSurrogate surrogate) => new(surrogate.First, surrogate.Count, surrogate.Label, surrogate.Partition);

    public TaskBlockSurrogate ConvertToSurrogate(in TaskBlock value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.AnonymousVotes")]
internal readonly struct AnonymousVotesSurrogate(int confirms, int disconfirms)
{
    [Id(0)] public readonly int Confirms = confirms;
    [Id(1)] public readonly int Disconfirms = disconfirms;
}

[RegisterConverter]
internal sealed class AnonymousVotesConverter : IConverter<AnonymousVotes, AnonymousVotesSurrogate>
{
    public AnonymousVotes ConvertFromSurrogate(in AnonymousVotesSurrogate surrogate) => new(surrogate.Confirms, surrogate.Disconfirms);

    public AnonymousVotesSurrogate ConvertToSurrogate(in AnonymousVotes value) => new(value.Confirms, value.Disconfirms);
}

[GenerateSerializer, Immutable, Alias("BulkQA.BucketTally")]
internal readonly struct BucketTallySurrogate(BucketTally value)
{
    [Id(0)] public readonly long Total = value.Total;
    [Id(1)] public readonly long Confirmed = value.Confirmed;
    [Id(2)] public readonly long Disconfirmed = value.Disconfirmed;
    [Id(3)] public readonly long Split = value.Split;
}

[RegisterConverter]
internal sealed class BucketTallyConverter : IConverter<BucketTally, BucketTallySurrogate>
{
    public BucketTally ConvertFromSurrogate(in BucketTallySurrogate surrogate) =>
        new(surrogate.Total, surrogate.Confirmed, surrogate.Disconfirmed, surrogate.Split);

    public BucketTallySurrogate ConvertToSurrogate(in BucketTally value) => new(value);
}

[GenerateSerializer, Immutable, Alias("BulkQA.ClassTally")]
internal readonly struct ClassTallySurrogate(ClassTally value)
{
    [Id(0)] public readonly ImmutableArray<BucketTally> Buckets = value.Buckets;
    [Id(1)] public readonly long Votes = value.Votes;
    [Id(2)] public readonly long Tasks = value.Tasks;
    [Id(3)] public readonly long TasksDone = value.TasksDone;
    [Id(4)] public readonly long LastVoteAt = value.LastVoteAt.UtcTicks;
    [Id(5)] public readonly long Unseen = value.Unseen;
    [Id(6)] public readonly long Adjudicated = value.Adjudicated;
    // Default where no image has an adjudication: then these are the buckets.
    [Id(7)] public readonly ImmutableArray<BucketTally> Final = value.Adjudicated == 0 ? default : value.Final;
    [Id(10)] public readonly ImmutableArray<BucketTally> Done = value.Done;
    [Id(16)] public readonly long HeldBack = value.HeldBack;
    [Id(11)] public readonly long? InDoubt = value.InDoubt;
}

[RegisterConverter]
internal sealed class ClassTallyConverter : IConverter<ClassTally, ClassTallySurrogate>
{
    public ClassTally ConvertFromSurrogate(in ClassTallySurrogate surrogate) => new(
        surrogate.Buckets, surrogate.Votes, surrogate.Tasks, surrogate.TasksDone, new SubmissionTime(surrogate.LastVoteAt), surrogate.Unseen)
    {
        Adjudicated = surrogate.Adjudicated,
        Final = surrogate.Final,
        Done = surrogate.Done,
        HeldBack = surrogate.HeldBack,
        InDoubt = surrogate.InDoubt,
    };

    public ClassTallySurrogate ConvertToSurrogate(in ClassTally value) => new(value);
}
