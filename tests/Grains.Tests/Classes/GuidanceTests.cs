using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

/// <summary>How workers tell whether a picture is of a class: kept with the class, and gone with the job.</summary>
public sealed class GuidanceTests
{
    private static readonly ClassGuidance _guidance = new() { Text = "Has a tail.\n犬", Right = [ImageUrl.Create("s3://b/1")], Wrong = [ImageUrl.Create("s3://b/2"), ImageUrl.Create("s3://b/3")] };

    [Fact]
    public async Task Guidance_OfAClass_OutlivesItsSiloAndLeavesTheRestOfTheClass()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxImagesPerPartition = 100);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 20 });
        var dog = await cluster.ImportAsync(job, "Dog", 100);
        await cluster.ImportAsync(dog, TestCluster.Images(300, "s3://more/"), chunk: 100);
        var partitions = await cluster.Class(dog).CountPartitionsAsync();
        Assert.NotEqual(1, partitions);
        Assert.Null(await cluster.Class(dog).GetGuidanceAsync());
        Assert.True(await cluster.Class(dog).SetGuidanceAsync(_guidance));
        Assert.Null(await cluster.Class(TestCluster.ClassOf(job, "Cat")).GetGuidanceAsync());
        await cluster.RestartAsync(gracefully: false);
        Assert.Equal(_guidance, await cluster.Class(dog).GetGuidanceAsync());
        Assert.Equal(partitions, await cluster.Class(dog).CountPartitionsAsync());
        Assert.True(await cluster.Class(dog).SetGuidanceAsync(ClassGuidance.None));
        await cluster.RestartAsync(gracefully: false);
        Assert.Null(await cluster.Class(dog).GetGuidanceAsync());
        Assert.Equal(partitions, await cluster.Class(dog).CountPartitionsAsync());
    }

    [Fact]
    public async Task Guidance_OfWhatCannotBeShown_IsRefusedAndTheOneBeforeStands()
    {
        await using var cluster = await TestCluster.StartAsync();
        var dog = await cluster.ImportAsync(await cluster.CreateJobAsync(), "Dog", 10);
        await cluster.Class(dog).SetGuidanceAsync(_guidance);
        await Assert.ThrowsAsync<BadInputException>(() => cluster.Class(dog).SetGuidanceAsync(_guidance with { Wrong = _guidance.Right }));
        cluster.BeforeStateWrite = _ => throw new StorageException("no");
        // The same again writes nothing.
        Assert.True(await cluster.Class(dog).SetGuidanceAsync(_guidance with { Text = string.Concat(_guidance.Text) }));
        await Assert.ThrowsAnyAsync<Exception>(() => cluster.Class(dog).SetGuidanceAsync(null));
        cluster.BeforeStateWrite = _ => Task.CompletedTask;
        Assert.Equal(_guidance, await cluster.Class(dog).GetGuidanceAsync());
    }

    [Fact]
    public async Task Guidance_OfADeletedJob_GoesAndIsNotTakenAnyMore()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var dog = await cluster.ImportAsync(job, "Dog", 10);
        await cluster.Class(dog).SetGuidanceAsync(_guidance);
        await cluster.Job(job).DeleteAsync(job.Incarnation);
        Assert.False(await cluster.Class(dog).SetGuidanceAsync(_guidance with { Text = "late" }));
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(job, OperationKind.Delete)).State);
        Assert.All(cluster.GrainStates(), state => Assert.DoesNotContain(job.Incarnation.Value, state, StringComparison.Ordinal));
        Assert.Null(await cluster.Class(dog).GetGuidanceAsync());
    }

    [Fact]
    public async Task Work_OfAJob_ChangesAndStaysAndIsRefusedWhereItIsTooLong()
    {
        await using var cluster = await TestCluster.StartAsync();
        var work = new JobWork { Instructions = "Look.", SeeWholeBatch = true };
        var job = await cluster.CreateJobAsync(draft: new JobDraft { Work = work });
        Assert.Equal(work, job.Settings.Work);
        var changed = await cluster.Job(job).ChangeAsync(new JobChanges { Work = work with { GoldFeedback = true } });
        Assert.Equal(work with { GoldFeedback = true }, changed!.Settings.Work);
        Assert.Equal(job.RulesRevision, changed.RulesRevision);
        await Assert.ThrowsAsync<BadInputException>(() => cluster.Job(job).ChangeAsync(new JobChanges { Work = new() { Instructions = new string('x', JobWork.MaxInstructions + 1) } }));
        await cluster.RestartAsync(gracefully: false);
        Assert.Equal(work with { GoldFeedback = true }, (await cluster.Job(job).GetAsync())!.Settings.Work);
    }
}
