using BulkQA.Core;

namespace BulkQA.Storage.Tests;

public abstract partial class FactStoreCompliance
{
    [Fact]
    public async Task WriteWorkers_Repeated_ListsEachJobOfAWorkerOnceAndInOrder()
    {
        var (ann, hostile) = (NewWorker("ann"), NewWorker(Hostile));
        var jobs = ((string[])["b", "a", "a-1", "0", "z9", "a"]).Select(name => Incarnation.New(JobName.Create(name))).ToList();
        Assert.Empty(await JobsAsync(ann));
        foreach (var job in jobs) await Store.WriteWorkersAsync(job, [ann, hostile], Cancellation);
        await Store.WriteWorkersAsync(jobs[0], [ann], Cancellation);
        await Store.WriteWorkersAsync(_class.Incarnation, [], Cancellation);
        // Of somebody whose id begins so.
        await Store.WriteWorkersAsync(_class.Incarnation, [WorkerId.Create($"{ann}x")], Cancellation);
        var ordered = jobs.OrderBy(job => job.Value, StringComparer.Ordinal).ToList();
        Assert.Equal(ordered, await JobsAsync(ann));
        Assert.Equal(ordered, await JobsAsync(hostile));
        foreach (var (index, job) in ordered.Index()) Assert.Equal(ordered[(index + 1)..], await JobsAsync(ann, job));
    }

    /// <summary>More than any page holds; whoever answers in one job only is in no other.</summary>
    [Fact]
    public async Task DeleteWorkers_ByPages_LeavesThoseOfOtherJobs()
    {
        var (job, other) = (_class.Incarnation, Incarnation.New(JobName.Create("job")));
        var workers = Enumerable.Range(0, 130).Select(number => NewWorker($"w{number}")).ToList();
        await Store.WriteWorkersAsync(job, workers, Cancellation);
        await Store.WriteWorkersAsync(other, workers[..3], Cancellation);
        Assert.Equal(130, await DeleteAllAsync(40, () => Store.DeleteWorkersAsync(job, 40, Cancellation)));
        Assert.Equal(0, await Store.DeleteWorkersAsync(job, 40, Cancellation));
        Assert.Equal([other], await JobsAsync(workers[0]));
        Assert.Empty(await JobsAsync(workers[^1]));
    }

    /// <summary>Workers are nobody's alone: those of other tests must not be among them.</summary>
    private static WorkerId NewWorker(string name) => WorkerId.Create($"{name} {Guid.NewGuid():N}");

    private async Task<List<Incarnation>> JobsAsync(WorkerId worker, Incarnation? after = null) => await Store.ReadJobsAsync(worker, after, Cancellation).ToListAsync(Cancellation);
}
