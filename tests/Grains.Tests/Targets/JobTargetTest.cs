using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains.Tests;

/// <summary>Jobs with a target, and what tests of them do.</summary>
public abstract class JobTargetTest
{
    protected const int Seed = 7;

    /// <summary>Images of a task.</summary>
    protected const int Batch = 5;

    protected static readonly JobTarget OneInTen = new(0.1, 0.95, TargetScope.Class);

    protected static readonly JobDraft Draft = new() { BatchSize = Batch, WorkersPerTask = 1, Policy = VerdictPolicy.Majority, Order = TaskOrder.Random(Seed) };

    protected static Task<TestCluster> StartAsync() => TestCluster.StartAsync(Configure);

    /// <summary>Looks by themselves come so seldom that a test is alone with its own.</summary>
    protected static void Configure(GrainsOptions options) => options.TargetInterval = TimeSpan.FromHours(1);

    /// <summary>A job with classes of so many images each, as one import would bring them, and a target.</summary>
    protected static async Task<JobInfo> CreateAsync(TestCluster cluster, JobTarget? target, params (string Label, int Images)[] classes)
    {
        var job = await cluster.CreateJobAsync(draft: Draft);
        foreach (var (label, images) in classes) await ImportAsync(cluster, job, label, 0, images);
        return target is null ? job : (await cluster.Job(job).SetTargetAsync(job.Incarnation, target, "lead"))!;
    }

    /// <summary>Images by number, shuffled as an import of them is.</summary>
    protected static async Task ImportAsync(TestCluster cluster, JobInfo job, string label, int first, int count, double? confidence = 90)
    {
        var address = TestCluster.ClassOf(job, label);
        await cluster.Classes(job).AddAsync([address.Label]);
        var images = Enumerable.Range(first, count).Select(number => TestCluster.Image($"s3://b/{label}/{number}", confidence ?? (number % 2 == 0 ? 82 : 97)));
        var receipt = await cluster.ImportAsync(address, [.. images.OrderBy(image => ShuffleKey.Of(Seed, address.Label, image.Url))]);
        Assert.All(receipt.Outcomes, outcome => Assert.Equal(ImportOutcome.Accepted, outcome));
    }

    protected static ITargetGrain Target(TestCluster cluster, JobInfo job) => cluster.Grains.GetGrain<ITargetGrain>(job.Incarnation.Value);

    protected static async Task<ImmutableArray<TargetStanding>> StandingsAsync(TestCluster cluster, JobInfo job) => (await Target(cluster, job).ListAsync(null, 1_000))!.Items;

    protected static async Task<TargetStanding> StandingAsync(TestCluster cluster, JobInfo job, string label) =>
        Assert.Single(await StandingsAsync(cluster, job), item => item.Member.Label.Value == label);

    /// <summary>A worker answers the first tasks of a class that are not done, each image alike.</summary>
    protected static async Task AnswerAsync(TestCluster cluster, JobInfo job, string label, int tasks, char answer, string worker = "ann")
    {
        var address = TestCluster.ClassOf(job, label);
        var all = (await cluster.TasksAsync(address)).OrderBy(task => task.Number).ToList();
        var open = (await cluster.Partition(address).GetTasksAsync([.. all.Select(task => task.Number)])).Where(task => !task.Done).Select(task => task.Task).Order().Take(tasks).ToHashSet();
        Assert.Equal(tasks, open.Count);
        await cluster.SubmitAsync(address, [.. all.Where(task => open.Contains(task.Number)).Select(task => TestCluster.Answer(task.Number.Value, worker, new string(answer, task.Images.Length)))]);
    }

    /// <summary>Who asks gets a task of these classes, and of no other.</summary>
    protected static async Task AssertHandsOutAsync(TestCluster cluster, JobInfo job, params string[] labels)
    {
        var found = new HashSet<string>();
        for (var number = 0; await cluster.Dispatch(job).LeaseAsync(WorkerId.Create($"asks-{Guid.NewGuid():N}")) is { } lease; number++)
        {
            Assert.InRange(number, 0, 1_000);
            found.Add((await cluster.Service<TaskListing>().FindAsync(job, lease.Task))!.Label.Value);
        }
        Assert.Equal(labels.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    /// <summary>What labeling jobs read of what is decided; null where nothing was published.</summary>
    protected static async Task<DecidedLabels?> PublishedAsync(TestCluster cluster, JobInfo job)
    {
        await using var stream = await cluster.Objects.OpenReadAsync(cluster.Service<BulkQA.Storage.JobObjects>().Decisions(job.Incarnation), TestContext.Current.CancellationToken);
        if (stream is null) return null;
        using var buffer = new MemoryStream();
        await stream.CopyToAsync(buffer, TestContext.Current.CancellationToken);
        return DecidedLabels.Read(buffer.ToArray());
    }
}
