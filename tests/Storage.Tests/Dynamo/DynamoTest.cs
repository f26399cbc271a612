using BulkQA.Core;
using BulkQA.Emulators;

namespace BulkQA.Storage.Tests;

/// <summary>A test of its own class of images, with faults on the way to the tables.</summary>
public abstract class DynamoTest(DynamoFixture fixture) : IClassFixture<DynamoFixture>
{
    public static TheoryData<Fault> PassingFaults =>
    [
        Fault.Error(400, "ProvisionedThroughputExceededException"),
        Fault.Error(400, "ThrottlingException"),
        Fault.Error(500, "InternalServerError"),
        Fault.Error(503, "ServiceUnavailable"),
        new Fault.LostAnswer(),
        new Fault.Hang(),
    ];

    /// <summary>Without the one that takes as long as an attempt may.</summary>
    public static TheoryData<Fault> QuickFaults => [.. PassingFaults.Select(row => row.Data).Where(fault => fault is not Fault.Hang)];

    protected DynamoFixture Fixture { get; } = fixture;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected PartitionAddress Partition { get; } = NewPartition();

    protected static PartitionAddress NewPartition() => new(new ClassAddress(Incarnation.New(JobName.Create("job")), Label.Create("Dog")), 0);

    protected static ImageUrl Url(string name) => ImageUrl.Create($"s3://b/{name}");

    protected static TaskContent Content(int number, params string[] names) =>
        new(new TaskNumber(number), [.. names.Select(name => new CorpusImage(Url(name), Percent.Create(90)))]);

    protected static Submission Answer(int task, string worker, string answers) =>
        new(new TaskNumber(task), WorkerId.Create(worker), new SubmissionTime(1), TaskAnswers.Parse(answers));

    protected static bool Is(ProxiedRequest request, string operation, string text) =>
        request.Target.EndsWith($".{operation}", StringComparison.Ordinal) && request.Body.Contains(text, StringComparison.Ordinal);

    protected async Task<List<TaskContent>> TasksAsync(PartitionAddress partition) =>
        await Fixture.Facts.ReadTasksAsync(partition, default, new TaskNumber(int.MaxValue), Cancellation).ToListAsync(Cancellation);

    /// <summary>These tasks are stored, no others, and each of their images is found where it is.</summary>
    protected async Task AssertStoredAsync(PartitionAddress partition, IReadOnlyList<TaskContent> tasks)
    {
        Assert.Equal(tasks, await TasksAsync(partition));
        Assert.Equal(
            tasks.SelectMany(task => task.Images.Select((_, index) => (ImagePlace?)new ImagePlace(partition.Number, task.Number, index))),
            await Fixture.Facts.FindAsync(partition.Class, [.. tasks.SelectMany(task => task.Images).Select(image => image.Url)], Cancellation));
    }

    /// <summary>
    /// One fault, or none, on the first request of the operation that names the texts; <paramref name="meanwhile"/> runs before it.
    /// </summary>
    protected IDisposable Once(string operation, string text, Fault? fault, Func<Task>? meanwhile = null, params string[] also)
    {
        var left = 1;
        return Fixture.Proxy.When(request =>
        {
            if (!Is(request, operation, text) || !also.All(other => request.Body.Contains(other, StringComparison.Ordinal)) || Interlocked.Decrement(ref left) < 0) return null;
            meanwhile?.Invoke().GetAwaiter().GetResult();
            return fault;
        });
    }
}
