using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Orleans.Core.Internal;

namespace BulkQA.Simulation.Tests;

/// <summary>What a run met.</summary>
internal sealed record Outcome(int Seed, JobName Job, int Votes, int Faults, string? Violation);

/// <summary>
/// One run: a job is imported and voted on, by queue and directly, while stores and queue fail, consumers crash,
/// activations are lost and get twins; then the faults end, and everything that was promised must hold. At last the job is
/// deleted.
/// </summary>
internal sealed class Simulation(SimulatedCluster cluster, int seed)
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    /// <summary>Without an answer for so long, a call counts as lost.</summary>
    private static readonly TimeSpan _lost = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly Random _random = new(seed);

    /// <summary>In some runs there are two activations of everything, each voted through.</summary>
    private readonly bool _hasTwins = seed % 3 == 0;

    private readonly FaultPlan _plan = new(seed);
    private readonly Workload _work = new(seed, TimeProvider.System.GetUtcNow());
    private readonly ClassRouter _router = new(cluster.Grains);

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
            if (await UntilDoneAsync(Job.GetAsync) is { } job) await UntilDoneAsync(() => Job.DeleteAsync(job.Incarnation));
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
        string? violation;
        try
        {
            violation = await FindViolationAsync();
        }
        // Whatever it is, it is this run's finding, and the others go on.
        catch (Exception e)
        {
            violation = e.ToString();
        }
        return new Outcome(seed, _work.Name, _work.Expected.Count, _plan.Injected, violation);
    }

    private async Task<string?> FindViolationAsync()
    {
        var job = (await UntilDoneAsync(() => Job.CreateAsync(_work.Name, _work.Draft)))!.Job;
        _policy = _work.Policy;
        await ImportAsync(job);
        var clock = new ScaledTime();
        var queue = new SimulatedQueue(clock, _plan);
        var messages = _work.Messages(job.Incarnation).ToList();
        // At least once, in no order.
        foreach (var message in messages.SelectMany(message => Enumerable.Repeat(message, _random.Next(1, 4))).OrderBy(_ => _random.Next()).ToList()) queue.Send(message.Body);
        await using (var consumers = new Consumers(() => _hasTwins && _random.Next(2) == 0 ? cluster.Twins : cluster.Grains, queue, clock))
        {
            for (var number = 0; number < 2; number++) await consumers.StartOneAsync();
            for (var step = 0; step < _random.Next(2, 12); step++) await DisturbAsync(job, consumers, step);
            _plan.End();
            using var end = new CancellationTokenSource(_limit);
            while (!queue.IsEmpty)
            {
                if (end.IsCancellationRequested) return "a message is still in the queue: it was neither counted nor set aside";
                await PauseAsync();
            }
        }
        await GiveUpAsync(job);
        var expected = messages.Where(message => message.IsPoison).Select(message => message.Body).Order(StringComparer.Ordinal).Distinct();
        var dead = queue.DeadLetters.Order(StringComparer.Ordinal).Distinct().ToList();
        if (!expected.SequenceEqual(dead)) return $"{dead.Count} dead letters, not exactly the poison: {string.Join(" | ", dead.Except(expected).Concat(expected.Except(dead)).Take(3))}";
        return await CompareAsync(job);
    }

    /// <summary>Rows against what was sent; counters against rows; and what an audit says.</summary>
    private async Task<string?> CompareAsync(JobInfo job)
    {
        var rows = new Dictionary<SimulatedImage, LabelRow>();
        foreach (var image in _work.Images)
        {
            var row = await cluster.Rows.ReadAsync(Address(job, image));
            if (row is null) return $"{image.Url} has no row";
            rows[image] = row;
        }
        foreach (var ((image, worker), (at, confirmed)) in _work.Expected)
        {
            var vote = rows[image].Votes.Votes.SingleOrDefault(vote => vote.Worker.Value == worker);
            if (vote is not { Worker.Value: not null }) return $"the vote of {worker} on {image.Url} is lost";
            if (vote.Confirmed != confirmed || vote.At.UtcTicks != at) return $"the vote of {worker} on {image.Url} is {vote}, not {confirmed} at {at}";
        }
        foreach (var (image, row) in rows)
            foreach (var vote in row.Votes.Votes)
                if (!vote.Worker.Value.StartsWith("doubt-", StringComparison.Ordinal) && !_work.Expected.ContainsKey((image, vote.Worker.Value)))
                    return $"nobody sent the vote of {vote.Worker} on {image.Url}";
        foreach (var images in _work.Images.GroupBy(image => image.Label))
            if (await CompareAsync(job, images.Key, [.. images]) is { } difference) return difference;
        if (await ComparePolicyAsync(job) is { } missed) return missed;
        if (await CompareTasksAsync(job, rows.Values) is { } misplaced) return misplaced;
        // A silo that is killed takes the call with it, and the caller waits no longer than it cares to.
        var audit = await UntilDoneAsync(() => Job.AuditAsync().WaitAsync(_patience));
        return audit is not { Differences: 0 } ? $"the audit found {audit?.Differences} differences: {audit?.Details[0]}" : audit.Images != rows.Count ? $"the audit read {audit.Images} rows of {rows.Count}" : null;
    }

    /// <summary>The job has the policy it was last changed to, and every row a verdict of it.</summary>
    private async Task<string?> ComparePolicyAsync(JobInfo job)
    {
        var info = await UntilDoneAsync(Job.GetAsync);
        if (info!.Settings.Policy != _policy) return $"the policy is {info.Settings.Policy}, not {_policy}";
        using var end = new CancellationTokenSource(_limit);
        for (; ; )
        {
            // Its silo may have died: as every silo does now and then.
            await UntilDoneAsync(async () =>
            {
                await Operations.ResumeAsync();
                return true;
            });
            var operations = await UntilDoneAsync(Operations.ListAsync);
            if (operations.FirstOrDefault(operation => operation.State == OperationState.Failed) is { } failed) return $"{failed.Id} failed: {failed.Problem}";
            var rows = await Task.WhenAll(_work.Images.Select(image => cluster.Rows.ReadAsync(Address(job, image))));
            var stale = rows.FirstOrDefault(row => Verdict(row!.Votes.Confirms, row.Votes.Disconfirms) != row.Verdict);
            if (stale is null && operations.All(operation => operation.HasEnded)) return null;
            if (end.IsCancellationRequested)
                return stale is null ? $"{operations.First(operation => !operation.HasEnded)} does not end" : $"{stale.Address.Url} is {stale.Verdict}, by another policy than {_policy} ({_policyChanges} changes)";
            await PauseAsync();
        }
    }

    /// <summary>Every image is in the task that its row names, once.</summary>
    private async Task<string?> CompareTasksAsync(JobInfo job, IEnumerable<LabelRow> rows)
    {
        foreach (var images in rows.GroupBy(row => row.Task!.Value.Number))
        {
            var content = await UntilDoneAsync(() => cluster.Grains.GetGrain<ITaskGrain>(ITaskGrain.Key(job.Incarnation, images.Key)).GetAsync());
            if (images.FirstOrDefault(row => content?.Images.Count(image => image.Url == row.Address.Url) != 1) is { } misplaced)
                return $"{misplaced.Address.Url} is in task {images.Key} by its row, and not once in that task's content";
        }
        return null;
    }

    private async Task<string?> CompareAsync(JobInfo job, Label label, IReadOnlyList<SimulatedImage> images)
    {
        var address = new ClassAddress(job.Incarnation, label);
        if (_hasTwins)
        {
            // No vote, but every partition has to acknowledge it: an activation that a twin took over from finds out by that.
            var nothing = new ClassVotes(null, [.. images.Select(image => new ImageVotes(image.Url, null, []))]);
            await UntilDoneAsync(() => _router.VoteAsync(address, nothing));
        }
        // What ended in doubt is read again by and by, and a call that nobody waits for any more may still write.
        using var end = new CancellationTokenSource(_limit);
        for (; ; )
        {
            var rows = await Task.WhenAll(images.Select(image => cluster.Rows.ReadAsync(Address(job, image))));
            var (votes, expected) = Fold(job, rows!);
            var tally = (await UntilDoneAsync(() => Job.GetTalliesAsync([label])))!.Classes.Single().Value;
            if (tally.Votes == votes && tally.Buckets.SequenceEqual(expected)) return null;
            if (end.IsCancellationRequested)
                return $"class {label} counts {tally.Votes} votes and [{string.Join(", ", tally.Buckets)}], its rows have {votes} and [{string.Join(", ", expected)}]";
            await PauseAsync();
        }
    }

    private (int Votes, BucketTally[] Buckets) Fold(JobInfo job, IReadOnlyList<LabelRow> rows)
    {
        var expected = new BucketTally[job.Settings.BucketEdges.BucketCount];
        foreach (var row in rows)
        {
            var (confirms, disconfirms) = (row.Votes.Votes.Count(vote => vote.Confirmed), row.Votes.Votes.Count(vote => !vote.Confirmed));
            ref var bucket = ref expected[job.Settings.BucketEdges.IndexOf(row.Confidence)];
            bucket = bucket.Add(Verdict(confirms, disconfirms), 1);
        }
        return (rows.Sum(row => row.Votes.Votes.Length), expected);
    }

    /// <summary>The rule of each policy, written down once more.</summary>
    private Verdict Verdict(int confirms, int disconfirms)
    {
        var votes = confirms + disconfirms;
        if (votes == 0 || (_policy.Equals(VerdictPolicy.Quorum(2)) && votes < 2)) return Core.Verdict.Unreviewed;
        if (_policy.Equals(VerdictPolicy.Unanimous) && confirms > 0 && disconfirms > 0) return Core.Verdict.Split;
        return confirms > disconfirms ? Core.Verdict.Confirmed : disconfirms > confirms ? Core.Verdict.Disconfirmed : Core.Verdict.Split;
    }

    /// <summary>Callers who are not told that their votes count, and don't try again: the counters must follow the rows all the same.</summary>
    private async Task GiveUpAsync(JobInfo job)
    {
        _plan.Begin(0.4);
        for (var number = 0; number < 10; number++) await VoteOnceAsync(job, 100 + number);
        _plan.End();
    }

    private Task VoteOnceAsync(JobInfo job, int number)
    {
        var (image, vote) = _work.Doubtful(number);
        return TryAsync(() => _router.VoteAsync(new ClassAddress(job.Incarnation, image.Label), new ClassVotes(null, [new ImageVotes(image.Url, null, [vote])])));
    }

    private async Task DisturbAsync(JobInfo job, Consumers consumers, int step)
    {
        var image = _work.Images[_random.Next(_work.Images.Count)];
        var address = Address(job, image);
        var partition = cluster.Grains.GetGrain<IPartitionGrain>(PartitionRange.Key(address.Class, 0));
        switch (_random.Next(11))
        {
            case 0:
                await consumers.CrashOneAsync();
                break;
            case 1:
                await consumers.StopOneAsync();
                break;
            case 2:
                await TryAsync(() => partition.Cast<IGrainManagementExtension>().DeactivateOnIdle().AsTask());
                break;
            case 3:
                await TryAsync(() => cluster.Grains.GetGrain<IImageGrain>(address.GrainKey).Cast<IGrainManagementExtension>().DeactivateOnIdle().AsTask());
                break;
            case 4:
                await cluster.RaiseEpochAsync(partition);
                break;
            case 5:
                await VoteOnceAsync(job, step);
                break;
            case 6:
            case 7:
                await ChangePolicyAsync();
                break;
            case 8:
            case 9:
                await AskAsync(job, address.Class);
                break;
            default:
                await TryAsync(() => partition.Cast<IGrainManagementExtension>().MigrateOnIdle().AsTask());
                break;
        }
        await PauseAsync();
    }

    /// <summary>What people look at and ask for meanwhile.</summary>
    private async Task AskAsync(JobInfo job, ClassAddress address)
    {
        var worker = WorkerId.Create($"w{_random.Next(5)}");
        var classGrain = cluster.Grains.GetGrain<IClassGrain>(address.Key);
        var labeling = new LabelingJob(_work.Name.Value, "arn", "InProgress", _random.Next(9), 0, 0, null, TimeProvider.System.GetUtcNow());
        await TryAsync(() => Job.LeaseAsync(worker));
        await TryAsync(() => Job.GetWorkersAsync());
        await TryAsync(() => Job.CountTaskNumbersAsync(job.Incarnation));
        await TryAsync(() => Job.MirrorLabelingAsync(job.Incarnation, labeling));
        await TryAsync(() => Job.CreateAsync(_work.Name, _work.Draft));
        await TryAsync(() => Job.ResumeAsync());
        await TryAsync(() => classGrain.GetTallyAsync());
        await TryAsync(() => classGrain.GetTasksAsync([new TaskNumber(0), new TaskNumber(1)]));
        await TryAsync(() => cluster.Grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).ListAsync(null, 10));
        await TryAsync(() => Operations.EndAsync("audit-1", null));
        await TryAsync(() => Operations.GetAsync("audit-1"));
        await TryAsync(() => cluster.Grains.GetGrain<IUnfinishedJobsGrain>(IUnfinishedJobsGrain.Key).ListAsync());
        await TryAsync(() => Operations.StartAsync(OperationKind.Audit, job.Incarnation, null));
    }

    private async Task ChangePolicyAsync()
    {
        _policy = _random.Next(3) switch { 0 => VerdictPolicy.Unanimous, 1 => VerdictPolicy.Majority, _ => _work.Draft.WorkersPerTask >= 2 ? VerdictPolicy.Quorum(2) : VerdictPolicy.Majority };
        _policyChanges++;
        await UntilDoneAsync(() => Job.ChangeAsync(_policy, null));
    }

    private async Task ImportAsync(JobInfo job)
    {
        foreach (var group in _work.Images.GroupBy(image => image.Label))
        {
            var address = new ClassAddress(job.Incarnation, group.Key);
            await UntilDoneAsync(() => Job.AddClassesAsync(job.Incarnation, [group.Key]));
            foreach (var chunk in group.Chunk(60)) await ImportAsync(job, address, [.. chunk.Select(image => new ImportLine(image.Url, image.Confidence))]);
        }
    }

    private async Task ImportAsync(JobInfo job, ClassAddress address, IReadOnlyList<ImportLine> lines)
    {
        foreach (var (firstShard, indices) in await UntilDoneAsync(() => _router.SplitAsync(address, lines)))
        {
            var part = indices.ConvertAll(index => lines[index]).ToImmutableArray();
            var receipt = await UntilDoneAsync(async () =>
            {
                // Importing is not safe to repeat: each attempt has numbers of its own.
                var numbers = await UntilDoneAsync(() => Job.ReserveTasksAsync(job.Incarnation, part.Length));
                return await _router.ImportAsync(address, firstShard, new ImportChunk(part, numbers!.Value, CutRemainder: true));
            });
            if (receipt is null) await ImportAsync(job, address, part);
        }
    }

    /// <summary>As a caller who was told to try again does.</summary>
    private static async Task<T> UntilDoneAsync<T>(Func<Task<T>> call)
    {
        using var end = new CancellationTokenSource(_limit);
        for (; ; )
        {
            try
            {
                // The answer to a call that reads many rows may be waited for longer than a run lasts, though its silo is gone.
                return await call().WaitAsync(_lost);
            }
            catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient && !end.IsCancellationRequested)
            {
                await PauseAsync();
            }
        }
    }

    private static async Task TryAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            // Meant to disturb; failing, it did.
        }
    }

    private static Task PauseAsync() => Task.Delay(TimeSpan.FromMilliseconds(3), TimeProvider.System, CancellationToken.None);

    private static ImageAddress Address(JobInfo job, SimulatedImage image) => new(new ClassAddress(job.Incarnation, image.Label), image.Url);
}
