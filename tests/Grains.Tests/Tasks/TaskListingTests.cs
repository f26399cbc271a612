using BulkQA.Core;

namespace BulkQA.Grains.Tests;

public sealed class TaskListingTests
{
    [Fact]
    public async Task Read_PagesOverClassesAndPartitions_HaveEveryTaskOnceInOrderWithHowFarItIs()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxImagesPerPartition = 100);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 20, WorkersPerTask = 1 });
        var dogs = await cluster.ImportAsync(job, "Dog", 100);
        await cluster.ImportAsync(job, "Cat", 30);
        await cluster.ImportAsync(dogs, TestCluster.Images(50, "s3://more/"));
        await cluster.SubmitAsync(dogs, TestCluster.Answer(1, "bob", new string('c', 20)), TestCluster.Answer(1, "ann", new string('d', 20)));
        var listing = cluster.Service<TaskListing>();
        Assert.Equal(10, await listing.CountNumbersAsync(job));
        var all = await listing.ReadAsync(job, 0, 1_000);
        Assert.Equal(Enumerable.Range(0, 10), all.Select(task => task.Status.Task.Value));
        Assert.Equal("DDDDDCCDDD", string.Concat(all.Select(task => task.Label.Value[0])));
        Assert.Equal([20, 20, 20, 20, 20, 20, 10, 20, 20, 10], all.Select(task => task.Content.Images.Length));
        Assert.All(all, task => Assert.Equal((task.Status.Task, task.Status.Images), (task.Content.Number, task.Content.Images.Length)));
        Assert.Equal([(1, "ann bob")], all.Where(task => task.Status.Done).Select(task => (task.Status.Task.Value, string.Join(' ', task.Status.Workers))));
        foreach (var size in (int[])[1, 3, 4])
        {
            var paged = new List<int>();
            for (var first = 0; first < 10; first += size) paged.AddRange((await listing.ReadAsync(job, first, size)).Select(task => task.Status.Task.Value));
            Assert.Equal(Enumerable.Range(0, 10), paged);
        }
        Assert.Empty(await listing.ReadAsync(job, 10, 5));
    }

    [Fact]
    public async Task Read_MoreBlocksThanAPageOfThemHolds_GoesOn()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1 });
        var address = TestCluster.ClassOf(job, "Dog");
        await cluster.Classes(job).AddAsync([address.Label]);
        await cluster.ImportAsync(address, TestCluster.Images(120), chunk: 1);
        Assert.Equal(Enumerable.Range(0, 120), (await cluster.Service<TaskListing>().ReadAsync(job, 0, 1_000)).Select(task => task.Status.Task.Value));
    }

    [Fact]
    public async Task Find_TaskThatIsNotThere_IsNull()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2 });
        var address = await cluster.ImportAsync(job, "Dog", 4);
        cluster.Store.OnInsert = _ => Fault.Fail;
        await Record.ExceptionAsync(() => cluster.ImportAsync(address, TestCluster.Images(2, "s3://failed/")));
        cluster.Store.OnInsert = _ => Fault.None;
        var listing = cluster.Service<TaskListing>();
        var found = (await listing.FindAsync(job, new TaskNumber(1)))!;
        Assert.Equal((address.Label, 1, "s3://b/2"), (found.Label, found.Content.Number.Value, found.Images[0].Url.Value));
        Assert.Equal(3, await listing.CountNumbersAsync(job));
        Assert.Null(await listing.FindAsync(job, new TaskNumber(2)));
        Assert.Null(await listing.FindAsync(job, new TaskNumber(3)));
        Assert.Equal([0, 1], (await listing.ReadAsync(job, 0, 10)).Select(task => task.Status.Task.Value));
    }
}
