using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

/// <summary>Changes of the rules that an activation which the directory has forgotten could swallow.</summary>
public sealed class MissedRulesTests
{
    /// <summary>Who told it may have reached an activation that the directory has forgotten.</summary>
    [Fact]
    public async Task Tally_ViewThatMissedAChangeOfPolicy_IsByTheRulesThatTheAskerKnows()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await PairAsync(cluster);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "a", "cc"), TestCluster.Answer(0, "b", "cc"), TestCluster.Answer(0, "c", "dc"));
        cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IPartitionGrain.ChangeRulesAsync)
            ? throw new TimeoutException("the partition is not told (injected)") : Task.CompletedTask;
        await Assert.ThrowsAsync<TimeoutException>(() => cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null));
        Assert.Equal(1, (await cluster.TallyAsync(address)).All.Split);
        Assert.Equal(2, (await cluster.Partition(address).GetTallyAsync(1))!.All.Confirmed);
        Assert.Equal(2, (await cluster.Class(address).GetTallyAsync(1))!.All.Confirmed);
        Assert.Equal(2, (await cluster.Classes(job).GetTalliesAsync(null))!.Value.Single().Value.All.Confirmed);
    }

    [Fact]
    public async Task ChangePolicy_AnotherActivationHasTakenOver_FailsAndComesRightOnceCalledAgain()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (job, address) = await PairAsync(cluster);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "a", "cc"), TestCluster.Answer(0, "b", "cc"), TestCluster.Answer(0, "c", "dc"));
        await cluster.RaiseEpochAsync(new PartitionAddress(address, 0));
        await Assert.ThrowsAsync<StorageException>(() => cluster.Partition(address).ChangeRulesAsync(job with { RulesRevision = 7 }));
        Assert.Equal(1, (await cluster.Job(job).ChangeAsync(VerdictPolicy.Majority, null))!.RulesRevision);
        Assert.Equal(2, (await cluster.TallyAsync(address)).All.Confirmed);
    }

    /// <summary>A job with one task of two images.</summary>
    private static async Task<(JobInfo Job, ClassAddress Class)> PairAsync(TestCluster cluster)
    {
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2 });
        return (job, await cluster.ImportAsync(job, "Dog", 2));
    }
}
