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
