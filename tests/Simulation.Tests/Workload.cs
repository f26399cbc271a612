using System.Text;
using BulkQA.Core;

namespace BulkQA.Simulation.Tests;

/// <summary>One image of a run.</summary>
internal readonly record struct SimulatedImage(ImageUrl Url, Label Label, Percent Confidence);

/// <summary>A message of a run, and whether it must end among the dead letters.</summary>
internal sealed record SimulatedMessage(string Body, bool IsPoison);

/// <summary>
/// What a seed makes of a job: its settings, its images, the votes about to come in, and, folded without any of the code
/// under test, what they must amount to.
/// </summary>
internal sealed class Workload
{
    private readonly Dictionary<(SimulatedImage Image, string Worker), (long At, bool Confirmed)> _expected = [];
    private readonly Random _random;
    private readonly DateTimeOffset _now;

    public Workload(int seed, DateTimeOffset now)
    {
        (_random, _now) = (new Random(seed), now);
        Name = JobName.Create($"s{seed}-{Guid.NewGuid():N}");
        Policy = _random.Next(3) switch { 0 => VerdictPolicy.Unanimous, 1 => VerdictPolicy.Majority, _ => VerdictPolicy.Quorum(2) };
        // A quorum of two asks for two workers.
        Draft = new JobDraft { BatchSize = _random.Next(3, 12), WorkersPerTask = _random.Next(Policy.RequiredVotes, 4), Policy = Policy };
        string[] labels = ["Dog", "Cat # 7", "é/犬-2"];
        // Some runs have a class that grows over several partitions on the way.
        var most = _random.Next(5) == 0 ? 150 : 25;
        Images = [.. labels.Take(_random.Next(1, labels.Length + 1)).SelectMany(label => Enumerable.Range(0, _random.Next(5, most)).Select(number =>
            new SimulatedImage(ImageUrl.Create($"s3://b/{label.Length}/{number}.jpg"), Label.Create(label), Percent.Create(_random.Next(700, 1_001) / 10.0))))];
    }

    public JobName Name { get; }

    public VerdictPolicy Policy { get; }

    public JobDraft Draft { get; }

    public IReadOnlyList<SimulatedImage> Images { get; }

    /// <summary>What must be among the votes of each image in the end; nothing else may be, but what is in doubt.</summary>
    public IReadOnlyDictionary<(SimulatedImage Image, string Worker), (long At, bool Confirmed)> Expected => _expected;

    public IEnumerable<SimulatedMessage> Messages(Incarnation incarnation)
    {
        var messages = new List<SimulatedMessage>();
        foreach (var group in Images.GroupBy(image => image.Label))
        {
            foreach (var batch in group.Chunk(Draft.BatchSize!.Value))
            {
                for (var answers = 0; answers < _random.Next(1, 4); answers++) messages.Add(Answer(incarnation, batch));
                if (_random.Next(8) == 0) messages.Add(Poison(incarnation, batch));
            }
        }
        return messages;
    }

    /// <summary>A vote for a caller that tries once and gives up: it may count or not.</summary>
    public (SimulatedImage Image, Vote Vote) Doubtful(int number) =>
        (Images[_random.Next(Images.Count)], new Vote(WorkerId.Create($"doubt-{number}"), _random.Next(2) == 0, new SubmissionTime(_now.UtcTicks)));

    /// <summary>A task's votes of a few workers, at a time that may lie before that of votes already sent.</summary>
    private SimulatedMessage Answer(Incarnation incarnation, SimulatedImage[] batch, string? makeUnreadable = null)
    {
        var at = new SubmissionTime(_random.Next(6) == 0 ? 0 : (_now + TimeSpan.FromMinutes(_random.Next(-60, 5))).UtcTicks);
        var images = new List<MessageImage>();
        foreach (var image in batch)
        {
            var answers = new Dictionary<WorkerId, bool>();
            for (var vote = 0; vote < _random.Next(1, 4); vote++)
            {
                var (worker, confirmed) = ($"w{_random.Next(5)}", _random.Next(3) > 0);
                answers[WorkerId.Create(worker)] = confirmed;
            }
            foreach (var (worker, confirmed) in answers) Expect(image, worker.Value, at.UtcTicks, confirmed);
            images.Add(new MessageImage(image.Url, image.Label, null, [.. answers]));
        }
        var message = new TaskVotesMessage(Name, _random.Next(2) == 0 ? incarnation : null, null, at, [.. images]);
        var body = Encoding.UTF8.GetString(message.Write());
        return new SimulatedMessage(makeUnreadable is null ? body : body.Replace("\"images\":[", $"\"images\":[{makeUnreadable},", StringComparison.Ordinal), makeUnreadable is not null);
    }

    private SimulatedMessage Poison(Incarnation incarnation, SimulatedImage[] batch)
    {
        var image = batch[0];
        MessageImage[] images = [new MessageImage(image.Url, image.Label, null, [new(WorkerId.Create("poison"), true)])];
        var message = new TaskVotesMessage(Name, incarnation, null, new SubmissionTime(1), [.. images]);
        return _random.Next(7) switch
        {
            // Its good part counts all the same.
            0 => Answer(incarnation, batch, makeUnreadable: $"{_random.Next(1_000_000)}"),
            1 => Dead($"no json {_random.Next()}"),
            2 => Dead($$"""{"schema":99,"job":"{{Name}}","images":[],"n":{{_random.Next()}}}"""),
            3 => Dead(message with { Incarnation = Incarnation.New(Name) }),
            4 => Dead(message with { Job = JobName.Create($"none-{_random.Next()}"), Incarnation = null }),
            5 => Dead(message with { SubmittedAt = SubmissionTime.From(_now + TimeSpan.FromHours(1 + _random.Next(9))) }),
            _ => Dead(message with { Images = [images[0] with { Url = ImageUrl.Create($"s3://b/none/{_random.Next()}") }] }),
        };
    }

    private static SimulatedMessage Dead(TaskVotesMessage message) => Dead(Encoding.UTF8.GetString(message.Write()));

    private static SimulatedMessage Dead(string body) => new(body, IsPoison: true);

    /// <summary>The later answer stands; of two at the same time, the one that disconfirms.</summary>
    private void Expect(SimulatedImage image, string worker, long at, bool confirmed)
    {
        if (!_expected.TryGetValue((image, worker), out var known) || at > known.At || (at == known.At && known.Confirmed)) _expected[(image, worker)] = (at, confirmed);
    }
}
