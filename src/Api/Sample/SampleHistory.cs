using System.Globalization;
using System.Text;
using BulkQA.Core;
using BulkQA.Corpora;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>
/// A second sample job, which simulated workers have answered over two weeks, so that every view of the console has something to show: two versions of the
/// model, gold, workers of whom one hardly looks, boxes that begin ticked or unticked, a target with decisions, an alarm's level, decided images and a
/// reliability model. It goes the way every job goes, with times of the past.
/// </summary>
internal sealed class SampleHistory(IGrainFactory grains, IObjectStore store, CorpusImporter importer, TaskAnswering answering, TimeProvider time)
{
    public const string Job = "sample-reviewed";

    private const string Prefix = Job + "/";
    private const string By = "sample";
    private const int Seed = 11;
    private const int GoldPerShape = 6;

    private static readonly TimeSpan _duration = TimeSpan.FromDays(14);

    /// <summary>How much of what they are shown they look at, how often they are right then, and how long they take for an image.</summary>
    private static readonly (string Name, double Attention, double Accuracy, TimeSpan Each)[] _workers =
    [
        ("simulated-ann", 1, 0.98, TimeSpan.FromSeconds(2.2)), ("simulated-bob", 0.95, 0.97, TimeSpan.FromSeconds(1.6)), ("simulated-carla", 0.9, 0.95, TimeSpan.FromSeconds(1.4)),
        ("simulated-dan", 0.85, 0.9, TimeSpan.FromSeconds(1.1)), ("simulated-eve", 0.1, 0.9, TimeSpan.FromSeconds(0.15)),
    ];

    /// <summary>Makes the job, or what a stop has left out of it. Once all of it is there it is left alone.</summary>
    public async Task MakeAsync(CancellationToken cancellation)
    {
        var name = JobName.Create(Job);
        if (await grains.GetGrain<IJobGrain>(name.Key).CreateAsync(name, Draft()) is not { } creation)
            throw new InvalidOperationException($"there are {JobLimits.MaxJobs} jobs already: no room for the sample");
        var job = creation.Job;
        // A job of that name that somebody else has made is none of ours.
        if (!creation.Differences.IsEmpty || !(await grains.GetReliability(job).ListAsync()).IsEmpty) return;
        IReadOnlyList<SampleImage> before = SampleCorpus.Generate(Seed, 1, $"{Prefix}v1-"), after = SampleCorpus.Generate(Seed + 1, 0.4, $"{Prefix}v2-");
        var gold = SampleCorpus.Generate(Seed + 2, 2, $"{Prefix}gold-").GroupBy(image => image.Label).SelectMany(shape => shape.Take(GoldPerShape / 2).Concat(shape.TakeLast(GoldPerShape / 2))).ToList();
        await store.WriteMissingAsync(job, before.Concat(after).Concat(gold), cancellation);
        using var corpus = new MemoryStream(Csv(before, after, gold));
        await importer.ImportAsync(job, corpus, CorpusFormats.Csv, new CorpusOptions(), cancellation);
        var truths = before.Concat(after).Concat(gold).ToDictionary(image => JobSettings.DefaultImageBase + image.Path, image => image.Truth);
        await AnswerAsync(job, truths, cancellation);
        // Only now: a class that is decided hands out no more, so that a look in between would leave the job unfinished.
        if (job.Target is null && await grains.GetJob(job).SetTargetAsync(job.Incarnation, new JobTarget(0.25, 0.95, TargetScope.Class), By) is null) return;
        await grains.GetTarget(job).LookAsync();
        foreach (var image in before.Where(image => image.Label != image.Truth).Where((_, index) => index % 2 == 0)) await DecideAsync(job, image);
        await grains.GetReliability(job).StartAsync(new ReliabilitySettings());
    }

    private static JobDraft Draft() => new()
    {
        BatchSize = 20,
        WorkersPerTask = 3,
        Policy = VerdictPolicy.Majority,
        Order = TaskOrder.Random(Seed),
        Level = Certainty.DefaultLevel,
        Gold = new GoldMix(10, Seed),
        Boxes = StartingBoxes.Random(Seed),
        Alarm = new JobAlarm(85),
    };

    /// <summary>Gold first: it is mixed into what comes after it.</summary>
    private static byte[] Csv(IEnumerable<SampleImage> before, IEnumerable<SampleImage> after, IEnumerable<SampleImage> gold)
    {
        var csv = new StringBuilder("image_local_path,label,confidence,model_version,gold\n");
        foreach (var image in gold) Add(image, "v1", image.Label == image.Truth ? "right" : "wrong");
        foreach (var image in before) Add(image, "v1", "");
        foreach (var image in after) Add(image, "v2", "");
        return Encoding.UTF8.GetBytes(csv.ToString());

        void Add(SampleImage image, string version, string known) =>
            csv.Append(CultureInfo.InvariantCulture, $"{image.Path},{image.Label},{image.Confidence:R},{version},{known}\n");
    }

    /// <summary>The workers take turns until nobody gets a batch; their answers are spread over the days.</summary>
    private async Task AnswerAsync(JobInfo job, Dictionary<string, string> truths, CancellationToken cancellation)
    {
        var random = new Random(Seed);
        var began = time.GetUtcNow() - _duration;
        if (await grains.FindTalliesAsync(job) is not { Classes: var classes }) return;
        var all = classes.Sum(entry => entry.Value.Tasks) * job.Settings.WorkersPerTask;
        var answered = classes.Sum(entry => entry.Value.TasksDone) * job.Settings.WorkersPerTask;
        for (var some = true; some;)
        {
            some = false;
            foreach (var worker in _workers)
            {
                cancellation.ThrowIfCancellationRequested();
                var id = WorkerId.Create(worker.Name);
                if (await grains.GetDispatch(job).LeaseAsync(id) is not { } lease || await answering.ReadAsync(job, lease.Task) is not { } content) continue;
                some = true;
                var boxes = job.Settings.BoxesOf(content.Label, lease.Task) ?? BoxesAtStart.Ticked;
                var answers = TaskAnswers.Of(content.Images.Select(image =>
                {
                    var looks = random.NextDouble() < worker.Attention;
                    var fits = truths[image.Url.Value] == content.Label.Value;
                    return (looks ? fits == random.NextDouble() < worker.Accuracy : boxes == BoxesAtStart.Ticked) ? AnswerKind.Confirm : AnswerKind.Disconfirm;
                }));
                var at = began + (_duration * Math.Min(1, answered++ / (double)Math.Max(1, all)));
                // Where the job is deleted meanwhile, or answers are refused, there is nothing more to do.
                var refused = new List<RefusedAnswer>();
                if (await answering.AnswerAsync(job, new Submission(lease.Task, id, SubmissionTime.From(at), answers, AnswerSource.Simulated, boxes, worker.Each * content.Images.Length), refused) is null || refused.Count > 0) return;
            }
        }
    }

    private Task<AdjudicationOutcome> DecideAsync(JobInfo job, SampleImage image) =>
        grains.GetImage(new ImageAddress(new ClassAddress(job.Incarnation, Label.Create(image.Label)), ImageUrl.Create(job.Settings.ImageBase + image.Path)))
            .AdjudicateAsync(By, SubmissionTime.From(time.GetUtcNow()), Verdict.Disconfirmed, Label.Create(image.Truth), note: null);
}
