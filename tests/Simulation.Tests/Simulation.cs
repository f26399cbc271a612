using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Simulation.Tests;

/// <summary>What a run met.</summary>
internal sealed record Outcome(int Seed, JobName Job, int Answers, int Faults, int Decisions, string? Violation);

/// <summary>
/// One run: a job is imported and answered, by queue and directly, while stores and queue fail, consumers crash,
/// activations are lost and get twins; then the faults end, and everything that was promised must hold. At last the job is
/// deleted.
/// </summary>
internal sealed partial class Simulation(SimulatedCluster cluster, int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>In some runs there are two activations of everything, and each takes answers and imports.</summary>
    private readonly bool _hasTwins = seed % 3 == 0;

    /// <summary>In some runs somebody has everything compared and repaired on the way.</summary>
    private readonly bool _hasAudits = seed % 4 == 0;

    private readonly FaultPlan _plan = new(seed);
    private readonly Workload _work = new(seed, TimeProvider.System.GetUtcNow());
    private readonly AnswerRouter _router = new(cluster.Grains, cluster.FactsFromOutside);

    /// <summary>What the job was last changed to, or created with.</summary>
    private VerdictPolicy _policy = VerdictPolicy.Unanimous;

    private int _policyChanges;

    private IOperationsGrain Operations => cluster.Grains.GetGrain<IOperationsGrain>(_work.Name.Key);

    private IJobGrain Job => cluster.Grains.GetGrain<IJobGrain>(_work.Name.Key);

    public async Task<Outcome> RunAsync()
    {
        FaultPlan.ByJob[_work.Name.Key] = _plan;
        try
        {
            var outcome = await OutcomeAsync();
            if (await Calls.UntilDoneAsync(Job.GetAsync) is { } job) await DeleteAsync(job);
            return outcome;
        }
        finally
        {
            // The plan stays: what goes on in the background has its calls repeated, too.
            _plan.End();
        }
    }

    private async Task<Outcome> OutcomeAsync()
    {
        string? violation = null;
        try
        {
            await LiveAsync();
        }
        catch (ViolationException e)
        {
            violation = e.Message;
        }
        // Whatever it is, it is this run's finding, and the others go on.
        catch (Exception e)
        {
            violation = e.ToString();
        }
        return new Outcome(seed, _work.Name, _work.Expected.Count, _plan.Injected, _told.Count, violation);
    }

    private async Task LiveAsync()
    {
        var messages = new List<SimulatedMessage>();
        if (_random.Next(4) == 0) messages.Add(await LiveBeforeAsync());
        var job = (await Calls.UntilDoneAsync(() => Job.CreateAsync(_work.Name, _work.Draft)))!.Job;
        _policy = job.Settings.Policy;
        await GrantAllAsync(job);
        var clock = new ScaledTime();
        var queue = new SimulatedQueue(clock, _plan);
        Send(queue, messages);
        await using (var consumers = new Consumers(ChooseGrains, cluster.FactsFromOutside, queue, clock))
        {
            for (var number = 0; number < 2; number++) await consumers.StartOneAsync();
            await new Importer(ChooseGrains(), cluster.Facts, job, new Random(_random.Next())).ImportGoldAsync(_work.Gold);
            await SetTargetAsync(job);
            // One import in order, where a target asks for it.
            var (parts, importers) = _work.Target is null ? (_random.Next(1, 4), 4) : (1, 2);
            foreach (var images in Parts(_work.Images, parts))
            {
                var importing = Task.WhenAll(Enumerable.Range(0, _random.Next(1, importers)).Select(_ => new Importer(ChooseGrains(), cluster.Facts, job, new Random(_random.Next())).ImportAsync(images, _work.Target is not null)));
                while (!importing.IsCompleted && _random.Next(8) > 0) await DisturbAsync(job, consumers);
                await importing;
                var sent = await MessagesAsync(job, images);
                Send(queue, sent);
                messages.AddRange(sent);
                for (var step = _random.Next(6); step > 0; step--)
                {
                    await DisturbAsync(job, consumers);
                    await LookNowAndThenAsync(job);
                }
            }
            _plan.End();
            await Calls.UntilRightAsync(() => Task.FromResult(queue.IsEmpty ? null : "a message is still in the queue: it was neither counted nor set aside"));
        }
        await GiveUpAsync(job);
        var expected = messages.Where(message => message.IsPoison).Select(message => message.Body).Order(StringComparer.Ordinal).Distinct();
        var dead = queue.DeadLetters.Order(StringComparer.Ordinal).Distinct().ToList();
        Calls.Require(expected.SequenceEqual(dead), $"{dead.Count} dead letters, not exactly the poison: {string.Join(" | ", dead.Except(expected).Concat(expected.Except(dead)).Take(3))}");
        await CheckAsync(job);
    }

    /// <summary>An earlier life of the job, deleted by now.</summary>
    /// <returns>A message that comes too late for it.</returns>
    private async Task<SimulatedMessage> LiveBeforeAsync()
    {
        var former = (await Calls.UntilDoneAsync(() => Job.CreateAsync(_work.Name, _work.Draft)))!.Job;
        await new Importer(cluster.Grains, cluster.Facts, former, new Random(_random.Next())).ImportAsync(_work.Images.Take(12));
        await AnswerOnceAsync(former);
        await Calls.UntilDoneAsync(() => Job.DeleteAsync(former.Incarnation));
        return _work.ToFormer(former.Incarnation);
    }

    /// <summary>Answers to what is stored by now of these images, whether its importer was told or not.</summary>
    private async Task<List<SimulatedMessage>> MessagesAsync(JobInfo job, IReadOnlyList<SimulatedImage> images)
    {
        var stored = await StoredFacts.ReadAsync(cluster.Facts, job.Incarnation);
        var urls = images.Select(image => (image.Label, image.Url)).ToHashSet();
        var messages = new List<SimulatedMessage>();
        foreach (var tasks in stored.Tasks.Where(task => task.Content.Images.Any(image => urls.Contains((task.Label, image.Url)))).GroupBy(task => task.Label))
            messages.AddRange(_work.MessagesTo(job.Incarnation, tasks.Key, [.. tasks.Select(task => task.Content)]));
        var placed = stored.Tasks.Concat(stored.Gold).SelectMany(task => task.Content.Images.Select(image => (task.Label, image.Url))).ToHashSet();
        messages.AddRange(_work.MessagesTo(job.Incarnation, [.. images.Concat(_work.Gold).Where(image => placed.Contains((image.Label, image.Url)))]));
        return messages;
    }

    /// <summary>At least once, in no order.</summary>
    private void Send(SimulatedQueue queue, IEnumerable<SimulatedMessage> messages)
    {
        foreach (var message in messages.SelectMany(message => Enumerable.Repeat(message, _random.Next(1, 4))).OrderBy(_ => _random.Next()).ToList()) queue.Send(message.Body);
    }

    private IGrainFactory ChooseGrains() => _hasTwins && _plan.Repeats(2) ? cluster.Twins : cluster.Grains;

    private static IEnumerable<IReadOnlyList<SimulatedImage>> Parts(IReadOnlyList<SimulatedImage> images, int parts) =>
        images.Select((image, index) => (image, index)).GroupBy(entry => entry.index % parts, entry => entry.image).Select(part => (IReadOnlyList<SimulatedImage>)[.. part]);
}
