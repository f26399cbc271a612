using BulkQA.Core;

namespace BulkQA.Grains.Tests;

public sealed class SetAsideTests
{
    private static readonly WorkerId _bob = WorkerId.Create("bob");
    private static readonly SetAsideWorker _asleep = new(_bob, "asleep", "lead", DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task SetAside_ThenCountedAgain_DecidesEveryVerdictEachTime()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var (job, address) = await AnsweredAsync(cluster);
        Assert.Equal((3, 9L), ((await cluster.TallyAsync(address)).All.Split, (await cluster.TallyAsync(address)).Votes));
        var changed = (await cluster.Job(job).SetAsideAsync(job.Incarnation, _bob, _asleep))!;
        Assert.Equal((1, _asleep), (changed.RulesRevision, Assert.Single(changed.SetAside)));
        Assert.Equal((3, 6L), ((await cluster.TallyAsync(address)).All.Confirmed, (await cluster.TallyAsync(address)).Votes));
        Assert.Equal(await cluster.FoldAsync(changed, address), await cluster.TallyAsync(address));
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
        // Again, with another reason, it is no change.
        Assert.Equal(1, (await cluster.Job(job).SetAsideAsync(job.Incarnation, _bob, _asleep with { Reason = "still asleep" }))!.RulesRevision);
        await cluster.RestartAsync(gracefully: true);
        Assert.Equal(3, (await cluster.TallyAsync(address)).All.Confirmed);
        await cluster.RestartAsync(gracefully: false);
        Assert.Equal(3, (await cluster.TallyAsync(address)).All.Confirmed);
        Assert.Empty((await cluster.Job(job).SetAsideAsync(job.Incarnation, _bob, null))!.SetAside);
        Assert.Equal((3, 9L), ((await cluster.TallyAsync(address)).All.Split, (await cluster.TallyAsync(address)).Votes));
        Assert.Equal(2, (await cluster.Job(job).SetAsideAsync(job.Incarnation, _bob, null))!.RulesRevision);
    }

    /// <summary>Its tasks want another worker, and it gets none any more, until its votes count again.</summary>
    [Fact]
    public async Task SetAside_ItsTasks_AreHandedToOthersAndNotToIt()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await AnsweredAsync(cluster, images: 6);
        var dispatch = cluster.Grains.GetGrain<IDispatchGrain>(job.Incarnation.Value);
        var (dan, eve) = (WorkerId.Create("dan"), WorkerId.Create("eve"));
        Assert.Equal(1, (await dispatch.LeaseAsync(dan))!.Task.Value);
        Assert.Equal(1, (await dispatch.LeaseAsync(eve))!.Task.Value);
        await cluster.SubmitAsync(address, TestCluster.Answer(1, "dan", "ccc"));
        await cluster.Job(job).SetAsideAsync(job.Incarnation, _bob, _asleep);
        Assert.Null(await dispatch.LeaseAsync(_bob));
        Assert.Equal(0, (await dispatch.LeaseAsync(dan))!.Task.Value);
        Assert.Equal(0, (await cluster.TallyAsync(address)).TasksDone);
        // What it still sends is kept, and counts once it counts again.
        await cluster.SubmitAsync(address, TestCluster.Answer(1, "bob", "ddd"));
        Assert.Equal(6, (await cluster.TallyAsync(address)).All.Confirmed);
        await cluster.Job(job).SetAsideAsync(job.Incarnation, _bob, null);
        Assert.Equal(6, (await cluster.TallyAsync(address)).All.Split);
    }

    /// <summary>What was decided since stands, whoever repeats a call; and each change leaves its trace.</summary>
    [Fact]
    public async Task Decide_RepeatedLate_ChangesNothingAndIsInTheTraceOnce()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await AnsweredAsync(cluster);
        var aside = new WorkerDecision(0, _bob, true, "asleep", "lead", DateTimeOffset.UnixEpoch);
        var back = new WorkerDecision(0, _bob, false, "awake again", "chief", DateTimeOffset.UnixEpoch.AddHours(1));
        Assert.Equal(1, (await cluster.Job(job).DecideAsync(job.Incarnation, aside, 0))!.Last);
        Assert.Equal(2, (await cluster.Job(job).DecideAsync(job.Incarnation, back, 1))!.Last);
        var repeated = (await cluster.Job(job).DecideAsync(job.Incarnation, aside, 0))!;
        Assert.Equal((2, false, 0), (repeated.Last, repeated.IsRefused, repeated.Job.SetAside.Length));
        Assert.Equal(9L, (await cluster.TallyAsync(address)).Votes);
        // The same once more, by somebody who does not know what was decided since.
        var late = (await cluster.Job(job).DecideAsync(job.Incarnation, aside with { At = DateTimeOffset.UnixEpoch.AddHours(2) }, 0))!;
        Assert.Equal((2, true, 0), (late.Last, late.IsRefused, late.Job.SetAside.Length));
        Assert.Equal(0, (await cluster.Job(job).DecideAsync(job.Incarnation, aside with { Worker = WorkerId.Create("ann") }, 7))!.Last);
        // What is so already is no decision.
        Assert.Equal(2, (await cluster.Job(job).DecideAsync(job.Incarnation, back with { At = DateTimeOffset.UnixEpoch.AddHours(3) }, null))!.Last);
        // One that changed nothing when it came is repeated after one that did.
        var noChange = new WorkerDecision(0, WorkerId.Create("ann"), false, null, "lead", DateTimeOffset.UnixEpoch);
        Assert.Equal((0, false), await LastAsync(noChange));
        Assert.Equal((3, false), await LastAsync(noChange with { IsSetAside = true, Reason = "asleep", At = DateTimeOffset.UnixEpoch.AddHours(1) }));
        Assert.Equal((3, true), await LastAsync(noChange));
        Assert.Equal((4, false), await LastAsync(noChange with { At = DateTimeOffset.UnixEpoch.AddHours(2) }));
        await cluster.RestartAsync(gracefully: false);
        Assert.Equal([aside with { Number = 1 }, back with { Number = 2 }], (await cluster.Job(job).GetDecisionsAsync(job.Incarnation)).Where(decision => decision.Worker == _bob));
        Assert.Empty(await cluster.Job(job).GetDecisionsAsync(Incarnation.New(job.Name)));
        Assert.Null(await cluster.Job(job).DecideAsync(Incarnation.New(job.Name), aside, null));

        async Task<(int, bool)> LastAsync(WorkerDecision decision) => await cluster.Job(job).DecideAsync(job.Incarnation, decision, null) is { } decided ? (decided.Last, decided.IsRefused) : default;
    }

    /// <summary>Clocks differ between hosts: whoever names the last decision has seen it, whatever the time says.</summary>
    [Fact]
    public async Task Decide_NamesTheLastDecision_CountsThoughItsTimeIsEarlier()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var aside = new WorkerDecision(0, _bob, true, "asleep", "lead", DateTimeOffset.UnixEpoch.AddMinutes(1));
        await cluster.Job(job).DecideAsync(job.Incarnation, aside, null);
        var back = new WorkerDecision(0, _bob, false, null, "chief", DateTimeOffset.UnixEpoch);
        Assert.True((await cluster.Job(job).DecideAsync(job.Incarnation, back, null))!.IsRefused);
        var decided = (await cluster.Job(job).DecideAsync(job.Incarnation, back, 1))!;
        Assert.Equal((2, false, 0), (decided.Last, decided.IsRefused, decided.Job.SetAside.Length));
    }

    [Fact]
    public async Task Decide_MoreOftenThanAJobRemembers_KeepsTheLastOfWhoIsSetAside()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        await DecideAsync(new WorkerDecision(0, WorkerId.Create("ann"), true, "asleep", "lead", DateTimeOffset.UnixEpoch));
        for (var number = 0; number <= JobLimits.MaxDecisions; number++)
            await DecideAsync(new WorkerDecision(0, _bob, number % 2 == 0, null, "lead", DateTimeOffset.UnixEpoch.AddHours(number)));
        Assert.Equal([1, .. Enumerable.Range(4, JobLimits.MaxDecisions - 1)], (await cluster.Job(job).GetDecisionsAsync(job.Incarnation)).Select(decision => decision.Number));

        Task DecideAsync(WorkerDecision decision) => cluster.Job(job).DecideAsync(job.Incarnation, decision, null);
    }

    [Fact]
    public async Task Decide_MoreOftenThanAJobRemembers_ForgetsTheOldest()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        for (var number = 0; number <= JobLimits.MaxDecisions; number++)
            await cluster.Job(job).DecideAsync(job.Incarnation, new WorkerDecision(0, _bob, number % 2 == 0, null, "lead", DateTimeOffset.UnixEpoch.AddHours(number)), null);
        Assert.Equal(Enumerable.Range(2, JobLimits.MaxDecisions), (await cluster.Job(job).GetDecisionsAsync(job.Incarnation)).Select(decision => decision.Number));
    }

    [Fact]
    public async Task SetAside_MoreWorkersThanAJobCanHave_IsRefused()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        for (var number = 0; number < JobLimits.MaxSetAside; number++)
        {
            var worker = WorkerId.Create($"w{number}");
            await cluster.Job(job).SetAsideAsync(job.Incarnation, worker, _asleep with { Worker = worker });
        }
        var refusal = await Assert.ThrowsAsync<BadInputException>(() => cluster.Job(job).SetAsideAsync(job.Incarnation, _bob, _asleep));
        Assert.Contains("200 workers", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(JobLimits.MaxSetAside, (await cluster.Job(job).GetAsync())!.SetAside.Length);
        Assert.Null(await cluster.Job(job).SetAsideAsync(Incarnation.New(job.Name), _bob, _asleep));
    }

    /// <summary>Three images, each confirmed by ann and carl and disconfirmed by bob.</summary>
    private static async Task<(JobInfo Job, ClassAddress Address)> AnsweredAsync(TestCluster cluster, int images = 3)
    {
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 3, WorkersPerTask = 3 });
        var address = await cluster.ImportAsync(job, "Dog", images);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "ann", "ccc"), TestCluster.Answer(0, "bob", "ddd"), TestCluster.Answer(0, "carl", "ccc"));
        return (job, address);
    }
}
