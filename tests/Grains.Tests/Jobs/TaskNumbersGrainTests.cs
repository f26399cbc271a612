using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

public sealed class TaskNumbersGrainTests
{
    private static readonly Label _dog = Label.Create("Dog");
    private static readonly Label _cat = Label.Create("Cat");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reserve_OneAfterTheOther_GivesConsecutiveBlocksThatAreFoundByTheirNumbers()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var first = await cluster.Numbers(job).ReserveAsync(_dog, 0, 10);
        Assert.Equal(new TaskBlock(new TaskNumber(0), 10, _dog, 0), first);
        await cluster.RestartAsync(gracefully: false);
        var second = await cluster.Numbers(job).ReserveAsync(_cat, 3, 5);
        Assert.Equal(new TaskBlock(new TaskNumber(10), 5, _cat, 3), second);
        Assert.Equal(15, await cluster.Numbers(job).CountAsync());
        Assert.Equal([first!.Value, second!.Value], await cluster.Facts.ReadBlocksAsync(job.Incarnation, new TaskNumber(9), 10, Cancellation));
        Assert.Equal([second.Value], await cluster.Facts.ReadBlocksAsync(job.Incarnation, new TaskNumber(10), 10, Cancellation));
    }

    [Fact]
    public async Task Reserve_ManyAtOnce_GivesNoNumberTwice()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var blocks = await Task.WhenAll(Enumerable.Range(1, 20).Select(count => cluster.Numbers(job).ReserveAsync(_dog, 0, count)));
        Assert.Equal(Enumerable.Range(0, 210), blocks.SelectMany(block => Enumerable.Range(block!.Value.First.Value, block.Value.Count)).Order());
    }

    [Fact]
    public async Task Reserve_WritingFails_GivesTheNumbersToNobodyTwice()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        await cluster.Numbers(job).ReserveAsync(_dog, 0, 1);
        cluster.BeforeStateWrite = state => state == "numbers" ? throw new StorageException("the disk is full (injected)") : Task.CompletedTask;
        await Assert.ThrowsAsync<OrleansException>(() => cluster.Numbers(job).ReserveAsync(_dog, 0, 2));
        cluster.BeforeStateWrite = _ => Task.CompletedTask;
        cluster.Store.IsCutOff = true;
        // The numbers are taken, and nobody can find the block: whoever asked does not have it.
        await Assert.ThrowsAnyAsync<Exception>(() => cluster.Numbers(job).ReserveAsync(_dog, 0, 3));
        cluster.Store.IsCutOff = false;
        var next = (await cluster.Numbers(job).ReserveAsync(_cat, 0, 4))!.Value;
        Assert.All(await cluster.Facts.ReadBlocksAsync(job.Incarnation, new TaskNumber(0), 10, Cancellation), block => Assert.True(block == next || block.End <= next.First.Value));
        Assert.Equal(next.End, await cluster.Numbers(job).CountAsync());
    }

    /// <summary>A deletion may run twice for a moment, and the one that is late must leave nothing behind that nobody deletes.</summary>
    [Fact]
    public async Task Retire_AfterEverythingWasForgotten_StoresNothing()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.SweepAgainAfter = TimeSpan.Zero);
        var job = await cluster.CreateJobAsync();
        var written = new System.Collections.Concurrent.ConcurrentBag<string>();
        await cluster.ImportAsync(job, "Dog", 1);
        Assert.True(await cluster.Job(job).DeleteAsync(job.Incarnation));
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(job, OperationKind.Delete)).State);
        cluster.BeforeStateWrite = state =>
        {
            written.Add(state);
            return Task.CompletedTask;
        };
        await cluster.Numbers(job).RetireAsync();
        Assert.Empty(await cluster.Classes(job).RetireAsync());
        Assert.Null(await cluster.Numbers(job).ReserveAsync(_dog, 0, 1));
        Assert.Null(await cluster.Classes(job).AddAsync([_dog]));
        Assert.DoesNotContain("numbers", written);
        Assert.DoesNotContain("classes", written);
    }

    [Fact]
    public async Task Retired_OrDeleted_GivesNoNumbers()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.SweepAgainAfter = TimeSpan.FromHours(1));
        var job = await cluster.CreateJobAsync();
        await cluster.Numbers(job).ReserveAsync(_dog, 0, 1);
        await cluster.Numbers(job).RetireAsync();
        await cluster.RestartAsync(gracefully: false);
        Assert.Null(await cluster.Numbers(job).ReserveAsync(_dog, 0, 1));
        Assert.Equal(1, await cluster.Numbers(job).CountAsync());
        await cluster.Numbers(job).ForgetAsync();
        Assert.DoesNotContain(cluster.GrainStates(), state => state.Contains(job.Incarnation.Value, StringComparison.Ordinal));
        var deleted = await cluster.CreateJobAsync("other");
        await cluster.Job(deleted).DeleteAsync(deleted.Incarnation);
        Assert.Null(await cluster.Numbers(deleted).ReserveAsync(_dog, 0, 1));
    }
}
