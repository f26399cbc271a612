using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

public sealed class JobClassesGrainTests
{
    [Fact]
    public async Task Add_InAnyOrderAndTwice_ListsEachOnceInOrderAlsoAfterACrash()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        Assert.Empty((await cluster.Classes(job).AddAsync(Labels("Dog", "ant", "犬", "Dog")))!.Value);
        Assert.Empty((await cluster.Classes(job).AddAsync(Labels("Cat", "ant")))!.Value);
        await cluster.RestartAsync(gracefully: false);
        Assert.Equal(["Cat", "Dog", "ant", "犬"], (await cluster.Classes(job).ListAsync())!.Value.Select(label => label.Value));
    }

    [Fact]
    public async Task Add_MoreThanAJobHolds_RefusesTheRest()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var labels = Labels([.. Enumerable.Range(0, JobLimits.MaxClasses + 2).Select(number => $"L{number}")]);
        Assert.Equal(labels[^2..], (await cluster.Classes(job).AddAsync(labels))!.Value);
        Assert.Equal(JobLimits.MaxClasses, (await cluster.Classes(job).ListAsync())!.Value.Length);
        Assert.Equal(Labels("more"), (await cluster.Classes(job).AddAsync(Labels("more", "L7")))!.Value);
        Assert.Empty((await cluster.Classes(job).AddAsync(Labels("L7")))!.Value);
    }

    [Fact]
    public async Task Add_WritingFails_IsNotAcknowledgedAndNotListed()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        cluster.BeforeStateWrite = state => state == "classes" ? throw new StorageException("the disk is full (injected)") : Task.CompletedTask;
        await Assert.ThrowsAsync<OrleansException>(() => cluster.Classes(job).AddAsync(Labels("Dog")));
        cluster.BeforeStateWrite = _ => Task.CompletedTask;
        Assert.Empty((await cluster.Classes(job).ListAsync())!.Value);
        Assert.Empty((await cluster.Classes(job).AddAsync(Labels("Dog")))!.Value);
        Assert.Equal(Labels("Dog"), (await cluster.Classes(job).ListAsync())!.Value);
    }

    [Fact]
    public async Task Deleted_TakesAndTellsNothing()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.SweepAgainAfter = TimeSpan.FromHours(1));
        var job = await cluster.CreateJobAsync();
        await cluster.ImportAsync(job, "Dog", 1);
        await cluster.Job(job).DeleteAsync(job.Incarnation);
        Assert.Null(await cluster.Classes(job).ListAsync());
        Assert.Null(await cluster.Classes(job).AddAsync(Labels("Cat")));
        await TestCluster.EventuallyAsync(async () => await cluster.Classes(job).GetTalliesAsync(null) is null, "the classes retire");
        Assert.Equal(Labels("Dog"), await cluster.Classes(job).RetireAsync());
        Assert.Null(await cluster.Classes(job).AddAsync(Labels("Dog")));
    }

    [Fact]
    public async Task Retire_WhileTheJobLives_TakesNothingFromThenOn()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        await cluster.Classes(job).AddAsync(Labels("Dog"));
        Assert.Equal(Labels("Dog"), await cluster.Classes(job).RetireAsync());
        await cluster.RestartAsync(gracefully: false);
        Assert.Null(await cluster.Classes(job).AddAsync(Labels("Dog")));
        Assert.Null(await cluster.Classes(job).AddAsync(Labels("Cat")));
        Assert.Null(await cluster.Classes(job).ListAsync());
        Assert.Null(await cluster.Classes(job).GetTalliesAsync(null));
        await cluster.Classes(job).ForgetAsync();
        Assert.DoesNotContain(cluster.GrainStates(), state => state.Contains(job.Incarnation.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task GetTallies_OfSomeOrAllClasses_AreOrderedAndOnceEach()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var job = await cluster.CreateJobAsync();
        foreach (var (label, count) in ((string, int)[])[("Dog", 3), ("Ant", 1), ("Cat", 2)]) await cluster.ImportAsync(job, label, count);
        Assert.Equal([("Ant", 1), ("Cat", 2), ("Dog", 3)], await TalliesAsync(null));
        Assert.Equal([("Ant", 1), ("Dog", 3)], await TalliesAsync(Labels("Dog", "Ant", "Dog", "None")));
        Assert.Empty(await TalliesAsync([]));

        async Task<IEnumerable<(string, long)>> TalliesAsync(ImmutableArray<Label>? labels) =>
            (await cluster.Classes(job).GetTalliesAsync(labels))!.Value.Select(entry => (entry.Key.Value, entry.Value.All.Total));
    }

    [Fact]
    public async Task GetWorkers_OfSeveralClasses_AddsUpWhatEachHasAnswered()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1 });
        var (dogs, ants) = (await cluster.ImportAsync(job, "Dog", 2), await cluster.ImportAsync(job, "Ant", 1));
        await cluster.SubmitAsync(dogs, TestCluster.Answer(0, "bob", "c"), TestCluster.Answer(1, "bob", "n"), TestCluster.Answer(0, "ann", "c"));
        await cluster.SubmitAsync(ants, TestCluster.Answer(2, "bob", "d"), TestCluster.Answer(2, "ann", "d"));
        var known = await cluster.Classes(job).GetWorkersAsync();
        Assert.Equal([("ann", 2), ("bob", 3)], known.Workers.Select(worker => (worker.Key.Value, worker.Value)));
        Assert.True(known.AreAll);
        await cluster.RestartAsync(gracefully: false);
        Assert.False((await cluster.Classes(job).GetWorkersAsync()).AreAll);
    }

    private static ImmutableArray<Label> Labels(params string[] labels) => [.. labels.Select(Label.Create)];
}
